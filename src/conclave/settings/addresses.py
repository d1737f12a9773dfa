"""What addresses and origins are, as settings write them; nothing is looked up."""

import re
from ipaddress import ip_network
from typing import Final
from urllib.parse import urlsplit

_MOST_PORT: Final = 65_535
LOOPBACK: Final = ("127.0.0.1", "::1", "localhost")
EVERYWHERE: Final = ("", "0.0.0.0", "::")  # noqa: S104 - names what is asked for, binds nothing


def bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host and not host.startswith("[") else host.lower()


def is_loopback(host: str) -> bool:
    """Return whether only this machine can reach *host*."""
    return host in LOOPBACK or re.fullmatch(r"127(\.\d{1,3}){3}", host) is not None


def canonical_origin(text: str) -> str:
    """
    Return the one spelling of an origin: lower case, no default port, no trailing slash.

    `null` stays `null`. Raises ValueError for what is no http(s) origin (RFC 6454).
    """
    if text == "null":
        return text
    url = urlsplit(text)
    more = url.path.strip("/") or any(sign in text for sign in "?#@* ") or not text.isprintable()
    if url.scheme not in ("http", "https") or not url.hostname or more:
        raise ValueError(text)
    port = "" if url.port in (None, {"http": 80, "https": 443}[url.scheme]) else f":{url.port}"
    return f"{url.scheme}://{bracketed(url.hostname)}{port}"


def is_network(text: str) -> bool:
    try:
        ip_network(text)
    except ValueError:
        return False
    return True


def is_origin(text: str) -> bool:
    try:
        canonical_origin(text)
    except ValueError:
        return False
    return True


def place_of(text: str) -> tuple[str, int] | None:
    """Return the host and port of an address such as 127.0.0.1:9464; None if it is none."""
    host, _, port = text.rpartition(":")
    if host.startswith("[") and host.endswith("]"):
        host = host[1:-1]
    if not (host and port.isascii() and port.isdigit() and int(port) <= _MOST_PORT):
        return None
    return host, int(port)
