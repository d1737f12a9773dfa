"""
The one oracle of all delivery tests: did every promise V1 to V7 hold?

Clients write down what they sent, what was acknowledged and what they were told, each in a
`Journal` on a `Book` that outlives whatever dies, the clients themselves included. `check`
compares the journals with the history:

V1 every acknowledged request is in the history exactly once, with the acknowledged number
V2 the numbers of a room are first … last, without gap or double
V3 a request that was not acknowledged is there at most once
V4 a client is told numbers that increase by one, and what the history has at them
V5 a text in the history is the text that was sent
V6 all clients and all nodes agree which message has which number
V7 nobody is told of a room in which they are not

Texts must be unique in a run: put the request's id into each.
"""

import hashlib
import os
import threading
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from conclave.ports import Store

# Seconds between two syncs of a book: one for all that was written meanwhile.
_SYNC_EVERY = 0.05


def hash_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


class Book:
    """
    A file of journals: a line of JSON for each event, written at once, never rewritten.

    A line survives the end of the process from the moment it is written, and the end of the
    machine from the next sync, some milliseconds later. Opened again, it goes on.
    """

    def __init__(self, path: Path) -> None:
        self._fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        self._end_torn_line()
        self._dirty = threading.Event()
        self._closed = threading.Event()
        self._syncing = threading.Thread(target=self._sync, name="book", daemon=True)
        self._syncing.start()

    def write(self, line: bytes) -> None:
        # A closed number may be another's socket by now.
        assert not self._closed.is_set(), "written after the end"
        os.write(self._fd, line)
        self._dirty.set()

    def close(self) -> None:
        """Sync what is left; idempotent."""
        if not self._closed.is_set():
            self._closed.set()
            self._dirty.set()
            self._syncing.join()
            os.close(self._fd)

    def _end_torn_line(self) -> None:
        size = os.fstat(self._fd).st_size
        if size and os.pread(self._fd, 1, size - 1) != b"\n":
            os.write(self._fd, b"\n")

    def _sync(self) -> None:
        while not self._closed.wait(_SYNC_EVERY):
            self._dirty.wait()
            self._dirty.clear()
            os.fsync(self._fd)
        os.fsync(self._fd)


class Journal:
    """One client's diary, in a book that it may share with others of its process."""

    def __init__(self, book: Book | Path, client: str, user: str) -> None:
        self._own = Book(book) if isinstance(book, Path) else None
        self._book = self._own or book
        self._who = {"client": client, "user": user}

    def sent(self, room: str, request: str, text: str) -> None:
        """*request*, named by its id, goes out, for the first time or again."""
        self._write("sent", room=room, id=request, hash=hash_of(text))

    def acked(self, room: str, request: str, seq: int, message_id: str) -> None:
        self._write("acked", room=room, id=request, seq=seq, message_id=message_id)

    def entered(self, room: str, upto: int, epoch: str = "") -> None:
        """It hears *room* from here on and knows everything up to *upto*."""
        self._write("entered", room=room, seq=upto, epoch=epoch)

    def told(self, room: str, seq: int, message_id: str, text: str) -> None:
        """An entry came: live, or in answer to a resume."""
        self._write("told", room=room, seq=seq, message_id=message_id, hash=hash_of(text))

    def shown(self, room: str, seq: int, message_id: str, text: str) -> None:
        """A message came in a page of history, which need not follow what was told."""
        self._write("shown", room=room, seq=seq, message_id=message_id, hash=hash_of(text))

    def left(self, room: str) -> None:
        """It left or was thrown out: from here on it must hear nothing of *room*."""
        self._write("left", room=room)

    def settled(self, room: str, upto: int) -> None:
        """All is quiet: by now it must have been told everything up to *upto*."""
        self._write("settled", room=room, seq=upto)

    def close(self) -> None:
        """Close its book, if it is its alone."""
        if self._own is not None:
            self._own.close()

    def _write(self, kind: str, **what: Any) -> None:
        self._book.write(msgspec.json.encode({"kind": kind, **self._who, **what}) + b"\n")


def read_journals(paths: Iterable[Path]) -> list[dict[str, Any]]:
    """
    Return the events of all journals; each client's are in their order.

    The last line of a client that was killed may be torn: then it is as if it had been
    killed before that.
    """
    decode = msgspec.json.Decoder(dict[str, Any]).decode
    lines = (line for path in paths for line in path.read_bytes().split(b"\n"))
    return [decode(line) for line in lines if line.endswith(b"}")]


@dataclass(frozen=True)
class Line:
    """An entry as the history has it."""

    seq: int
    id: str
    hash: str
    type: str = "message"
    # Of `member:added` and `member:removed`: who.
    member: str | None = None


History = Mapping[str, list[Line]]


async def history_of(store: Store, rooms: Iterable[str]) -> dict[str, list[Line]]:
    """Return all that the logs of *rooms* hold."""
    found: dict[str, list[Line]] = {}
    for room in rooms:
        lines = found[room] = []
        upto, more = 0, True
        while more:
            page = await store.after(room, upto)
            for entry in page.entries:
                member = entry.extra.get("member")
                lines.append(Line(entry.seq, entry.id, hash_of(entry.text), entry.type, member))
            upto, more = page.upto, page.more
    return found


@dataclass(frozen=True, order=True)
class Flaw:
    """A broken promise: which, and what shows it."""

    rule: str
    what: str


def check(events: list[dict[str, Any]], *histories: History) -> list[Flaw]:
    """Return what is wrong; *histories* are what each node says, at least one's."""
    return sorted({*_Check(events, histories).flaws()})


@dataclass
class _Window:
    """What one client heard of one room since it entered."""

    open: bool = False
    next: int = 0


class _Check:
    def __init__(self, events: list[dict[str, Any]], histories: tuple[History, ...]) -> None:
        self.events = events
        self.histories = histories
        self.truth = histories[0]
        self.at = {(room, line.seq): line for room, lines in self.truth.items() for line in lines}
        self.sent = {(e["room"], e["id"], e["user"]): e for e in events if e["kind"] == "sent"}
        self.hashes = Counter(
            (room, line.hash) for room, lines in self.truth.items() for line in lines
        )
        # By room and user: when they came and went, in the order of the log.
        self.changes: dict[tuple[str, str], list[Line]] = defaultdict(list)
        for room, lines in self.truth.items():
            for line in lines:
                if line.member is not None and line.type in ("member:added", "member:removed"):
                    self.changes[room, line.member].append(line)

    def flaws(self) -> Iterator[Flaw]:
        yield from self._numbers()
        yield from self._requests()
        yield from self._acknowledgements()
        yield from self._agreement()
        for events in self._by_client().values():
            yield from self._client(events)

    def _numbers(self) -> Iterator[Flaw]:
        for room, lines in self.truth.items():
            seqs = [line.seq for line in lines]
            if seqs and seqs != list(range(seqs[0], seqs[0] + len(seqs))):
                yield Flaw("V2", f"{room}: the numbers are {_short(seqs)}")

    def _requests(self) -> Iterator[Flaw]:
        acked = {(e["room"], e["id"], e["user"]) for e in self.events if e["kind"] == "acked"}
        for key, event in self.sent.items():
            times = self.hashes[event["room"], event["hash"]]
            if key in acked and times != 1:
                yield Flaw("V1", f"{key}: acknowledged, and {times} times in the history")
            if key not in acked and times > 1:
                yield Flaw("V3", f"{key}: not acknowledged, and {times} times in the history")

    def _acknowledgements(self) -> Iterator[Flaw]:
        for event in self.events:
            if event["kind"] != "acked":
                continue
            key = (event["room"], event["id"], event["user"])
            line = self.at.get((event["room"], event["seq"]))
            if line is None or line.id != event["message_id"]:
                yield Flaw("V1", f"{key}: acknowledged as {event['seq']}, which is {line}")
            elif key not in self.sent:
                yield Flaw("V1", f"{key}: acknowledged, but never sent")
            elif line.hash != self.sent[key]["hash"]:
                yield Flaw("V5", f"{key}: the text at {line.seq} is not the one that was sent")

    def _agreement(self) -> Iterator[Flaw]:
        names: dict[tuple[str, int], set[str]] = defaultdict(set)
        for history in self.histories:
            for room, lines in history.items():
                for line in lines:
                    names[room, line.seq].add(line.id)
        for event in self.events:
            if "message_id" in event:
                names[event["room"], event["seq"]].add(event["message_id"])
        for place, ids in names.items():
            if len(ids) > 1:
                yield Flaw("V6", f"{place} is {sorted(ids)}")

    def _by_client(self) -> dict[tuple[str, str], list[dict[str, Any]]]:
        found: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
        for event in self.events:
            if event["kind"] not in ("sent", "acked"):
                found[event["client"], event["room"]].append(event)
        return found

    def _client(self, events: list[dict[str, Any]]) -> Iterator[Flaw]:
        window = _Window()
        for event in events:
            match event["kind"]:
                case "entered":
                    window = _Window(open=True, next=event["seq"] + 1)
                case "left":
                    window.open = False
                case "told":
                    yield from self._told(event, window)
                case "shown":
                    yield from self._received(event)
                case "settled" if window.next <= event["seq"]:
                    yield Flaw("V4", f"{_who(event)} was told up to {window.next - 1} only")

    def _told(self, event: dict[str, Any], window: _Window) -> Iterator[Flaw]:
        if not window.open:
            yield Flaw("V7", f"{_who(event)} heard {event['seq']} without being there")
        elif event["seq"] != window.next:
            yield Flaw("V4", f"{_who(event)} was told {event['seq']} instead of {window.next}")
        window.next = event["seq"] + 1
        yield from self._received(event)

    def _received(self, event: dict[str, Any]) -> Iterator[Flaw]:
        line = self.at.get((event["room"], event["seq"]))
        if line is None or line.id != event["message_id"]:
            yield Flaw("V4", f"{_who(event)} was told {event['seq']}, which is {line}")
        elif line.hash != event["hash"]:
            yield Flaw("V5", f"{_who(event)} was told another text at {line.seq}")
        if not self._was_member(event):
            yield Flaw("V7", f"{_who(event)} got {event['seq']}, and is no member then")

    def _was_member(self, event: dict[str, Any]) -> bool:
        """
        Return whether the log lets this user know that entry.

        Who is added may read what was before; who is removed hears their own removal last.
        """
        changes = self.changes.get((event["room"], event["user"]), [])
        at = bisect_left(changes, event["seq"], key=lambda line: line.seq)
        if at and changes[at - 1].type == "member:added":
            return True
        return any(line.type == "member:added" for line in changes[at:])


def _who(event: dict[str, Any]) -> str:
    return f"{event['client']} in {event['room']}"


def _short(seqs: list[int]) -> str:
    counted = Counter(seqs)
    double = [seq for seq, times in counted.items() if times > 1]
    missing = sorted(set(range(min(seqs), max(seqs) + 1)) - counted.keys())
    return f"{seqs[0]} … {seqs[-1]}, double {double[:5]}, missing {missing[:5]}"
