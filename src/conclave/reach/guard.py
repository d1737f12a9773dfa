"""
Which addresses the server may ask: somebody gave them, who may be lying.

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
# A translator's own (RFC 8215) leads wherever its network says.
_TRANSLATED_LOCALLY: Final = ipaddress.IPv6Network("64:ff9b:1::/48")
_IPv4_BYTES: Final = 4
_PORTS: Final = {"https": 443, "http": 80}


class Guard:
    """
    Judges addresses: public ones, by https.

    With *only*, origins, those alone may be used, wherever they are; with *also*, those
    besides. *any_port*: public ones at other ports than https's own, too.
    """

    def __init__(
        self,
        only: Collection[str] = (),
        *,
        also: Collection[str] = (),
        any_port: bool = False,
        what: str = "address of a push service",
    ) -> None:
        self._only = frozenset(map(canonical_origin, only))
        self._named = self._only | frozenset(map(canonical_origin, also))
        self._places = frozenset(map(_place, self._named))
        self._any_port = any_port
        self._what = what

    def check(self, address: str) -> None:
        """Raise `bad_request` for what may not be asked."""
        try:
            url = urlsplit(address)
            good = self._is_good(url, address)
        except ValueError:
            good = False
        if not good:
            raise Reject(Code.BAD_REQUEST, f"This is no {self._what}")

    def _is_good(self, url: SplitResult, address: str) -> bool:
        if not (address.isascii() and address.isprintable()) or " " in address:
            return False
        if "@" in url.netloc or url.fragment:
            return False
        if self._named and canonical_origin(f"{url.scheme}://{url.netloc}") in self._named:
            return True
        good_port = self._any_port or url.port in (None, 443)
        public = url.scheme == "https" and good_port and _is_name(url.hostname or "")
        return public and not self._only

    def may_reach(self, host: str, port: int, address: str) -> bool:
        """Return whether *host* may be connected to at *address*, which it has now."""
        return (host.lower(), port) in self._places or is_public(address)


def _place(origin: str) -> tuple[str, int]:
    url = urlsplit(origin)
    return (url.hostname or "").lower(), url.port or _PORTS.get(url.scheme, 0)


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
        if found in _TRANSLATED_LOCALLY or found.is_site_local:
            return False
        inner = [found.ipv4_mapped, found.sixtofour, *(found.teredo or ())]
        if found in _TRANSLATED:
            inner.append(ipaddress.IPv4Address(found.packed[-_IPv4_BYTES:]))
        if not all(one.is_global for one in inner if one is not None):
            return False
        if found.ipv4_mapped is not None:
            return found.ipv4_mapped.is_global and not found.ipv4_mapped.is_multicast
    return found.is_global and not found.is_multicast
