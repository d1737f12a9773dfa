"""
What a listener needs to be told, and the two parties it talks to.

`Terms` are limits and rules, `Door` says who may come in, `Receiver` is what hears one
connection. Nothing here does anything.
"""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from conclave.ports import Transport
from conclave.server.forwarded import ProxyRule
from conclave.server.origin import HostRule, OriginRule

VERSION_1 = "conclave.v1"


@dataclass(frozen=True, kw_only=True)
class Terms:
    """Under which terms a listener serves; times in seconds, sizes in bytes."""

    host: str = "127.0.0.1"
    port: int = 0
    tls_cert: Path | None = None
    tls_key: Path | None = None
    origins: OriginRule = field(default_factory=lambda: OriginRule((), any_loopback=True))
    hosts: HostRule = field(default_factory=lambda: HostRule(()))
    proxies: ProxyRule = field(default_factory=ProxyRule)
    paths: frozenset[str] = frozenset({"/", "/ws"})
    # In the order of preference; a request that offers none is served too.
    subprotocols: tuple[str, ...] = (VERSION_1,)
    binary: bool = False
    # From the first byte, or none at all, to a whole request head, the TLS handshake included.
    handshake_timeout: float = 10.0
    # From the first byte of a message to its last.
    message_timeout: float = 30.0
    # From our close frame to the end, whatever the peer does.
    close_timeout: float = 5.0
    max_message_bytes: int = 65_536
    max_fragments: int = 256
    max_headers: int = 128
    max_line_bytes: int = 8_192
    max_head_bytes: int = 65_536
    max_body_bytes: int = 65_536
    # Of a POST to an address that this matches; 0: as of all others.
    max_upload_bytes: int = 0
    uploads: re.Pattern[bytes] = re.compile(rb"(?!)")
    # Of one address, 0: as many as come. Sockets, and requests over HTTP.
    arrivals_per_second: float = 0.0
    requests_per_second: float = 0.0
    # Sockets that are no WebSocket, or not yet; 0: as many as come.
    max_plain: int = 0
    max_plain_per_address: int = 0
    # Below it programs ask, and are refused as `protocol.problems` says it; empty: nowhere.
    programs: bytes = b""
    # With what `http1` refuses; what the application answers has its own.
    refusal_headers: tuple[tuple[str, str], ...] = ()

    def most_body_bytes(self, method: bytes, target: bytes) -> int:
        """Return how many bytes the body of a request for *target* may have."""
        if method == b"POST" and self.uploads.fullmatch(target.partition(b"?")[0]):
            return max(self.max_upload_bytes, self.max_body_bytes)
        return self.max_body_bytes


@dataclass(frozen=True)
class Refusal:
    """Why a request gets no connection, as HTTP says it. `text` is shown to people."""

    status: int
    text: str
    headers: tuple[tuple[str, str], ...] = ()

    @classmethod
    def later(cls, status: int, text: str, retry_after_s: int) -> "Refusal":
        """Refuse for now: 429 for too many of this peer, 503 for too many of all."""
        return cls(status, text, (("retry-after", str(retry_after_s)),))


class Receiver(Protocol):
    """
    What hears one connection. All calls come from the event loop, none may wait.

    An exception in one of them ends this connection with 1011 and is logged.
    """

    def opened(self, transport: Transport) -> None:
        """First call, once: from now on *transport* sends."""

    def received(self, text: bytes) -> None:
        """Take one whole text message, valid UTF-8."""

    def heard(self) -> None:
        """Note that frames arrived: any proves life, pongs included. Follows `received`."""

    def writable(self) -> None:
        """Note that a transport that was full (`buffered` high) has room again."""

    def closed(self, code: int, reason: str) -> None:
        """
        Last call, once: nothing more comes or goes.

        *code* is that of whoever closed first; 1005 if a peer gave none, 1006 if the
        connection broke without a word.
        """


class BinaryReceiver(Receiver, Protocol):
    """A receiver for `Terms.binary`; without that, a binary frame closes with 1003."""

    def received_binary(self, data: bytes) -> None: ...


class Door(Protocol):
    """Who may come in."""

    def admit(self, address: str) -> Refusal | None:
        """Asked before the upgrade; None lets *address* in, `receiver` follows at once."""

    def receiver(self, address: str, subprotocol: str | None) -> Receiver:
        """Return what shall hear the connection; it ends with `Receiver.closed`."""
