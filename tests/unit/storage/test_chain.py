"""Migrations that two branches numbered alike, or that skip one, are told before they are run."""

import re
from pathlib import Path

import pytest

from conclave.storage import CannotOpen
from conclave.storage.schema import MIGRATIONS, newest_revision, prepare

NUMBERED = {file.stem[1:5]: file.name for file in MIGRATIONS.glob("v*.py")}
NEWEST = max(NUMBERED)
BEFORE, AFTER, LATER = (f"{int(NEWEST) + step:04}" for step in (-1, 1, 2))


def with_more(folder: Path, *more: tuple[str, str]) -> tuple[Path, ...]:
    """Return where this version's migrations are, and *more*: each a number and what it follows."""
    for which, (number, follows) in zip("abc", more, strict=False):
        (folder / f"v{number}_{which}.py").write_text(
            f'revision = "{number}"\ndown_revision = "{follows}"\n\n\ndef upgrade(): ...\n'
        )
    return (MIGRATIONS, folder)


def test_this_versions_migrations_are_one_chain_named_by_their_numbers() -> None:
    assert newest_revision() == NEWEST
    assert sorted(NUMBERED) == [f"{n:04}" for n in range(1, int(NEWEST) + 1)]


def test_migrations_that_follow_each_other_are_run(tmp_path: Path) -> None:
    prepare(tmp_path / "a.db", with_more(tmp_path, (AFTER, NEWEST), (LATER, AFTER)))
    assert (tmp_path / "a.db").exists()


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ([(NEWEST, BEFORE)], f"v{NEWEST}_a.py and {NUMBERED[NEWEST]} are both numbered {NEWEST}"),
        ([(AFTER, NEWEST)] * 2, f"v{AFTER}_a.py and v{AFTER}_b.py are both numbered {AFTER}"),
        ([(LATER, NEWEST)], f"v{LATER}_a.py is numbered {LATER}, and there is no {AFTER}"),
        ([(LATER, AFTER)], f"v{LATER}_a.py is numbered {LATER}, and there is no {AFTER}"),
        ([(AFTER, BEFORE)], f"v{AFTER}_a.py comes after {BEFORE}, not after {NEWEST}"),
        (
            [(AFTER, NEWEST), (LATER, NEWEST)],
            f"v{LATER}_b.py comes after {NEWEST}, not after {AFTER}",
        ),
    ],
    ids=["an old number again", "a number twice", "a gap", "none to follow", "a fork", "a fork on"],
)
def test_what_is_no_chain_is_refused_in_one_line_and_nothing_is_made(
    tmp_path: Path, more: list[tuple[str, str]], says: str
) -> None:
    with pytest.raises(CannotOpen, match=re.escape(says)) as refused:
        prepare(tmp_path / "a.db", with_more(tmp_path, *more))
    assert "\n" not in str(refused.value)
    assert not list(tmp_path.glob("a.db*"))
