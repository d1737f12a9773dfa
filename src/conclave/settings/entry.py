"""What can be wrong with the settings of who may come in, each with its fix."""

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Final
from urllib.parse import urlsplit

from conclave.settings.addresses import is_loopback

ROLES: Final = ("user", "admin", "guest", "bot")
# What a claim of another system's token may say.
CLAIMS: Final = {"user": "sub", "name": "name", "role": "role"}
_CLAIM: Final = re.compile(r"([a-z]+)=([A-Za-z0-9_.:/-]{0,128})")

Named = Callable[[str], str]


def wrong_roles(roles: Iterable[str], named: Named) -> list[str]:
    return [
        f"{named('require_second_factor')} is {role!r}: choose of {', '.join(ROLES)}"
        for role in roles
        if role not in ROLES
    ]


def wrong_jwt(
    keys: Sequence[str], issuer: str | None, audience: str | None, named: Named
) -> list[str]:
    """Say which of the three is missing: without all of them no token of others is good."""
    given = {"jwt_key": bool(keys), "jwt_issuer": bool(issuer), "jwt_audience": bool(audience)}
    if not any(given.values()):
        return []
    return [
        f"{named(name)} is missing: tokens of another system count with {named('jwt_key')}, "
        f"{named('jwt_issuer')} and {named('jwt_audience')} together"
        for name, there in given.items()
        if not there
    ]


def wrong_jwks(url: str | None, named: Named) -> list[str]:
    if url is None:
        return []
    parts = urlsplit(url)
    here = parts.scheme == "http" and is_loopback(parts.hostname or "")
    if (parts.scheme == "https" or here) and parts.hostname and "@" not in parts.netloc:
        return []
    return [
        f"{named('jwt_jwks')} is {url!r}: give an https:// address, or a file as {named('jwt_key')}"
    ]


def wrong_claims(claims: Iterable[str], named: Named) -> list[str]:
    found = []
    for text in claims:
        match = _CLAIM.fullmatch(text)
        if match is None or match[1] not in CLAIMS or (match[1] == "user" and not match[2]):
            found.append(
                f"{named('jwt_claim')} is {text!r}: write user=, name= or role= and the claim, "
                "such as user=email"
            )
    return found


def claims_of(claims: Iterable[str]) -> dict[str, str]:
    """Return which claim says what; what is not given is as by default."""
    return CLAIMS | dict(text.split("=", 1) for text in claims)
