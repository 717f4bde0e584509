"""The compiler: front ends, dialects, analyses, passes, emitters and the commands."""

__version__ = "0.1.0"
