"""Models: gradient-boosted heads on an analytical base, a ranker, intervals, a score for what is foreign; and all their rivals."""
