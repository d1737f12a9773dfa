"""
How the commands of an admin ask: a running server, or else the database itself.

And how they answer: as lines of JSON for programs, or as a table for people, in which
nothing that others wrote moves the terminal.
"""

import asyncio
import os
import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Final

import msgspec
from cyclopts import Parameter

from conclave.cli.control import NotRunning, ask
from conclave.cli.errand import open_store
from conclave.cli.printable import printable, printable_json
from conclave.cli.sources import load
from conclave.settings import Settings
from conclave.storage.errors import CannotDo

Json = Annotated[bool, Parameter(name="--json", help="Print JSON, an object a line.", negative="")]

_GAP: Final = "  "
_PAGE: Final = 200
_NOTHING: Final = "-"
_UNITS: Final = {"s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800}
_SPAN: Final = re.compile(r"(\d{1,9})([smhdw])")


def consult(data: Path, command: str, *, make: bool = False, **arguments: Any) -> Any:
    """
    Return what *command* answers, as plain values; None among the arguments is left away.

    *make* the database where there is none. Raises `Refused` and `Reject`, and `CannotDo`
    where there is no data.
    """
    given = {name: value for name, value in arguments.items() if value is not None}
    try:
        return ask(data, command, **given)
    except NotRunning:
        return asyncio.run(_consult_here(data, command, given, make=make))


async def _consult_here(
    data: Path, command: str, arguments: Mapping[str, Any], *, make: bool
) -> Any:
    # Not before it is needed: a server's parts take their time to be imported.
    from conclave.app.operator import at_rest

    settings = _settings()
    page, origins = _page(settings), settings.webhook_origin
    async with open_store(data, make=make) as store, at_rest(store, page, origins) as commands:
        return msgspec.to_builtins(await commands[command](**arguments))


def _settings() -> Settings:
    """Return the settings around."""
    config = os.environ.get("CONCLAVE_CONFIG")
    return load({}, os.environ, Path(config) if config else None)


def _page(settings: Settings) -> str:
    """Return where people find the page."""
    if settings.public_url:
        return settings.public_url[0].rstrip("/")
    return f"{settings.scheme}://localhost:{settings.port}"


def pages(
    data: Path, command: str, *, key: Callable[[Any], Any], **arguments: Any
) -> Iterator[Any]:
    """Give all that *command* lists, page after page; *key* is what the next one begins after."""
    after: Any = None
    while True:
        page = consult(data, command, after=after, limit=_PAGE, **arguments)
        yield from page
        if len(page) < _PAGE:
            return
        after = key(page[-1])


def show(rows: Sequence[Mapping[str, Any]], columns: Mapping[str, str], *, json: bool) -> None:
    """
    Print *rows*: as JSON with all they have, or as a table of *columns*.

    *columns*: the key of each, and its heading. Keys that end in `_at`, or are `at` or
    `until`, are milliseconds since 1970.
    """
    if json:
        show_json(rows)
        return
    if not rows:
        return
    lines = [list(columns.values()), *(cells(row, columns) for row in rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        padded = (cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        print(_GAP.join(padded).rstrip())


def show_one(row: Mapping[str, Any], *, json: bool) -> None:
    """Print all that *row* has: as JSON, or a line for each."""
    if json:
        show_json([row])
        return
    width = max(map(len, row))
    for key in row:
        print(f"{key.ljust(width)}{_GAP}{_cell(key, row[key])}")


def answer(said: str, facts: Mapping[str, Any], *, json: bool) -> None:
    """Say that something is done: in a sentence, or as JSON with *facts*."""
    if json:
        show_json([facts])
    else:
        print(printable(said))


def show_json(rows: Iterable[Any]) -> None:
    for row in rows:
        print(printable_json(row), flush=True)


def cells(row: Mapping[str, Any], columns: Iterable[str]) -> list[str]:
    """Return what *row* has under *columns*, each printable."""
    return [_cell(key, row.get(key)) for key in columns]


def _cell(key: str, value: Any) -> str:
    if value in (None, "", {}, []):
        return _NOTHING
    if key.endswith("_at") or key in ("at", "until"):
        return moment(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ",".join(printable(str(one)) for one in value)
    if isinstance(value, dict):
        return " ".join(f"{printable(k)}={printable(str(v))}" for k, v in value.items())
    return printable(str(value))


def moment(milliseconds: int) -> str:
    """Return a time as people read it, in UTC."""
    try:
        return datetime.fromtimestamp(milliseconds / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (ValueError, OverflowError, OSError):
        # No year that a calendar has.
        return str(milliseconds)


def read_moment(flag: str, text: str) -> int:
    """
    Return milliseconds since 1970 for a date, a time, or how long ago, such as `2h`.

    Without a zone it is UTC.
    """
    if (ago := _SPAN.fullmatch(text)) is not None:
        # wall clock: the times it is compared with are of it
        return int(time.time() * 1000) - _seconds(ago) * 1000
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise CannotDo(
            f"{flag} is {text!r}: give a date, such as 2026-03-31, a time, such as "
            "2026-03-31T14:00, or how long ago, such as 2h or 7d"
        ) from None
    return int((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp() * 1000)


def read_span(flag: str, text: str) -> int:
    """Return the seconds that *text* says, such as `30m`, `2h` or `7d`."""
    found = _SPAN.fullmatch(text)
    if found is None or not _seconds(found):
        raise CannotDo(f"{flag} is {text!r}: give a time, such as 30m, 2h or 7d")
    return _seconds(found)


def _seconds(found: re.Match[str]) -> int:
    return int(found[1]) * _UNITS[found[2]]
