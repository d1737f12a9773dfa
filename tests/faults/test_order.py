"""One sender who does not wait: what was sent first is numbered first (G12)."""

import asyncio

import pytest

from conclave import testing

COUNT = 1_000


@pytest.mark.parametrize("with_ids", [False, True], ids=["without ids", "with ids"])
async def test_a_thousand_messages_in_one_breath_keep_their_order(with_ids):
    async with (
        testing.serve(rate=0) as server,
        server.client() as john,
        server.client("admin-token-456") as admin,
    ):
        page = await john.ask("join:room", room="general")
        head = (await admin.ask("join:room", room="general"))["upto"]
        assert head >= page["upto"]
        for n in range(COUNT):
            data = {"id": f"n-{n}"} if with_ids else {}
            john.wire.send("chat", room="general", text=f"{n}", **data)
        for client in (john, admin):
            async with asyncio.timeout(20):
                while len(client.told("chat", type="message")) < COUNT:
                    await asyncio.sleep(0.05)
            told = client.told("chat", type="message")
            assert [m["text"] for m in told] == [f"{n}" for n in range(COUNT)]
            assert [m["seq"] for m in told] == list(range(head + 1, head + COUNT + 1))
        acks = [event for event in john.events if event.type == "ack"]
        if with_ids:
            assert [ack.id for ack in acks] == [f"n-{n}" for n in range(COUNT)]
            assert [a.data["seq"] for a in acks] == list(range(head + 1, head + COUNT + 1))
        else:
            assert acks == []
