"""
What one may not know of cannot be found out, and who is removed is out at once.

D2, D3, D4, D6, D8 and D10 of the acceptance list, on a running server.
"""

import asyncio
import contextlib
import random
import statistics
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
from tests.support.people import app

from conclave import Reject, testing
from conclave.storage.deleting import Deletions

FOREIGN = "cellar"
MISSING = "nothing"


async def code_of(client: testing.Client, event: str, **data: Any) -> str:
    try:
        await client.ask(event, **data)
    except Reject as no:
        return f"{no.code}: {no.message}"
    return "ok"


@pytest.fixture
async def server() -> AsyncIterator[testing.Server]:
    words = {"rate": 0, "presence_grace": 0.0, "max_rooms_per_user": 0}
    async with testing.serve(app(), **words) as server:
        yield server


@contextlib.asynccontextmanager
async def people(server: testing.Server, *names: str) -> AsyncIterator[list[testing.Client]]:
    async with contextlib.AsyncExitStack() as stack:
        clients = [await stack.enter_async_context(server.client(f"i-am-{name}")) for name in names]
        for client in clients:
            # Whom another authenticator vouches for is known from the first room on.
            await client.ask("join:room", room="general")
            await client.ask("leave:room", room="general")
            client.forget()
        yield clients


# Requests that name a room, a message, a person, a report or a link of somebody else's.
ASKED: dict[str, dict[str, Any]] = {
    "chat": {"text": "x"},
    "message:edit": {"target": 2, "text": "x"},
    "message:delete": {"target": 2},
    "message:pin": {"target": 2},
    "message:unpin": {"target": 2},
    "message:report": {"target": 2},
    "reaction:add": {"target": 2, "emoji": "👍"},
    "reaction:remove": {"target": 2, "emoji": "👍"},
    "typing": {"active": True},
    "read": {"seq": 2},
    "get:history": {},
    "room:members": {},
    "room:update": {"title": "x"},
    "room:invite": {"user": "ann"},
    "room:kick": {"user": "ann"},
    "room:ban": {"user": "ann"},
    "room:unban": {"user": "ann"},
    "room:mute": {"user": "ann"},
    "room:unmute": {"user": "ann"},
    "room:role": {"user": "ann", "role": "member"},
    "room:archive": {},
    "room:delete": {},
    "room:enter": {},
    "room:quit": {},
    "leave:room": {},
    "room:sanctions": {},
    "room:link": {},
    "room:links": {},
    "room:unlink": {"link": "x"},
    "room:notify": {"notify": "none"},
    "room:favourite": {"favourite": True},
    "reports": {},
    "search": {"query": "secret"},
}


async def furnish(server: testing.Server, ann: testing.Client) -> dict[str, str]:
    """Make a private room and a direct one, which eve is not in, with something in each."""
    await ann.ask("room:create", room=FOREIGN, kind="private")
    direct = (await ann.ask("room:direct", users=["bob"]))["room"]
    for room in (FOREIGN, direct):
        await ann.ask("join:room", room=room)
        said = await ann.ask("chat", room=room, text="secret canary")
        await ann.ask("message:report", room=room, target=said["seq"])
    return {"private": FOREIGN, "direct": direct}


async def test_a_foreign_room_is_answered_as_one_that_is_not_there(server) -> None:
    """D2, D3, D6: also where its name was found out, and for every request that names one."""
    async with people(server, "ann", "bob", "eve") as (ann, bob, eve):
        await bob.ask("room:list")
        rooms = await furnish(server, ann)
        checked = 0
        for kind, room in rooms.items():
            # A room that is not there is made by joining: of others the same is refused.
            assert (await code_of(eve, "join:room", room=room)).startswith("no_such_room")
            for event, data in ASKED.items():
                foreign = await code_of(eve, event, room=room, **data)
                missing = await code_of(eve, event, room=MISSING, **data)
                assert foreign == missing, (kind, event)
                checked += 1
        told = str([event.data for event in eve.events])
        assert "canary" not in told
        for event in ("room:list",):
            for scope in ("mine", "public"):
                listed = await eve.ask(event, scope=scope)
                assert not {one["room"] for one in listed["rooms"]} & set(rooms.values())
        print(f"D2 D3 D6: {checked} requests by name, each answered as of a room that is not there")


@pytest.mark.parametrize("wrong", [0, 10**9, 2**53 - 1])
async def test_numbers_of_nothing_are_no_messages(server, wrong: int) -> None:
    async with people(server, "ann", "bob") as (ann, _):
        await furnish(server, ann)
        for event in ("message:edit", "message:delete", "message:pin", "reaction:add"):
            more = {"text": "x"} if event == "message:edit" else {}
            more |= {"emoji": "👍"} if event == "reaction:add" else {}
            code = await code_of(ann, event, room=FOREIGN, target=wrong, **more)
            assert code.startswith("no_such_message"), event
        for bad in (-1, 2**53, 2**63, "2", 1.5, None):
            code = await code_of(ann, "message:delete", room=FOREIGN, target=bad)
            assert code.startswith("bad_request"), bad


@pytest.mark.alone
async def test_a_foreign_room_is_not_told_by_the_time_an_answer_takes(server) -> None:
    """D2: medians of many that take turns; less than a tenth apart."""
    rounds = 400
    async with people(server, "ann", "bob", "eve") as (ann, _, eve):
        await furnish(server, ann)
        for event, data in (("room:members", {}), ("room:kick", {"user": "ann"})):
            took: dict[str, list[float]] = {FOREIGN: [], MISSING: []}
            for n in range(rounds):
                for room in (FOREIGN, MISSING) if n % 2 else (MISSING, FOREIGN):
                    began = time.perf_counter()
                    await code_of(eve, event, room=room, **data)
                    took[room].append(time.perf_counter() - began)
            foreign, missing = (statistics.median(took[room]) for room in (FOREIGN, MISSING))
            apart = abs(foreign - missing) / missing
            print(f"D2: {event}: {foreign * 1e6:.0f} and {missing * 1e6:.0f} µs, {apart:.1%} apart")
            assert apart < 0.1


async def test_who_is_removed_hears_nothing_after_it_while_messages_flow(server) -> None:
    """D4: 20 victims, kicked and banned while others write; nothing beyond the removal."""
    victims = 20
    names = [f"v{n}" for n in range(victims)]
    async with people(server, "ann", "bob", *names) as (ann, bob, *crowd):
        await ann.ask("room:create", room="hall")
        for client in (ann, bob, *crowd):
            await client.ask("join:room", room="hall")
        going = True
        sent = 0

        async def flow(client: testing.Client) -> None:
            nonlocal sent
            while going:
                await asyncio.gather(
                    *(client.ask("chat", room="hall", text=f"m{sent + k}") for k in range(20))
                )
                sent += 20

        began = time.monotonic()
        writers = [asyncio.create_task(flow(client)) for client in (ann, bob)]
        ends: dict[str, int] = {}
        for n, name in enumerate(names):
            await asyncio.sleep(0.03)
            await ann.ask("room:ban" if n % 2 else "room:kick", room="hall", user=name)
        going = False
        await asyncio.gather(*writers)
        rate = sent / (time.monotonic() - began)
        seq, more = 0, True
        while more:
            page = await server.node.store.after("hall", seq)
            seq, more = page.upto, page.more
            ends |= {e.extra["member"]: e.seq for e in page.entries if e.type == "member:removed"}
        assert len(ends) == victims
        await asyncio.sleep(0.1)
        for name, client in zip(names, crowd, strict=True):
            lines = [e.data for e in client.events if e.type in ("chat", "entry")]
            assert max(line["seq"] for line in lines if "seq" in line) <= ends[name]
            reason = "banned" if names.index(name) % 2 else "kicked"
            assert [one["reason"] for one in client.told("room:gone")] == [reason]
            assert (await code_of(client, "get:history", room="hall")).startswith("not_in_room")
        print(f"D4: {victims} removed at {rate:.0f} messages a second, none heard more")
        assert sent > 100


@pytest.mark.parametrize(
    "tries",
    [
        pytest.param(60, id="60 tries"),
        pytest.param(1_000, id="1000 tries", marks=[pytest.mark.slow, pytest.mark.timeout(900)]),
    ],
)
async def test_no_join_at_the_same_moment_undoes_a_ban(server, tries: int) -> None:
    """D4: whatever comes first, in the end the banned one is no member and hears nothing."""
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    chance = random.Random(seed)
    async with people(server, "ann", "eve") as (ann, eve):
        joined = 0
        for n in range(tries):
            room = f"hall {n}"
            await ann.ask("room:create", room=room)
            if chance.random() < 0.5:
                await eve.ask("join:room", room=room)

            async def late(doing: Any, wait: float) -> Any:
                await asyncio.sleep(wait)
                return await doing

            ban, join = await asyncio.gather(
                late(ann.ask("room:ban", room=room, user="eve"), chance.random() * 0.004),
                late(eve.ask("join:room", room=room), chance.random() * 0.004),
                return_exceptions=True,
            )
            assert ban == {}
            joined += isinstance(join, dict)
            assert await server.node.store.member(room, "eve") is None
            eve.forget()
            await ann.ask("join:room", room=room)
            await ann.ask("chat", room=room, text="after")
            assert (await code_of(eve, "join:room", room=room)).startswith("banned")
            assert not eve.told("chat", text="after")
            # Nobody may be in more than 128 at once.
            await ann.ask("leave:room", room=room)
        print(f"D4: {tries} bans, {joined} joins came first, none outlived it")


async def test_a_room_that_is_deleted_while_many_join_leaves_nobody_behind(server) -> None:
    """D10: 100 who join while it goes."""
    names = [f"u{n}" for n in range(100)]
    async with people(server, "ann", *names) as (ann, *crowd):
        await ann.ask("room:create", room="hall", kind="public")
        await ann.ask("join:room", room="hall")
        joins = [asyncio.create_task(code_of(one, "join:room", room="hall")) for one in crowd]
        await asyncio.wait(joins, return_when=asyncio.FIRST_COMPLETED)
        await ann.ask("room:delete", room="hall")
        answers = await asyncio.gather(*joins)
        in_time = answers.count("ok")
        for code in answers:
            assert code == "ok" or code.split(":")[0] in (
                "no_such_room", "not_in_room", "room_exists",
            ), code  # fmt: skip
        for one in (ann, *crowd):
            assert (await code_of(one, "chat", room="hall", text="x")).startswith("not_in_room")
            rooms = (await one.ask("room:list"))["rooms"]
            assert [room["room"] for room in rooms] == ["general"]
        told = sum(bool(one.told("room:gone", reason="deleted")) for one in crowd)
        assert told >= in_time > 0
        print(f"D10: deleted while 100 joined: {in_time} were in, {told} were told, none is left")


async def test_a_direct_room_stays_between_its_people(server) -> None:
    """D6: joining, history, typing, presence and search by a third, who knows its name."""
    async with people(server, "ann", "bob", "eve") as (ann, bob, eve):
        room = (await ann.ask("room:direct", users=["bob"]))["room"]
        assert (await bob.expect("room:changed", room=room))["title"] == "ann"
        assert (await bob.ask("room:direct", users=["ann"]))["room"] == room
        for client in (ann, bob):
            await client.ask("join:room", room=room)
        await ann.ask("chat", room=room, text="between us")
        await bob.expect("chat", text="between us")
        ann.forget()
        tried = 0
        for event, data in {"join:room": {}, **ASKED}.items():
            code = await code_of(eve, event, room=room, **data)
            ok = event in ("room:quit", "leave:room")
            assert code == "ok" if ok else code != "ok", event
            tried += 1
        found = await eve.ask("search", query="between")
        assert found["hits"] == []
        assert not [e for e in ann.events if "eve" in str(e.data)]
        print(f"D6: {tried} ways in, none led there")


async def test_places_in_a_link_are_given_as_often_as_it_says(server) -> None:
    """D8, over sockets: a link for one, and thirty who use it at once."""
    rounds, names = 5, [f"u{n}" for n in range(30)]
    async with people(server, "ann", *names) as (ann, *crowd):
        for n in range(rounds):
            room = f"cellar {n}"
            await ann.ask("room:create", room=room, kind="private")
            token = (await ann.ask("room:link", room=room, uses=1))["token"]
            answers = await asyncio.gather(
                *(code_of(one, "room:accept", token=token) for one in crowd)
            )
            assert answers.count("ok") == 1
            assert len(await server.node.store.members(room)) == 2
        print(f"D8: {rounds} × {len(names)} at once by a link for one: one each time")


async def test_one_makes_as_many_rooms_as_one_user_may() -> None:
    """D8, over sockets: fifty rooms a user; twenty at once at the limit, five times."""
    most, rounds, at_once = 50, 5, 20
    async with (
        testing.serve(app(), rate=0) as server,
        people(server, *["ann"] * 4, "bob") as (*anns, bob),
    ):
        store = server.node.store
        for n in range(most - rounds):
            await anns[0].ask("room:create", room=f"room {n}")
        for round_ in range(rounds):
            # All but one place are taken; joining a room that is not there makes it, too.
            left = await store.public_names()
            for n in range(rounds - 1 - round_):
                await anns[0].ask("room:create", room=f"spare {round_} {n}")
            answers = await asyncio.gather(
                *(
                    code_of(anns[n % 4], ("room:create", "join:room")[n % 2], room=f"{round_} {n}")
                    for n in range(at_once)
                )
            )
            assert answers.count("ok") == 1, answers
            assert {answer.partition(":")[0] for answer in answers} == {"ok", "too_many_rooms"}
            made = set(await store.public_names())
            assert len(made - {"general", "support", "random"}) == most
            for room in made - set(left) - {f"{round_} {n}" for n in range(at_once)}:
                await anns[0].ask("room:delete", room=room)
        # Others have places of their own, and what is deleted counts no more.
        assert await code_of(bob, "room:create", room="bob's") == "ok"
        assert (await code_of(anns[0], "room:create", room="x")).startswith("too_many_rooms")
        await anns[0].ask("room:delete", room="room 0")
        assert await code_of(anns[0], "room:create", room="x") == "ok"
        assert await code_of(anns[0], "room:direct", users=["bob"]) == "ok", "that is no room made"
    print(f"D8: {rounds} × {at_once} at once at {most} rooms of one user: {most} each time")


async def test_what_one_hears_live_of_a_room_follows_what_one_may(server) -> None:
    async with people(server, "ann", "bob") as (ann, bob):
        await ann.ask("room:create", room="hall")
        await bob.ask("join:room", room="hall")
        await ann.ask("room:mute", room="hall", user="bob", reason="loud")
        told = await bob.expect("room:changed", muted=True)
        assert "write" not in told["may"]
        assert (await code_of(bob, "typing", room="hall", active=True)).startswith("muted")
        await ann.ask("room:unmute", room="hall", user="bob")
        rooms = {room["room"]: room for room in (await bob.ask("room:list"))["rooms"]}
        assert "write" in rooms["hall"]["may"]
        await ann.ask("room:role", room="hall", user="bob", role="owner")
        await bob.expect("room:changed", role="owner")
        await ann.ask("room:archive", room="hall")
        assert "write" not in (await bob.expect("room:changed", archived=True))["may"]


async def test_an_edit_of_what_one_may_not_read_is_told_without_its_text(server) -> None:
    """D5, live: to who joined later; to the others as it is."""
    async with people(server, "ann", "bob", "eve") as (ann, bob, eve):
        await ann.ask("room:create", room="hall")
        for client in (ann, bob):
            await client.ask("join:room", room="hall")
        old = (await ann.ask("chat", room="hall", text="canary"))["seq"]
        await ann.ask("room:update", room="hall", settings={"history": "joined"})
        page = await eve.ask("join:room", room="hall")
        assert [line for line in page["messages"] if "canary" in line["text"]] == []
        new = (await ann.ask("chat", room="hall", text="seen"))["seq"]
        await ann.ask("message:edit", room="hall", target=old, text="canary, again")
        await ann.ask("message:edit", room="hall", target=new, text="seen, again")
        assert (await bob.expect("entry", type="message:edited", target=old))["text"]
        assert (await eve.expect("entry", type="message:edited", target=old))["text"] == ""
        assert (await eve.expect("entry", type="message:edited", target=new))["text"]
        since = {"epoch": page["epoch"], "seq": page["upto"]}
        missed = await eve.ask("join:room", room="hall", since=since)
        assert len(missed["messages"]) == 3
        assert "canary" not in str([event.data for event in eve.events])


async def test_who_reads_the_past_goes_by_what_the_room_says_at_that_moment(server) -> None:
    """D5, live: the setting changes while people are in, and nobody joins anew."""
    async with people(server, "ann", "bob", "eve") as (ann, bob, eve):
        await ann.ask("room:create", room="hall")
        for client in (ann, bob):
            await client.ask("join:room", room="hall")
        old = (await ann.ask("chat", room="hall", text="first"))["seq"]
        await eve.ask("join:room", room="hall")
        told = []
        for history in ("all", "joined", "all"):
            await ann.ask("room:update", room="hall", settings={"history": history})
            text = f"canary while {history} {len(told)}"
            await ann.ask("message:edit", room="hall", target=old, text=text)
            for reader in (bob, eve):
                reader.forget()
            text += ", again"
            await ann.ask("message:edit", room="hall", target=old, text=text)
            heard = await bob.expect("entry", type="message:edited", target=old)
            assert heard["text"] == text, "who joined before it hears it always"
            heard = await eve.expect("entry", type="message:edited", target=old)
            told.append(heard["text"] == text)
            assert heard["text"] in (text, "")
            page = await eve.ask("get:history", room="hall")
            assert told[-1] == any(line["seq"] == old for line in page["messages"])
        assert told == [True, False, True]
        print("D5: what is told of an old message follows the room's setting, 3 of 3 times")


async def test_nobody_resumes_into_another_room_of_the_same_name(server) -> None:
    """D10: a position of a deleted room is none in the next of its name."""
    async with people(server, "ann", "bob") as (ann, bob):
        await ann.ask("room:create", room="hall")
        await ann.ask("join:room", room="hall")
        old = await ann.ask("chat", room="hall", text="old")
        # The last entry is no message: a page of messages does not have it.
        await ann.ask("reaction:add", room="hall", target=old["seq"], emoji="👍")
        page = await bob.ask("join:room", room="hall")
        assert page["messages"][-1]["seq"] < page["upto"]
        since = {"epoch": page["epoch"], "seq": page["upto"], "id": page["upto_id"]}
        assert not (await bob.ask("join:room", room="hall", since=since))["reset"]
        await ann.ask("room:delete", room="hall")
        await Deletions(server.node.store).run()
        await ann.ask("room:create", room="hall")
        await ann.ask("join:room", room="hall")
        for n in range(9):
            await ann.ask("chat", room="hall", text=f"new {n}")
        page = await bob.ask("join:room", room="hall", since=since)
        assert page["reset"]
        texts = [line["text"] for line in page["messages"]]
        assert texts == [f"new {n}" for n in range(9)]
        print("D10: a position of the deleted room: reset, and nothing spliced")
