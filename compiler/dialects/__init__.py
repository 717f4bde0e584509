"""The IR dialects, and the table of which may appear after which stage."""
