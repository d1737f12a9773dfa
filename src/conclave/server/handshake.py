"""
What a request head must look like before anything is done for it.

Pure rules on what the HTTP parser read: a method and a path, exactly one `Host` that is
ours, no body that is too large, and for upgrades
all of RFC 6455 section 4.2.1, the Origin, and no credentials in the URL. What goes on the
wire for a refusal is `http1`'s.
"""

import binascii
import re
from base64 import b64decode
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from conclave.server.terms import Refusal, Terms

# The values of each header, by its name.
Fields = Mapping[bytes, Sequence[bytes]]

_TOKEN: Final = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,64}")
# URLs end up in histories and logs of proxies.
_SECRET_IN_URL: Final = re.compile(rb"(?:^|[?&])(?:access_)?token=", re.IGNORECASE)
_METHODS: Final = (b"GET", b"HEAD", b"POST", b"PUT", b"PATCH", b"DELETE", b"OPTIONS")
_ALLOWED: Final = b", ".join(_METHODS).decode()
# Control characters, spaces, backslashes, fragments, and what is no ASCII.
_ODD: Final = re.compile(rb"[^!-~]|[\\#]|%00")
BODY_TOO_LARGE: Final = Refusal(413, "The body is too large")
# More than any client offers; splitting megabytes of commas is not our work.
_MAX_OFFER_BYTES: Final = 1_024


@dataclass(frozen=True)
class Upgrade:
    """A proper request for a WebSocket; *known* is False for a subprotocol we do not speak."""

    key: str
    subprotocol: str | None
    known: bool


def fields_of(headers: Iterable[tuple[bytes, bytes]]) -> Fields:
    """Return *headers*, whose names are in lower case, so that each is found at once."""
    found: dict[bytes, list[bytes]] = {}
    for name, value in headers:
        found.setdefault(name, []).append(value)
    return found


def examine(
    method: bytes, target: bytes, version: str, fields: Fields, terms: Terms
) -> Refusal | None:
    """Refuse what is no plain request to this host, or brings too much (RFC 9112 3)."""
    return (
        examine_host(fields, terms)
        or _examine_line(method, target, version)
        or _examine_length(fields, terms.most_body_bytes(method, target))
    )


def examine_host(fields: Fields, terms: Terms) -> Refusal | None:
    """Refuse a request for a host that is not ours (DNS rebinding)."""
    hosts = _values(fields, b"host")
    if len(hosts) != 1:
        return Refusal(400, "Exactly one Host header is needed")
    if not terms.hosts.admits(hosts[0]):
        return Refusal(421, "This server does not answer for that host")
    return None


def _examine_line(method: bytes, target: bytes, version: str) -> Refusal | None:
    # 0.9 has no headers, though the parser reads them.
    if version not in ("1.0", "1.1"):
        return Refusal(400, "HTTP/1.1 is spoken here")
    if method not in _METHODS:
        return Refusal(405, "That method is not for this server", (("allow", _ALLOWED),))
    # Not an absolute URL, whose host would stand against that of the header, and nothing that
    # a proxy in front may read in another way than we do.
    if not target.startswith(b"/") or target.startswith(b"//") or _ODD.search(target):
        return Refusal(400, "The target must be a plain path")
    return None


def _examine_length(fields: Fields, most: int) -> Refusal | None:
    # The parser has seen to it that there is one, in digits.
    lengths = _values(fields, b"content-length")
    if lengths and int(lengths[0]) > most:
        return BODY_TOO_LARGE
    return None


def examine_upgrade(
    method: bytes, target: bytes, version: str, fields: Fields, terms: Terms
) -> Upgrade | Refusal:
    """Refuse all that is no proper upgrade to a WebSocket from a place that may ask."""
    path, _, query = target.partition(b"?")
    if path.decode("latin-1") not in terms.paths:
        return Refusal(404, "There is no WebSocket here")
    if method != b"GET":
        return Refusal(405, "An upgrade is a GET", (("allow", "GET"),))
    refusal = _examine_upgrade_headers(version, fields)
    if refusal is not None:
        return refusal
    key = _key(fields)
    if key is None:
        return Refusal(400, "Sec-WebSocket-Key must be 16 bytes in Base64, once")
    return _examine_place(query, fields, terms) or _choose(key, fields, terms)


def _examine_upgrade_headers(version: str, fields: Fields) -> Refusal | None:
    if version != "1.1":
        return Refusal(400, "An upgrade needs HTTP/1.1")
    if [value.lower() for value in _values(fields, b"upgrade")] != ["websocket"]:
        return Refusal(400, "Upgrade only to websocket")
    if _values(fields, b"transfer-encoding") or any(
        length.strip("0") for length in _values(fields, b"content-length")
    ):
        return Refusal(400, "An upgrade has no body")
    if _values(fields, b"sec-websocket-version") != ["13"]:
        return Refusal(426, "WebSocket version 13 is needed", (("sec-websocket-version", "13"),))
    return None


def _examine_place(query: bytes, fields: Fields, terms: Terms) -> Refusal | None:
    if _SECRET_IN_URL.search(query):
        return Refusal(400, "No tokens in the URL: authenticate with the first message")
    if not terms.origins.admits(_values(fields, b"origin")):
        return Refusal(403, "This origin may not connect")
    return None


def examine_carried(query: bytes, fields: Fields, terms: Terms) -> Upgrade | Refusal:
    """Refuse what another server has taken for a proper upgrade, and may not come in here."""
    return (
        examine_host(fields, terms)
        or _examine_place(query, fields, terms)
        or _choose("", fields, terms)
    )


def _choose(key: str, fields: Fields, terms: Terms) -> Upgrade | Refusal:
    """Choose among the subprotocols on offer."""
    offered = _offered(fields)
    if offered is None:
        return Refusal(400, "Sec-WebSocket-Protocol is no list of tokens")
    for subprotocol in terms.subprotocols:
        if subprotocol in offered:
            return Upgrade(key, subprotocol, True)
    return Upgrade(key, offered[0] if offered else None, not offered)


def _key(fields: Fields) -> str | None:
    keys = _values(fields, b"sec-websocket-key")
    if len(keys) != 1:
        return None
    try:
        return keys[0] if len(b64decode(keys[0], validate=True)) == 16 else None
    except (binascii.Error, ValueError):
        return None


def _offered(fields: Fields) -> list[str] | None:
    """Return the subprotocols on offer, in their order; None if they are not tokens."""
    offer = b",".join(fields.get(b"sec-websocket-protocol", ()))
    if len(offer) > _MAX_OFFER_BYTES:
        return None
    tokens = [token.strip(b" \t") for token in offer.split(b",") if token.strip(b" \t")]
    if not all(_TOKEN.fullmatch(token) for token in tokens):
        return None
    return [token.decode("ascii") for token in tokens]


def _values(fields: Fields, name: bytes) -> list[str]:
    return [value.decode("latin-1").strip(" \t") for value in fields.get(name, ())]
