"""What many ask for at one moment: read once, and never older than the store."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from conclave.storage.driver import driver, raw, reading_engine
from conclave.storage.shared import shared


@pytest.fixture
def file(tmp_path: Path) -> Iterator[Any]:
    """A second way into the file, which keeps one number."""
    connection = driver().connect(tmp_path / "test.db", isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("CREATE TABLE kept (n INTEGER)")
    connection.execute("INSERT INTO kept VALUES (1)")
    yield connection
    connection.close()


class Reading:
    """Asks whether *n* is kept, by `shared`, each time in a transaction of its own."""

    def __init__(self, path: Path) -> None:
        self._connection = reading_engine(path).connect()
        self.reads = 0

    def has(self, n: int, meanwhile: Callable[[], object] = lambda: None) -> bool:
        with self._connection.begin():
            # What the transaction sees is settled by its first look.
            raw(self._connection).execute("SELECT count(*) FROM kept").fetchone()
            meanwhile()
            return shared(self._connection, n, lambda: self._has(n))

    def _has(self, n: int) -> bool:
        self.reads += 1
        found = raw(self._connection).execute("SELECT 1 FROM kept WHERE n = ?", (n,))
        return found.fetchone() is not None

    def close(self) -> None:
        self._connection.close()


@pytest.fixture
def reading(file: Any, tmp_path: Path) -> Iterator[Reading]:
    assert file
    reading = Reading(tmp_path / "test.db")
    yield reading
    reading.close()


def test_it_is_read_once_while_nobody_writes(reading: Reading) -> None:
    assert [reading.has(1) for _ in range(5)] == [True] * 5
    assert [reading.has(2) for _ in range(5)] == [False] * 5
    assert reading.reads == 2


def test_it_is_read_anew_when_somebody_wrote(reading: Reading, file: Any) -> None:
    assert not reading.has(2)
    file.execute("INSERT INTO kept VALUES (2)")
    assert reading.has(2)
    file.execute("DELETE FROM kept WHERE n = 2")
    assert not reading.has(2)


def test_it_is_of_the_moment_that_its_transaction_sees(reading: Reading, file: Any) -> None:
    def write() -> None:
        file.execute("INSERT INTO kept VALUES (2)")

    assert not reading.has(2)
    # Written after this one's moment: neither is that seen, nor is the answer kept for later.
    assert not reading.has(2, write)
    assert reading.has(2)


def test_few_answers_are_kept(reading: Reading) -> None:
    for n in range(100):
        reading.has(n)
    kept = reading._connection.info["conclave.shared"]
    assert len(kept.answers) <= 4
