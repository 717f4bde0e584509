"""Numbers from what the text says: loop nests, straight-line code, descriptors; and the hand model of locality."""
