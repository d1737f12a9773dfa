"""
An acknowledgement that gets lost, and the same request twice at once (G4, G5).

Whoever asks again gets the number that the first one was given, and the room hears it once.
"""

import asyncio
from collections import Counter

import pytest
from tests.support.crowd import answer_to, come_in
from tests.support.people import app
from tests.support.proxy import Proxy

from conclave import Reject, testing
from conclave.client.wire import Wire, connect

ROOM = "general"
LOSSES = [pytest.param(100, id="100"), pytest.param(1_000, id="1000", marks=pytest.mark.slow)]
PAIRS = [pytest.param(200, id="200"), pytest.param(2_000, id="2000", marks=pytest.mark.slow)]


class Witness:
    """Hears the room over a good network: text → number, and how often."""

    def __init__(self, client: testing.Client) -> None:
        self._client = client

    async def number_of(self, text: str) -> int:
        return (await self._client.expect("chat", text=text, type="message", within=20))["seq"]

    def times(self) -> Counter[str]:
        return Counter(event["text"] for event in self._client.told("chat", type="message"))


async def _enter(wire: Wire, name: str) -> None:
    await come_in(wire, name, ROOM)


async def _send(wire: Wire, id_: str) -> dict:
    wire.send("chat", id=id_, room=ROOM, text=f"text {id_}")
    answer = await answer_to(wire, id_)
    assert answer.type == "ack", answer
    return answer.data


async def _lose_acks(proxy: Proxy, witness: Witness, name: str, count: int) -> int:
    """Send *count* messages whose acks are lost, each again; return how many were."""
    lost = 0
    for n in range(count):
        id_ = f"{name}-{n}"
        async with connect(proxy.url) as wire:
            await _enter(wire, name)
            link = proxy.link
            link.deaf = True
            wire.send("chat", id=id_, room=ROOM, text=f"text {id_}")
            seq = await witness.number_of(f"text {id_}")
            while not link.dropped:  # the ack, at last
                await asyncio.sleep(0)
            lost += 1
            link.reset()
        async with connect(proxy.url) as wire:
            await _enter(wire, name)
            assert (await _send(wire, id_))["seq"] == seq
            # And once more on the same connection.
            assert (await _send(wire, id_))["seq"] == seq
            wire.send("chat", id=id_, room=ROOM, text="something else")
            refused = await answer_to(wire, id_)
            assert refused.data["code"] == "id_reused"
            assert refused.data["retryable"] is False
    return lost


@pytest.mark.parametrize("count", LOSSES)
@pytest.mark.timeout(300)
async def test_a_request_whose_ack_was_lost_gets_the_same_number(count):
    workers = 10
    async with testing.serve(app(), rate=0) as server, server.client("i-am-witness") as client:
        await client.ask("join:room", room=ROOM)
        witness = Witness(client)

        async def work(n: int) -> int:
            async with Proxy(server.port) as proxy:
                return await _lose_acks(proxy, witness, f"user{n}", count // workers)

        assert sum(await asyncio.gather(*map(work, range(workers)))) == count
        times = witness.times()
        assert sum(text.startswith("text ") for text in times) == count
        assert max(times.values()) == 1
        page = await client.ask("get:history", room=ROOM, limit=100)
        ids = [message["seq"] for message in page["messages"]]
        assert len(set(ids)) == len(ids)


@pytest.mark.parametrize("count", PAIRS)
@pytest.mark.timeout(300)
async def test_the_same_request_from_two_connections_at_once_is_one_message(count):
    async with (
        testing.serve(app(), rate=0) as server,
        server.client("i-am-witness") as witness,
        server.client("i-am-ann") as left,
        server.client("i-am-ann") as right,
    ):
        for client in (witness, left, right):
            head = (await client.ask("join:room", room=ROOM))["upto"]
        for n in range(count):
            pair = (left, right) if n % 2 else (right, left)
            one, two = await asyncio.gather(
                *(c.ask("chat", id=f"p-{n}", room=ROOM, text=f"pair {n}") for c in pair)
            )
            assert one == two
            assert one["seq"] == head + n + 1
        assert (await left.ask("get:history", room=ROOM))["last_seq"] == head + count
        for client in (witness, left, right):
            await client.expect("chat", text=f"pair {count - 1}")
            told = [event["seq"] for event in client.told("chat", type="message")]
            assert told == list(range(head + 1, head + count + 1))


async def test_two_different_texts_at_once_under_one_id_are_one_message_and_one_refusal():
    async with (
        testing.serve(app(), rate=0) as server,
        server.client("i-am-ann") as left,
        server.client("i-am-ann") as right,
    ):
        for client in (left, right):
            await client.ask("join:room", room=ROOM)
        for n in range(50):
            answers = await asyncio.gather(
                *(
                    client.ask("chat", id=f"p-{n}", room=ROOM, text=text)
                    for client, text in ((left, "one"), (right, "other"))
                ),
                return_exceptions=True,
            )
            refused = [answer for answer in answers if isinstance(answer, Reject)]
            assert [answer.code for answer in refused] == ["id_reused"]
