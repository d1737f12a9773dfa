"""
Challenges that were given out: each is good once, for five minutes, for what it was given for.

They are kept as digests and bounded in number. What is signed with one is judged by
`passkeys`.
"""

import hmac
import secrets
from hashlib import sha256
from typing import Final

from conclave.ports.passes import Passes

GOOD_FOR_S: Final = 300.0
# The oldest goes for the newest: who asks for thousands spoils only what has stood longest.
MOST: Final = 10_000
_RANDOM_BYTES: Final = 32


class Challenges:
    """Gives challenges out and takes them back."""

    def __init__(self, passes: Passes, most: int = MOST) -> None:
        self._passes = passes
        self._most = most

    async def give(self, purpose: str) -> bytes:
        """Return a new challenge for *purpose*, such as the sign-in, or whose registration."""
        challenge = secrets.token_bytes(_RANDOM_BYTES)
        await self._passes.put(
            _key(challenge), purpose.encode(), GOOD_FOR_S, group="challenge", most=self._most
        )
        return challenge

    async def take(self, challenge: bytes, purpose: str) -> bool:
        """Return whether *challenge* was given for *purpose* and is good; it never is again."""
        given_for = await self._passes.use(_key(challenge))
        return given_for is not None and hmac.compare_digest(given_for, purpose.encode())


def _key(challenge: bytes) -> bytes:
    # What is signed is known to whoever signs; of another kind of pass it is no key.
    return sha256(b"challenge\0" + challenge).digest()
