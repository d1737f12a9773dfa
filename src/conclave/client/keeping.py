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
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import msgspec
from msgspec import Struct

from conclave.client.errors import OutboxUnusable
from conclave.client.telling import Unknown
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
# A file with more lines that mean nothing any more, and more than others, is written anew.
_MOST_DEAD: Final = 1_000


class Kept(Struct, frozen=True):
    """One request as it stands in the file."""

    id: str
    type: str
    data: dict[str, Any]

    def event(self) -> Event | Unknown:
        """Return the request; `Unknown` for what this version would not write."""
        try:
            return msgspec.convert(self.data, _WRITES[self.type])
        except (KeyError, msgspec.ValidationError):
            return Unknown(self.type, self.data)


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
        # What waits as the file says, in the order it was written.
        self.kept: dict[str, Kept] = {}
        self._lock = -1
        self._file = -1
        self._lines = 0
        self._waiting: list[tuple[_Line, asyncio.Future[None]]] = []
        # What nobody waits for and could not be written: it goes before what is next.
        self._owed: list[tuple[_Line, asyncio.Future[None]]] = []
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
        if self._owed:
            self._begin()
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
        self._waiting.append((line, written))
        self._begin()
        return written

    def _begin(self) -> None:
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write())

    async def _write(self) -> None:
        """Write what waits, together, until nothing does."""
        while True:
            batch = [*self._owed, *self._waiting]
            self._owed, self._waiting = [], []
            try:
                await asyncio.to_thread(_append, self._file, [line for line, _ in batch])
            except OSError as error:
                self._owed = [(line, written) for line, written in batch if line.add is None]
                _end(batch, error)
            else:
                self._lines += len(batch)
                for line, _ in batch:
                    self._apply(line)
                _end(batch)
                await self._shrink()
            if not self._waiting:
                return

    async def _shrink(self) -> None:
        if not self._is_full_of_dead():
            return
        with suppress(OSError):
            # As good as it was; the next one tries again.
            await asyncio.to_thread(self._write_anew, [*self.kept.values()])

    def _is_full_of_dead(self) -> bool:
        return self._lines - len(self.kept) > max(_MOST_DEAD, len(self.kept))

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
        self._lines = len(lines)
        if whole != text or self._is_full_of_dead() or not lines:
            self._write_anew([*self.kept.values()])
        else:
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

    def _write_anew(self, kept: list[Kept]) -> None:
        """Replace the file by one that says the same: whole, or not at all."""
        lines = [
            _Line(server=self._server),
            *([_Line(user=self.user)] if self.user is not None else []),
            *(_Line(add=one) for one in kept),
        ]
        new = f"{self._path}.new"
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND | os.O_CLOEXEC
        file = os.open(new, flags, 0o600)
        try:
            _append(file, lines)
            Path(new).replace(self._path)
        except BaseException:
            os.close(file)
            raise
        if self._file >= 0:
            os.close(self._file)
        self._file, self._lines = file, len(lines)
        directory = os.open(self._path.parent, os.O_RDONLY)
        os.fsync(directory)
        os.close(directory)


def _append(file: int, lines: list[_Line]) -> None:
    end = os.fstat(file).st_size
    view = memoryview(b"".join(_encode(line) + b"\n" for line in lines))
    try:
        while view:
            view = view[os.write(file, view) :]
        os.fsync(file)
    except OSError:
        # Half a line would damage the next one.
        os.ftruncate(file, end)
        raise


def _end(batch: list[tuple[_Line, asyncio.Future[None]]], error: OSError | None = None) -> None:
    """Tell those who wait for *batch*; of what is written late nobody does any more."""
    for _, written in batch:
        if written.done():
            continue
        if error is None:
            written.set_result(None)
        else:
            written.set_exception(error)


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
