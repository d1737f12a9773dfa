"""The writing thread: what shares a commit, what shares a failure, and what ends it."""

import asyncio
import gc
import threading
import time
import weakref
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection

from conclave.model import Draft
from conclave.protocol.errors import Code, Reject
from conclave.storage.answers import Answers
from conclave.storage.batch import Called, Result
from conclave.storage.driver import driver, raw, writing_engine
from conclave.storage.lines import pend
from conclave.storage.writer import Writer


def append_run(connection: Connection, drafts: Any) -> list[Any]:
    answers: list[Any] = []
    for draft in drafts:
        if isinstance(draft, BaseException):
            raise draft
        raw(connection).execute("INSERT INTO kept VALUES (?)", (draft,))
        answers.append(draft if draft != "no" else Reject(Code.FORBIDDEN))
    return answers


Open = Callable[..., Writer[Any, Any]]


@pytest.fixture
async def start(tmp_path: Path) -> AsyncIterator[Open]:
    path = tmp_path / "test.db"
    connection = driver().connect(path)
    connection.execute("CREATE TABLE kept (text UNIQUE)")
    connection.close()
    writers: list[Writer[Any, Any]] = []

    def start(**options: int) -> Writer[Any, Any]:
        writers.append(Writer(writing_engine(path), append_run, **options))
        return writers[-1]

    yield start
    for writer in writers:
        await writer.close()


def kept(tmp_path: Path) -> list[str]:
    connection = driver().connect(tmp_path / "test.db")
    try:
        return [row[0] for row in connection.execute("SELECT text FROM kept ORDER BY rowid")]
    finally:
        connection.close()


class Gate:
    """A job that keeps the writer busy until it is opened."""

    def __init__(self) -> None:
        self._open = threading.Event()
        self._reached = threading.Event()

    def __call__(self, _: Connection) -> None:
        self._reached.set()
        assert self._open.wait(10)

    async def reached(self) -> None:
        await asyncio.to_thread(self._reached.wait, 10)

    def open(self) -> None:
        self._open.set()


async def held(writer: Writer[Any, Any]) -> tuple[Gate, "asyncio.Task[None]"]:
    gate = Gate()
    task = asyncio.create_task(writer.run(gate))
    await gate.reached()
    return gate, task


def waiting(*calls: Any) -> list["asyncio.Task[Any]"]:
    return [asyncio.create_task(call) for call in calls]


def insert(text: str) -> Callable[[Connection], str]:
    def job(connection: Connection) -> str:
        raw(connection).execute("INSERT INTO kept VALUES (?)", (text,))
        return text

    return job


def fail_with(error: BaseException, first: str = "half") -> Callable[[Connection], None]:
    def job(connection: Connection) -> None:
        raw(connection).execute("INSERT INTO kept VALUES (?)", (first,))
        raise error

    return job


def sqlite_error(code: int) -> Exception:
    error: Exception = driver().OperationalError("disk I/O error")
    error.sqlite_errorcode = code  # type: ignore[attr-defined]
    return error


async def codes(tasks: list["asyncio.Task[Any]"]) -> list[str | None]:
    answers = await asyncio.gather(*tasks, return_exceptions=True)
    return [answer.code if isinstance(answer, Reject) else None for answer in answers]


async def test_what_waits_together_is_committed_together(start: Open) -> None:
    writer = start()
    gate, first = await held(writer)
    tasks = waiting(*(writer.append(str(n)) for n in range(500)))
    await asyncio.sleep(0)
    gate.open()
    await asyncio.gather(first, *tasks)
    assert writer.commits == 2


async def test_a_batch_comes_back_to_the_loop_in_one_call(start: Open, monkeypatch) -> None:
    writer = start()
    calls: list[Any] = []
    loop = asyncio.get_running_loop()
    call = loop.call_soon_threadsafe
    gate, first = await held(writer)
    tasks = waiting(*(writer.append(str(n)) for n in range(100)))
    await asyncio.sleep(0)
    monkeypatch.setattr(
        loop, "call_soon_threadsafe", lambda f, *args: (calls.append(f), call(f, *args))
    )
    gate.open()
    await asyncio.gather(first, *tasks)
    assert len(calls) == 2


async def test_a_large_batch_leaves_turns_of_the_loop_to_others(start: Open) -> None:
    writer = start()
    gate, first = await held(writer)
    order: list[int] = []
    turns: list[int] = []

    async def append(n: int) -> None:
        await writer.append(str(n))
        order.append(n)
        turns.append(turn)

    tasks = waiting(*(append(n) for n in range(1_000)))
    turn = 0
    await asyncio.sleep(0)
    gate.open()
    while not all(task.done() for task in tasks):
        turn += 1
        await asyncio.sleep(0)
    await first
    assert order == [*range(1_000)]
    assert max(turns.count(one) for one in set(turns)) <= 2 * 64


async def test_jobs_and_appends_are_done_in_the_order_of_the_calls(start: Open, tmp_path) -> None:
    writer = start()
    tasks = waiting(
        writer.append("1"), writer.run(insert("2")), writer.append("3"), writer.append("4"),
        writer.run(insert("5")),
    )  # fmt: skip
    assert await asyncio.gather(*tasks) == ["1", "2", "3", "4", "5"]
    assert kept(tmp_path) == ["1", "2", "3", "4", "5"]


async def test_a_job_that_fails_undoes_itself_and_nothing_else(start: Open, tmp_path) -> None:
    writer = start()
    gate, first = await held(writer)
    tasks = waiting(
        writer.append("before"),
        writer.run(fail_with(ValueError("mine"))),
        writer.run(fail_with(Reject(Code.ROOM_EXISTS))),
        writer.run(insert("after")),
    )
    await asyncio.sleep(0)
    gate.open()
    answers = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(answer) for answer in answers] == [str, ValueError, Reject, str]
    assert kept(tmp_path) == ["before", "after"]
    assert writer.commits == 2
    await first


async def test_a_broken_constraint_is_the_jobs_own(start: Open, tmp_path) -> None:
    writer = start()
    await writer.append("once")
    answers = await asyncio.gather(
        writer.run(insert("once")), writer.append("twice"), return_exceptions=True
    )
    assert type(answers[0]).__name__ == "IntegrityError"
    assert answers[1] == "twice"
    assert writer.healthy


async def test_one_draft_may_be_refused_among_others(start: Open) -> None:
    writer = start()
    tasks = waiting(writer.append("yes"), writer.append("no"), writer.append("more"))
    assert await codes(tasks) == [None, Code.FORBIDDEN, None]


async def test_when_too_much_waits_the_answer_is_busy_and_passes(start: Open, tmp_path) -> None:
    writer = start(max_waiting=10)
    gate, first = await held(writer)
    tasks = waiting(*(writer.append(str(n)) for n in range(20)))
    await asyncio.sleep(0)
    gate.open()
    assert await codes(tasks) == [None] * 9 + [Code.BUSY] * 11
    await first
    assert await writer.append("later") == "later"
    assert kept(tmp_path) == [*"012345678", "later"]


async def test_the_loop_goes_on_while_the_disk_is_slow(start: Open) -> None:
    writer = start()
    gate, first = await held(writer)
    for _ in range(100):
        await asyncio.sleep(0)
    assert not first.done()
    gate.open()
    await first


async def test_a_full_disk_refuses_and_recovers(start: Open, tmp_path) -> None:
    writer = start()
    pages: list[int] = []

    def fill(connection: Connection) -> None:
        ((now,),) = raw(connection).execute("PRAGMA page_count").fetchall()
        pages.append(now)
        raw(connection).execute(f"PRAGMA max_page_count = {now}").fetchall()

    await writer.run(fill)
    tasks = waiting(writer.append("small"), writer.append("x" * 100_000), writer.run(insert("y")))
    assert await codes(tasks) == [Code.UNAVAILABLE] * 3
    assert writer.healthy
    assert kept(tmp_path) == []
    await writer.run(lambda c: raw(c).execute("PRAGMA max_page_count = 100000").fetchall())
    assert await writer.append("x" * 100_000)


@pytest.mark.parametrize("code", [10, 10 | (4 << 8), 11, 8, 26])
async def test_after_an_error_of_the_disk_nothing_is_written_for_good(
    start: Open, tmp_path, code: int
) -> None:
    writer = start()
    await writer.append("before")
    gate, first = await held(writer)
    tasks = waiting(
        writer.append("same batch"),
        writer.run(fail_with(sqlite_error(code))),
        writer.append("same batch, later"),
    )
    await asyncio.sleep(0)
    gate.open()
    assert await codes(tasks) == [Code.UNAVAILABLE] * 3
    await first
    assert not writer.healthy
    for _ in range(3):
        assert await codes(waiting(writer.append("again"))) == [Code.UNAVAILABLE]
    await writer.close()
    assert kept(tmp_path) == ["before"]


async def test_what_waits_when_the_disk_fails_is_refused_too(start: Open, tmp_path) -> None:
    writer = start(max_waiting=3)
    gate, first = await held(writer)
    broken = waiting(writer.run(fail_with(sqlite_error(10))))
    await asyncio.sleep(0)
    writer._max_waiting = 100  # the batch is what fits, the rest waits for the next
    later = waiting(*(writer.append(str(n)) for n in range(20)))
    await asyncio.sleep(0)
    gate.open()
    assert await codes(broken + later) == [Code.UNAVAILABLE] * 21
    await first
    assert kept(tmp_path) == []


async def test_a_thread_that_dies_leaves_nobody_waiting(start: Open, tmp_path) -> None:
    writer = start()
    gate, first = await held(writer)
    tasks = waiting(writer.append("a"), writer.append(SystemExit()), writer.run(insert("b")))
    await asyncio.sleep(0)
    gate.open()
    assert await codes(tasks) == [Code.UNAVAILABLE] * 3
    await first
    assert not writer.healthy
    assert await codes(waiting(writer.append("late"))) == [Code.UNAVAILABLE]
    await writer.close()
    assert kept(tmp_path) == []


async def test_a_file_held_by_another_process_is_busy_and_passes(start: Open, tmp_path) -> None:
    writer = start()
    await writer.run(lambda c: raw(c).execute("PRAGMA busy_timeout = 50").fetchall())
    other = driver().connect(tmp_path / "test.db", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    assert await codes(waiting(writer.append("a"), writer.run(insert("b")))) == [Code.BUSY] * 2
    assert writer.healthy
    other.execute("ROLLBACK")
    other.close()
    assert await writer.append("a") == "a"


async def test_a_caller_that_goes_away_disturbs_nobody(start: Open, tmp_path) -> None:
    writer = start()
    gate, first = await held(writer)
    gone, stays = waiting(writer.append("gone"), writer.append("stays"))
    await asyncio.sleep(0)
    gone.cancel()
    gate.open()
    assert await stays == "stays"
    await first
    assert kept(tmp_path) == ["gone", "stays"]


async def test_closing_finishes_what_waits_and_may_be_repeated(start: Open, tmp_path) -> None:
    writer = start()
    tasks = waiting(*(writer.append(str(n)) for n in range(10)))
    await asyncio.sleep(0)
    await asyncio.gather(writer.close(), writer.close())
    assert await codes(tasks) == [None] * 10
    assert await codes(waiting(writer.append("late"))) == [Code.UNAVAILABLE]
    assert len(kept(tmp_path)) == 10


async def test_the_wal_is_checkpointed_as_it_grows_and_gone_at_the_end(start, tmp_path) -> None:
    writer = start()
    wal = tmp_path / "test.db-wal"
    for _ in range(12):
        texts = [f"{_} {n} " + "x" * 200 for n in range(1000)]
        await asyncio.gather(*(writer.append(text) for text in texts))
    assert wal.stat().st_size < 4 * 2**20  # 12,000 rows of 210 bytes
    await writer.close()
    assert not wal.exists()


async def test_what_is_begun_is_told_of_in_order_with_what_refused_it(start, tmp_path):
    writer, told, ended = start(), [], asyncio.Event()

    def note(value: Any, no: BaseException | None) -> None:
        told.append(value if no is None else no)
        if len(told) == 3:
            ended.set()

    for draft in ("one", "no", "two"):
        writer.begin(draft, note, "room")
    assert writer.waiting == 3
    await ended.wait()
    assert [told[0], told[2]] == ["one", "two"]
    assert isinstance(told[1], Reject)
    assert told[1].code == Code.FORBIDDEN
    assert kept(tmp_path) == ["one", "no", "two"]
    assert writer.waiting == 0


async def test_what_cannot_be_begun_is_refused_at_once_and_told_of_never(start):
    writer, told = start(max_waiting=1), []
    gate, task = await held(writer)
    with pytest.raises(Reject, match="busy"):
        writer.begin("late", lambda *ended: told.append(ended), "room")
    gate.open()
    await task
    await writer.close()
    with pytest.raises(Reject, match="unavailable"):
        writer.begin("later", lambda *ended: told.append(ended), "room")
    assert not told


async def test_one_that_fails_to_be_told_keeps_nobody_else_waiting(start):
    writer = start()

    def fail(*_: Any) -> None:
        raise RuntimeError("on purpose")

    writer.begin("one", fail, "room")
    async with asyncio.timeout(20):
        assert await writer.append("two") == "two"
        assert await writer.append("three") == "three"


async def test_what_is_begun_and_what_is_appended_are_told_of_in_one_order(start):
    writer, told = start(), []
    gate, task = await held(writer)

    async def append(text: str) -> None:
        told.append(await writer.append(text))

    appended = []
    for n in range(6):
        if n % 2:
            writer.begin(str(n), lambda value, _: told.append(value), "room")
        else:
            appended.append(asyncio.create_task(append(str(n))))
            await asyncio.sleep(0)
    gate.open()
    await asyncio.gather(task, *appended)
    assert await writer.append("6") == "6"
    assert told == ["0", "1", "2", "3", "4", "5"]


async def test_what_is_begun_is_told_of_for_a_while_and_then_others_have_a_turn(start):
    writer, told, turns = start(), [], set()
    gate, task = await held(writer)

    def note(value: Any, _: BaseException | None) -> None:
        told.append(value)
        turns.add(turn)
        time.sleep(0.0002)

    turn, texts = 0, [str(n) for n in range(300)]
    for text in texts:
        writer.begin(text, note, "room")
    gate.open()
    while len(told) < len(texts):
        turn += 1
        await asyncio.sleep(0)
    await task
    assert told == texts
    assert len(turns) > 2


async def test_who_is_told_by_a_function_overtakes_nobody_of_an_earlier_commit(start):
    told = []
    loop = asyncio.get_running_loop()
    answers, future = Answers(), loop.create_future()
    future.add_done_callback(lambda _: told.append("first"))
    later = Called(lambda *_: told.append("then"), "room")
    # Both in one turn of the loop.
    answers.give([Result(future, None, None)])
    answers.give([Result(later, None, None)])
    while len(told) < 2:
        await asyncio.sleep(0)
    assert told == ["first", "then"]


async def test_those_of_one_room_are_told_together_and_in_order(start):
    writer, told = start(), []
    gate, task = await held(writer)
    for n in range(9):
        writer.begin(str(n), lambda value, _: told.append(value), f"room-{n % 3}")
    gate.open()
    while len(told) < 9:
        await asyncio.sleep(0)
    await task
    assert told == ["0", "3", "6", "1", "4", "7", "2", "5", "8"]


class Fault(Exception):
    """What one can have a weak reference to."""


async def refusal_of(work: Any) -> "weakref.ref[BaseException]":
    with pytest.raises(Fault) as failed:
        await work
    return weakref.ref(failed.value)


async def test_a_refusal_that_holds_what_waited_for_it_is_freed_by_the_collector(start):
    # It holds the frame in which it was raised, that holds the item, that its waiter, and he it.
    writer = start()

    def job(_: Connection) -> None:
        raise Fault

    refs = [await refusal_of(writer.run(job)), await refusal_of(writer.append(Fault()))]
    # Until then the thread may have it in its hands.
    await writer.run(lambda _: None)
    gc.collect()
    assert [ref() for ref in refs] == [None, None]


async def test_what_waits_for_a_commit_is_mostly_nothing_to_the_collector():
    draft = Draft(room="room", user="ada", name="Ada", client_id="1", extra={"mentions": ["bob"]})
    called = Called(lambda *_: None, "room")
    assert not any(map(gc.is_tracked, (draft, pend(draft), called)))
