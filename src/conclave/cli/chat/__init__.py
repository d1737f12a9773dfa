"""`conclave chat`: the chat in a terminal."""
