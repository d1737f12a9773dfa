"""
Slack's export, a ZIP of JSON files, read without unpacking it anywhere.

Somebody else made it: a file that is larger than it says, too many of them, or a name that
leads out of the archive ends it. Nothing is written to the disk, so no name is ever a path.
"""

import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import msgspec

from conclave.storage.errors import CannotDo

# Of one file and of all, unpacked, and how many there may be.
_MOST_OF_ONE: Final = 64 * 1_048_576
_MOST_OF_ALL: Final = 4_096 * 1_048_576
_MOST_FILES: Final = 500_000
# Of one file: in memory each takes thirty times what the smallest does in the archive.
_MOST_OBJECTS: Final = 1_000_000
_DAY: Final = re.compile(r"([^/]+)/\d{4}-\d{2}-\d{2}\.json")
_LEADS_OUT: Final = re.compile(r"^/|^[A-Za-z]:|\\|(^|/)\.\.(/|$)|\0")


class SlackArchive:
    """An export; make it with `open_archive`."""

    def __init__(self, file: zipfile.ZipFile) -> None:
        self._file = file
        self._read = 0
        names = file.namelist()
        if len(names) > _MOST_FILES:
            raise CannotDo(f"the archive has more than {_MOST_FILES:,} files")
        if (bad := next(filter(_LEADS_OUT.search, names), None)) is not None:
            raise CannotDo(f"the archive has a file that leads out of it: {bad[:80]!r}")
        self._names = set(names)
        self._days: dict[str, list[str]] = {}
        for name in sorted(names):
            if (day := _DAY.fullmatch(name)) is not None:
                self._days.setdefault(day[1], []).append(name)

    def listed(self, name: str) -> list[dict[str, Any]]:
        """Return what the list *name*, such as `users`, has; nothing where it is not there."""
        return self._objects(f"{name}.json") if f"{name}.json" in self._names else []

    def days(self, folder: str) -> Iterator[list[dict[str, Any]]]:
        """Give the messages of the channel whose files are in *folder*, one day at a time."""
        return (self._objects(name) for name in self._days.get(folder, ()))

    def _objects(self, name: str) -> list[dict[str, Any]]:
        try:
            with self._file.open(name) as file:
                # What the archive says of its size may be a lie.
                content = file.read(_MOST_OF_ONE + 1)
        except (zipfile.BadZipFile, RuntimeError, NotImplementedError, OSError) as error:
            raise CannotDo(f"{name[:80]!r} cannot be read: {error}") from None
        self._read += len(content)
        if len(content) > _MOST_OF_ONE or self._read > _MOST_OF_ALL:
            raise CannotDo(f"{name[:80]!r} is larger than an export's files are")
        if content.count(b"{") + content.count(b"[") > _MOST_OBJECTS:
            raise CannotDo(f"{name[:80]!r} has more in it than an export's files have")
        try:
            return msgspec.json.decode(content, type=list[dict[str, Any]])
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            raise CannotDo(f"{name[:80]!r} is no list of objects in JSON") from None


@contextmanager
def open_archive(path: Path) -> Iterator[SlackArchive]:
    """Give the export in *path*; raises `CannotDo` for what is none."""
    try:
        with zipfile.ZipFile(path) as file:
            archive = SlackArchive(file)
            if not archive.listed("channels") and not archive.listed("groups"):
                raise CannotDo(f"{path} has no channels: is it an export of Slack?")
            yield archive
    except zipfile.BadZipFile:
        raise CannotDo(f"{path} is no ZIP") from None
    except OSError as error:
        raise CannotDo(f"{path}: {error.strerror or error}") from None
