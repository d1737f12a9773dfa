"""
Sign-ins that wait for a second factor: the password was right, nobody is in yet.

Each lives for five minutes, at one address, for a handful of tries, on any node; of what the
user must say a digest is kept.
"""

import secrets
from typing import Final

from msgspec import Struct
from msgspec.json import Decoder, encode

from conclave.auth.tokens import digest
from conclave.core.address import network_of
from conclave.model import Place, Via
from conclave.ports.passes import Passes
from conclave.protocol.errors import Code, Reject

GOOD_FOR_S: Final = 300.0
TRIES: Final = 5
# The oldest goes for the newest.
MOST: Final = 10_000
_RANDOM_BYTES: Final = 32


class Proven(Struct, frozen=True):
    """Whose password was right, and what is kept of it; or who was vouched for, and by whom."""

    user: str
    password: str | None
    via: Via | None = None


class _Waiting(Struct, frozen=True):
    proven: Proven
    network: str


_decoder = Decoder(_Waiting)


class Pending:
    """Begins, counts and ends them."""

    def __init__(self, passes: Passes, most: int = MOST) -> None:
        self._passes = passes
        self._most = most

    async def begin(self, proven: Proven, place: Place) -> str:
        """Return what the user must say together with the second factor."""
        secret = secrets.token_urlsafe(_RANDOM_BYTES)
        kept = encode(_Waiting(proven, network_of(place.address)))
        await self._passes.put(
            _key(secret), kept, GOOD_FOR_S, group="pending", most=self._most, uses=TRIES
        )
        return secret

    async def try_one(self, secret: str, place: Place) -> Proven:
        """Count a try and return whose it is; raises `auth_failed`."""
        kept = await self._passes.use(_key(secret))
        found = None if kept is None else _decoder.decode(kept)
        if found is None or found.network != network_of(place.address):
            raise Reject(Code.AUTH_FAILED, "Sign in once more")
        return found.proven

    async def end(self, secret: str) -> None:
        """Forget it: somebody is in."""
        await self._passes.drop(_key(secret))


def _key(secret: str) -> bytes:
    # So that nothing else that was handed out is one.
    return digest(f"pending {secret}")
