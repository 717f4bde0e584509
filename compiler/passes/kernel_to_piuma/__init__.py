"""From a sparse kernel and its schedule to structured loops of the machine."""
