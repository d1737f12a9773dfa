"""
What the chat in a terminal says, as plain text: lines, rooms, and how the connection is.

All that others wrote goes through `printable` here, and nowhere else does a text of theirs
reach the screen: what would move a terminal is seen as its number.
"""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from math import ceil
from typing import Final

from msgspec import UNSET

from conclave.cli.chat.log import Shown
from conclave.cli.printable import printable, printable_lines
from conclave.client import State
from conclave.model import RoomInfo, RoomKind
from conclave.protocol.attaching import Attached
from conclave.protocol.events import Line, Present

HELP: Final = """\
Enter          send what is written
Tab            from the rooms to the log to the message field, and round
Up, Down       choose a room, or a message
PageUp, Home   older messages, where the log begins
r              reply to the chosen message
e              edit it, if it is yours
d              delete it, if it is yours
/attach PATH   send a file of this machine
Ctrl+F         search, in all rooms
Ctrl+N         the next room with something new
/name          ask a command; the right arrow takes the one that is shown
Esc            back: from a search, an edit, a reply, to the message field
F1             these keys
Ctrl+Q         leave

What others write is shown, never obeyed: what would move a terminal is
printed as its number, such as \\x1b."""

_SIGNS: Final = {RoomKind.PUBLIC: "#", RoomKind.PRIVATE: "*", RoomKind.DIRECT: "@"}
_MOST_NAMED: Final = 8


def room_line(info: RoomInfo) -> str:
    """Return a room as its list shows it: its kind, its name, and what is new."""
    new = f"  {info.unread}" if info.unread else ""
    called = f"{new} @{info.mentions}" if info.mentions else new
    return f"{_SIGNS[info.kind]} {printable(room_name(info))}{called}"


def room_name(info: RoomInfo) -> str:
    partners = ", ".join(one.name for one in info.partners)
    return info.title or partners or info.room


def head_line(info: RoomInfo | None, room: str, count: int, present: Sequence[Present]) -> str:
    """Return what stands above a log: the room, what it is about, and who is here."""
    name = printable(room if info is None else room_name(info))
    topic = "" if info is None or not info.topic else f" · {printable(info.topic)}"
    names = ", ".join(printable(one.name) for one in present[:_MOST_NAMED])
    more = f" and {count - _MOST_NAMED} more" if count > _MOST_NAMED else ""
    return f"{name}{topic}\n{count} here: {names}{more}"


def who(line: Line) -> str:
    return printable(line.user)


def begins(shown: Shown) -> str:
    """Return what stands before a line: its number, and the time."""
    at = _time(shown.line.timestamp)
    answers = "" if shown.line.reply_to is UNSET else f" ↪{shown.line.reply_to}"
    return f"{shown.seq:>5} {at}{answers}"


def said(shown: Shown) -> str:
    """Return the text of a line, on as many lines as it has."""
    if shown.deleted:
        return "(deleted)"
    if shown.line.type != "message":
        return _event(shown.line)
    edited = " (edited)" if shown.edited else ""
    reactions = "".join(
        f"  {printable(emoji)} {count}" for emoji, (count, _) in shown.reactions.items()
    )
    files = [] if shown.line.attachments is UNSET else shown.line.attachments
    lines = [printable_lines(shown.text)] if shown.text or not files else []
    return "\n".join([*lines, *map(_file, files)]) + edited + reactions


def _file(file: Attached) -> str:
    alt = "" if file.alt is UNSET else f": {printable(file.alt)}"
    return f"[{printable(file.name)}, {printable(file.type)}, {file.size:,} bytes]{alt}"


def _event(line: Line) -> str:
    about = (line.member_name, line.role, line.title, line.topic, line.archived)
    words = [printable(str(one)) for one in about if one is not UNSET]
    text = [printable_lines(line.text)] if line.text else []
    return " ".join([f"[{printable(line.type)}]", *words, *text])


def _time(milliseconds: int) -> str:
    try:
        return datetime.fromtimestamp(milliseconds / 1000, UTC).astimezone().strftime("%H:%M")
    except (ValueError, OverflowError, OSError):
        # No moment that a clock has.
        return "--:--"


_STATES: Final = {
    State.IDLE: "◌ Not connected",
    State.FETCHING: "◌ Connecting…",
    State.CONNECTING: "◌ Connecting…",
    State.AUTHENTICATING: "◌ Checking who you are…",
}


def latch(state: State, me: str, retry_in: float | None, reason: str, waiting: int) -> str:
    """Return the status line: how the connection is, who one is, and what waits here."""
    if state is State.READY:
        return f"● Connected · {printable(me)}"
    if state is State.STOPPED:
        return f"✕ You were signed out: {printable(reason) or 'the server closed the connection'}"
    waits = f" {waiting} of your messages wait here." if waiting else ""
    if state is not State.WAITING:
        return f"{_STATES[state]}{waits}"
    seconds = ceil(retry_in or 0)
    again = f"Trying again in {seconds} s." if seconds else "Trying again."
    return f"◔ Connection lost. {again}{waits}"


def next_unread(rooms: Collection[RoomInfo], now: str) -> str | None:
    """Return the next room after *now* that has something new, round the list."""
    names = [one.room for one in rooms]
    begin = names.index(now) + 1 if now in names else 0
    new = {one.room for one in rooms if one.unread}
    return next((name for name in names[begin:] + names[:begin] if name in new), None)
