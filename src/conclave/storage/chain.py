"""
Whether the migrations are one chain: numbered without a gap, each after the one before it.

Two branches that each add the next number merge without a conflict, and a file that an
older version left behind is read like the others. Alembic would take one of two that are
numbered alike, and say at the next start that there are several heads.
"""

from collections.abc import Iterable
from pathlib import Path

from alembic.script import Script

from conclave.storage.errors import CannotOpen


def refuse_unless_a_chain(migrations: Iterable[Script]) -> None:
    """Return if *migrations*, in any order, are 0001, 0002, … . Raises `CannotOpen`."""
    before: Script | None = None
    for number, one in enumerate(sorted(migrations, key=_place), 1):
        if fault := _fault(before, one, f"{number:04}"):
            raise CannotOpen(
                f"the migrations of this program are not one chain: {fault}; install it anew, "
                "or number them 0001, 0002, … and let each name the one before it"
            )
        before = one


def _fault(before: Script | None, one: Script, expected: str) -> str:
    if before is not None and before.revision == one.revision:
        return f"{_name(before)} and {_name(one)} are both numbered {one.revision}"
    if one.revision != expected:
        return f"{_name(one)} is numbered {one.revision}, and there is no {expected}"
    follows = before and before.revision
    if one.down_revision != follows:
        return f"{_name(one)} comes after {one.down_revision}, not after {follows}"
    return ""


def _place(migration: Script) -> tuple[str, str]:
    return migration.revision, _name(migration)


def _name(migration: Script) -> str:
    return Path(migration.path).name
