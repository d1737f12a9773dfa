"""
Where a provider's endpoints are, as it says itself (OpenID Connect Discovery 1.0).

It is asked once and again after an hour; one question at a time, and one that fails takes
nothing away that was known.
"""

import asyncio
from collections.abc import Callable
from typing import Any, Final

import structlog
from msgspec import UNSET, Struct, UnsetType, ValidationError, convert

from conclave.auth.fetching import CannotAsk, Fetching
from conclave.auth.jwks import FetchedKeys
from conclave.auth.oidc.provider import Provider

log = structlog.get_logger("conclave.auth")

_FRESH_S: Final = 3_600.0
# After a question that failed: nobody waits for a provider that does not answer, one after another.
_REST_S: Final = 5.0
_WELL_KNOWN: Final = "/.well-known/openid-configuration"


class Metadata(Struct, frozen=True):
    """What of it is used here; everything else it says is not looked at."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str | UnsetType = UNSET
    end_session_endpoint: str | UnsetType = UNSET
    authorization_response_iss_parameter_supported: bool = False


class Discovery:
    """The `metadata` and the `keys` of *provider*, fetched when they are first needed."""

    def __init__(self, provider: Provider, fetching: Fetching, now: Callable[[], float]) -> None:
        self._provider = provider
        self._fetching = fetching
        self._now = now
        self._known: Metadata | None = None
        self._fetched_at = float("-inf")
        self._tried_at = float("-inf")
        self._one_at_a_time = asyncio.Lock()
        self.keys = FetchedKeys(self._fetch_keys, now, provider.id)

    async def close(self) -> None:
        await self.keys.close()

    async def metadata(self) -> Metadata:
        """Return what the provider says of itself; raises `CannotAsk`."""
        async with self._one_at_a_time:
            now = self._now()
            if self._known is None or now - self._fetched_at >= _FRESH_S:
                await self._renew(now)
            if self._known is None:
                raise CannotAsk("it does not say where it is")
            return self._known

    async def _renew(self, now: float) -> None:
        if now - self._tried_at < _REST_S:
            return
        self._tried_at = now
        try:
            said = await self._fetching.get_object(self._provider.issuer.rstrip("/") + _WELL_KNOWN)
            self._known = self._examine(said)
            self._fetched_at = now
        except CannotAsk as error:
            log.warning("oidc_not_discovered", provider=self._provider.id, why=str(error))

    def _examine(self, said: dict[str, Any]) -> Metadata:
        try:
            found = convert(said, Metadata)
        except ValidationError as error:
            raise CannotAsk(f"it says {error}") from None
        if found.issuer != self._provider.issuer:
            # Else one provider could speak for another (Discovery section 4.3).
            raise CannotAsk("it says that its issuer is another")
        used = (
            found.authorization_endpoint,
            found.token_endpoint,
            found.jwks_uri,
            found.userinfo_endpoint or self._provider.issuer,
            found.end_session_endpoint or self._provider.issuer,
        )
        if not all(map(self._provider.may_ask, used)):
            raise CannotAsk("it names an address that is not https")
        return found

    async def _fetch_keys(self) -> bytes:
        return await self._fetching.get((await self.metadata()).jwks_uri)
