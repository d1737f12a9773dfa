"""People find each other, and say what they are called and how they are, or hide."""

import asyncio
import time

import pytest
from tests.support.people import app

from conclave import Reject, testing
from conclave.client.wire import Closed
from conclave.model import Role

ROOM, JOHN = "general", "user-token-123"


@pytest.fixture
async def server():
    async with testing.serve(app(), heartbeat_interval=3600, presence_grace=5) as server:
        people = server.node.store.people
        await people.create_account("ada", display_name="Ada Lovelace")
        await people.create_account("bob", display_name="Bob")
        await people.create_account("gil", role=Role.GUEST)
        yield server


def token(name: str) -> str:
    return f"i-am-{name}"


async def join(client: testing.Client, *rooms: str) -> None:
    for room in rooms or (ROOM,):
        await client.ask("join:room", room=room)


async def turn(server: testing.Server, seconds: float) -> None:
    await server.turn(seconds)
    await server.node.moods.tell()


async def settled(client: testing.Client) -> testing.Client:
    """Return *client* when it has got all it was told so far."""
    await client.ask("heartbeat", timestamp=1)
    return client


async def refused(work) -> str:
    with pytest.raises(Reject) as no:
        await work
    return no.value.code


# ── the directory ──────────────────────────────────────────────────────────────────────


async def test_people_are_found_with_how_they_are(server) -> None:
    async with server.client(token("ada")) as ada, server.client(token("bob")) as bob:
        await bob.ask("presence:set", status="away")
        assert await ada.ask("people", query="b") == {
            "users": [
                {
                    "id": "bob",
                    "name": "bob",
                    "display_name": "Bob",
                    "role": "user",
                    "status": "away",
                }
            ],
            "more": False,
        }
        await bob.ask("presence:set", status="invisible")
        (found,) = (await ada.ask("people", query="BOB"))["users"]
        assert found["status"] == "offline"
        everybody = (await ada.ask("people"))["users"]
        assert {one["id"]: one["status"] for one in everybody} == {
            "ada": "online", "admin1": "offline", "bob": "offline", "gil": "offline",
            "user1": "offline",
        }  # fmt: skip


async def test_the_directory_comes_in_pages(server) -> None:
    for n in range(120):
        await server.node.store.people.create_account(f"user-{n:03}")
    async with server.client(token("ada")) as ada:
        seen, after = [], None
        while True:
            page = await ada.ask("people", query="user-", **({"after": after} if after else {}))
            seen += [one["id"] for one in page["users"]]
            if not page["more"]:
                break
            after = seen[-1]
        assert seen == [f"user-{n:03}" for n in range(120)]


async def test_a_guest_sees_only_whom_it_shares_a_room_with(server) -> None:
    async with server.client(token("gil")) as gil, server.client(token("ada")) as ada:
        assert await refused(gil.ask("people", query="")) == "forbidden"
        assert await refused(gil.ask("profile:get", user="ada")) == "no_such_user"
        assert (await gil.ask("profile:get", user="gil"))["role"] == "guest"
        await join(gil)
        await join(ada)
        assert (await gil.ask("profile:get", user="ada"))["display_name"] == "Ada Lovelace"
        assert await refused(gil.ask("profile:get", user="nobody")) == "no_such_user"
        assert await refused(ada.ask("profile:get", user="nobody")) == "no_such_user"


# ── profiles ───────────────────────────────────────────────────────────────────────────


async def test_a_changed_profile_is_told_where_one_is_seen_and_to_one_s_devices(server) -> None:
    async with (
        server.client(token("ada")) as ada,
        server.client(token("ada")) as phone,
        server.client(token("bob")) as bob,
        server.client(JOHN) as john,
    ):
        await join(ada, ROOM, "random")
        await join(bob, ROOM, "random")
        told = {"user": "ada", "display_name": "Countess", "about": "Engines", "role": "user"}
        answer = await ada.ask("profile:set", display_name=" Countess ", about="En\u202egines")
        assert answer == {
            "id": "ada", "name": "ada", "display_name": "Countess", "role": "user",
            "about": "Engines", "active": True, "status": "online",
        }  # fmt: skip
        for other in (phone, bob):
            assert (await settled(other)).told("profile:changed") == [told]
        for none in (ada, john):
            assert not (await settled(none)).told("profile:changed")
        # On the same connection, at once: what it writes, and how it is listed.
        await ada.ask("chat", room=ROOM, text="hi")
        await bob.expect("chat", text="hi", user="Countess")
        await join(john)
        presence = await john.expect("presence")
        assert {one["name"] for one in presence["users"]} == {"Countess", "Bob", "john"}
    async with server.client(token("ada")) as ada:
        (me,) = ada.told("auth:response")
        assert me["user"]["name"] == "Countess"


async def test_a_name_of_somebody_else_or_one_that_hides_something_is_refused(server) -> None:
    async with server.client(token("bob")) as bob:
        assert await refused(bob.ask("profile:set", display_name="ADA")) == "name_taken"
        assert await refused(bob.ask("profile:set", display_name="a\u202eda")) == "bad_request"
        assert await refused(bob.ask("profile:set", about="x" * 281)) == "too_long"
        assert (await bob.ask("profile:get", user="bob"))["display_name"] == "Bob"
        assert (await bob.ask("profile:set", about="x"))["display_name"] == "Bob"


# ── presence ───────────────────────────────────────────────────────────────────────────


async def test_a_status_is_told_to_each_connection_once_and_to_one_s_devices(server) -> None:
    async with (
        server.client(token("ada")) as ada,
        server.client(token("ada")) as phone,
        server.client(token("bob")) as bob,
    ):
        for one in (ada, bob):
            await join(one, ROOM, "random", "support")
        await ada.ask("presence:set", status="dnd")
        told = {"user": "ada", "status": "dnd"}
        assert (await settled(bob)).told("presence:changed") == [told]
        assert (await settled(phone)).told("presence:changed") == [told]
        assert not (await settled(ada)).told("presence:changed")
        async with server.client(token("ada")) as tablet:
            assert await tablet.expect("presence:changed") == told
        async with server.client(JOHN) as john:
            await join(john)
            users = (await john.expect("presence"))["users"]
            assert {one["id"]: one["status"] for one in users} == {
                "ada": "dnd", "bob": "online", "user1": "online",
            }  # fmt: skip


async def test_who_is_away_and_comes_is_told_as_away(server) -> None:
    async with server.client(token("ada")) as ada, server.client(token("bob")) as bob:
        await join(bob)
        await ada.ask("presence:set", status="away")
        await join(ada)
        await bob.expect("chat", type="user:joined", member="ada")
        assert await bob.expect("presence:changed") == {"user": "ada", "status": "away"}


async def test_who_becomes_invisible_goes_and_comes_again(server) -> None:
    async with server.client(token("ada")) as ada, server.client(token("bob")) as bob:
        await join(ada)
        await join(bob)
        bob.forget()
        await ada.ask("presence:set", status="invisible")
        await bob.expect("chat", type="user:left", member="ada")
        assert server.node.attendance.count(ROOM) == 1
        await ada.ask("typing", room=ROOM, active=True)
        await ada.ask("read", room=ROOM, seq=2)
        await turn(server, 2)
        await server.node.receipts.tell()
        await server.node.typists.tell()
        await settled(bob)
        for quiet in ("presence:changed", "typing", "read"):
            assert not bob.told(quiet), quiet
        # What is said is said by somebody, and heard by them.
        await bob.ask("chat", room=ROOM, text="where is she?")
        await ada.expect("chat", text="where is she?")
        await ada.ask("presence:set", status="online")
        await bob.expect("chat", type="user:joined", member="ada")
        assert server.node.attendance.count(ROOM) == 2


async def test_who_is_invisible_comes_and_goes_unseen_also_after_a_break(server) -> None:
    async with server.client(token("bob")) as bob:
        await join(bob)
        bob.forget()
        async with server.client(token("ada")) as ada:
            await ada.ask("presence:set", status="invisible")
            await join(ada)
        async with server.client(token("ada")) as ada:
            assert await ada.expect("presence:changed") == {"user": "ada", "status": "invisible"}
            await join(ada)
            presence = await ada.expect("presence")
            assert (presence["count"], [one["id"] for one in presence["users"]]) == (1, ["bob"])
            await ada.ask("leave:room", room=ROOM)
            await join(ada)
        await turn(server, 10)
        await settled(bob)
        assert [event for event in bob.events if event.type in ("chat", "presence:changed")] == [
            event for event in bob.events if event.data.get("type") == "message"
        ]


async def test_who_was_seen_and_comes_back_invisible_goes(server) -> None:
    async with server.client(token("bob")) as bob:
        await join(bob)
        async with server.client(token("ada")) as ada:
            await join(ada)
        bob.forget()
        async with server.client(token("ada")) as ada:
            await ada.ask("presence:set", status="invisible")
            await join(ada)
            await bob.expect("chat", type="user:left", member="ada")
            await turn(server, 10)
            assert server.node.attendance.count(ROOM) == 1
            assert len((await settled(bob)).told("chat", type="user:left")) == 1


@pytest.mark.parametrize("flips", [["away", "online"], ["invisible", "online"]], ids=" ".join)
async def test_whoever_flips_a_thousand_times_is_told_once_a_second(server, flips) -> None:
    """F10: the presence part."""
    told = 0
    async with server.client(token("ada")) as ada, server.client(token("bob")) as bob:
        await join(ada)
        await join(bob)
        await settled(bob)
        bob.forget()
        for second in range(10):
            for n in range(100):
                server.node.statuses.set("ada", type(server.node.statuses.of("ada"))(flips[n % 2]))
                server.node.moods.note("ada")
            server.node.statuses.set("ada", type(server.node.statuses.of("ada"))(flips[second % 2]))
            server.node.moods.note("ada")
            await turn(server, 1.0)
        await turn(server, 5)
        await settled(bob)
        for event in bob.events:
            assert event.type in ("chat", "presence:changed", "heartbeat")
            told += event.data.get("user") == "ada" or event.data.get("member") == "ada"
        print({"F10": {"flips": 1_000, "told": told, "seconds": 10}})
        assert 2 <= told <= 2 * 11
        # How it ended is known: here and seen.
        (last,) = (await ada.ask("people", query="ada"))["users"]
        assert last["status"] == flips[1]


async def test_flips_over_the_wire_are_refused_beyond_the_allowance(server) -> None:
    async with server.client(token("ada")) as ada:
        codes = []
        for n in range(60):
            try:
                await ada.ask("presence:set", status="away" if n % 2 else "dnd")
            except Reject as no:
                codes.append(no.code)
        assert codes
        assert set(codes) == {"rate_limited"}


async def test_a_thousand_flips_a_second_end_the_flood_and_busy_nobody(server) -> None:
    """F10, over the wire: refusals first, then the end; the room hears of it once a second."""
    began = time.monotonic()
    async with server.client(token("bob")) as bob, server.client(token("ada")) as ada:
        for one in (bob, ada):
            await join(one)
        await settled(bob)
        bob.forget()
        with pytest.raises(Closed):
            await _flip_until_closed(ada)
        assert (await ada.ended())[0] == 4005
        took = time.monotonic() - began
        refused_ = len(ada.told("error", code="rate_limited"))
        await settled(bob)
        told = len(bob.told("presence:changed", user="ada"))
    print({"F10": {"s": round(took, 1), "refused": refused_, "told": told}})
    assert refused_ > 100
    assert 1 <= told <= took + 1


async def _flip_until_closed(client: testing.Client) -> None:
    for n in range(20_000):
        client.send("presence:set", status="away" if n % 2 else "dnd")
        if n % 20 == 0:
            await asyncio.sleep(0.02)


async def test_who_is_at_none_of_their_devices_is_away_and_back_at_once(server) -> None:
    devices = [server.client(token("ada")) for _ in range(2)]
    async with devices[0] as phone, server.client(token("bob")) as bob:
        async with devices[1] as laptop:
            await join(phone)
            await join(bob)
            await settled(bob)
            bob.forget()
            await phone.ask("presence:idle", idle=True)
            await settled(bob)
            assert not bob.told("presence:changed"), "somebody is at the laptop"
            await laptop.ask("presence:idle", idle=True)
            assert await bob.expect("presence:changed") == {"user": "ada", "status": "away"}
            assert (await bob.ask("profile:get", user="ada"))["status"] == "away"
            own = await laptop.ask("profile:get", user="ada")
            assert own["status"] == "online", "it is what one said oneself"
            assert not (await settled(phone)).told("presence:changed")
            await turn(server, 5)
            await laptop.ask("presence:idle", idle=False)
            assert await bob.expect("presence:changed", status="online")
            await turn(server, 5)
        # The laptop is gone: nobody is at the phone.
        assert await bob.expect("presence:changed", status="away")
        await turn(server, 5)
        async with server.client(token("ada")) as tablet:
            assert await bob.expect("presence:changed", status="online")
            await turn(server, 5)
            bob.forget()
            # What one has said stays, whether one is there or not.
            await tablet.ask("presence:set", status="dnd")
            assert await bob.expect("presence:changed", status="dnd")
            await turn(server, 5)
            bob.forget()
            for idle in (True, False, True):
                await tablet.ask("presence:idle", idle=idle)
            await turn(server, 5)
            assert not (await settled(bob)).told("presence:changed")


async def test_idle_devices_to_and_fro_are_told_rarely_and_how_it_ended(server) -> None:
    async with server.client(token("ada")) as ada, server.client(token("bob")) as bob:
        await join(ada)
        await join(bob)
        await settled(bob)
        bob.forget()
        for n in range(21):
            await ada.ask("presence:idle", idle=n % 2 == 0)
        await turn(server, 5)
        told = [one["status"] for one in (await settled(bob)).told("presence:changed")]
        assert told[-1] == "away"
        assert len(told) <= 2, told
