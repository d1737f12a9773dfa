"""
What the rules of a connection want done with its socket, each a value of its own.

The shell does them in the order they are taken in, and tells what comes of each with the
generation it came with.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fetch:
    """Get a token, then call `token` or `no_token` with this generation."""

    generation: int


@dataclass(frozen=True, slots=True)
class Open:
    """Open a socket; whatever it tells is told with this generation."""

    generation: int


@dataclass(frozen=True, slots=True)
class Send:
    text: bytes


@dataclass(frozen=True, slots=True)
class Hang:
    """Close the socket, and hear nothing more of it."""

    code: int


Effect = Fetch | Open | Send | Hang
