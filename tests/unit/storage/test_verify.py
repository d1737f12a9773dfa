"""Each kind of damage that a database can have is found, and nothing else."""

import asyncio
import shutil
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from tests.support.lived_in import make
from tests.support.planted import FORGED, PLANTED, forge

from conclave.storage.driver import driver
from conclave.storage.verify import verify


@pytest.fixture(scope="module")
def lived_in(tmp_path_factory) -> Path:
    data = tmp_path_factory.mktemp("lived-in") / "data"
    asyncio.run(make(data))
    return data / "conclave.db"


@pytest.fixture
def database(lived_in: Path, tmp_path: Path) -> Path:
    return Path(shutil.copyfile(lived_in, tmp_path / "conclave.db"))


def change(database: Path, work: Callable[[Any], Any]) -> None:
    with closing(driver().connect(database, isolation_level=None)) as connection:
        work(connection)


def test_nothing_is_found_where_nothing_is_wrong(database: Path) -> None:
    before = database.read_bytes()
    assert list(verify(database)) == []
    assert database.read_bytes() == before


@pytest.mark.parametrize(("statement", "says"), PLANTED, ids=[one[0][:60] for one in PLANTED])
def test_each_planted_damage_is_found(database: Path, statement: str, says: str) -> None:
    def plant(connection: Any) -> None:
        assert connection.execute(statement).rowcount != 0

    change(database, plant)
    findings = list(verify(database))
    assert any(says in finding for finding in findings), findings
    assert not any("\n" in finding for finding in findings)


@pytest.mark.parametrize(("values", "says"), FORGED, ids=[next(iter(one[0])) for one in FORGED])
def test_what_contradicts_itself_is_found_under_a_right_checksum(
    database: Path, values: dict[str, Any], says: str
) -> None:
    change(database, lambda connection: forge(connection, values))
    assert any(says in finding for finding in verify(database))


def test_much_of_one_kind_is_cut_short(database: Path) -> None:
    change(database, lambda connection: connection.execute("UPDATE entries SET name = 'x'"))
    findings = list(verify(database))
    assert len([one for one in findings if "'hall'" in one]) <= 101
    assert any("room 'Grüße'" in one for one in findings), "others are still looked at"


def test_a_progress_that_raises_ends_it(database: Path) -> None:
    def stop(done: int, of: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        list(verify(database, stop))


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda path: path.unlink(), "there is no"),
        (lambda path: path.write_bytes(b""), "is empty"),
        (lambda path: path.write_bytes(b"\0" * 100 + path.read_bytes()[100:]), "cannot be read"),
        (lambda path: path.write_bytes(path.read_bytes()[:20_000]), ""),
        (lambda path: (path.unlink(), path.mkdir()), "is no file"),
        (lambda path: path.rename(path.with_name("x")).is_file() and path.symlink_to("x"), "link"),
    ],
    ids=["gone", "empty", "no header", "truncated", "directory", "symlink"],
)
def test_what_is_no_database_is_said_in_a_line(database: Path, spoil: Any, says: str) -> None:
    spoil(database)
    findings = list(verify(database))
    assert findings
    assert says in findings[0]
    assert not any("\n" in finding for finding in findings)
