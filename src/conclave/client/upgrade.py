"""The handshake of a client (RFC 6455 section 4.1): what it sends, what it accepts. No I/O."""

import hashlib
from base64 import b64encode
from collections.abc import Mapping
from typing import Final

_GUID: Final = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
# More than any proxy adds.
_MOST_HEAD_BYTES: Final = 16_384


class Refused(Exception):
    """The server answered the upgrade with this HTTP status instead."""

    def __init__(self, status: int, retry_after: float = 0.0) -> None:
        super().__init__(status)
        self.status = status
        # Seconds to stay away, where it said so.
        self.retry_after = retry_after

    def __str__(self) -> str:
        return f"the server answered with HTTP {self.status}"


class NoUpgrade(ConnectionError):
    """What answered is no WebSocket server."""


class Upgrade:
    """One request for an upgrade, and its answer; *nonce* is 16 random bytes."""

    def __init__(self, host: str, path: str, headers: Mapping[str, str], nonce: bytes) -> None:
        key = b64encode(nonce).decode()
        lines = {
            "Host": host,
            "Upgrade": "websocket",
            "Connection": "Upgrade",
            "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": key,
            **headers,
        }
        head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        self.request = f"GET {path} HTTP/1.1\r\n{head}\r\n".encode()
        digest = hashlib.sha1(key.encode() + _GUID, usedforsecurity=False).digest()
        self._accept = b64encode(digest).decode()
        self._head = bytearray()

    def feed(self, data: bytes) -> bytes | None:
        """
        Take what the server sends; once it agrees, return what follows its answer.

        Raises `Refused` for another answer, and `NoUpgrade` for what is none.
        """
        self._head += data
        end = self._head.find(b"\r\n\r\n")
        if end > _MOST_HEAD_BYTES or (end < 0 and len(self._head) > _MOST_HEAD_BYTES):
            raise NoUpgrade("the head of the answer is too long")
        if end < 0:
            return None
        self._check(bytes(self._head[:end]).decode("latin-1").split("\r\n"))
        return bytes(self._head[end + 4 :])

    def _check(self, lines: list[str]) -> None:
        version, _, rest = lines[0].partition(" ")
        status = rest[:3]
        if version not in ("HTTP/1.1", "HTTP/1.0") or not (status.isascii() and status.isdigit()):
            raise NoUpgrade("what answered does not speak HTTP")
        headers: dict[str, str] = {}
        for line in lines[1:]:
            name, _, value = line.partition(":")
            headers[name.lower()] = value.strip()
        if status != "101":
            after = headers.get("retry-after", "")
            known = after.isascii() and after.isdigit() and len(after) < 6
            raise Refused(int(status), float(after) if known else 0.0)
        agreed = (
            headers.get("upgrade", "").lower() == "websocket"
            and "upgrade" in headers.get("connection", "").lower()
            and headers.get("sec-websocket-accept") == self._accept
            and "sec-websocket-extensions" not in headers
        )
        if not agreed:
            raise NoUpgrade("the answer does not agree to the upgrade")
