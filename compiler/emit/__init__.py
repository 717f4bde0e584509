"""Printing target text from IR. An emitter makes no decisions."""
