"""What the simulated products are made of: matrices by family, machines within a range."""
