"""
What a disk may hold after the power failed, from a trace of what a process wrote and synced.

A sync makes what was written to that file before it durable; anything written later may be
there, or not, or in part, in any order: sector by sector. A new file's name is durable once
its directory was synced. `Disk.at` builds such an image. What the process deletes stays.
"""

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

# What a disk writes whole or not at all.
SECTOR = 512

_CALLS = "fsync,fdatasync,pwrite64,ftruncate,write"
_LINE = re.compile(r"(?P<thread>\d+) +(?P<rest>.*)")
_RESUMED = re.compile(r"<\.\.\. \w+ resumed>(?P<text>.*)")
_UNFINISHED = " <unfinished ...>"
_ON_FILE = re.compile(r"(?P<name>\w+)\(\d+<(?P<path>[^>]*)>")
_PWRITE = re.compile(r'"(?P<data>[^"]*)"(?P<cut>\.\.\.)?, \d+, (?P<offset>\d+)\)')
_WRITE = re.compile(r'"(?P<data>[^"]*)"')
_TRUNCATE = re.compile(r", (?P<size>\d+)\)")


def traced(trace: Path) -> list[str]:
    """Return the words that go before a command so that `Disk` can read its trace."""
    options = ["-f", "-y", "-q", "-xx", "-s", "1000000", "-o", str(trace)]
    return ["strace", *options, "-e", f"trace={_CALLS}"]


@dataclass(frozen=True)
class Change:
    """Bytes that were written, or with `data` None a new length of the file."""

    offset: int
    data: bytes | None


@dataclass
class File:
    """What one file holds for certain, and what was done to it since."""

    durable: bytearray = field(default_factory=bytearray)
    # In the order in which they ended, and when that was.
    pending: list[tuple[int, Change]] = field(default_factory=list)
    named: bool = True


@dataclass(frozen=True)
class Event:
    """One call that succeeded, from its first line in the trace to its last."""

    name: str
    path: str
    change: Change | None
    began: int
    ended: int
    # What was written where it is no file of ours: an acknowledgement.
    said: bytes = b""


class Disk:
    """The history of the files in *folder*, as a trace tells it from its first line."""

    def __init__(self, trace: Path, folder: Path, before: dict[str, bytes]) -> None:
        self._folder = str(folder)
        self._before = before
        self.events = list(_events(trace))
        assert self.events, "nothing was traced"

    def cuts(self) -> range:
        """Return the lines at which the power may fail."""
        return range(1, self.events[-1].ended + 2)

    def said(self, cut: int) -> bytes:
        """Return all that was said before *cut*."""
        return b"".join(event.said for event in self.events if event.said and event.began < cut)

    def at(
        self, cut: int, dice: random.Random, *, honest: bool = True
    ) -> tuple[dict[str, bytes], int]:
        """
        Return files that the disk may hold after *cut*, and how many changes were in doubt.

        A disk that is not *honest* calls a sync done and does nothing: to see that the loss
        is found.
        """
        files = {name: File(bytearray(data)) for name, data in self._before.items()}
        for event in sorted(self.events, key=lambda event: event.ended):
            if event.began < cut and event.path.startswith(self._folder):
                self._apply(files, event, cut, honest)
        in_doubt = sum(len(file.pending) for file in files.values())
        there = {name: file for name, file in files.items() if file.named or dice.random() < 0.5}
        return {name: _some_of(file, dice) for name, file in there.items()}, in_doubt

    def _apply(self, files: dict[str, File], event: Event, cut: int, honest: bool) -> None:
        is_sync = event.name in ("fsync", "fdatasync") and event.ended < cut and honest
        if event.path == self._folder:
            for file in files.values():
                file.named |= is_sync
            return
        file = files.setdefault(event.path[len(self._folder) + 1 :], File(named=False))
        if event.change is not None:
            file.pending.append((event.ended, event.change))
        elif is_sync:
            # What was written while the sync ran stays in doubt.
            for ended, change in file.pending:
                if ended < event.began:
                    _apply_change(file.durable, change)
            file.pending = [one for one in file.pending if one[0] >= event.began]


def _events(trace: Path) -> Iterator[Event]:
    begun: dict[int, tuple[int, str]] = {}
    with trace.open() as lines:
        for at, line in enumerate(lines, 1):
            if (found := _LINE.match(line)) is None:
                continue
            thread, rest = int(found["thread"]), found["rest"]
            began = at
            if (resumed := _RESUMED.match(rest)) is not None:
                began, head = begun.pop(thread)
                rest = head + resumed["text"]
            elif rest.endswith(_UNFINISHED):
                begun[thread] = (at, rest.removesuffix(_UNFINISHED))
                continue
            if (event := _event(rest, began, at)) is not None:
                yield event
    # What the power cut short had begun.
    for began, head in begun.values():
        if (event := _event(head + ") = 0", began, at + 1)) is not None and event.change:
            yield event


def _event(text: str, began: int, ended: int) -> Event | None:
    found = _ON_FILE.match(text)
    if found is None or not text.rpartition(" = ")[2][:1].isdigit():
        return None
    name, path = found["name"], _bytes(found["path"]).decode()
    change, said = None, b""
    if name == "pwrite64" and (write := _PWRITE.search(text)) is not None:
        assert not write["cut"], "strace has cut the data"
        change = Change(int(write["offset"]), _bytes(write["data"]))
    elif name == "ftruncate" and (size := _TRUNCATE.search(text)) is not None:
        change = Change(int(size["size"]), None)
    elif name == "write" and (write := _WRITE.search(text)) is not None:
        said = _bytes(write["data"])
    return Event(name, path, change, began, ended, said)


def _bytes(text: str) -> bytes:
    return bytes.fromhex(text.replace("\\x", "")) if text.startswith("\\x") else text.encode()


def _some_of(file: File, dice: random.Random) -> bytes:
    """Return the file with what is pending lost, kept or torn, and in any order."""
    image = bytearray(file.durable)
    changes = [change for _, change in file.pending]
    if dice.random() < 0.5:
        dice.shuffle(changes)
    for change in changes:
        fate = dice.choice(["kept", "lost", "torn"])
        if fate == "kept":
            _apply_change(image, change)
        elif fate == "torn" and change.data is not None:
            _tear(image, change.offset, change.data, dice)
    return bytes(image)


def _apply_change(image: bytearray, change: Change) -> None:
    if change.data is None:
        del image[change.offset :]
        image.extend(bytes(change.offset - len(image)))
        return
    end = change.offset + len(change.data)
    image.extend(bytes(max(0, end - len(image))))
    image[change.offset : end] = change.data


def _tear(image: bytearray, offset: int, data: bytes, dice: random.Random) -> None:
    """Write some sectors of *data* and not others."""
    end = offset + len(data)
    for start in range(offset - offset % SECTOR, end, SECTOR):
        if dice.random() < 0.5:
            low, high = max(start, offset), min(start + SECTOR, end)
            _apply_change(image, Change(low, data[low - offset : high - offset]))
