"""How people are is told to small rooms one by one, and to large ones with their list."""

from tests.support.people import app

from conclave import testing
from conclave.core.presence import MAX_NOTICED


async def test_in_a_large_room_the_list_comes_anew_once_a_second() -> None:
    many = MAX_NOTICED + 5
    limits = {"rate": 0, "heartbeat_interval": 3600, "max_unauthenticated_per_address": 0}
    async with testing.serve(app(), **limits) as server, server.client("i-am-ada") as ada:
        others = [server.client(f"i-am-u{n}") for n in range(many)]
        clients = [await one.__aenter__() for one in others]
        try:
            for one in (ada, *clients):
                await one.ask("join:room", room="general")
            await server.turn(5)
            first = clients[0]
            await first.ask("heartbeat", timestamp=1)
            first.forget()
            for status in ("away", "dnd", "away"):
                await ada.ask("presence:set", status=status)
            await server.turn(1.1)
            await server.node.moods.tell()
            await server.turn(1.1)
            told = await first.expect("presence")
            assert told["count"] == many + 1
            assert {one["status"] for one in told["users"] if one["id"] == "ada"} == {"away"}
            await first.ask("heartbeat", timestamp=2)
            assert not first.told("presence:changed")
            assert len(first.told("presence")) <= 2
            first.forget()
            await ada.ask("presence:set", status="invisible")
            await server.turn(1.1)
            await server.node.moods.tell()
            await server.turn(1.1)
            assert (await first.expect("presence"))["count"] == many
            assert not first.told("chat")
        finally:
            for one in others:
                await one.__aexit__(None, None, None)


async def test_who_was_hidden_by_a_join_is_seen_again_when_it_wants_to_be() -> None:
    async with (
        testing.serve(app(), rate=0, presence_grace=0) as server,
        server.client("i-am-ada") as ada,
        server.client("i-am-bob") as bob,
    ):
        for one in (bob, ada):
            await one.ask("join:room", room="general")
        await ada.ask("presence:set", status="away")
        await bob.expect("presence:changed", user="ada", status="away")
        # Too soon to be told; but who joins unseen must not be seen.
        await ada.ask("presence:set", status="invisible")
        await ada.ask("leave:room", room="general")
        await ada.ask("join:room", room="general")
        await bob.expect("chat", type="user:left", member="ada")
        bob.forget()
        # What was told of it last: nothing is to be told, but that it is there.
        await ada.ask("presence:set", status="away")
        await bob.ask("heartbeat", timestamp=1)
        assert not bob.told("chat")
        for _ in range(3):
            await server.turn(3.1)
            await server.node.moods.tell()
        await bob.expect("chat", type="user:joined", member="ada")
        await bob.expect("presence:changed", user="ada", status="away")
        await bob.ask("heartbeat", timestamp=2)
        assert len(bob.told("chat")) == 1
