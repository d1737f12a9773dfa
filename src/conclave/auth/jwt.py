"""
Tokens of an existing system: JWT (RFC 7519) under keys that the operator named.

Nothing is fetched, ever: no JWKS, no `jku`, no `x5u`; a token that brings its own key is
refused. All refusals are one code to the other side; the log says which check it was.
"""

import json
import re
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final

import structlog
from msgspec import UNSET, Meta, Struct, UnsetType, ValidationError, convert

from conclave.auth.jwt_keys import JwtKey
from conclave.model import SYSTEM, Identity, Role, User
from conclave.ports import Store
from conclave.protocol.errors import Code, Reject

log = structlog.get_logger("conclave.auth")

# A token of 8 KiB has room for hundreds of groups; longer ones are not looked at.
MOST_CHARS: Final = 8_192
LEEWAY_S: Final = 30
LONGEST_LIFE_S: Final = 86_400

_SEGMENTS: Final = re.compile(r"([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)")
_USER_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@|:+-]{0,63}")
# Kinds of tokens that are not there to sign in with have another `typ` (RFC 8725 section 3.11).
_TYPES: Final = frozenset({"jwt", "at+jwt", "application/jwt", "application/at+jwt"})
# Where a key would come from, and what changes the meaning of all the rest.
_NOT_IN_HEADER: Final = frozenset({"crit", "b64", "jku", "jwk", "x5u", "x5c", "zip", "enc"})
# Ids of some systems have twenty; thousands take quadratic time.
_MOST_DIGITS: Final = 40
_LARGEST: Final = 2**53

_Time = Annotated[float, Meta(ge=0, le=_LARGEST)]


class _Refused(Exception):
    """A token is not good; the text is for the log and holds nothing of the token."""


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
    An `Authenticator` for JWTs signed with one of *keys*.

    *cleaned* makes a display name fit; what it refuses is refused here.
    """

    def __init__(
        self,
        keys: Iterable[JwtKey],
        terms: Terms,
        store: Store,
        *,
        cleaned: Callable[[str], str] = str,
        wall: Callable[[], int] = lambda: time.time_ns() // 1_000_000,
    ) -> None:
        self.renew(keys)
        self._terms = terms
        self._store = store
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
            claims, expires_at = self._examine(token)
            user = self._user(claims)
            return self._identity(user, claims, expires_at, await self._store.user(user))
        except _Refused as why:
            log.info("jwt_refused", why=str(why))
        raise Reject(Code.AUTH_FAILED)

    def _examine(self, token: str) -> tuple[dict[str, Any], int]:
        """Return the claims of a token that is good now, and when it ends."""
        if len(token) > MOST_CHARS:
            raise _Refused("longer than 8 KiB")
        found = _SEGMENTS.fullmatch(token)
        if found is None:
            raise _Refused("not three parts in base64url")
        keys = self._keys_for(_object(found[1], "header"))
        message, signature = token[: found.end(2)].encode(), _bytes(found[3], "signature")
        if not any(key.signed(message, signature) for key in keys):
            raise _Refused("signature")
        claims = _object(found[2], "claims")
        return claims, self._examine_claims(claims)

    def _keys_for(self, header: dict[str, Any]) -> Sequence[JwtKey]:
        if not _NOT_IN_HEADER.isdisjoint(header):
            raise _Refused("the header brings a key or asks for an extension")
        kind = header.get("typ", "JWT")
        if not isinstance(kind, str) or kind.lower() not in _TYPES:
            raise _Refused("typ")
        algorithm = header.get("alg")
        keys = self._keys.get(algorithm) if isinstance(algorithm, str) else None
        if keys is None:
            raise _Refused("no key for this algorithm")
        return keys

    def _examine_claims(self, claims: dict[str, Any]) -> int:
        try:
            known = convert(claims, _Claims)
        except ValidationError as error:
            # It names the claim and the type, not the value.
            raise _Refused(str(error)) from None
        audiences = [known.aud] if isinstance(known.aud, str) else known.aud
        if known.iss != self._terms.issuer:
            raise _Refused("issuer")
        if self._terms.audience not in audiences:
            raise _Refused("audience")
        self._examine_times(known, self._wall() / 1000)
        return int(known.exp * 1000)

    @staticmethod
    def _examine_times(known: _Claims, now: float) -> None:
        if known.exp <= now - LEEWAY_S:
            raise _Refused("expired")
        begins = [at for at in (known.nbf, known.iat) if at is not UNSET]
        if any(at > now + LEEWAY_S for at in begins):
            raise _Refused("not yet valid")
        born = now if known.iat is UNSET else min(known.iat, now)
        if known.exp - born > LONGEST_LIFE_S:
            raise _Refused("lives longer than 24 hours")

    def _user(self, claims: dict[str, Any]) -> str:
        user = claims.get(self._terms.user)
        if not isinstance(user, str) or not _USER_ID.fullmatch(user):
            raise _Refused(f"{self._terms.user} is no user id")
        if user.casefold() == SYSTEM.user:
            raise _Refused(f"{self._terms.user} is the system's")
        return user

    def _identity(
        self, user: str, claims: dict[str, Any], expires_at: int, known: User | None
    ) -> Identity:
        if known is not None and not known.active:
            raise _Refused("deactivated")
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
            raise _Refused(f"{self._terms.role} is no role here")
        return Role(role)

    def _name(self, claims: dict[str, Any]) -> str | None:
        name = claims.get(self._terms.name)
        if name is None:
            return None
        try:
            name.encode()
            return self._cleaned(name)
        except (AttributeError, UnicodeEncodeError, Reject):
            raise _Refused(f"{self._terms.name} is no name") from None


def _bytes(segment: str, part: str) -> bytes:
    """Decode a segment; only its one spelling is taken, so that no token has two."""
    try:
        raw = urlsafe_b64decode(f"{segment}===")
    except ValueError:
        raw = b""
    if urlsafe_b64encode(raw).decode().rstrip("=") != segment:
        raise _Refused(f"{part} is not in base64url")
    return raw


def _object(segment: str, part: str) -> dict[str, Any]:
    try:
        value = json.loads(
            _bytes(segment, part).decode(),
            object_pairs_hook=_without_doubles,
            parse_constant=_no_number,
            parse_int=_small,
        )
    except (ValueError, RecursionError):
        raise _Refused(f"{part} is not JSON") from None
    if not isinstance(value, dict):
        raise _Refused(f"{part} is no JSON object")
    return value


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        # Two readers would take two different ones (RFC 8725 section 2.4).
        raise _Refused("a name comes twice")
    return found


def _no_number(text: str) -> float:
    raise ValueError(text)


def _small(digits: str) -> int:
    if len(digits) > _MOST_DIGITS:
        raise ValueError(len(digits))
    return int(digits)
