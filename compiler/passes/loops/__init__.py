"""The loop language that every target of kcc lowers to, and the builder that writes it."""
