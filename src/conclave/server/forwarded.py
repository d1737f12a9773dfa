"""
Whose address a request is judged by: that of its socket, or one that a proxy names.

Pure rules on header values. `X-Forwarded-For` is a list to which each proxy appends whom
it heard; all to the left of what the last proxy of ours wrote may be anybody's invention.
`Forwarded` (RFC 7239) and `X-Forwarded-Host` are not read.
"""

import re
from collections.abc import Iterable, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final, NamedTuple

Headers = Sequence[tuple[bytes, bytes]]

# IPv6 in brackets or IPv4, either with a port, or plain IPv6. A zone (`%eth0`) may be any text
# and means something on its own link only: it is left away.
_ADDRESS: Final = re.compile(
    r"\[([0-9a-fA-F:.]{2,45})(?:%\w{1,16})?\](?::\d{1,5})?"
    r"|([0-9.]{7,15})(?::\d{1,5})?"
    r"|([0-9a-fA-F:.]{2,45})(?:%\w{1,16})?",
    re.ASCII,
)
_SCHEMES: Final = frozenset({"http", "https"})


class Peer(NamedTuple):
    """Who asks, as far as anybody knows; no *scheme*: that of the socket."""

    address: str
    scheme: str | None = None


class ProxyRule:
    """
    Which peers are proxies of ours: those in *networks*, such as `127.0.0.1` or `10.0.0.0/8`.

    With none, what a request says of its sender is never read.
    """

    def __init__(self, networks: Iterable[str] = ()) -> None:
        self._networks: list[IPv4Network | IPv6Network] = [ip_network(text) for text in networks]

    def peer(self, socket_address: str, headers: Headers) -> Peer:
        """
        Return whom a request is from that came over a socket from *socket_address*.

        It is the right-most address that is no proxy of ours. Where a proxy has written
        something that is no address, nobody beyond that proxy is known, so it counts itself.
        """
        nearest = _parsed(socket_address)
        if nearest is None:
            return Peer(socket_address)
        if not self._trusts(nearest):
            return Peer(str(nearest))
        for text in reversed(_values(headers, b"x-forwarded-for")):
            address = _parsed(text)
            if address is None:
                break
            nearest = address
            if not self._trusts(nearest):
                break
        return Peer(str(nearest), _scheme(headers))

    def is_proxy(self, socket_address: str) -> bool:
        """Return whether a socket from there is a proxy's of ours."""
        if not self._networks:
            return False
        address = _parsed(socket_address)
        return address is not None and self._trusts(address)

    def _trusts(self, address: IPv4Address | IPv6Address) -> bool:
        return any(address in network for network in self._networks)


def _values(headers: Headers, name: bytes) -> list[str]:
    """Return the members of a list that may stand in several headers (RFC 9110 5.3)."""
    joined = b",".join(value for key, value in headers if key == name)
    return [value.strip(" \t") for value in joined.decode("latin-1").split(",")] if joined else []


def _scheme(headers: Headers) -> str | None:
    values = _values(headers, b"x-forwarded-proto")
    scheme = values[-1].lower() if values else ""
    return scheme if scheme in _SCHEMES else None


def _parsed(text: str) -> IPv4Address | IPv6Address | None:
    """Return the address that *text* is, in its one spelling; some proxies add a port."""
    found = _ADDRESS.fullmatch(text)
    if found is None:
        return None
    try:
        address = ip_address(found[1] or found[2] or found[3])
    except ValueError:
        return None
    return address.ipv4_mapped or address if isinstance(address, IPv6Address) else address
