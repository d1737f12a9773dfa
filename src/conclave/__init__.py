"""Conclave: a secure, self-hosted, real-time chat, and the event framework it is written with."""

__version__ = "0.1.0"
