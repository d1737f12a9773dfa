"""
Challenges that were given out: each is good once, for five minutes, for what it was given for.

They live in the memory of this node and are bounded in number. What is signed with one is
judged by `passkeys`.
"""

import secrets
from collections.abc import Callable
from typing import Final

GOOD_FOR_S: Final = 300.0
# The oldest goes for the newest: who asks for thousands spoils only what has stood longest.
MOST: Final = 10_000
_RANDOM_BYTES: Final = 32


class Challenges:
    """Gives challenges out and takes them back."""

    def __init__(self, now: Callable[[], float], most: int = MOST) -> None:
        self._now = now
        self._most = most
        # In the order of their ends, as all live equally long.
        self._given: dict[bytes, tuple[str, float]] = {}

    def give(self, purpose: str) -> bytes:
        """Return a new challenge for *purpose*, such as the sign-in, or whose registration."""
        self._forget()
        challenge = secrets.token_bytes(_RANDOM_BYTES)
        self._given[challenge] = (purpose, self._now() + GOOD_FOR_S)
        return challenge

    def take(self, challenge: bytes, purpose: str) -> bool:
        """Return whether *challenge* was given for *purpose* and is good; it never is again."""
        given_for, ends = self._given.pop(challenge, ("", 0.0))
        return given_for == purpose and self._now() < ends

    def _forget(self) -> None:
        now = self._now()
        while self._given:
            oldest, (_, ends) = next(iter(self._given.items()))
            if now < ends and len(self._given) < self._most:
                break
            del self._given[oldest]
