"""
A directory of backups: what the next one is called, and which ones are too many.

It looks at names alone, which sort by time, and at no file whose name it has not given. The
folder of attachments beside a backup goes with it.
"""

import re
import shutil
import time
from pathlib import Path
from typing import Final

from conclave.storage.blobs import blobs_beside

_NAME: Final = re.compile(r"conclave-\d{8}T\d{6}Z\.db")


def next_in(directory: Path, now: float) -> Path:
    """Return the name of a backup made *now*, in seconds since 1970."""
    return directory / time.strftime("conclave-%Y%m%dT%H%M%SZ.db", time.gmtime(now))


def prune(directory: Path, keep: int) -> list[Path]:
    """Remove all backups in *directory* but the last *keep*; return those that went."""
    backups = sorted(path for path in directory.iterdir() if _NAME.fullmatch(path.name))
    gone = backups[:-keep]
    for path in gone:
        path.unlink()
        shutil.rmtree(blobs_beside(path).path, ignore_errors=True)
    return gone
