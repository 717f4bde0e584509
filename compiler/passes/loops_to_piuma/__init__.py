"""From structured loops to the machine's instructions with registers."""
