"""Which SQLite this is, whether the database suits this version, and whether the clock does."""

import time
from contextlib import closing
from pathlib import Path
from typing import Any, Final

from conclave.cli.checks.finding import Finding, good, problem, warning
from conclave.storage.backup import reading
from conclave.storage.datadir import DATABASE
from conclave.storage.driver import SAFE, driver, sqlite_version
from conclave.storage.schema import newest_revision

# Messages are numbered, so a clock may jump; what is signed or expires cares.
_AHEAD_MS: Final = 60_000
# This program is younger than that.
_LONG_WAL_BYTES: Final = 256_000_000
_QUICKLY_BYTES: Final = 1_000_000_000
_EARLIEST_S: Final = 1_735_689_600  # 2025-01-01


def check_database(directory: Path) -> list[Finding]:
    """Look at the database in *directory*, if there is one, without changing it."""
    path = directory / DATABASE
    found = [_sqlite(), *_wal(path)]
    if not path.exists():
        return [*found, *_clock(0)]
    try:
        with closing(reading(path)) as connection:
            found += [*_schema(connection), *_structure(connection, path)]
            return [*found, *_clock(_last_time(connection))]
    except (driver().Error, OSError) as error:
        advice = "`conclave verify` says more; restore a backup if it is damaged"
        return [*found, problem("database", f"{path} cannot be read: {error}", advice)]


def _wal(path: Path) -> list[Finding]:
    """Say where the log that is not moved into the file yet has grown long."""
    log = path.with_name(f"{path.name}-wal")
    size = log.stat().st_size if log.exists() else 0
    if size < _LONG_WAL_BYTES:
        return []
    advice = "is a copy of the database under way that hangs? a restart empties it"
    return [warning("wal", f"{log.name} has {size / 1e6:.0f} MB", advice)]


def _structure(connection: Any, path: Path) -> list[Finding]:
    """Let SQLite look for damage, where that takes seconds."""
    if path.stat().st_size > _QUICKLY_BYTES:
        return [good("structure", "the database is large: `conclave verify` checks all of it")]
    (said,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    if said == "ok":
        return [good("structure", "SQLite finds no damage in the database")]
    return [problem("structure", f"the database is damaged: {said}", "restore a backup")]


def _sqlite() -> Finding:
    version = sqlite_version(driver())
    says = f"SQLite {'.'.join(map(str, version))}, from {driver().__name__.partition('.')[0]}"
    if version < SAFE:
        safe = ".".join(map(str, SAFE))
        advice = f"before {safe} no other program may open the database while this one runs"
        return warning("sqlite", says, advice)
    return good("sqlite", says)


def _schema(connection: Any) -> list[Finding]:
    (has,) = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    newest = newest_revision()
    if has == newest:
        return [good("database", f"its schema is {newest}, the newest"), *_admins(connection)]
    if has < newest:
        says = f"its schema is {has}, this version's is {newest}"
        return [warning("database", says, "the next start brings it up, and keeps a copy")]
    says = f"its schema is {has}, newer than this version knows ({newest})"
    return [problem("database", says, "use the newer Conclave")]


def _admins(connection: Any) -> list[Finding]:
    query = "SELECT count(*) FROM users WHERE role = 'admin' AND active = 1"
    (admins,) = connection.execute(query).fetchone()
    if not admins:
        advice = "start the server: it prints a link that makes the first; or `conclave user role`"
        return [warning("admins", "nobody is an admin", advice)]
    return [good("admins", "one is an admin" if admins == 1 else f"{admins} are admins")]


def _last_time(connection: Any) -> int:
    (last,) = connection.execute("SELECT coalesce(max(last_time), 0) FROM rooms").fetchone()
    return int(last)


def _clock(last: int) -> list[Finding]:
    now = time.time_ns() // 1_000_000
    set_it = "set the clock of this machine, and let it be kept (chrony, systemd-timesyncd)"
    if now < _EARLIEST_S * 1000:
        return [problem("clock", "it is before this program was written", set_it)]
    if last - now > _AHEAD_MS:
        says = f"it is {(last - now) / 60_000:.0f} minutes before the last message"
        return [problem("clock", says, set_it)]
    return [good("clock", "it is after the last message")]
