"""A client that can do everything wrong: bytes on a socket, and frames read strictly."""

import os
import socket
import ssl
import struct
from contextlib import ExitStack
from dataclasses import dataclass

KEY = "dGhlIHNhbXBsZSBub25jZQ=="
ACCEPT = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0x0, 0x1, 0x2, 0x8, 0x9, 0xA


@dataclass(frozen=True)
class Frame:
    opcode: int
    payload: bytes
    fin: bool = True

    @property
    def close_code(self) -> int:
        assert self.opcode == CLOSE
        return struct.unpack("!H", self.payload[:2])[0]


def frame(
    opcode: int, payload: bytes = b"", *, fin: bool = True, rsv: int = 0, masked: bool = True
) -> bytes:
    """Return one frame as a client sends it, rules or not."""
    first = (0x80 if fin else 0) | rsv << 4 | opcode
    return header(first, len(payload), masked=masked) + (_mask(payload) if masked else payload)


def header(first: int, size: int, *, masked: bool = True) -> bytes:
    """Return a frame's header, with the mask that `frame` uses."""
    bit = 0x80 if masked else 0
    if size < 126:
        head = bytes((first, bit | size))
    elif size < 65_536:
        head = bytes((first, bit | 126)) + struct.pack("!H", size)
    else:
        head = bytes((first, bit | 127)) + struct.pack("!Q", size)
    return head + (_KEY if masked else b"")


def close(code: int, reason: bytes = b"") -> bytes:
    return frame(CLOSE, struct.pack("!H", code) + reason)


_KEY = b"\x11\x22\x33\x44"


def _mask(payload: bytes) -> bytes:
    mask = (_KEY * (len(payload) // 4 + 1))[: len(payload)]
    size = len(payload)
    return (int.from_bytes(payload, "big") ^ int.from_bytes(mask, "big")).to_bytes(size, "big")


def upgrade(*headers: str, path: str = "/", host: str = "localhost", key: str = KEY) -> bytes:
    """Return a proper upgrade request with *headers* more."""
    lines = [
        f"GET {path} HTTP/1.1",
        f"Host: {host}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Version: 13",
        f"Sec-WebSocket-Key: {key}",
        *headers,
    ]
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


class Raw:
    """
    A blocking socket to a port of this machine; reads raise `TimeoutError` after *timeout*.

    *source* is where it comes from: any address of loopback, such as 127.0.0.2.
    """

    def __init__(
        self,
        port: int,
        *,
        tls: ssl.SSLContext | None = None,
        timeout: float = 15.0,
        name: str = "localhost",
        source: str = "",
    ) -> None:
        self.socket = socket.create_connection(
            ("127.0.0.1", port), timeout=timeout, source_address=(source, 0) if source else None
        )
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if tls is not None:
            self.socket = tls.wrap_socket(self.socket, server_hostname=name or None)
        self._buffer = b""

    @classmethod
    def opened(cls, port: int, **options: object) -> "Raw":
        """Return one that is through the handshake, or leave none open."""
        with ExitStack() as stack:
            client = stack.enter_context(cls(port, **options))  # type: ignore[arg-type]
            client.send(upgrade())
            status, _ = client.read_head()
            assert status == 101
            stack.pop_all()
        return client

    def __enter__(self) -> "Raw":
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def try_send(self, data: bytes) -> bool:
        """Send; False if the other side is gone."""
        try:
            self.socket.sendall(data)
        except (ConnectionError, TimeoutError):
            return False
        return True

    def read_head(self) -> tuple[int, dict[str, str]]:
        """Return status and headers of an answer; (0, {}) if the other side just hung up."""
        while b"\r\n\r\n" not in self._buffer:
            if not self._fill():
                return 0, {}
        head, _, self._buffer = self._buffer.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = dict(line.split(": ", 1) for line in lines)
        return int(first.split(" ")[1]), {name.lower(): value for name, value in headers.items()}

    def read_frame(self) -> Frame | None:
        """Return the next frame; None at the end of the stream."""
        head = self._take(2)
        if head is None:
            return None
        assert not head[1] & 0x80, "a server does not mask"
        assert not head[0] & 0x70, "nothing was negotiated for reserved bits"
        size = head[1] & 0x7F
        if size == 126:
            size = int.from_bytes(self._take(2) or b"")
        elif size == 127:
            size = int.from_bytes(self._take(8) or b"")
        payload = self._take(size)
        assert payload is not None
        return Frame(head[0] & 0x0F, payload, bool(head[0] & 0x80))

    def read_frames(self) -> list[Frame]:
        """Return all frames up to the end of the stream, or a reset."""
        frames = []
        try:
            while (found := self.read_frame()) is not None:
                frames.append(found)
        except ConnectionError:
            pass
        return frames

    @property
    def buffered(self) -> bool:
        """Whether something was read from the socket and not yet returned."""
        return bool(self._buffer)

    def is_ended(self) -> bool:
        """Return whether the other side hung up; False if the wait timed out."""
        try:
            return not self._fill()
        except ConnectionError:
            return True
        except TimeoutError:
            return False

    def _take(self, size: int) -> bytes | None:
        while len(self._buffer) < size:
            if not self._fill():
                return None
        taken, self._buffer = self._buffer[:size], self._buffer[size:]
        return taken

    def _fill(self) -> bool:
        data = self.socket.recv(65_536)
        self._buffer += data
        return bool(data)


def random_text(size: int) -> bytes:
    return os.urandom(size).hex()[:size].encode()
