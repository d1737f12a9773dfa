"""`conclave export`: all that is kept, or all of one user, as lines of JSON."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from conclave.cli.errand import (
    Data,
    FileOrDash,
    Force,
    Meter,
    at_rest,
    attempt,
    database_url,
    directory,
    say,
)
from conclave.model import OPERATOR, Action, Note
from conclave.storage.backup import Progress, finish, refuse_target, unfinished
from conclave.storage.exporting import export as export_file

User = Annotated[str | None, Parameter(help="Only what there is of this user, by id.")]


def export(
    file: FileOrDash, /, *, user: User = None, force: Force = False, data: Data = None
) -> int:
    """
    Write all that is kept to FILE as lines of JSON, or to standard output if FILE is -.

    Beside a running server a copy is read, which needs as much room again for that long; of
    PostgreSQL it is one moment, and servers go on.
    """
    return attempt(lambda: _export(directory(data), file, user, force))


def _export(data: Path, file: str, user: str | None, force: bool) -> None:
    if file != "-":
        refuse_target(Path(file).absolute(), data, force=force)
    exported = Note(action=Action.DATA_EXPORTED, actor=OPERATOR, target=user)
    with Meter("export") as meter, _source(data, meter, exported) as give:
        if file == "-":
            give(sys.stdout.buffer.write, of=user, tell=meter)
            sys.stdout.buffer.flush()
        else:
            _to_file(give, Path(file).absolute(), user, meter)


@contextmanager
def _source(data: Path, meter: Meter, note: Note) -> Iterator[Callable[..., int]]:
    """Give what writes the lines of the database there is; *note* it afterwards."""
    url = database_url()
    if url is None:
        with at_rest(data, meter, note) as database:
            yield partial(export_file, database)
        return
    # Its driver is not for everybody to install, nor to load.
    from conclave.storage.postgres import exporting

    yield partial(exporting.export, url, data)
    exporting.record(url, note)


def _to_file(give: Callable[..., int], target: Path, user: str | None, tell: Progress) -> None:
    with unfinished(target) as growing:
        with growing.open("wb") as out:
            lines = give(out.write, of=user, tell=tell)
            out.flush()
            os.fsync(out.fileno())
        finish(growing, target)
    say(f"{target}: {lines} lines")
