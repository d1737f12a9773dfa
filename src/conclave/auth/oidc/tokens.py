"""
What a provider signs: ID tokens (OpenID Connect Core 3.1.3.7) and logout tokens.

Everything is judged here, and nothing believed of what is not. Refusals are `Refused`, whose
text is for the log and holds nothing of the token.
"""

import hmac
from collections.abc import Callable
from typing import Annotated, Any, Final, TypeVar

from msgspec import UNSET, Meta, Struct, UnsetType, ValidationError, convert

from conclave.auth.jwks import KeySet
from conclave.auth.jws import Refused, opened
from conclave.auth.oidc.provider import Provider

T = TypeVar("T")

LEEWAY_S: Final = 30
# An ID token is for now; one that was made long ago is somebody's who kept it.
_OLDEST_S: Final = 600
_LARGEST: Final = 2**53
_LOGGED_OUT: Final = "http://schemas.openid.net/event/backchannel-logout"
# What no key is asked for: `none`, and whatever is signed with a secret that others have.
ALGORITHMS: Final = frozenset({"RS256", "PS256", "ES256", "EdDSA"})
_ID_TYPES: Final = frozenset({"jwt", "application/jwt"})
_LOGOUT_TYPES: Final = frozenset({"jwt", "logout+jwt", "application/logout+jwt"})

_Time = Annotated[float, Meta(ge=0, le=_LARGEST)]
_Subject = Annotated[str, Meta(min_length=1, max_length=255)]


class _Id(Struct):
    iss: str
    sub: _Subject
    aud: str | list[str]
    exp: _Time
    iat: _Time
    nonce: str
    nbf: _Time | UnsetType = UNSET
    azp: str | UnsetType = UNSET


class _Logout(Struct):
    iss: str
    aud: str | list[str]
    iat: _Time
    jti: Annotated[str, Meta(min_length=1, max_length=255)]
    events: dict[str, Any]
    exp: _Time | UnsetType = UNSET
    sub: _Subject | UnsetType = UNSET
    sid: _Subject | UnsetType = UNSET


class Tokens:
    """Judges what *provider* signs with *keys*; *wall* is in milliseconds."""

    def __init__(self, provider: Provider, keys: KeySet, wall: Callable[[], int]) -> None:
        self._provider = provider
        self._keys = keys
        self._wall = wall

    async def claims_of(self, token: str, nonce: str) -> dict[str, Any]:
        """Return the claims of an ID token that was made for this server, now, and *nonce*."""
        claims = await self._signed(token, _ID_TYPES)
        known = _converted(claims, _Id)
        self._examine(known.iss, known.aud, known.azp)
        now = self._wall() / 1000
        if known.exp <= now - LEEWAY_S:
            raise Refused("expired")
        if known.nbf is not UNSET and known.nbf > now + LEEWAY_S:
            raise Refused("not yet valid")
        self._examine_age(known.iat, now)
        if not hmac.compare_digest(known.nonce.encode(), nonce.encode()):
            raise Refused("nonce")
        return claims

    async def logged_out(self, token: str) -> tuple[str | None, str | None, str]:
        """
        Return the subject, the session there and the id of a logout token.

        One of the first two is there (Back-Channel Logout 1.0, section 2.6).
        """
        claims = await self._signed(token, _LOGOUT_TYPES)
        known = _converted(claims, _Logout)
        self._examine(known.iss, known.aud, UNSET)
        now = self._wall() / 1000
        self._examine_age(known.iat, now)
        if known.exp is not UNSET and known.exp <= now - LEEWAY_S:
            raise Refused("expired")
        if not isinstance(known.events.get(_LOGGED_OUT), dict) or "nonce" in claims:
            raise Refused("no logout token")
        if known.sub is UNSET and known.sid is UNSET:
            raise Refused("of nobody")
        return known.sub or None, known.sid or None, known.jti

    async def _signed(self, token: str, kinds: frozenset[str]) -> dict[str, Any]:
        parts = opened(token)
        if parts.kind not in kinds:
            raise Refused("typ")
        if parts.algorithm not in ALGORITHMS:
            raise Refused("alg")
        keys = await self._keys.keys(parts.algorithm, parts.kid)
        if not any(key.signed(parts.message, parts.signature) for key in keys):
            raise Refused("signature")
        return parts.read()

    def _examine(self, issuer: str, audience: str | list[str], azp: str | UnsetType) -> None:
        audiences = [audience] if isinstance(audience, str) else audience
        client = self._provider.client_id
        if issuer != self._provider.issuer:
            raise Refused("issuer")
        if client not in audiences:
            raise Refused("audience")
        # Others could have got it with a good word of ours, and bring it here.
        if (len(audiences) > 1 or azp is not UNSET) and azp != client:
            raise Refused("azp")

    @staticmethod
    def _examine_age(made_at: float, now: float) -> None:
        if made_at > now + LEEWAY_S:
            raise Refused("made in the future")
        if made_at < now - _OLDEST_S:
            raise Refused("made long ago")


def _converted(claims: dict[str, Any], kind: type[T]) -> T:
    try:
        return convert(claims, kind)
    except ValidationError as error:
        # It names the claim and the type, not the value.
        raise Refused(str(error)) from None
