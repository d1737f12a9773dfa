"""Each kind of damage that a database of PostgreSQL can have is found, and nothing else."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection
from tests.support.lived_in import govern, live
from tests.support.planted import FORGED, PLANTED, forge
from tests.support.postgres import Postgres

from conclave.storage.driver import raw
from conclave.storage.errors import CannotDo
from conclave.storage.postgres.blobs import PIECE_BYTES, PostgresBlobs
from conclave.storage.postgres.connecting import writing_engine
from conclave.storage.postgres.store import PostgresStore
from conclave.storage.postgres.verifying import findings, verify

# Its columns hold nothing else than they should.
NOT_THERE = ("'x' WHERE name", "AS BLOB")
OWN = [
    (
        "DELETE FROM search_index WHERE doc IN (SELECT doc FROM search_docs WHERE seq = 9)",
        "room 'hall': search: the index has other words",
    ),
    (
        (
            "UPDATE search_index SET words = '''one'':1'"
            " WHERE doc IN (SELECT doc FROM search_docs WHERE seq = 9)"
        ),
        "room 'hall': search: the index has other words",
    ),
    ("INSERT INTO search_index VALUES (1, '''one'':1')", "words of rooms that do not exist"),
    ("DELETE FROM blobs WHERE size < 9", "of an attachment are missing"),
    ("UPDATE blob_pieces SET data = 'other' WHERE start = 0", "of an attachment are damaged"),
    ("DELETE FROM blob_pieces WHERE start > 0", "of an attachment are damaged"),
]
ATTACHED = """
    INSERT INTO attachments
    VALUES (?, 1, 'ann', 'a.bin', 'application/octet-stream', ?, ?, NULL, NULL, NULL, 0, NULL, 1)
"""
QUICK = (OWN[0][0], OWN[5][0], "DELETE FROM users WHERE id = 'ann'", "DROP TABLE requests")


def planted() -> Iterator[Any]:
    for statement, says in [*OWN, *PLANTED]:
        if any(part in statement for part in NOT_THERE):
            continue
        marks = () if statement in QUICK else (pytest.mark.slow,)
        own = statement.replace("zeroblob(16)", r"'\x00000000000000000000000000000000'")
        yield pytest.param(own.replace("x'00'", r"'\x00'"), says, id=statement[:60], marks=marks)


@pytest.fixture(scope="module")
def url(postgresql: Postgres, tmp_path_factory: pytest.TempPathFactory) -> str:
    url = postgresql.empty()
    asyncio.run(_live(url, tmp_path_factory.mktemp("lived-in")))
    return url


async def _live(url: str, place: Path) -> None:
    store = await PostgresStore.open(url, place)
    await live(store)  # type: ignore[arg-type]
    await govern(store)  # type: ignore[arg-type]
    while await store.index_lag():
        await store.index()
    await asyncio.to_thread(_attach, store.blobs(), url, place)
    await store.close()


def _attach(blobs: PostgresBlobs, url: str, place: Path) -> None:
    with changing(url, keep=True) as connection:
        for n, bytes_ in enumerate((b"small", b"large" * PIECE_BYTES)):
            (place / "file").write_bytes(bytes_)
            blobs.take(place / "file", sha256(bytes_).hexdigest())
            raw(connection).execute(ATTACHED, (f"a{n}", len(bytes_), sha256(bytes_).digest()))


@contextmanager
def changing(url: str, *, keep: bool = False) -> Iterator[Connection]:
    """Give a connection for which no reference counts; what it did is undone, unless to be kept."""
    with writing_engine(url).connect() as connection, connection.begin() as transaction:
        raw(connection).execute("SET LOCAL session_replication_role = replica")
        yield connection
        if not keep:
            transaction.rollback()


def found(connection: Connection) -> list[str]:
    lines = list(findings(connection))
    assert not any("\n" in line for line in lines)
    return lines


def test_nothing_is_found_where_nothing_is_wrong(url: str) -> None:
    told: list[tuple[int, int]] = []
    assert list(verify(url, lambda done, of: told.append((done, of)))) == []
    done, of = told[-1]
    assert 0 < of == done


@pytest.mark.parametrize(("statement", "says"), [*planted()])
def test_each_planted_damage_is_found(url: str, statement: str, says: str) -> None:
    with changing(url) as connection:
        assert raw(connection).execute(statement).rowcount != 0
        lines = found(connection)
    assert any(says in line for line in lines), lines


@pytest.mark.slow
@pytest.mark.parametrize(("values", "says"), FORGED, ids=[next(iter(one[0])) for one in FORGED])
def test_what_contradicts_itself_is_found_under_a_right_checksum(
    url: str, values: dict[str, Any], says: str
) -> None:
    with changing(url) as connection:
        forge(raw(connection), values)
        assert any(says in line for line in found(connection))


@pytest.mark.slow
def test_much_of_one_kind_is_cut_short_and_the_rest_is_still_looked_at(url: str) -> None:
    with changing(url) as connection:
        raw(connection).execute("UPDATE entries SET name = 'x'")
        raw(connection).execute("DROP TABLE sanctions")
        lines = found(connection)
    assert len([line for line in lines if "'hall'" in line]) <= 101
    assert any("room 'Grüße'" in line for line in lines)
    assert sum("sanctions" in line for line in lines) >= 2


def test_what_is_no_database_of_ours_or_cannot_be_reached_is_said(postgresql: Postgres) -> None:
    empty = postgresql.empty()
    (line,) = verify(empty)
    assert "the schema is not there" in line
    with pytest.raises(CannotDo, match="does not exist"):
        list(verify(postgresql.url("nowhere")))
