"""The audit log: what was noted is found again, and the old is forgotten."""

import asyncio
import sqlite3
from typing import Any

import pytest

from conclave.model import (
    OPERATOR,
    SERVER,
    STRANGER,
    Action,
    AuditLine,
    AuditQuery,
    Identity,
    Note,
    User,
)
from conclave.protocol.errors import Code, Reject
from conclave.storage import audit_log
from conclave.storage.audit import MOST_LINES, record
from conclave.storage.audit_log import MOST_WAITING, AuditLog
from conclave.storage.erase import erase

DAY_MS = 86_400_000


class Clock:
    """Two clocks, turned by hand."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def monotonic(self) -> float:
        return self.now

    def wall(self) -> int:
        return int(self.now * 1000)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def log(store, clock) -> AuditLog:
    return AuditLog(store, keep_days=30, wall=clock.wall, monotonic=clock.monotonic)


def failed(address: str = "192.0.2.1") -> Note:
    return Note(action=Action.SESSION_FAILED, actor=STRANGER, address=address)


def told(lines: list[AuditLine]) -> list[tuple[str, str, str | None]]:
    return [(line.actor, str(line.action), line.target) for line in lines]


async def test_what_was_noted_is_found_at_once_newest_first(log, clock) -> None:
    log.note(
        Note(
            action=Action.MEMBER_BANNED,
            actor="ann",
            target="bob",
            room="hall",
            address="192.0.2.7",
            details={"reason": "spam", "until": 5},
        )
    )
    clock.now += 1
    log.note(Note(action=Action.SERVER_STARTED, actor=SERVER))
    second, first = await log.lines(AuditQuery())
    assert first == AuditLine(
        id=1,
        at=1_000_000_000,
        action=Action.MEMBER_BANNED,
        actor="ann",
        target="bob",
        room="hall",
        address="192.0.2.7",
        details={"reason": "spam", "until": 5},
    )
    assert (second.id, second.at, second.details) == (2, 1_000_001_000, {})


LINES = [
    ("ann", Action.MEMBER_BANNED, "bob", "hall"),
    ("bob", Action.USER_ROLE, "ann", None),
    (OPERATOR, Action.USER_ROLE, "bob", None),
    ("ann", Action.USER_RENAMED, "cid", None),
    ("cid", Action.ROOM_DELETED, None, "hall"),
]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, [5, 4, 3, 2, 1]),
        ({"actor": "ann"}, [4, 1]),
        ({"target": "bob"}, [3, 1]),
        ({"user": "bob"}, [3, 2, 1]),
        ({"action": "user.role"}, [3, 2]),
        ({"action": "user"}, [4, 3, 2]),
        ({"action": "use"}, []),
        ({"room": "hall"}, [5, 1]),
        ({"since": 1_000_002_000, "until": 1_000_004_000}, [4, 3]),
        ({"limit": 2}, [5, 4]),
        ({"limit": 2, "before": 4}, [3, 2]),
        ({"limit": 2, "after": 2}, [3, 4]),
        ({"user": "ann", "action": "user", "before": 4}, [2]),
        ({"actor": "' OR 1=1 --"}, []),
    ],
)
async def test_lines_are_asked_for_by_all_they_say(log, clock, asked, found) -> None:
    for actor, action, target, room in LINES:
        log.note(Note(action=action, actor=actor, target=target, room=room))
        clock.now += 1
    assert [line.id for line in await log.lines(AuditQuery(**asked))] == found


async def test_pages_by_number_have_all_lines_once(log) -> None:
    for n in range(1_234):
        log.note(Note(action=Action.USER_CREATED, actor="ann", target=f"user{n}"))
    seen: list[int] = []
    while lines := await log.lines(AuditQuery(before=seen[-1] if seen else None, limit=10**9)):
        assert len(lines) <= MOST_LINES
        seen += [line.id for line in lines]
    assert seen == list(range(1_234, 0, -1))


async def test_many_notes_are_few_transactions(log, store) -> None:
    before = store._writer.commits
    for n in range(1_000):
        log.note(Note(action=Action.USER_CREATED, actor="ann", target=f"user{n}"))
    await log.write()
    assert len(await log.lines(AuditQuery(limit=500, before=501))) == 500
    assert store._writer.commits - before <= 5


async def test_a_flood_of_failed_tries_is_a_few_lines(log, clock) -> None:
    for n in range(10_000):
        log.note(failed(f"192.0.2.{n % 3}"))
    log.note(Note(action=Action.USER_CREATED, actor="ann", target="bob"))
    clock.now += 61
    lines = await log.lines(AuditQuery())
    assert len(lines) == 15 + 1 + 3
    counted = [line.details for line in lines if line.details]
    assert sum(int(said["times"]) for said in counted) == 10_000 - 15
    assert ("ann", "user.created", "bob") in told(lines)


async def test_what_was_only_counted_is_written_at_a_stop(log) -> None:
    for _ in range(100):
        log.note(failed())
    await log.write(last=True)
    (line, *_) = await log.lines(AuditQuery())
    assert line.details == {"why": "many", "times": 95, "addresses": 1}


async def test_what_the_store_refuses_is_written_later_and_once(log, store, monkeypatch) -> None:
    refusals = 0
    write = store.write

    async def refuse(*words: Any, **more: Any) -> Any:
        nonlocal refusals
        refusals += 1
        raise Reject(Code.BUSY)

    monkeypatch.setattr(store, "write", refuse)
    for n in range(MOST_WAITING + 5):
        log.note(Note(action=Action.USER_CREATED, actor="ann", target=f"user{n}"))
    await log.write()
    assert await log.lines(AuditQuery()) == []
    assert refusals == 2
    monkeypatch.setattr(store, "write", write)
    found = await log.lines(AuditQuery(after=0, limit=3))
    assert [line.target for line in found] == ["user0", "user1", "user2"]
    (last,) = await log.lines(AuditQuery(limit=1))
    assert (last.id, last.target) == (MOST_WAITING, f"user{MOST_WAITING - 1}")


async def test_a_writer_that_is_cancelled_writes_nothing_twice(log, store) -> None:
    for n in range(500):
        log.note(Note(action=Action.USER_CREATED, actor="ann", target=f"user{n}"))
    task = asyncio.create_task(log.write())
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await log.write()
    assert len(await log.lines(AuditQuery(limit=500))) == 500
    assert len(await log.lines(AuditQuery(limit=500, after=500))) == 0


async def test_an_act_that_is_undone_leaves_no_line(log, store) -> None:
    note = Note(action=Action.USER_ROLE, actor="ann", target="bob")

    def undone(connection: Any, _: Any) -> None:
        record(connection, note, now=1)
        raise Reject(Code.FORBIDDEN)

    with pytest.raises(Reject):
        await store.write(undone)
    assert await log.lines(AuditQuery()) == []
    await store.write(lambda connection, _: record(connection, note, note, now=7))
    assert [line.at for line in await log.lines(AuditQuery())] == [7, 7]


async def test_old_lines_are_forgotten_and_numbers_not_given_again(log, clock, monkeypatch) -> None:
    monkeypatch.setattr(audit_log, "_FORGET_ROWS", 10)
    for day in range(100):
        log.note(Note(action=Action.USER_CREATED, actor="ann", target=f"day{day}"))
        clock.now += 86_400
    await log.forget()
    await log.write()
    await log.forget()
    kept = await log.lines(AuditQuery())
    assert [line.target for line in kept] == [f"day{day}" for day in range(99, 69, -1)]
    clock.now += 86_400 * 365
    await log.forget()
    log.note(Note(action=Action.USER_CREATED, actor="ann", target="new"))
    assert [line.id for line in await log.lines(AuditQuery())] == [101, 100]


async def test_without_days_nothing_is_forgotten(store, clock) -> None:
    log = AuditLog(store, wall=clock.wall, monotonic=clock.monotonic)
    log.note(Note(action=Action.SERVER_STARTED, actor=SERVER))
    log.note(Note(action=Action.SERVER_STARTED, actor=SERVER))
    await log.write()
    clock.now += 86_400 * 36_500
    await log.forget()
    assert len(await log.lines(AuditQuery())) == 2


async def test_an_erased_user_is_in_no_line(log, store, sql) -> None:
    await store.put_user(User(id="bob", name="bob", display_name="Bob"))
    await store.create_room("hall", Identity(user="bob", name="Bob"))
    for actor, target in (("bob", "ann"), ("ann", "bob"), ("ann", "cid")):
        log.note(
            Note(
                action=Action.MEMBER_BANNED,
                actor=actor,
                target=target,
                address="192.0.2.7",
                details={"name": "bob", "role": "user", "reason": "as bob said"},
            )
        )
    await log.write()
    erased = await erase(store, "bob")
    last, third, second, first = await log.lines(AuditQuery())
    assert told([last]) == [(OPERATOR, "user.erased", erased.pseudonym)]
    assert told([first, second]) == [
        (erased.pseudonym, "member.banned", "ann"),
        ("ann", "member.banned", erased.pseudonym),
    ]
    assert [line.address for line in (first, second, third)] == [None, None, "192.0.2.7"]
    assert first.details == second.details == {"role": "user"}
    assert third.target == "cid"


async def test_common_questions_are_answered_from_an_index(store, sql) -> None:
    for where in ("actor = 'ann'", "target = 'ann'", "id < 500"):
        plan = sql(
            f"EXPLAIN QUERY PLAN SELECT * FROM audit WHERE {where} ORDER BY id DESC LIMIT 100"
        )
        assert all("SCAN" not in str(row) for row in plan), sqlite3.sqlite_version


async def test_what_a_later_version_has_written_is_shown_as_it_is(log, sql) -> None:
    log.note(Note(action=Action.SERVER_STARTED, actor=SERVER))
    await log.write()
    sql("UPDATE audit SET action = 'galaxy.moved'")
    (line,) = await log.lines(AuditQuery(action="galaxy"))
    assert line.action == "galaxy.moved"
