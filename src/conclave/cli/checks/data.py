"""Is the data directory its owner's only, is the secret one, and is there room on the disk?"""

import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from conclave.auth.secret import KEY_FILE, OLD_KEY_FILE, Secret
from conclave.cli.checks.finding import Finding, good, problem, warning
from conclave.settings import CannotStart
from conclave.storage.datadir import DATABASE, OWN

_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO
_MIB: Final = 1 << 20
# Below this a burst of messages fills it; a restart needs some, too.
_LITTLE_BYTES: Final = 100 * _MIB
_FEW_FILES: Final = 100


def check_data(directory: Path) -> list[Finding]:
    """Look at the data directory *directory*, which may not be there yet."""
    if not directory.is_dir():
        advice = "`conclave serve` makes it; name another with --data or CONCLAVE_DATA"
        return [warning("data", f"there is no directory {directory}", advice)]
    return [*_permissions(directory), *_secret(directory), *_disk(directory)]


def _permissions(directory: Path) -> list[Finding]:
    found = list(_open_to_others(directory))
    return found or [good("permissions", f"{directory} is its owner's only")]


def _open_to_others(directory: Path) -> Iterator[Finding]:
    entries = [directory, *(directory / name for name in sorted(OWN))]
    for path in (one for one in entries if os.path.lexists(one)):
        at = path.lstat()
        mode = stat.S_IMODE(at.st_mode)
        if stat.S_ISLNK(at.st_mode):
            yield problem("permissions", f"{path} is a symbolic link", "put the file itself there")
        elif mode & _OTHERS:
            wanted = "700" if path == directory else "600"
            says = f"{path} has the mode {mode:o}: others may reach it"
            yield problem("permissions", says, f"chmod {wanted} {path}")
        if at.st_uid != os.geteuid():
            says = f"{path} belongs to the user {at.st_uid}, and this is {os.geteuid()}"
            advice = f"run this as the user of the server, or chown {os.geteuid()} {path}"
            yield warning("permissions", says, advice)


def _secret(directory: Path) -> list[Finding]:
    if not os.path.lexists(directory / KEY_FILE):
        if not (directory / DATABASE).exists():
            return []
        return [warning("secret", f"there is no {KEY_FILE}", "the next start makes one")]
    try:
        # No `load`: it would make what is missing.
        Secret(directory, ()).reload()
    except CannotStart as wrong:
        return [problem("secret", str(wrong), "no server starts with it")]
    if os.path.lexists(directory / OLD_KEY_FILE):
        says = f"{OLD_KEY_FILE} is still there: what was made with it holds"
        return [warning("secret", says, "remove it when all have signed in anew")]
    return [good("secret", f"{KEY_FILE} is one, and its owner's only")]


def _disk(directory: Path) -> list[Finding]:
    usage, files = shutil.disk_usage(directory), os.statvfs(directory)
    database = directory / DATABASE
    size = database.stat().st_size if database.exists() else 0
    says = f"{usage.free / 1e9:.1f} GB are free, the database has {size / 1e9:.2f} GB"
    if usage.free < _LITTLE_BYTES or (files.f_files > 0 and files.f_favail < _FEW_FILES):
        advice = "make room: on a full disk nothing is written any more"
        return [problem("disk", says, advice)]
    if usage.free < 2 * size:
        advice = "upgrades, `conclave compact` and exports need as much again as the database has"
        return [warning("disk", says, advice)]
    return [good("disk", says)]
