"""Where a client connects to: one URL, checked before any token is sent there."""

import ipaddress
from typing import NamedTuple
from urllib.parse import urlsplit

_SCHEMES = {"ws": "ws", "http": "ws", "wss": "wss", "https": "wss"}
_PATH = "/ws"


class Address(NamedTuple):
    """What the socket opens, and the server it names: scheme, host and port."""

    url: str
    origin: str

    @property
    def server(self) -> str:
        """What tells it from other servers: of one at the usual path that is the origin."""
        return self.origin if self.url == self.origin + _PATH else self.url


def address_of(url: str, *, allow_plain: bool = False) -> Address:
    """
    Return the address that *url* names; `http` and `https` are taken for `ws` and `wss`.

    Raises ValueError for what is no such URL, and for one that would send a token
    unencrypted to another machine, unless *allow_plain*.
    """
    parts = urlsplit(url)
    scheme = _SCHEMES.get(parts.scheme)
    if scheme is None or not parts.hostname or not url.isprintable() or " " in url:
        raise ValueError(f"{url!r} is no address of a server: give one like wss://chat.example.org")
    if parts.username is not None or parts.query or parts.fragment:
        raise ValueError("Nothing but scheme, host, port and path may stand in the URL")
    if scheme == "ws" and not (allow_plain or is_loopback(parts.hostname)):
        raise ValueError(
            f"{url!r} is not encrypted, so the token could be read on the way: give wss://, or "
            "allow_plain=True within a network you trust"
        )
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    port = parts.port or (443 if scheme == "wss" else 80)
    path = _PATH if parts.path in ("", "/") else parts.path
    origin = f"{scheme}://{host}:{port}"
    return Address(origin + path, origin)


def is_loopback(host: str) -> bool:
    """Return whether only this machine can be *host*."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
