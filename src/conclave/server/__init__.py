"""The socket shell: bytes to requests, packets to bytes. It knows nothing of rooms."""
