"""Networks that read token streams (the `neural` extra trains them; NumPy asks them)."""
