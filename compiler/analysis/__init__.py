"""Facts about IR. An analysis never changes the IR it reads."""
