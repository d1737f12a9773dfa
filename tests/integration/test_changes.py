"""Two people and what they make of messages, rooms and marks, over real sockets."""

import asyncio
from typing import Any

import pytest

from conclave import Reject, testing
from conclave.model import SYSTEM, Draft

JOHN, ADMIN = "user-token-123", "admin-token-456"


@pytest.fixture
async def server():
    async with testing.serve() as server:
        yield server


@pytest.fixture
async def john(server):
    async with server.client(JOHN) as client:
        await client.ask("join:room", room="general")
        yield client


@pytest.fixture
async def admin(server, john):
    async with server.client(ADMIN) as client:
        await client.ask("join:room", room="general")
        client.forget()
        john.forget()
        yield client


async def said(client: Any, text: str = "hi", **more: Any) -> int:
    return int((await client.ask("chat", room="general", text=text, **more))["seq"])


async def info(client: Any, room: str = "general") -> dict[str, Any]:
    rooms = (await client.ask("room:list"))["rooms"]
    return dict(next(one for one in rooms if one["room"] == room))


async def code_of(asking: Any) -> str:
    with pytest.raises(Reject) as refused:
        await asking
    return str(refused.value.code)


async def test_a_change_is_acknowledged_and_told_to_all(john, admin):
    seq = await said(john)
    for type_, more, told in (
        ("message:edit", {"text": "ho"}, "message:edited"),
        ("reaction:add", {"emoji": "👍"}, "reaction:added"),
        ("reaction:remove", {"emoji": "👍"}, "reaction:removed"),
        ("message:pin", {}, "message:pinned"),
        ("message:unpin", {}, "message:unpinned"),
        ("message:delete", {}, "message:deleted"),
    ):
        ack = await john.ask(type_, room="general", target=seq, **more)
        for client in (john, admin):
            entry = await client.expect("entry", type=told, target=seq, seq=ack["seq"])
            assert entry["id"] == ack["message_id"]
    page = await admin.ask("get:history", room="general", around=seq, limit=2)
    (message,) = [one for one in page["messages"] if one["seq"] == seq]
    assert (message["text"], message["deleted"]) == ("", True)


async def test_a_change_of_a_room_one_is_not_in_is_refused(john, admin):
    seq = await said(admin)
    await john.ask("leave:room", room="general")
    for type_, more in (
        ("message:edit", {"text": "ho"}),
        ("message:delete", {}),
        ("message:pin", {}),
        ("reaction:add", {"emoji": "👍"}),
    ):
        asked = john.ask(type_, room="general", target=seq, **more)
        assert await code_of(asked) == "not_in_room"


async def test_the_same_request_again_is_acknowledged_again_also_from_outside(john, admin):
    seq = await said(john)
    asked = {"room": "general", "target": seq, "text": "ho", "id": "e-1"}
    first = await john.ask("message:edit", **asked)
    await john.ask("leave:room", room="general")
    assert await john.ask("message:edit", **asked) == first
    assert await code_of(john.ask("message:edit", **{**asked, "text": "no"})) == "id_reused"


@pytest.mark.parametrize("emoji", ["a", "lol", "<b>", "1", "👍a", " 👍", "\u202e", "\u200d", "#"])
async def test_what_is_no_emoji_is_no_reaction(john, emoji: str):
    seq = await said(john)
    asked = john.ask("reaction:add", room="general", target=seq, emoji=emoji)
    assert await code_of(asked) == "bad_request"


@pytest.mark.parametrize("emoji", ["👍", "👍🏽", "👩‍👩‍👧‍👦", "🇩🇪", "1️⃣", "❤️", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "✓"])
async def test_emoji_of_all_kinds_are(john, emoji: str):
    seq = await said(john)
    await john.ask("reaction:add", room="general", target=seq, emoji=emoji)
    page = await john.ask("get:history", room="general")
    (sum_,) = page["messages"][-1]["reactions"]
    assert sum_ == {"emoji": emoji, "count": 1, "users": ["user1"], "me": True}


async def test_writing_reads_and_reading_is_told_to_all_ones_devices(server, john, admin):
    async with server.client(JOHN) as phone:
        seq = await said(admin)
        await phone.expect("room:changed", unread=await _unread(john))
        phone.forget()
        await john.ask("read", room="general", seq=seq)
        assert await phone.expect("read") == {"room": "general", "user": "user1", "seq": seq}
        changed = await phone.expect("room:changed", read_seq=seq)
        assert (changed["unread"], changed["mentions"]) == (0, 0)
        assert await admin.expect("read") == {"room": "general", "user": "user1", "seq": seq}
        await said(admin)
        own = await said(john)
        assert (await info(phone))["read_seq"] == own
        assert (await info(phone))["unread"] == 0


async def _unread(client: Any) -> int:
    return int((await info(client))["unread"])


async def test_marks_of_any_order_end_at_the_highest_and_never_beyond_the_end(john, admin):
    seqs = [await said(admin, str(n)) for n in range(5)]
    for seq in (seqs[2], seqs[0], seqs[3], 2**52):
        await john.ask("read", room="general", seq=seq)
    room = await info(john)
    assert (room["read_seq"], room["unread"]) == (room["last_seq"], 0)
    john.forget()
    await john.ask("read", room="general", seq=seqs[4])
    assert not admin.told("read", seq=seqs[0])
    assert not john.told("read")


async def test_who_is_no_member_has_no_mark(server, john):
    await john.ask("room:create", room="board", kind="private")
    async with server.client(ADMIN) as admin:
        for room in ("board", "nowhere", "support"):
            assert await code_of(admin.ask("read", room=room, seq=1)) == "not_in_room"
            code = await code_of(admin.ask("room:members", room=room))
            assert code == ("not_in_room" if room == "support" else "no_such_room")
        # Admins look after rooms that they do not read.
        await admin.ask("room:update", room="board", title="x")
        assert await code_of(admin.ask("room:update", room="nowhere", title="x")) == "no_such_room"


async def test_a_mention_is_counted_for_who_is_called(server, john, admin):
    await admin.ask("leave:room", room="general")
    await said(john, "@admin", mentions=["admin1", "admin1", "nobody"])
    changed = await admin.expect("room:changed", mentions=1)
    assert changed["unread"] >= 1
    page = await john.ask("get:history", room="general", limit=1)
    assert page["messages"][0]["mentions"] == ["admin1", "nobody"]


async def test_who_quits_is_out_on_all_devices_and_of_all_lists(server, john, admin):
    async with server.client(JOHN) as phone:
        await phone.ask("join:room", room="general")
        await john.ask("room:quit", room="general")
        for client in (john, phone):
            gone = await client.expect("room:gone")
            assert gone == {"room": "general", "reason": "quit"}
            await client.expect("entry", type="member:removed", member="user1")
            asked = client.ask("chat", room="general", text="still here")
            assert await code_of(asked) == "not_in_room"
        await admin.expect("chat", type="user:left", member="user1")
        assert "general" not in [one["room"] for one in (await john.ask("room:list"))["rooms"]]
        members = (await admin.ask("room:members", room="general"))["members"]
        assert [one["id"] for one in members] == ["admin1"]
        await john.ask("room:quit", room="general")


async def test_a_room_gets_another_title_and_those_outside_hear_of_it(server, john):
    await john.ask("room:create", room="plans")
    async with server.client(ADMIN) as admin:
        await admin.ask("join:room", room="plans")
        await admin.ask("leave:room", room="plans")
        admin.forget()
        await john.ask("room:update", room="plans", title=" Our\nplans ", topic="")
        assert (await admin.expect("room:changed"))["title"] == "Our plans"
        assert await code_of(john.ask("room:update", room="plans", title=" ")) == "bad_request"
        assert await code_of(john.ask("room:update", room="plans")) == "bad_request"


async def test_all_rooms_are_joined_by_one_request(server, john):
    for n in range(5):
        await john.ask("room:create", room=f"r{n}")
        await john.ask("join:room", room=f"r{n}")
    async with server.client(JOHN) as phone:
        page = await phone.ask("join:room", room="r0")
        since = {"epoch": page["epoch"], "seq": page["upto"]}
        void = {"epoch": "other", "seq": 1}
        wanted = [
            {"room": "r0", "since": since},
            {"room": "r1", "since": void},
            *({"room": f"r{n}"} for n in (2, 3, 4)),
            {"room": "\u202e"},
        ]
        phone.forget()
        done = await phone.ask("join:rooms", rooms=wanted)
        assert [(one["room"], one["code"]) for one in done["refused"]] == [
            ("\u202e", "bad_request")
        ]
        pages = phone.told("history")
        assert [(one["room"], one["reset"]) for one in pages] == [
            ("r0", False),
            ("r1", True),
            *((f"r{n}", False) for n in (2, 3, 4)),
        ]
        for n in range(5):
            await john.ask("chat", room=f"r{n}", text="hi")
            await phone.expect("chat", room=f"r{n}", text="hi")


async def test_joining_many_rooms_does_not_overfill_a_queue():
    count = 40
    async with testing.serve(rate=0) as server, server.client(ADMIN) as phone:
        store = server.node.store
        for n in range(count):
            await store.create_room(f"r{n}", SYSTEM)
            draft = Draft(room=f"r{n}", user="system", name="system", text="x" * 4_000)
            await asyncio.gather(*(store.append(draft) for _ in range(12)))
        done = await phone.ask("join:rooms", rooms=[{"room": f"r{n}"} for n in range(count)])
        told = sum(len(line["text"]) for page in phone.told("history") for line in page["messages"])
        # What had no place comes when it is asked for again.
        assert {(one["code"], one["retryable"]) for one in done["refused"]} <= {("busy", True)}
        assert len(phone.told("history")) + len(done["refused"]) == count
        assert 256 * 1024 < told < 768 * 1024


@pytest.mark.parametrize(
    "wrong",
    [
        {"before": 1, "after": 1},
        {"thread": 1, "around": 1},
        {"thread": 1, "pinned": True},
        {"pinned": True, "after": 1},
        {"as": "entries", "before": 1},
        {"as": "entries", "thread": 1},
        {"as": "entries", "pinned": True},
    ],
)
async def test_a_read_that_makes_no_sense_is_refused(john, wrong: dict[str, Any]):
    assert await code_of(john.ask("get:history", room="general", **wrong)) == "bad_request"
