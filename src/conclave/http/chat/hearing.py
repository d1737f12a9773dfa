"""
What a reader of `GET /rooms/{room}/events` is told: the entries of a log, and when that ends.

Each event has as its id the number up to which the reader now knows the room, and the epoch of
that number: what a browser gives back as `Last-Event-ID` when it comes again.
"""

import asyncio
import re
from collections.abc import Callable
from typing import Any, Final

import msgspec
from msgspec import Raw, Struct

from conclave.model import Position
from conclave.protocol.codec import Packet
from conclave.protocol.errors import Code, Disconnect, Reject, may_come_back
from conclave.protocol.events import History

# What a reader waits before it comes again, in milliseconds.
RETRY_MS: Final = 2_000
_ID: Final = re.compile(r"(\d{1,16})(?:\.([0-9a-f]{1,64}))?")
_JOIN: Final = "join"
# Until it asks again where nobody says how long to wait.
_AGAIN_S: Final = 0.25


class _Frame(Struct):
    type: str
    data: Raw
    id: str | None = None


class _Numbered(Struct):
    room: str = ""
    seq: int | None = None


class _Refused(Struct):
    code: str
    message: str
    retryable: bool
    retry_after_ms: int = int(_AGAIN_S * 1000)


class _Gone(Struct):
    room: str


def position_of(given: str, epoch: str) -> Position:
    """Return the position that a `Last-Event-ID` is: a number, or one with its epoch."""
    found = _ID.fullmatch(given.strip())
    if found is None:
        raise Reject(Code.BAD_REQUEST, "Last-Event-ID is a number, or what an event had as its id")
    return Position(found[2] or epoch, int(found[1]))


class Hearing:
    """Joins *room* by *say* from *since* on, and makes events of what is told there."""

    def __init__(self, room: str, since: Position | None) -> None:
        self._room = room
        self._since = since
        self._epoch = ""
        # The room is no more, or not the reader's.
        self._is_gone = False
        # Whether it is known to be in, or why not.
        self.joined: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.say: Callable[[bytes], None] = lambda _text: None
        # Ends the connection, as the room is no more the reader's.
        self.leave: Callable[[], None] = lambda: None
        self._told: dict[str, Callable[[_Frame], bytes]] = {
            "auth:response": self._let_in,
            "history": self._history,
            "chat": self._line,
            "entry": self._line,
            "error": self._refused,
            "room:gone": self._gone,
            "auth:expiring": lambda frame: _event("expiring", bytes(frame.data)),
        }

    def told(self, packet: Packet) -> bytes:
        """Return what the reader gets of *packet*."""
        frame = msgspec.json.decode(packet.text, type=_Frame)
        make = self._told.get(frame.type)
        return b"" if make is None else make(frame)

    def ended(self, code: int, reason: str) -> bytes:
        """Return the reader's last event."""
        if not self.joined.done():
            self.joined.set_exception(Disconnect(code, reason))
        back = may_come_back(code, reason) and not self._is_gone
        said = {"code": code, "reason": reason, "come_back": back}
        return _event("end", msgspec.json.encode(said))

    def _let_in(self, _frame: _Frame) -> bytes:
        self._ask()
        return b""

    def _ask(self) -> None:
        data: dict[str, Any] = {"room": self._room}
        if self._since is not None:
            data["since"] = self._since
        text = msgspec.json.encode({"type": "join:room", "data": data, "id": _JOIN})
        # Not from within what tells this.
        asyncio.get_running_loop().call_soon(self.say, text)

    def _history(self, frame: _Frame) -> bytes:
        page = msgspec.json.decode(frame.data, type=History)
        first, self._epoch = not self.joined.done(), page.epoch
        began = b"retry: %d\n\n" % RETRY_MS if first else b""
        if first:
            self.joined.set_result(None)
        if page.reset:
            began += _event("reset", bytes(frame.data), self._id(page.upto))
        elif self._since is not None:
            began += b"".join(
                _event("entry", msgspec.json.encode(line), self._id(int(line.seq or 0)))
                for line in page.messages
            )
        if self._since is not None and page.more:
            self._since = Position(page.epoch, page.upto)
            self._ask()
            return began
        said = {"room": self._room, "epoch": page.epoch, "upto": page.upto}
        return began + _event("ready", msgspec.json.encode(said), self._id(page.upto))

    def _line(self, frame: _Frame) -> bytes:
        line = msgspec.json.decode(frame.data, type=_Numbered)
        if line.seq is None or line.room != self._room:
            # A notice, which nobody could be told again.
            return b""
        return _event("entry", bytes(frame.data), self._id(line.seq))

    def _refused(self, frame: _Frame) -> bytes:
        no = msgspec.json.decode(frame.data, type=_Refused)
        if not self.joined.done():
            self.joined.set_exception(Reject(no.code, no.message))
        elif no.retryable:
            asyncio.get_running_loop().call_later(no.retry_after_ms / 1000, self._ask)
        else:
            asyncio.get_running_loop().call_soon(self.leave)
        return b""

    def _gone(self, frame: _Frame) -> bytes:
        if msgspec.json.decode(frame.data, type=_Gone).room != self._room:
            return b""
        self._is_gone = True
        asyncio.get_running_loop().call_soon(self.leave)
        return _event("gone", bytes(frame.data))

    def _id(self, seq: int) -> str:
        return f"{seq}.{self._epoch}"


def _event(name: str, data: bytes, id_: str = "") -> bytes:
    head = f"event: {name}\n" + (f"id: {id_}\n" if id_ else "")
    # JSON has no line break in it.
    return head.encode() + b"data: " + data + b"\n\n"
