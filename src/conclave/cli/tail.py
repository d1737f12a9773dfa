"""
`conclave tail`: read rooms in a terminal or a pipe.

One line for each entry of a room's log; what others wrote is shown escaped. With `--json`
each line is the entry as it stands on the wire.
"""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, Final

import msgspec
from cyclopts import Parameter
from msgspec import UNSET

from conclave.cli.printable import printable, printable_json, printable_lines
from conclave.cli.visit import TokenFile, Url, Within, complain, run, visit
from conclave.client import Client, Room, WasReset
from conclave.model import Position
from conclave.protocol.events import Line

Show = Callable[[Line], None]

_LAST: Final = 10
# What an entry that is no message says besides its text, in this order.
_ABOUT: Final = ("target", "emoji", "member_name", "role", "title", "topic", "archived")


def tail(
    *rooms: str,
    since: Annotated[int | None, Parameter(help="Show what came after this number.")] = None,
    follow: Annotated[bool, Parameter(help="Stay, and show what comes.", negative="")] = False,
    as_json: Annotated[
        bool, Parameter(name="--json", help="One JSON object a line.", negative="")
    ] = False,
    url: Url = None,
    token_file: TokenFile = None,
    within: Within = 30.0,
) -> int:
    """Show the last messages of each ROOM, or what came after a number; joins them."""
    if not rooms:
        return complain("Name a room, as in `conclave tail general`")
    show = _show_json if as_json else _show_text
    return run(lambda: _tail(visit(url, token_file, within), rooms, since, follow, show, within))


async def _tail(
    client: Client,
    names: tuple[str, ...],
    since: int | None,
    follow: bool,
    show: Show,
    within: float,
) -> None:
    async with client:
        rooms = [client.room(name) for name in names]
        reading = [await _show_what_is_there(room, since, show, within) for room in rooms]
        if not follow:
            return
        tasks = [
            asyncio.ensure_future(_follow(*each, show)) for each in zip(rooms, reading, strict=True)
        ]
        try:
            # None ends but by an error, and then all do.
            await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


async def _show_what_is_there(room: Room, since: int | None, show: Show, within: float) -> Position:
    """Show what the room has by now; return how far that is."""
    async with asyncio.timeout(within):
        page = await room.history(limit=_LAST)
    if since is None:
        _show_page(page.messages, show)
        return Position(page.epoch, page.upto)
    if since >= page.last_seq:
        return Position(page.epoch, page.last_seq)
    room.follow(since)
    try:
        while True:
            # The server has so long for each; whoever reads here has all the time.
            async with asyncio.timeout(within):
                line = await anext(room)
            show(line)
            if line.seq is not UNSET and line.seq >= page.last_seq:
                break
    except WasReset as was:
        _begin_anew(was, show)
    assert room.position is not None
    return room.position


async def _follow(room: Room, since: Position, show: Show) -> None:
    room.follow(since)
    while True:
        try:
            async for line in room:
                show(line)
        except WasReset as was:
            _begin_anew(was, show)


def _begin_anew(was: WasReset, show: Show) -> None:
    complain(f"{was.reset.room}: what was before is not there any more; from here it goes on")
    _show_page(was.reset.messages, show)


def _show_page(messages: list[Line], show: Show) -> None:
    for line in messages:
        show(line)


def _show_json(line: Line) -> None:
    print(printable_json(msgspec.to_builtins(line)), flush=True)


def _show_text(line: Line) -> None:
    seq = "-" if line.seq is UNSET else str(line.seq)
    who = f"{printable(line.room)} {seq} {_time(line.timestamp)} {printable(line.user)}"
    print(f"{who}: {_said(line)}", flush=True)


def _time(milliseconds: int) -> str:
    try:
        at = datetime.fromtimestamp(milliseconds / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        # No year that a calendar has.
        return str(milliseconds)
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def _said(line: Line) -> str:
    text = "(deleted)" if line.deleted is True else printable_lines(line.text)
    if line.type == "message":
        return text
    about = (getattr(line, name) for name in _ABOUT)
    words = [printable(str(one)) for one in about if one is not UNSET]
    return " ".join([f"[{printable(line.type)}]", *words, *([text] if text else [])])
