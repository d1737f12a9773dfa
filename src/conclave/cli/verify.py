"""`conclave verify`: is the database what it promises to be?"""

import sys
from pathlib import Path

from conclave.cli.errand import (
    FAILED,
    Data,
    Meter,
    at_rest,
    attempt,
    database_url,
    directory,
    say,
)
from conclave.storage.blobs import blobs_beside, blobs_in
from conclave.storage.datadir import DATABASE
from conclave.storage.files import wrong_files
from conclave.storage.verify import unfit
from conclave.storage.verify import verify as find


def verify(file: Path | None = None, /, *, data: Data = None) -> int:
    """
    Check the database, or the backup FILE, and print a line for each thing that is wrong.

    Beside a running server a copy is checked, which needs as much room again for that long; of
    PostgreSQL it is one moment, and servers go on.
    The exit code is 1 if anything was found.
    """
    return attempt(lambda: _verify_file(file) if file else _verify_data(data))


def _verify_data(data: Path | None) -> int:
    if (url := database_url()) is None:
        return _verify_own(directory(data))
    # Its driver is not for everybody to install, nor to load.
    from conclave.storage.postgres.verifying import verify as find_there

    with Meter("verify") as meter:
        return _tell([*find_there(url, meter)])


def _verify_own(data: Path) -> int:
    if (wrong := unfit(data / DATABASE)) is not None:
        return _tell([wrong])
    with Meter("verify") as meter, at_rest(data, meter) as database:
        files = wrong_files(database, blobs_in(data), data / DATABASE)
        return _tell([*find(database, meter), *files])


def _verify_file(file: Path) -> int:
    if (wrong := unfit(file)) is not None:
        return _tell([wrong])
    with Meter("verify") as meter:
        return _tell([*find(file, meter), *wrong_files(file, blobs_beside(file), file)])


def _tell(findings: list[str]) -> int:
    say(*findings)
    if findings:
        print(f"conclave: {len(findings)} found; restore a backup?", file=sys.stderr)
        return FAILED
    say("All is well.")
    return 0
