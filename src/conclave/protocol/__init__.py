"""What travels: typed events, their JSON, and the two kinds of no. No I/O."""
