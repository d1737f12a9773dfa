"""D9: whatever number a page is asked for by, it is bounded, ends, and reads no whole log."""

import asyncio
import json
import statistics
import time
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, event
from tests.support.lived_in import make
from tests.support.long_log import grow
from tests.support.people import app

from conclave import Reject, testing
from conclave.model import Draft
from conclave.storage.driver import raw, reading_engine
from conclave.storage.opened import open_room
from conclave.storage.pages import number_at
from conclave.storage.selecting import Which

REFUSED: list[dict[str, Any]] = [
    {"limit": 0}, {"limit": -1}, {"limit": 10**9}, {"before": -1}, {"after": -5}, {"around": -1},
    {"before": 2**53}, {"after": 2**63}, {"around": 10**30}, {"before": "5"}, {"after": 1.5},
    {"before": 5, "after": 2}, {"before": 9, "around": 9}, {"thread": 1, "around": 3},
    {"pinned": True, "after": 1}, {"as": "entries", "before": 3}, {"as": "anything"},
    {"at": -1}, {"at": 2**63}, {"at": "5"}, {"at": 1.5}, {"at": 5, "before": 2},
]  # fmt: skip
TAKEN: list[dict[str, Any]] = [
    {}, {"limit": 1}, {"limit": 500}, {"before": 0}, {"before": 1}, {"before": 2**53 - 1},
    {"after": 0}, {"after": 2**53 - 1}, {"around": 0}, {"around": 2**53 - 1}, {"thread": 2**53 - 1},
    {"as": "entries"}, {"as": "entries", "after": 2**53 - 1}, {"pinned": True},
    {"at": 0}, {"at": 2**53 - 1}, {"at": 1_795_000_000_000},
]  # fmt: skip


async def write(server: testing.Server, count: int) -> None:
    user = {"room": "hall", "user": "ann", "name": "ann"}
    drafts = [Draft(**user, text=f"message {n} " + "x" * 1_000) for n in range(count)]
    await asyncio.gather(*(server.node.store.append(draft) for draft in drafts))


async def test_a_page_is_bounded_whatever_it_is_asked_for_by() -> None:
    async with testing.serve(app(), rate=0) as server, server.client("i-am-ann") as ann:
        await ann.ask("room:create", room="hall")
        await ann.ask("join:room", room="hall")
        await write(server, 400)
        for asked in REFUSED:
            with pytest.raises(Reject, match="bad_request"):
                await ann.ask("get:history", room="hall", **asked)
            # Ten bad requests within a minute would end the connection.
            server.clock.turn(7)
        for asked in TAKEN:
            page = await ann.ask("get:history", room="hall", **asked)
            lines = page["messages"]
            assert len(lines) <= (500 if asked.get("as") == "entries" else 100), asked
            assert len(json.dumps(page, ensure_ascii=False)) <= 128 * 1024, asked
        print(f"D9: {len(REFUSED)} numbers refused, {len(TAKEN)} pages of at most 100 and 128 KiB")


async def test_a_page_of_nothing_but_the_deleted_leads_on() -> None:
    async with testing.serve(app(), rate=0) as server, server.client("i-am-ann") as ann:
        await ann.ask("room:create", room="hall")
        await ann.ask("join:room", room="hall")
        await write(server, 250)
        for seq in range(80, 200):
            await ann.ask("message:delete", room="hall", target=seq)
        seen, before, more = [], None, True
        while more:
            asked = {} if before is None else {"before": before}
            page = await ann.ask("get:history", room="hall", **asked)
            seen = [line["seq"] for line in page["messages"]] + seen
            before, more = seen[0], page["more"]
        assert seen == list(range(2, 252))
        print("D9: 120 deleted in a row: all 250 numbers are reached")


@pytest.mark.alone
async def test_a_thousand_deep_pages_at_once_hold_nobody_up() -> None:
    async with (
        testing.serve(app(), rate=0) as server,
        server.client("i-am-ann") as ann,
        server.client("i-am-bob") as bob,
    ):
        await ann.ask("room:create", room="hall")
        for client in (ann, bob):
            await client.ask("join:room", room="hall")
        await write(server, 2_000)
        waits: list[float] = []

        async def canary() -> None:
            while True:
                began = time.perf_counter()
                await bob.ask("chat", room="hall", text="alive")
                waits.append(time.perf_counter() - began)
                await asyncio.sleep(0.02)

        watching = asyncio.create_task(canary())
        done = refused = 0
        for at in range(0, 1_000, 50):
            answers = await asyncio.gather(
                *(
                    ann.ask("get:history", room="hall", before=at + n, limit=5, within=30)
                    for n in range(1, 51)
                ),
                return_exceptions=True,
            )
            done += sum(isinstance(one, dict) for one in answers)
            refused += sum(isinstance(one, Reject) and one.code == "busy" for one in answers)
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
        p99 = statistics.quantiles(waits, n=100)[98] if len(waits) > 1 else waits[0]
        print(f"D9: {done} deep pages, {refused} busy; the canary p99 {p99 * 1e3:.0f} ms")
        assert done + refused == 1_000
        assert p99 < 1.0


class Asked:
    """Notes the statements of an engine, and looks how each is answered."""

    def __init__(self, engine: Engine) -> None:
        self.statements: list[tuple[str, Any]] = []
        event.listen(engine, "before_cursor_execute", self._note)

    def _note(self, _c: Any, _k: Any, statement: str, values: Any, _x: Any, _m: Any) -> None:
        self.statements.append((statement, values))

    def check_indexes(self, connection: Connection) -> None:
        for statement, values in self.statements:
            plan = raw(connection).execute(f"EXPLAIN QUERY PLAN {statement}", values)
            for *_, step in plan.fetchall():
                # What is walked is only what was found by an index before.
                assert not step.startswith("SCAN") or step == "SCAN anon_1", step


async def test_no_page_reads_a_whole_log(tmp_path: Path) -> None:
    await make(tmp_path / "data")
    engine = reading_engine(tmp_path / "data" / "conclave.db")
    asked = Asked(engine)
    statements = [Which().back, Which().on, Which(4).back, Which(4).on]
    statements.append(Which(pinned=True).back)
    with engine.connect() as connection:
        for statement in statements:
            values = {"room": 1, "seq": 9, "root": 4, "first": 1, "rows": 5}
            connection.execute(statement, values).all()
        asked.check_indexes(connection)
    engine.dispose()
    assert len(asked.statements) == len(statements)
    print(f"D9: {len(statements)} kinds of pages, each by an index")


async def test_a_moment_is_found_by_halving_the_log(tmp_path: Path) -> None:
    await make(tmp_path / "data")
    grow(tmp_path / "data" / "conclave.db", "hall", 10_000)
    engine = reading_engine(tmp_path / "data" / "conclave.db")
    with engine.connect() as connection:
        room = open_room(connection, "", "hall")
        length = room.last_seq - room.first_seq + 1
        assert length > 10_000
        for at in (0, 1_795_000_000_000, 2**53 - 1):
            asked = Asked(engine)
            assert room.first_seq <= number_at(connection, room, at) <= room.last_seq
            assert len(asked.statements) <= length.bit_length()
            asked.check_indexes(connection)
    engine.dispose()
