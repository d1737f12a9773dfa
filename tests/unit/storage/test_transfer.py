"""What was exported is imported as it was, whole or not at all."""

import asyncio
import io
import json
import shutil
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any
from zlib import crc32

import pytest
from tests.support.lived_in import BOB, ROOMS, TOKEN, log_of, make, say

from conclave.auth.tokens import TokenAuthenticator
from conclave.model import Draft
from conclave.storage import SqliteStore
from conclave.storage.driver import driver
from conclave.storage.errors import CannotDo, CannotOpen
from conclave.storage.exporting import export
from conclave.storage.importing import import_lines
from conclave.storage.verify import examine, verify


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    data = tmp_path_factory.mktemp("lived-in") / "data"
    asyncio.run(make(data, governed=True))
    return data


@pytest.fixture(scope="module")
def exported(made: Path) -> list[bytes]:
    return lines_of(made)


def lines_of(data: Path, of: str | None = None) -> list[bytes]:
    out = io.BytesIO()
    count = export(data / "conclave.db", out.write, of=of)
    lines = out.getvalue().splitlines(keepends=True)
    assert len(lines) == count + 1
    return lines


def sealed(lines: list[dict[str, Any]]) -> list[bytes]:
    """Return *lines* as an export that somebody wrote by hand, with a right end."""
    raw = [json.dumps(line).encode() + b"\n" for line in lines[:-1]]
    end = {"line": "end", "lines": len(raw), "crc32": crc32(b"".join(raw))}
    return [*raw, json.dumps(end).encode() + b"\n"]


async def test_an_imported_database_has_equal_logs_and_verifies(made, exported, tmp_path) -> None:
    data = tmp_path / "data"
    entries = import_lines(data, exported, examine=examine)
    assert list(verify(data / "conclave.db")) == []
    # But for what the audit log says of the import itself.
    assert [line for line in lines_of(data)[1:-1] if b'"data.imported"' not in line] == (
        exported[1:-1]
    )
    old, new = await SqliteStore.open(made), await SqliteStore.open(data)
    logs = [await log_of(old, room) for room in ROOMS]
    assert [await log_of(new, room) for room in ROOMS] == logs
    # Besides, what `govern` did in rooms of its own.
    assert entries > sum(map(len, logs))
    for room in ROOMS:
        for reader in ("ann", "bob"):
            if await old.member(room, reader):
                was = await old.history(room, reader=reader)
                assert (await new.history(room, reader=reader)).entries == was.entries
                assert await new.room_for(room, reader) == await old.room_for(room, reader)
    assert new.epoch != old.epoch
    await old.close()
    await new.close()


async def test_tokens_and_requests_go_on_to_work(exported, tmp_path) -> None:
    import_lines(tmp_path / "data", exported)
    store = await SqliteStore.open(tmp_path / "data")
    identity = await TokenAuthenticator(store).authenticate(TOKEN)
    assert identity is not None
    assert identity.user == "ann"
    before = await store.heads(["hall"])
    await say(store, 5)  # said before, with the same request id
    assert await store.heads(["hall"]) == before
    await say(store, 1000)
    assert await store.heads(["hall"]) != before
    await store.close()


async def test_the_data_of_one_user_is_what_they_wrote_and_what_is_said_of_them(made) -> None:
    lines = [json.loads(line) for line in lines_of(made, "bob")]
    assert lines[0]["of"] == "bob"
    (user,) = [line for line in lines if line["line"] == "user"]
    assert user["id"] == "bob"
    entries = [line for line in lines if line["line"] == "entry"]
    assert all("bob" in (line["user"], line["extra"].get("member")) for line in entries)
    rooms = {line["room"] for line in entries}
    assert {"hall", "Grüße", "court"} < rooms
    assert {line["user"] for line in lines if line["line"] == "member"} == {"bob"}
    kinds = {line["line"] for line in lines}
    assert {"ignore", "report", "link"} <= kinds
    assert not {"password", "totp", "recovery", "request"} & kinds
    assert all(line["digest"] is None for line in lines if line["line"] in ("link", "token"))
    assert "ann" not in {line.get("direct_key") for line in lines}
    assert "cellar" not in {line.get("name") for line in lines}
    tokens = [json.loads(line) for line in lines_of(made, "ann")]
    assert [line["digest"] for line in tokens if line["line"] == "token"] == [None]
    with pytest.raises(CannotDo, match="no user 'nobody'"):
        lines_of(made, "nobody")


SECRETS = [
    ("password", "INSERT INTO passwords VALUES ('bob', 'SECRET', 7)", {"changed_at": 7}),
    ("totp", "INSERT INTO totp VALUES ('bob', x'5ec7e7', 7, 1)", {"confirmed_at": 7}),
    ("recovery", "INSERT INTO recovery_codes VALUES ('bob', x'5ec7e7', 7)", {"used_at": 7}),
    (
        "passkey",
        "INSERT INTO passkeys VALUES (x'1d', 'bob', x'5ec7e7', 1, 'key', 7, NULL)",
        {"id": "1d", "name": "key"},
    ),
    (
        "subscription",
        (
            "INSERT INTO subscriptions VALUES ('s', 'bob', NULL,"
            " 'https://push.example.net/SECRET', x'5ec7e7', x'5ec7e7', 1, 7)"
        ),
        {"service": "push.example.net", "with_text": True, "created_at": 7},
    ),
]


@pytest.mark.parametrize(("kind", "row", "says"), SECRETS, ids=[one[0] for one in SECRETS])
def test_of_one_user_is_said_what_they_come_in_with_and_not_how(
    made, tmp_path, kind, row, says
) -> None:
    data = tmp_path / "data"
    shutil.copytree(made, data)
    with closing(driver().connect(data / "conclave.db")) as connection:
        connection.execute(row)
        connection.commit()
    lines = lines_of(data, "bob")
    (line,) = [line for line in map(json.loads, lines) if line["line"] == kind]
    assert says.items() <= line.items()
    content = b"".join(lines)
    assert b"SECRET" not in content
    assert b"5ec7e7" not in content
    assert b"5ec7e7" not in b"".join(lines_of(data, "ann"))


async def test_a_room_that_one_has_left_is_told_as_it_was_called(made, tmp_path) -> None:
    data = tmp_path / "data"
    shutil.copytree(made, data)
    store = await SqliteStore.open(data)
    await store.quit_room("hall", BOB)
    update = {"room": "hall", "user": "ann", "name": "Ann", "type": "room:updated"}
    await store.append(Draft(**update, extra={"topic": "NOW WITHOUT HIM"}))
    await store.close()
    lines = [json.loads(line) for line in await asyncio.to_thread(lines_of, data, "bob")]
    (hall,) = [line for line in lines if line["line"] == "room" and line["name"] == "hall"]
    assert (hall["title"], hall["topic"], hall["last_seq"], hall["last_time"]) == ("", "", 0, 0)
    assert [line for line in lines if line["line"] == "entry" and line["room"] == "hall"]


def test_a_directory_that_is_used_is_not_imported_into(exported, made, tmp_path) -> None:
    before = (made / "conclave.db").read_bytes()
    with pytest.raises(CannotDo, match="has users"):
        import_lines(made, exported)
    assert (made / "conclave.db").read_bytes() == before


async def test_an_empty_database_may_be_filled(exported, tmp_path) -> None:
    store = await SqliteStore.open(tmp_path / "data")
    await store.close()
    import_lines(tmp_path / "data", exported, examine=examine)
    assert list(verify(tmp_path / "data" / "conclave.db")) == []


def nothing_there(data: Path) -> bool:
    return {file.name for file in data.iterdir()} <= {"conclave.lock"}


CUTS: list[tuple[str, Callable[[list[bytes]], list[bytes]], str]] = [
    ("empty", lambda lines: [], "line 0: the file ends"),
    ("one line", lambda lines: lines[:1], "line 1: the file ends"),
    ("half", lambda lines: lines[: len(lines) // 2], "was cut"),
    ("no end", lambda lines: lines[:-1], "was cut"),
    ("half a line", lambda lines: [*lines[:9], lines[9][:-20]], "line 10: "),
    ("a line gone", lambda lines: lines[:30] + lines[31:], "line "),
    ("a line twice", lambda lines: lines[:30] + lines[29:], "line "),
    ("two swapped", lambda lines: [*lines[:30], lines[31], lines[30], *lines[32:]], "line "),
    ("changed", lambda lines: [line.replace(b"word7", b"word8") for line in lines], "changed or"),
    ("more", lambda lines: [*lines, lines[1]], "follows the last"),
    ("no JSON", lambda lines: [*lines[:5], b"what?\n", *lines[5:]], "line 6: "),
    ("deep", lambda lines: [*lines[:5], b"[" * 100_000 + b"\n", *lines[5:]], "line 6: "),
    ("no header", lambda lines: lines[1:], "line 1: this is no export"),
    ("twice begun", lambda lines: [lines[0], *lines], "line 2: a second beginning"),
]


@pytest.mark.parametrize(("spoil", "says"), [one[1:] for one in CUTS], ids=[one[0] for one in CUTS])
def test_what_is_no_whole_export_leaves_nothing(exported, tmp_path, spoil, says) -> None:
    with pytest.raises(CannotDo) as refused:
        import_lines(tmp_path / "data", spoil(exported))
    assert says in str(refused.value)
    assert "\n" not in str(refused.value)
    assert nothing_there(tmp_path / "data")


def first(kind: str) -> Callable[[list[dict[str, Any]]], dict[str, Any]]:
    return lambda lines: next(line for line in lines if line["line"] == kind)


HANDS = [
    ("export", {"format": 4}, "format 4"),
    ("export", {"of": "bob"}, "one user"),
    ("user", {"role": "king"}, "role"),
    ("user", {"id": None}, "id"),
    ("user", {"shoes": 4}, "shoes"),
    ("user", {"created_at": 10**30}, "too large"),
    ("entry", {"timestamp": -(10**30)}, "too large"),
    ("token", {"digest": "zz"}, "no hexadecimal"),
    ("token", {"digest": None}, "without its digest"),
    ("token", {"user": "nobody"}, "FOREIGN KEY"),
    ("room", {"name": "Grüße"}, "line "),
    ("room", {"last_seq": 3}, "ends at"),
    ("room", {"first_seq": 2}, "where 2 should be"),
    ("room", {"title": "x"}, "its title"),
    ("member", {"user": "nobody"}, "FOREIGN KEY"),
    ("member", {"read_seq": 10_000}, "read up to"),
    ("member", {"role": "member"}, "the log says owner"),
    ("entry", {"room": "nowhere"}, "not the one before"),
    ("entry", {"seq": 7}, "entry 7"),
    ("entry", {"id": "x"}, "is no id"),
    ("entry", {"timestamp": 1 << 50}, "earlier"),
    ("request", {"digest": "00" * 16}, "another content"),
    ("request", {"seq": 9}, "another or missing"),
]


@pytest.mark.parametrize(
    ("kind", "values", "says"), HANDS, ids=[f"{one[0]} {one[1]}" for one in HANDS]
)
def test_what_cannot_be_is_refused_under_a_right_seal(
    exported, tmp_path, kind, values, says
) -> None:
    lines = [json.loads(line) for line in exported]
    first(kind)(lines).update(values)
    with pytest.raises(CannotDo) as refused:
        import_lines(tmp_path / "data", sealed(lines), examine=examine)
    assert says in str(refused.value)
    assert "\n" not in str(refused.value)
    assert nothing_there(tmp_path / "data")


def test_what_is_of_one_user_alone_is_not_imported(exported, tmp_path) -> None:
    lines = [json.loads(line) for line in exported]
    pushed = {"user": "bob", "id": "s", "session": None, "service": "push.example.net"}
    lines.insert(-1, {"line": "subscription", **pushed, "with_text": True, "created_at": 7})
    with pytest.raises(CannotDo, match="a subscription is of one server"):
        import_lines(tmp_path / "data", sealed(lines))
    assert nothing_there(tmp_path / "data")


def test_the_wal_of_a_database_that_is_gone_is_not_touched(exported, tmp_path) -> None:
    wal = tmp_path / "data" / "conclave.db-wal"
    wal.parent.mkdir()
    wal.write_bytes(b"what was said last")
    with pytest.raises(CannotOpen, match="-wal is still there"):
        import_lines(tmp_path / "data", exported)
    assert wal.read_bytes() == b"what was said last"
    assert not (tmp_path / "data" / "conclave.db").exists()


def test_an_import_that_is_interrupted_leaves_nothing(exported, tmp_path) -> None:
    def stop(path: Path) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        import_lines(tmp_path / "data", exported, examine=stop)
    assert nothing_there(tmp_path / "data")
