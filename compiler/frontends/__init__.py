"""From source text to verified IR: one package per source language."""
