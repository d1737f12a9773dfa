"""
Which addresses may be pushed to: the address is what a browser said, or somebody who lies.

Without this a person could let the server ask its own network whatever they like. Names are
judged twice: here as they are written, and when a connection is made, by the addresses that
they have at that moment and that are connected to.
"""

import ipaddress
from collections.abc import Collection
from typing import Final
from urllib.parse import SplitResult, urlsplit

from conclave.protocol.errors import Code, Reject
from conclave.settings.addresses import canonical_origin

# IPv4 addresses that stand in IPv6 ones for translators (RFC 6052).
_TRANSLATED: Final = ipaddress.IPv6Network("64:ff9b::/96")
_IPv4_BYTES: Final = 4


class Guard:
    """Judges endpoints; with *services*, origins, those alone may be used, wherever they are."""

    def __init__(self, services: Collection[str] = ()) -> None:
        self._services = frozenset(map(canonical_origin, services))

    def check(self, endpoint: str) -> None:
        """Raise `bad_request` for what is no address of a push service."""
        try:
            url = urlsplit(endpoint)
            good = self._is_good(url, endpoint)
        except ValueError:
            good = False
        if not good:
            raise Reject(Code.BAD_REQUEST, "This is no address of a push service")

    def _is_good(self, url: SplitResult, endpoint: str) -> bool:
        if not (endpoint.isascii() and endpoint.isprintable()) or " " in endpoint:
            return False
        if "@" in url.netloc or url.fragment:
            return False
        if self._services:
            return canonical_origin(f"{url.scheme}://{url.netloc}") in self._services
        return url.scheme == "https" and url.port in (None, 443) and _is_name(url.hostname or "")

    def may_reach(self, address: str) -> bool:
        """Return whether a connection may be made to *address*, which a name has now."""
        return bool(self._services) or is_public(address)


def _is_name(host: str) -> bool:
    """Return whether *host* is a name in the public tree, and no address in any notation."""
    # Of an address in brackets nothing looks up what it is; the zone of one may have dots.
    if ":" in host or "%" in host:
        return False
    *before, last = host.removesuffix(".").split(".")
    return len(before) > 0 and all(before) and last.replace("-", "").isalnum() and last[0].isalpha()


def is_public(address: str) -> bool:
    """Return whether *address* is one of the internet, also behind what it is written in."""
    found = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        inner = [found.ipv4_mapped, found.sixtofour, *(found.teredo or ())]
        if found in _TRANSLATED:
            inner.append(ipaddress.IPv4Address(found.packed[-_IPv4_BYTES:]))
        if not all(one.is_global for one in inner if one is not None):
            return False
        if found.ipv4_mapped is not None:
            return found.ipv4_mapped.is_global and not found.ipv4_mapped.is_multicast
    return found.is_global and not found.is_multicast
