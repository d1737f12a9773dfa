"""
What a signed token is before anybody believes it: three parts, read in the one way there is.

No key is asked for here and no claim judged. All that could be read in two ways is refused.
"""

import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any, Final, NamedTuple

# A token of 8 KiB has room for hundreds of groups; longer ones are not looked at.
MOST_CHARS: Final = 8_192

_SEGMENTS: Final = re.compile(r"([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)")
# Where a key would come from, and what changes the meaning of all the rest.
_NOT_IN_HEADER: Final = frozenset({"crit", "b64", "jku", "jwk", "x5u", "x5c", "zip", "enc"})
# Ids of some systems have twenty; thousands take quadratic time.
_MOST_DIGITS: Final = 40


class Refused(Exception):
    """A token is not good; the text is for the log and holds nothing of the token."""


class Opened(NamedTuple):
    """A token in its parts; nothing of it is believed."""

    header: dict[str, Any]
    claims: bytes
    message: bytes
    signature: bytes

    @property
    def algorithm(self) -> str:
        said = self.header.get("alg")
        return said if isinstance(said, str) else ""

    @property
    def kid(self) -> str | None:
        """The name of the key, if it says one."""
        said = self.header.get("kid")
        return said if isinstance(said, str) else None

    @property
    def kind(self) -> str:
        said = self.header.get("typ", "JWT")
        return said.lower() if isinstance(said, str) else ""

    def read(self) -> dict[str, Any]:
        """Return the claims; call it once the signature is good. Raises `Refused`."""
        return _object(self.claims.decode(), "claims")


def opened(token: str) -> Opened:
    """Take *token* apart; raises `Refused`."""
    if len(token) > MOST_CHARS:
        raise Refused("longer than 8 KiB")
    found = _SEGMENTS.fullmatch(token)
    if found is None:
        raise Refused("not three parts in base64url")
    header = _object(found[1], "header")
    if not _NOT_IN_HEADER.isdisjoint(header):
        raise Refused("the header brings a key or asks for an extension")
    signature = _bytes(found[3], "signature")
    return Opened(header, found[2].encode(), token[: found.end(2)].encode(), signature)


def _bytes(segment: str, part: str) -> bytes:
    """Decode a segment; only its one spelling is taken, so that no token has two."""
    try:
        raw = urlsafe_b64decode(f"{segment}===")
    except ValueError:
        raw = b""
    if urlsafe_b64encode(raw).decode().rstrip("=") != segment:
        raise Refused(f"{part} is not in base64url")
    return raw


def _object(segment: str, part: str) -> dict[str, Any]:
    try:
        value = json.loads(
            _bytes(segment, part).decode(),
            object_pairs_hook=_without_doubles,
            parse_constant=_no_number,
            parse_int=_small,
        )
        # Half a character (RFC 7493 section 2.1): whoever encodes it later could not.
        json.dumps(value, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        raise Refused(f"{part} is not JSON") from None
    if not isinstance(value, dict):
        raise Refused(f"{part} is no JSON object")
    return value


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        # Two readers would take two different ones (RFC 8725 section 2.4).
        raise Refused("a name comes twice")
    return found


def _no_number(text: str) -> float:
    raise ValueError(text)


def _small(digits: str) -> int:
    if len(digits) > _MOST_DIGITS:
        raise ValueError(len(digits))
    return int(digits)
