"""Clients that send much more than they may, and count what they are answered."""

import json
import select
import time
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from tests.support.raw import CLOSE, PONG, TEXT, Frame, Raw, frame

SOURCE = "127.0.0.2"
# What is only counted: to decode all that a full room is told takes longer than to send it.
_TYPES = {name: f'{{"type":"{name}"'.encode() for name in ("ack", "error", "history")}


def request(type_: str, id_: str | None = None, **data: Any) -> bytes:
    """Return a request as it goes over the wire."""
    event = {"type": type_, "data": data} | ({} if id_ is None else {"id": id_})
    return frame(TEXT, json.dumps(event).encode())


class Flooder:
    """One connection of *user*, in *rooms*; it reads what comes, and goes on after an error."""

    def __init__(self, port: int, user: str, *rooms: str, source: str = SOURCE) -> None:
        self._raw = Raw.opened(port, source=source)
        self.sent = 0
        # Of what came: types of events, codes of errors, and the code of the close.
        self.types: Counter[str] = Counter()
        self.codes: Counter[str] = Counter()
        self.waits: list[int] = []
        self.ended = 0
        self.events: list[dict[str, Any]] = []
        self.keep: Callable[[dict[str, Any]], bool] = lambda _: False
        # Count acks and refusals in the bytes, and decode nothing.
        self.only_counts = False
        self._tail = b""
        self.send(request("auth", token=f"i-am-{user}"))
        self.await_answer(None)
        for n, room in enumerate(rooms):
            self.send(request("join:room", f"join-{n}", room=room))
            self.await_answer(f"join-{n}")

    def await_answer(self, id_: str | None) -> None:
        while (event := self._event(self._raw.read_frame())) is not None:
            if event["type"] == "auth:response" if id_ is None else event.get("id") == id_:
                return

    def send(self, data: bytes) -> bool:
        if self.ended:
            return False
        if not self._raw.try_send(data):
            self.read()
            self.ended = self.ended or 1006
        return not self.ended

    def read(self, within: float = 0.0) -> None:
        """Count what there is, and what comes in so many seconds."""
        until = time.monotonic() + within
        while not self.ended:
            if self.only_counts:
                self._count(max(0.0, until - time.monotonic()))
                if time.monotonic() >= until:
                    return
                continue
            wait = max(0.0, until - time.monotonic())
            if not self._raw.buffered and not select.select([self._raw.socket], [], [], wait)[0]:
                return
            try:
                self._event(self._raw.read_frame())
            except ConnectionError:
                self.ended = 1006

    def read_until(self, is_so: Callable[[], bool], within: float) -> None:
        """Read until *is_so*, for so many seconds at most."""
        until = time.monotonic() + within
        while not is_so() and time.monotonic() < until:
            self.read(0.02)

    def _count(self, within: float) -> None:
        if not select.select([self._raw.socket], [], [], within)[0]:
            return
        try:
            data = self._raw.socket.recv(1 << 20)
        except ConnectionError:
            data = b""
        if not data:
            self.ended = 1006
        data, at = self._tail + data, 0
        while (end := _end_of_frame(data, at)) <= len(data):
            self._count_frame(data, at, end)
            at = end
        self._tail = data[at:]

    def _count_frame(self, data: bytes, at: int, end: int) -> None:
        if data[at] == 0x80 | CLOSE:
            self.ended = int.from_bytes(data[at + 2 : at + 4])
        begin = at + (2 if data[at + 1] < 126 else 4 if data[at + 1] == 126 else 10)
        for name, text in _TYPES.items():
            if data.startswith(text, begin):
                self.types[name] += 1
        if data.startswith(_TYPES["error"], begin):
            self.codes[json.loads(data[begin:end])["data"]["code"]] += 1

    def _event(self, found: Frame | None) -> dict[str, Any] | None:
        if found is None or found.opcode == CLOSE:
            self.ended = 1006 if found is None else found.close_code
            return None
        if found.opcode != TEXT:
            self._raw.try_send(frame(PONG, found.payload))
            return {"type": ""}
        event: dict[str, Any] = json.loads(found.payload)
        self.types[event["type"]] += 1
        if event["type"] == "error":
            self.codes[event["data"]["code"]] += 1
            self.waits.append(event["data"].get("retry_after_ms", 0))
        if self.keep(event):
            self.events.append(event)
        return event

    def close(self) -> None:
        self._raw.socket.close()


def _end_of_frame(data: bytes, at: int) -> int:
    """Return where the frame at *at* ends; beyond *data* if its header is not whole."""
    if at + 2 > len(data):
        return len(data) + 1
    size, begin = data[at + 1], at + 2
    if size >= 126:
        begin += 2 if size == 126 else 8
        size = int.from_bytes(data[at + 2 : begin])
    return begin + size if begin <= len(data) else len(data) + 1


def flood(
    flooders: Sequence[Flooder],
    per_second: float,
    seconds: float,
    make: Callable[[int], bytes],
    *besides: Flooder,
) -> float:
    """Let each send so many a second until it is closed, and all read; return how long it took."""
    began = time.monotonic()
    while (passed := time.monotonic() - began) < seconds:
        for one in flooders:
            while not one.ended and one.sent < passed * per_second:
                # Some in one packet: it is the server that shall be busy, not the kernel.
                count = max(1, min(50, int(passed * per_second) - one.sent))
                if one.send(b"".join(make(one.sent + n) for n in range(count))):
                    one.sent += count
        for one in (*flooders, *besides):
            one.read()
        if all(one.ended for one in flooders):
            break
        time.sleep(0.005)
    took = time.monotonic() - began
    # What is still on its way.
    while time.monotonic() - began < took + 0.3:
        for one in (*flooders, *besides):
            one.read()
        time.sleep(0.01)
    return took
