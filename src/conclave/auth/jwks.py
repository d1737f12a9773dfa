"""
Keys that are fetched from another system, kept so that no flood of tokens fetches them.

Whoever invents key ids makes a server ask for keys it does not have. So there is one fetch at
a time, a rest after each, and a failed one takes no good key away. What was fetched long ago
is fetched again beside the work, and goes on to count until that is done.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, Protocol

import structlog

from conclave.auth.fetching import CannotAsk
from conclave.auth.verifying import JwtKey
from conclave.protocol.errors import Code, Reject

log = structlog.get_logger("conclave.auth")

# Between two fetches, whatever came of the first.
REST_S: Final = 60.0
# The same while there is no key at all, and nobody comes in.
REST_WITHOUT_S: Final = 10.0
# So soon a key is known that the other side has begun to show, before it signs with it.
FRESH_S: Final = 300.0
# How long keys count that could not be fetched again: nobody can say that one was revoked.
STALE_S: Final = 86_400.0
# Who waits for a fetch; of more the rest is told to come back.
_MOST_WAITING: Final = 200
_BUSY_MS: Final = 2_000


class KeySet(Protocol):
    """Where keys come from that may be others tomorrow."""

    async def keys(self, algorithm: str, kid: str | None) -> Sequence[JwtKey]:
        """Return the keys that a token may be signed with; raises `busy`."""


class FetchedKeys:
    """A `KeySet` of one issuer: *fetch* brings its JWKS, *now* is a clock that never jumps."""

    def __init__(
        self, fetch: Callable[[], Awaitable[bytes]], now: Callable[[], float], name: str
    ) -> None:
        self._fetch = fetch
        self._now = now
        self._name = name
        self._known: list[JwtKey] = []
        self._fetched_at = float("-inf")
        self._tried_at = float("-inf")
        self._waiting = 0
        self._running: asyncio.Task[None] | None = None
        # How often it was fetched, for tests and for whoever wonders.
        self.fetches = 0

    async def keys(self, algorithm: str, kid: str | None) -> Sequence[JwtKey]:
        now = self._now()
        if now - self._fetched_at > STALE_S:
            self._known = []
        found = self._find(algorithm, kid)
        if found and now - self._fetched_at < FRESH_S:
            return found
        self._begin(now)
        if found or self._running is None:
            return found
        await self._wait(self._running)
        return self._find(algorithm, kid)

    async def close(self) -> None:
        """End a fetch that is under way."""
        if self._running is not None:
            self._running.cancel()
            await asyncio.gather(self._running, return_exceptions=True)

    def _find(self, algorithm: str, kid: str | None) -> list[JwtKey]:
        return [key for key in self._known if key.name == algorithm and key.may_be(kid)]

    def _begin(self, now: float) -> None:
        rest = REST_S if self._known else REST_WITHOUT_S
        if self._running is None and now - self._tried_at >= rest:
            self._tried_at = now
            self._running = asyncio.create_task(self._renew(), name="jwks")

    async def _wait(self, running: asyncio.Task[None]) -> None:
        if self._waiting >= _MOST_WAITING:
            raise Reject(Code.BUSY, retry_after_ms=_BUSY_MS)
        self._waiting += 1
        try:
            # Who goes away ends nobody else's fetch.
            await asyncio.shield(running)
        finally:
            self._waiting -= 1

    async def _renew(self) -> None:
        self.fetches += 1
        try:
            content = await self._fetch()
            self._known = await asyncio.to_thread(_read, content)
            self._fetched_at = self._now()
        except (CannotAsk, Reject, OSError, ImportError, ValueError, RecursionError) as error:
            # What is known stays known.
            log.warning("jwks_not_fetched", of=self._name, why=str(error), known=len(self._known))
        finally:
            self._running = None


def _read(content: bytes) -> list[JwtKey]:
    # A large library; a server without such a set needs none of it.
    from conclave.auth.jwt_keys import keys_of_set

    return keys_of_set(content)
