"""
An outbox on disk: what was written and not yet answered survives the process.

One file for one user of one server: lines of JSON, only ever added, synced before a
message counts as taken. Another process is kept out by a lock beside it. What was answered
needs no sync: found again after a kill, it is sent again under its id, and the server says
what it said before.
"""

import asyncio
import fcntl
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

import msgspec
from msgspec import Struct

from conclave.client.errors import OutboxUnusable
from conclave.protocol.codec import encode_event
from conclave.protocol.event import Event
from conclave.protocol.requests import (
    AddReaction,
    DeleteMessage,
    EditMessage,
    PinMessage,
    RemoveReaction,
    Say,
    UnpinMessage,
)

_WRITES: Final[dict[str, type[Event]]] = {
    event.type: event
    for event in (
        Say,
        EditMessage,
        DeleteMessage,
        AddReaction,
        RemoveReaction,
        PinMessage,
        UnpinMessage,
    )
}
# A file with more lines that mean nothing any more is written anew when it is opened.
_MOST_DEAD: Final = 1_000


class Kept(Struct, frozen=True):
    """One request as it stands in the file."""

    id: str
    type: str
    data: dict[str, Any]

    def event(self) -> Event:
        try:
            return msgspec.convert(self.data, _WRITES[self.type])
        except (KeyError, msgspec.ValidationError) as wrong:
            raise OutboxUnusable(f"what waits in it is no request: {wrong}") from None


class _Line(Struct, omit_defaults=True):
    """One of these is set."""

    server: str | None = None
    user: str | None = None
    add: Kept | None = None
    done: str | None = None


_decode = msgspec.json.Decoder(_Line).decode
_encode = msgspec.json.Encoder().encode


class Keeper:
    """The file of one outbox; make one with `open_keeper`, and close it."""

    def __init__(self, path: Path, server: str) -> None:
        self._path = path
        self._server = server
        self.user: str | None = None
        # What waits, in the order it was written.
        self.kept: dict[str, Kept] = {}
        self._lock = -1
        self._file = -1
        self._waiting: list[tuple[bytes, asyncio.Future[None]]] = []
        self._writing: asyncio.Task[None] | None = None

    async def add(self, id_: str, event: Event) -> None:
        """Keep a request; when this returns it is on disk."""
        kept = Kept(id_, event.type, msgspec.json.decode(encode_event(event).text)["data"])
        await asyncio.shield(self._note(_Line(add=kept)))

    def done(self, id_: str) -> None:
        """It was answered for good."""
        self._note(_Line(done=id_))

    def belongs_to(self, user: str) -> None:
        if self.user is None:
            self.user = user
            self._note(_Line(user=user))

    async def close(self) -> None:
        """Write what is to be written and let others in; idempotent."""
        writing = self._writing
        try:
            if writing is not None:
                await asyncio.wait([writing])
        finally:
            if writing is None or writing.done():
                self._release()
            else:
                # Cancelled: the thread that writes goes on for a moment.
                writing.add_done_callback(lambda _: self._release())

    def _note(self, line: _Line) -> asyncio.Future[None]:
        """Return what is done when *line* is on disk."""
        written: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        written.add_done_callback(_seen)
        self._waiting.append((_encode(line) + b"\n", written))
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write())
        return written

    async def _write(self) -> None:
        """Write what waits, together, until nothing does."""
        while self._waiting:
            batch, self._waiting = self._waiting, []
            try:
                await asyncio.to_thread(self._append, b"".join(line for line, _ in batch))
            except OSError as error:
                for _, written in batch:
                    written.set_exception(error)
            else:
                for _, written in batch:
                    written.set_result(None)

    def _append(self, text: bytes) -> None:
        end = os.fstat(self._file).st_size
        view = memoryview(text)
        try:
            while view:
                view = view[os.write(self._file, view) :]
            os.fsync(self._file)
        except OSError:
            # Half a line would damage the next one.
            os.ftruncate(self._file, end)
            raise

    # ── opening and closing, on another thread ─────────────────────────────────────────

    def acquire(self) -> None:
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._lock = os.open(f"{self._path}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self._read()
        except BlockingIOError:
            self._release()
            raise OutboxUnusable(f"{self._path} is in use by another process") from None
        except BaseException:
            self._release()
            raise

    def give_back(self, acquiring: asyncio.Future[None]) -> None:
        """Nobody wants any more what *acquiring* was for."""
        if acquiring.exception() is None:
            self._release()

    def _release(self) -> None:
        for fd in (self._file, self._lock):
            if fd >= 0:
                os.close(fd)
        self._file = self._lock = -1

    def _read(self) -> None:
        try:
            text = self._path.read_bytes()
        except FileNotFoundError:
            text = b""
        # A line that was not finished was never taken.
        whole = text[: text.rfind(b"\n") + 1]
        lines = [self._parsed(line) for line in whole.splitlines()]
        if lines and lines[0].server != self._server:
            raise OutboxUnusable(f"{self._path} is the outbox for {lines[0].server}")
        for line in lines:
            self._apply(line)
        if whole != text or len(lines) - len(self.kept) > _MOST_DEAD or not lines:
            self._write_anew()
        self._file = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC)

    def _parsed(self, line: bytes) -> _Line:
        try:
            return _decode(line)
        except msgspec.DecodeError:
            raise OutboxUnusable(f"{self._path} is damaged, or no outbox") from None

    def _apply(self, line: _Line) -> None:
        if line.user is not None:
            self.user = line.user
        if line.add is not None:
            self.kept[line.add.id] = line.add
        if line.done is not None:
            self.kept.pop(line.done, None)

    def _write_anew(self) -> None:
        """Replace the file by one that says the same: whole, or not at all."""
        lines: Iterable[_Line] = [
            _Line(server=self._server),
            *([_Line(user=self.user)] if self.user is not None else []),
            *(_Line(add=kept) for kept in self.kept.values()),
        ]
        new = f"{self._path}.new"
        self._file = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        self._append(b"".join(_encode(line) + b"\n" for line in lines))
        os.close(self._file)
        Path(new).replace(self._path)
        directory = os.open(self._path.parent, os.O_RDONLY)
        os.fsync(directory)
        os.close(directory)


def _seen(written: asyncio.Future[None]) -> None:
    """Whoever asked may not wait for it; a disk that fails is told to who does."""
    if not written.cancelled():
        written.exception()


async def open_keeper(path: Path, server: str) -> Keeper:
    """
    Open the outbox at *path*, made if missing, with the mode 0600.

    Raises `OutboxUnusable` if it is another process's, another server's, or damaged.
    """
    keeper = Keeper(path, server)
    acquiring = asyncio.ensure_future(asyncio.to_thread(keeper.acquire))
    try:
        await asyncio.shield(acquiring)
    except asyncio.CancelledError:
        # The thread goes on: what it gets must not be kept.
        acquiring.add_done_callback(keeper.give_back)
        await asyncio.wait([acquiring])
        raise
    return keeper
