"""From the kernel dialect to the loop language, as a schedule for this computer says."""
