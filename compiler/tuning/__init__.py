"""Choosing how a kernel runs, and measuring what a choice costs."""
