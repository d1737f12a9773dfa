"""Between nodes: hints that a room has something new."""
