"""The commands: one file each, arguments and then a few calls."""
