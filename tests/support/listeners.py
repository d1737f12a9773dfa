"""
Thousands of connections that read everything and understand only what they look for.

What they are told of who is present is counted, with its size, and its last words are kept: to
decode all of it would take the machine that is measured.
"""

import asyncio
import json
import time
from typing import Any

from tests.support.raw import CLOSE, PING, PONG, TEXT, frame, upgrade

_PRESENCE = b'{"type":"presence"'
_NOTICES = (b'"type":"user:joined"', b'"type":"user:left"')
_AUTH = b'{"type":"auth:response"'


class Listener(asyncio.Protocol):
    """One connection; make it with `connect`."""

    def __init__(self, token: str) -> None:
        self._token = token
        self._buffer = bytearray()
        self._upgraded = False
        self.entered = asyncio.Event()
        self._waiting: dict[str, asyncio.Future[dict[str, Any]]] = {}
        self.ended = False
        self.bytes = self.notices = 0
        # When each list of who is present came, and the last of them.
        self.at: list[float] = []
        self.last = b""

    @classmethod
    async def connect(cls, port: int, token: str) -> "Listener":
        loop = asyncio.get_running_loop()
        _, made = await loop.create_connection(lambda: cls(token), "127.0.0.1", port)
        await made.entered.wait()
        assert not made.ended, "was not let in"
        return made

    async def ask(self, type_: str, **data: Any) -> dict[str, Any]:
        """Return the event that answers."""
        id_ = f"{type_}-{len(self.at)}-{time.monotonic_ns()}"
        answer = self._waiting[id_] = asyncio.get_running_loop().create_future()
        self._send({"type": type_, "id": id_, "data": data})
        return await answer

    @property
    def presence(self) -> dict[str, Any]:
        return dict(json.loads(self.last)["data"])

    def clear(self) -> None:
        self.bytes = self.notices = 0
        self.at.clear()

    def close(self) -> None:
        self._transport.abort()

    # ── asyncio's ──────────────────────────────────────────────────────────────────────

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.write(upgrade(path="/ws"))
        self._send({"type": "auth", "data": {"token": self._token}})

    def connection_lost(self, _error: Exception | None) -> None:
        self.ended = True
        self.entered.set()
        for answer in self._waiting.values():
            if not answer.done():
                answer.set_exception(ConnectionError("the connection has ended"))

    def data_received(self, data: bytes) -> None:
        self.bytes += len(data)
        self._buffer += data
        if not self._upgraded:
            head, found, rest = self._buffer.partition(b"\r\n\r\n")
            if not found:
                return
            assert b" 101 " in head, bytes(head)
            self._upgraded, self._buffer = True, bytearray(rest)
        while (one := self._take()) is not None:
            self._hear(*one)

    def _take(self) -> tuple[int, bytes] | None:
        """Return the next frame; of a server none is masked, and none comes in parts."""
        if len(self._buffer) < 2:
            return None
        size, at = self._buffer[1], 2
        if size >= 126:
            at = 4 if size == 126 else 10
            size = int.from_bytes(self._buffer[2:at])
        if len(self._buffer) < at + size:
            return None
        found = self._buffer[0] & 0xF, bytes(self._buffer[at : at + size])
        del self._buffer[: at + size]
        return found

    def _hear(self, opcode: int, payload: bytes) -> None:
        if opcode == PING:
            self._transport.write(frame(PONG, payload))
        elif opcode == CLOSE:
            self._transport.close()
        elif opcode == TEXT and payload.startswith(_PRESENCE):
            self.at.append(time.monotonic())
            self.last = payload
        elif opcode == TEXT and payload.startswith(_AUTH):
            self.entered.set()
        elif opcode == TEXT and any(one in payload for one in _NOTICES):
            self.notices += 1
        elif opcode == TEXT and self._waiting:
            event = json.loads(payload)
            if (answer := self._waiting.pop(event.get("id", ""), None)) is not None:
                answer.set_result(event)

    def _send(self, event: dict[str, Any]) -> None:
        self._transport.write(frame(TEXT, json.dumps(event).encode()))
