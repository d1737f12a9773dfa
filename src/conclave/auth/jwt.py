"""
Tokens of an existing system: JWT (RFC 7519) under keys that the operator named.

No token says where its key is: no `jku`, no `x5u`; one that brings its own key is refused.
All refusals are one code to the other side; the log says which check it was.
"""

import re
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final

import structlog
from msgspec import UNSET, Meta, Struct, UnsetType, ValidationError, convert

from conclave.auth.jwks import KeySet
from conclave.auth.jws import Opened, Refused, opened
from conclave.auth.verifying import JwtKey
from conclave.model import SYSTEM, Identity, Role, User
from conclave.ports import Store
from conclave.protocol.errors import Code, Reject

log = structlog.get_logger("conclave.auth")

LEEWAY_S: Final = 30
LONGEST_LIFE_S: Final = 86_400

_USER_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@|:+-]{0,63}")
# Kinds of tokens that are not there to sign in with have another `typ` (RFC 8725 section 3.11).
_TYPES: Final = frozenset({"jwt", "at+jwt", "application/jwt", "application/at+jwt"})
_LARGEST: Final = 2**53

_Time = Annotated[float, Meta(ge=0, le=_LARGEST)]


class _Claims(Struct):
    iss: str
    aud: str | list[str]
    exp: _Time
    nbf: _Time | UnsetType = UNSET
    iat: _Time | UnsetType = UNSET


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """Whose tokens are good here, and which claim says what; "" for one that is not looked at."""

    issuer: str
    audience: str
    user: str = "sub"
    name: str = "name"
    role: str = "role"


class JwtAuthenticator:
    """
    An `Authenticator` for JWTs signed with one of *keys*, or of those that *fetched* has.

    *cleaned* makes a display name fit; what it refuses is refused here.
    """

    def __init__(
        self,
        keys: Iterable[JwtKey],
        terms: Terms,
        store: Store,
        *,
        fetched: KeySet | None = None,
        cleaned: Callable[[str], str] = str,
        wall: Callable[[], int] = lambda: time.time_ns() // 1_000_000,
    ) -> None:
        self.renew(keys)
        self._terms = terms
        self._store = store
        self._fetched = fetched
        self._cleaned = cleaned
        self._wall = wall

    def renew(self, keys: Iterable[JwtKey]) -> None:
        """Take *keys* in place of all earlier ones, for who authenticates from now on."""
        self._keys: dict[str, list[JwtKey]] = {}
        for key in keys:
            self._keys.setdefault(key.name, []).append(key)

    async def authenticate(self, token: str) -> Identity | None:
        if "." not in token:
            return None
        try:
            claims, expires_at = await self._examine(token)
            user = self._user(claims)
            return self._identity(user, claims, expires_at, await self._store.user(user))
        except Refused as why:
            log.info("jwt_refused", why=str(why))
        raise Reject(Code.AUTH_FAILED)

    async def _examine(self, token: str) -> tuple[dict[str, Any], int]:
        """Return the claims of a token that is good now, and when it ends."""
        parts = opened(token)
        if parts.kind not in _TYPES:
            raise Refused("typ")
        keys = await self._keys_for(parts)
        if not any(key.signed(parts.message, parts.signature) for key in keys):
            raise Refused("signature")
        claims = parts.read()
        return claims, self._examine_claims(claims)

    async def _keys_for(self, parts: Opened) -> Sequence[JwtKey]:
        algorithm, kid = parts.algorithm, parts.kid
        known = [key for key in self._keys.get(algorithm, ()) if key.may_be(kid)]
        if self._fetched is not None:
            known += await self._fetched.keys(algorithm, kid)
        if not known:
            raise Refused("no key for this algorithm")
        return known

    def _examine_claims(self, claims: dict[str, Any]) -> int:
        try:
            known = convert(claims, _Claims)
        except ValidationError as error:
            # It names the claim and the type, not the value.
            raise Refused(str(error)) from None
        audiences = [known.aud] if isinstance(known.aud, str) else known.aud
        if known.iss != self._terms.issuer:
            raise Refused("issuer")
        if self._terms.audience not in audiences:
            raise Refused("audience")
        self._examine_times(known, self._wall() / 1000)
        return int(known.exp * 1000)

    @staticmethod
    def _examine_times(known: _Claims, now: float) -> None:
        if known.exp <= now - LEEWAY_S:
            raise Refused("expired")
        begins = [at for at in (known.nbf, known.iat) if at is not UNSET]
        if any(at > now + LEEWAY_S for at in begins):
            raise Refused("not yet valid")
        born = now if known.iat is UNSET else min(known.iat, now)
        if known.exp - born > LONGEST_LIFE_S:
            raise Refused("lives longer than 24 hours")

    def _user(self, claims: dict[str, Any]) -> str:
        user = claims.get(self._terms.user)
        if not isinstance(user, str) or not _USER_ID.fullmatch(user):
            raise Refused(f"{self._terms.user} is no user id")
        if user.casefold() == SYSTEM.user:
            raise Refused(f"{self._terms.user} is the system's")
        return user

    def _identity(
        self, user: str, claims: dict[str, Any], expires_at: int, known: User | None
    ) -> Identity:
        if known is not None and not known.active:
            raise Refused("deactivated")
        # Not the role of an earlier token: a system that says nothing any more has taken it back.
        role = self._role(claims) or Role.USER
        if known is not None and known.account:
            # Who may what is said here, for those who have an account here.
            role = known.role
        name = self._name(claims) or (user if known is None else known.display_name)
        return Identity(user=user, name=name, role=role, expires_at=expires_at)

    def _role(self, claims: dict[str, Any]) -> Role | None:
        role = claims.get(self._terms.role)
        if role is None:
            return None
        if not isinstance(role, str) or role not in tuple(Role):
            raise Refused(f"{self._terms.role} is no role here")
        return Role(role)

    def _name(self, claims: dict[str, Any]) -> str | None:
        name = claims.get(self._terms.name)
        if name is None:
            return None
        try:
            name.encode()
            return self._cleaned(name)
        except (AttributeError, UnicodeEncodeError, Reject):
            raise Refused(f"{self._terms.name} is no name") from None
