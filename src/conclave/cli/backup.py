"""
`conclave backup` and `conclave restore`: all that is kept, in one file, and back again.
"""

import time
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from conclave.cli.control import NotRunning
from conclave.cli.errand import Data, Force, Meter, attempt, own_file, run_there, say
from conclave.storage.backup import copy_database
from conclave.storage.blobs import blobs_beside, blobs_in
from conclave.storage.compact import compact as write_anew
from conclave.storage.datadir import DATABASE
from conclave.storage.errors import CannotDo
from conclave.storage.files import missing_files
from conclave.storage.restore import restore as put_back
from conclave.storage.series import next_in, prune
from conclave.storage.verify import examine

Keep = Annotated[
    int | None, Parameter(help="In a directory: how many backups stay, the last ones.")
]


def backup(file: Path, /, *, force: Force = False, keep: Keep = None, data: Data = None) -> int:
    """
    Copy all that is kept to FILE, also while the server runs.

    FILE is of one moment, checked, and complete when it appears. What people attached is in
    the folder FILE.attachments beside it. Keep it as safe as the
    data directory: all that people said is in it. In a directory it is called by the time.
    """
    return attempt(lambda: _backup(own_file(data), file.absolute(), force, keep))


def _backup(data: Path, target: Path, force: bool, keep: int | None) -> None:
    folder = target if target.is_dir() else None
    if keep is not None and (folder is None or keep < 1):
        raise CannotDo("--keep is for a directory of backups, and 1 or more of them")
    if folder is None:
        _back_up(data, target, force)
        return
    # wall clock: its name says when it was made
    _back_up(data, next_in(folder, time.time()), force)
    # After the new one is there: a disk that is full takes no old one away.
    for gone in prune(folder, keep) if keep is not None else ():
        say(f"{gone}: removed")


def _back_up(data: Path, target: Path, force: bool) -> None:
    with Meter("backup") as meter:
        try:
            run_there(data, "backup", meter, target=str(target), force=force)
        except NotRunning:
            copy_database(data, target, force=force, tell=meter)
    say(f"{target}: {target.stat().st_size / 1e6:.1f} MB")


def compact(*, data: Data = None) -> int:
    """
    Write the database anew: smaller, and without traces of what was erased.

    The server must not run; as much room again is needed for that long. A running server
    does it by itself, up to 1 GiB.
    """
    return attempt(lambda: _compact(own_file(data)))


def _compact(data: Path) -> None:
    with Meter("compact") as meter:
        before, after = write_anew(data, meter)
    say(f"{data}: {before / 1e6:.1f} MB before, {after / 1e6:.1f} MB now")


def restore(file: Path, /, *, data: Data = None) -> int:
    """
    Put the backup FILE in place of the database; the server must not run.

    The database that was there stays beside it under another name. Clients begin anew
    with what the backup has.
    """
    return attempt(lambda: _restore(own_file(data), file))


def _restore(data: Path, file: Path) -> None:
    with Meter("restore") as meter:
        former = put_back(data, file, examine=lambda path: examine(path, meter), tell=meter)
    missing = len(list(missing_files(data / DATABASE, blobs_in(data))))
    if missing:
        say(f"{missing} files of attachments are not in {blobs_beside(file).path}")
    say(f"{data} is as {file} was" + (f"; what was there is {former}" if former else ""))
