"""Who does not say who they are, and who says it twice (C1, C2)."""

import asyncio
import time

import pytest

from conclave import testing

JOHN, ADMIN = "user-token-123", "admin-token-456"
OFF = {
    "auth_timeout": 1.0,
    "max_unauthenticated_per_address": 0,
    "max_http_per_address": 0,
    "connection_rate": 0,
}
# How many there are, and how late the deadline may be: among other tests it is another one than
# that of ten seconds, which a server has by itself.
COUNTS = [
    pytest.param(15, 7.0, id="15"),
    pytest.param(15, 0.5, id="15 alone", marks=[pytest.mark.slow, pytest.mark.alone]),
    pytest.param(300, 0.5, id="300", marks=[pytest.mark.slow, pytest.mark.alone]),
]


async def _nothing(client: testing.Client) -> None:
    await asyncio.sleep(60)


async def _pings(client: testing.Client) -> None:
    while True:
        client.wire.ping()
        await asyncio.sleep(0.1)


async def _lies(client: testing.Client) -> None:
    for _ in range(9):
        client.send("chat", room="general", text="let me in")
        await asyncio.sleep(0.02)
    await asyncio.sleep(60)


@pytest.mark.parametrize(("count", "late"), COUNTS)
@pytest.mark.parametrize("doing", [_nothing, _pings, _lies])
async def test_who_does_not_authenticate_is_gone_at_the_deadline(doing, count, late):
    async with testing.serve(**OFF) as server:

        async def once() -> tuple[float, int, str]:
            async with server.client(None) as client:
                began = time.monotonic()
                busy = asyncio.create_task(doing(client))
                code, reason = await client.ended()
                busy.cancel()
                await asyncio.gather(busy, return_exceptions=True)
                assert {e.type for e in client.events} <= {"system", "hello", "error"}
                for error in client.told("error"):
                    assert error["message"] == "Authentication required"
                return time.monotonic() - began, code, reason

        for within, code, reason in await asyncio.gather(*(once() for _ in range(count))):
            assert (code, reason) == (1008, "Authentication timeout")
            assert 0.5 < within < 1.0 + late


async def test_the_tenth_request_of_a_stranger_closes():
    async with testing.serve() as server, server.client(None) as eve:
        for _ in range(10):
            eve.send("get:history", room="general")
        assert await eve.ended() == (1008, "Too many bad requests")
        answers = eve.told("error", message="Authentication required", code="auth_required")
        assert len(answers) == 10


@pytest.mark.parametrize("second", [JOHN, ADMIN, "nobody's"])
async def test_a_second_token_ends_the_connection_whoever_s_it_is(second):
    async with testing.serve() as server, server.client(JOHN) as john:
        john.send("auth", token=second)
        assert (await john.ended())[0] == 4503


@pytest.mark.parametrize("round_", range(10))
async def test_two_tokens_at_once_are_one_identity_and_an_end(round_):
    async with (
        testing.serve() as server,
        server.client(ADMIN) as admin,
        server.client(None) as eve,
    ):
        await admin.ask("join:room", room="general")
        eve.send("auth", token=JOHN)
        eve.send("auth", token=ADMIN)
        eve.send("join:room", room="general")
        eve.send("chat", room="general", text="I am the admin")
        assert (await eve.ended())[0] == 4503
        names = [answer["user"]["name"] for answer in eve.told("auth:response", success=True)]
        assert names == ["john"]
        await admin.ask("heartbeat", timestamp=0)
        assert not admin.told("chat", type="message")
