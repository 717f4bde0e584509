"""What schedules cost, per target, from the numbers in a candidate's text."""
