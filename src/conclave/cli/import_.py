"""`conclave import`: a database from an export."""

import sys
from pathlib import Path
from typing import BinaryIO

from conclave.cli.errand import Data, FileOrDash, Meter, attempt, own_file, say
from conclave.storage.importing import import_lines
from conclave.storage.verify import examine


def import_(file: FileOrDash, /, *, data: Data = None) -> int:
    """
    Make an empty data directory hold what the export FILE has, or standard input if it is -.

    All of it is taken and checked, or nothing; the server must not run.
    """
    return attempt(lambda: _import(own_file(data), file))


def _import(data: Path, file: str) -> None:
    with Meter("import") as meter:
        if file == "-":
            found = _take(data, sys.stdin.buffer, meter)
        else:
            with Path(file).open("rb") as lines:
                found = _take(data, lines, meter)
    say(f"{data}: {found} entries")


def _take(data: Path, lines: BinaryIO, meter: Meter) -> int:
    return import_lines(data, lines, examine=lambda path: examine(path, meter), tell=meter)
