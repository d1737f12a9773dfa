"""
Sign-ins that have begun: what this browser must bring back, sealed in a cookie of its own.

The server keeps nothing of them, so that nobody's beginnings push out another's. What another
browser brings back is worth nothing there, and each is good once.
"""

import hmac
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from typing import Final

import msgspec
from msgspec import Struct

from conclave.auth.sealing import CannotUnseal, Seal
from conclave.auth.tokens import digest

GOOD_FOR_S: Final = 600
_RANDOM_BYTES: Final = 32
_PURPOSE: Final = "oidc"
# Of the last ten minutes; the oldest goes.
_MOST_USED: Final = 20_000


class Begun(Struct, frozen=True, kw_only=True):
    """One sign-in on its way, or one link of an account of *user* in *session*."""

    provider: str
    state: str
    nonce: str
    verifier: str
    back_to: str
    ends_at: int
    user: str | None = None
    session: str | None = None


class Beginnings:
    """Makes them, and takes each back once; *wall* is in milliseconds."""

    def __init__(self, seal: Seal, wall: Callable[[], int]) -> None:
        self._seal = seal
        self._wall = wall
        # Digests of states, and until when each would be good.
        self._used: dict[bytes, int] = {}

    def begin(
        self, provider: str, back_to: str, user: str | None = None, session: str | None = None
    ) -> tuple[Begun, str]:
        """Return a new one, and the cookie that this browser alone has."""
        state, nonce, verifier = (secrets.token_urlsafe(_RANDOM_BYTES) for _ in range(3))
        begun = Begun(
            provider=provider,
            state=state,
            nonce=nonce,
            verifier=verifier,
            back_to=back_to,
            ends_at=self._wall() + GOOD_FOR_S * 1000,
            user=user,
            session=session,
        )
        sealed = self._seal.seal(_PURPOSE, msgspec.json.encode(begun))
        return begun, urlsafe_b64encode(sealed).decode()

    def take(self, cookie: str, state: str, provider: str) -> Begun | None:
        """Return what *cookie* holds if it is of this *state* and *provider*, and good still."""
        begun = self._open(cookie)
        if begun is None or begun.provider != provider or self._wall() >= begun.ends_at:
            return None
        if not hmac.compare_digest(begun.state.encode(), state.encode("utf-8", "replace")):
            return None
        key = digest(state)
        if key in self._used:
            return None
        self._remember(key, begun.ends_at)
        return begun

    def _open(self, cookie: str) -> Begun | None:
        try:
            sealed = urlsafe_b64decode(cookie.encode("ascii"))
            return msgspec.json.decode(self._seal.unseal(_PURPOSE, sealed), type=Begun)
        except (ValueError, CannotUnseal):
            return None

    def _remember(self, key: bytes, ends_at: int) -> None:
        now = self._wall()
        while self._used:
            oldest = next(iter(self._used))
            if self._used[oldest] > now and len(self._used) < _MOST_USED:
                break
            del self._used[oldest]
        self._used[key] = ends_at
