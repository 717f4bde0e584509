"""The passes between minic and the rust dialect, in the order of compiler.pipelines."""
