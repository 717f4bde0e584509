"""The compiler: front ends, dialects, analyses, passes, emitters and the commands."""
