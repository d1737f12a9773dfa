"""Messages published by a process that only says, and does not listen."""

import asyncio
import time

import pytest
from tests.support.ports import free_port

from conclave import Publisher, Reject
from conclave.client import Lost
from conclave.testing import serve

USER = "user-token-123"


async def in_a_thread(port: int, *calls, **given):
    def publish() -> list:
        with Publisher(f"http://127.0.0.1:{port}", token=USER, **given) as publisher:
            return [call(publisher) for call in calls]

    return await asyncio.to_thread(publish)


async def test_what_is_published_is_told_once_however_often_it_is_sent() -> None:
    async with serve() as server, server.client("admin-token-456") as admin:
        await admin.ask("join:room", room="general")
        _, first, again, other = await in_a_thread(
            server.port,
            lambda publisher: publisher.enter("general"),
            lambda publisher: publisher.send("general", "Built", id="build-4711"),
            lambda publisher: publisher.send("general", "Built", id="build-4711"),
            lambda publisher: publisher.send("general", "Deployed"),
        )
        assert first.seq == again.seq < other.seq
        await admin.expect("chat", text="Deployed", seq=other.seq)
        texts = [told["text"] for told in admin.told("chat") if told["user"] == "john"]
        assert texts == ["Built", "Deployed"]


async def test_a_refusal_has_the_code_of_the_server_and_is_not_tried_again() -> None:
    async with serve() as server:
        with pytest.raises(Reject) as refused:
            await in_a_thread(server.port, lambda publisher: publisher.send("support", "Hello"))
        assert refused.value.code == "not_in_room"


async def test_who_cannot_be_reached_is_tried_for_so_long() -> None:
    waits: list[float] = []
    with pytest.raises(Lost):
        await in_a_thread(
            free_port(),
            lambda publisher: publisher.send("general", "Hello"),
            within=3.0,
            sleep=waits.append,
        )
    assert waits[:2] == [0.2, 0.4]


@pytest.mark.parametrize(
    "url",
    ["http://chat.example.org", "ftp://localhost", "https://a:b@localhost", "https://localhost/x"],
)
def test_a_token_is_sent_to_no_address_that_is_not_safe(url: str) -> None:
    with pytest.raises(ValueError):
        Publisher(url, token=USER)


async def test_no_thread_waits_longer_because_others_wait_too() -> None:
    publisher = Publisher(f"http://127.0.0.1:{free_port()}", token=USER, within=2.0)

    def publish() -> float:
        began = time.monotonic()
        with pytest.raises(Lost):
            publisher.send("general", "Hello")
        return time.monotonic() - began

    took = await asyncio.gather(*(asyncio.to_thread(publish) for _ in range(6)))
    # One after the other the last of them would have waited for more than eight seconds.
    assert max(took) < 5
