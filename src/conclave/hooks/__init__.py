"""Outgoing webhooks: what is told to other programs, signed, and again until it is taken."""
