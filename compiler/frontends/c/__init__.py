"""From C source files to minic."""
