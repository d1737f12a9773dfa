"""
Who may open a socket from a browser, and under which names this server answers.

Pure rules on header values (RFC 6454, RFC 9110 section 7.2). They do not authenticate
anybody: a program that is no browser sends whatever it likes. They keep foreign pages
(cross-site WebSocket hijacking) and foreign names (DNS rebinding) away.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

_DEFAULT_PORTS: Final = {"http": 80, "https": 443, "ws": 80, "wss": 443}
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "[::1]"})
_NAME: Final = r"\[[0-9a-f:.]{2,45}\]|[a-z0-9_](?:[a-z0-9_.-]{0,252}[a-z0-9_])?"
_ORIGIN: Final = re.compile(rf"([a-z][a-z0-9+.-]*)://({_NAME})(?::(\d{{1,5}}))?", re.IGNORECASE)
_HOST: Final = re.compile(rf"({_NAME})(?::\d{{0,5}})?", re.IGNORECASE)


class Origin(NamedTuple):
    """Scheme, host and port: what browsers mean by the same place."""

    scheme: str
    host: str
    port: int | None

    @classmethod
    def parse(cls, text: str) -> "Origin | None":
        """Return the origin that *text* is, without a path; None if it is none."""
        found = _ORIGIN.fullmatch(text)
        if found is None:
            return None
        scheme, host, port = found[1].lower(), found[2].lower(), found[3]
        return cls(scheme, host, int(port) if port else _DEFAULT_PORTS.get(scheme))


class OriginRule:
    """
    Which `Origin` headers may open a socket.

    *allowed* are origins such as `https://chat.example.org`, compared exactly but for the
    case of the host; `null` stands for pages without one, such as files opened from disk.
    With *any_loopback* every port of this machine's own names is allowed too.
    """

    def __init__(self, allowed: Iterable[str], *, any_loopback: bool = False) -> None:
        texts = set(allowed)
        self._null = "null" in texts
        self._any_loopback = any_loopback
        self._allowed = {Origin.parse(text) for text in texts - {"null"}}
        if None in self._allowed:
            wrong = sorted(text for text in texts - {"null"} if Origin.parse(text) is None)
            raise ValueError(f"not an origin such as https://chat.example.org: {', '.join(wrong)}")

    def admits(self, values: Sequence[str]) -> bool:
        """
        Return whether a request with these `Origin` headers may open a socket.

        None at all is a native client: browsers always send one, and cookies of a request
        without one must be ignored.
        """
        if not values:
            return True
        if len(values) > 1:
            return False
        if values[0] == "null":
            return self._null
        origin = Origin.parse(values[0])
        if origin is None:
            return False
        if self._any_loopback and origin.host in _LOOPBACK and origin.scheme in {"http", "https"}:
            return True
        return origin in self._allowed


class HostRule:
    """
    Which `Host` headers are answered: *names*, and this machine's own names always.

    The port is not compared: who rebinds a name cannot choose another host in the header.
    With no *names* at all and *any_name* everything is answered.
    """

    def __init__(self, names: Iterable[str], *, any_name: bool = False) -> None:
        self._names = _LOOPBACK | {name.lower() for name in names}
        self._any_name = any_name

    def admits(self, value: str) -> bool:
        found = _HOST.fullmatch(value)
        if found is None:
            return False
        return self._any_name or found[1].lower() in self._names


def host_of(url: str) -> str:
    """Return the host of an origin such as `https://chat.example.org`, lower case."""
    origin = Origin.parse(url.rstrip("/"))
    if origin is None:
        raise ValueError(f"not an origin such as https://chat.example.org: {url}")
    return origin.host
