"""`conclave export`: all that is kept, or all of one user, as lines of JSON."""

import os
import sys
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from conclave.cli.errand import Data, FileOrDash, Force, Meter, at_rest, attempt, own_file, say
from conclave.model import OPERATOR, Action, Note
from conclave.storage.backup import Progress, finish, refuse_target, unfinished
from conclave.storage.exporting import export as give

User = Annotated[str | None, Parameter(help="Only what there is of this user, by id.")]


def export(
    file: FileOrDash, /, *, user: User = None, force: Force = False, data: Data = None
) -> int:
    """
    Write all that is kept to FILE as lines of JSON, or to standard output if FILE is -.

    Beside a running server a copy is read, which needs as much room again for that long.
    """
    return attempt(lambda: _export(own_file(data), file, user, force))


def _export(data: Path, file: str, user: str | None, force: bool) -> None:
    if file != "-":
        refuse_target(Path(file).absolute(), data, force=force)
    exported = Note(action=Action.DATA_EXPORTED, actor=OPERATOR, target=user)
    with Meter("export") as meter, at_rest(data, meter, exported) as database:
        if file == "-":
            give(database, sys.stdout.buffer.write, of=user, tell=meter)
            sys.stdout.buffer.flush()
        else:
            _to_file(database, Path(file).absolute(), user, meter)


def _to_file(database: Path, target: Path, user: str | None, tell: Progress) -> None:
    with unfinished(target) as growing:
        with growing.open("wb") as out:
            lines = give(database, out.write, of=user, tell=tell)
            out.flush()
            os.fsync(out.fileno())
        finish(growing, target)
    say(f"{target}: {lines} lines")
