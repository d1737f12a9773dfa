"""The oldest version in the history of this repository that may be beside this one."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from tests.support.fleet import Version

from conclave.engine.sealing import Refused, Seal

_ROOT = Path(__file__).parents[2]
_MIGRATIONS = "src/conclave/storage/migrations"
_SEALING = "src/conclave/engine/sealing.py"
_KEY, _CHANNEL = b"k" * 32, "c:hints"
_SAY = f"""
from conclave.engine.sealing import Message, Seal
seal = Seal(lambda: [{_KEY!r}], {_CHANNEL!r})
print(seal.close(Message(node="earlier", life=1, n=1)).hex())
"""


def earliest(place: Path) -> Version | None:
    """
    Return that since which the database has the same schema and nodes understand each other.

    Its code is put below *place*. None where there is no history to take it from.
    """
    found = None
    for commit in _candidates():
        code = _unpacked(commit, place / commit)
        if not _is_understood(code):
            break
        found = Version(variables=(("PYTHONPATH", str(code)),))
    return found


def _candidates() -> Iterator[str]:
    """Return the commits at which something may have changed for other nodes, the newest first."""
    (same_schema,) = _git("log", "-1", "--format=%H", "--diff-filter=A", "--", _MIGRATIONS) or [""]
    if same_schema:
        yield from _git("log", "--format=%H", f"{same_schema}..HEAD", "--", _SEALING)
        yield same_schema


def _unpacked(commit: str, place: Path) -> Path:
    place.mkdir(parents=True)
    pack = ["git", "archive", commit, "src"]
    packed = subprocess.run(pack, cwd=_ROOT, check=True, capture_output=True).stdout
    subprocess.run(["tar", "-x", "-C", str(place)], input=packed, check=True)
    return place / "src"


def _is_understood(code: Path) -> bool:
    """Return whether this version can read what the one at *code* says."""
    run = [sys.executable, "-c", _SAY]
    environment = {**os.environ, "PYTHONPATH": str(code)}
    said = subprocess.run(run, env=environment, capture_output=True, text=True)
    with suppress(Refused):
        packet = bytes.fromhex(said.stdout)
        return Seal(lambda: [_KEY], _CHANNEL).open(packet).node == "earlier"
    return False


def _git(*words: str) -> list[str]:
    """Return the lines that git says; none where there is no git, or no repository."""
    with suppress(OSError):
        done = subprocess.run(["git", *words], cwd=_ROOT, capture_output=True, text=True)
        return done.stdout.split()
    return []
