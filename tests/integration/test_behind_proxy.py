"""Whom limits, logs and routes count a request for when proxies may stand in between (B7)."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import pytest
from tests.support.raw import Raw, upgrade

from conclave import testing
from conclave.client.wire import Refused
from conclave.server.forwarded import ProxyRule
from conclave.server.listener import Listener
from conclave.server.terms import Terms
from conclave.testing.echo import EchoDoor

CAP = 3
BEHIND = {"behind_proxy": True, "public_url": ("https://chat.example.org",)}
ELSEWHERE = {**BEHIND, "trusted_proxy": ("10.0.0.0/8", "2001:db8::/32")}


async def enter(stack: AsyncExitStack, server: testing.Server, forwarded: str) -> None:
    headers = {"X-Forwarded-For": forwarded, "X-Real-Ip": forwarded, "Forwarded": "for=192.0.2.1"}
    await stack.enter_async_context(server.client(**headers))


def addresses(server: testing.Server) -> list[str]:
    return [connection.address for connection in server.node.hub.connections]


@pytest.mark.parametrize("settings", [{}, ELSEWHERE], ids=["no proxy", "another proxy"])
async def test_who_is_no_trusted_proxy_counts_as_itself_whatever_it_claims(settings, logs) -> None:
    async with (
        testing.serve(max_connections_per_address=CAP, **settings) as server,
        AsyncExitStack() as stack,
    ):
        for number in range(CAP):
            await enter(stack, server, f"198.51.100.{number}")
        with pytest.raises(Refused) as no:
            await enter(stack, server, "198.51.100.99")
        assert no.value.status == 429
        assert addresses(server) == ["127.0.0.1"] * CAP
        print(f"B7: of {CAP + 1} forged addresses {CAP} came in, all counted as the socket's peer")
    (refused,) = [line for line in logs if line["event"] == "refused"]
    assert (refused["address"], refused["status"]) == ("127.0.0.1", 429)


async def test_behind_a_trusted_proxy_each_client_counts_as_itself(logs) -> None:
    async with (
        testing.serve(max_connections_per_address=CAP, **BEHIND) as server,
        AsyncExitStack() as stack,
    ):
        for client in ("198.51.100.1", "2001:db8::1"):
            for forged in ("203.0.113.1", "127.0.0.1", "unknown"):
                await enter(stack, server, f"{forged}, {client}")
            with pytest.raises(Refused) as no:
                await enter(stack, server, f"203.0.113.77, {client}")
            assert no.value.status == 429
        assert addresses(server) == ["198.51.100.1"] * CAP + ["2001:db8::1"] * CAP
    refused = [line["address"] for line in logs if line["event"] == "refused"]
    assert refused == ["198.51.100.1", "2001:db8::1"]


async def test_a_connection_made_by_the_proxy_itself_counts_as_the_proxys() -> None:
    async with testing.serve(**BEHIND) as server, server.client():
        assert addresses(server) == ["127.0.0.1"]


async def say_who_asks(scope: dict[str, Any], _receive: Any, send: Any) -> None:
    body = f"{scope['client'][0]} {scope['scheme']}".encode()
    headers = [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


@asynccontextmanager
async def listening(*proxies: str) -> AsyncIterator[Listener]:
    listener = Listener(say_who_asks, EchoDoor(), Terms(proxies=ProxyRule(proxies)))
    await listener.start()
    try:
        yield listener
    finally:
        await listener.stop(within=1.0)


def ask(port: int, requests: list[list[str]]) -> list[str]:
    """Return the answer to each request, all on one connection, as a proxy keeps them."""
    answers = []
    with Raw(port) as client:
        for headers in requests:
            lines = "".join(f"{header}\r\n" for header in headers)
            client.send(f"GET / HTTP/1.1\r\nHost: localhost\r\n{lines}\r\n".encode())
            _, got = client.read_head()
            answers.append(client._take(int(got["content-length"])).decode())
    return answers


REQUESTS = [
    ["X-Forwarded-For: 198.51.100.1", "X-Forwarded-Proto: https"],
    [],
    ["X-Forwarded-For: 203.0.113.9", "X-Forwarded-For: 198.51.100.2"],
    ["X-Forwarded-Proto: https"],
]


async def test_routes_hear_who_asks_by_each_request_of_one_connection() -> None:
    async with listening("127.0.0.1") as listener:
        assert await asyncio.to_thread(ask, listener.port, REQUESTS) == [
            "198.51.100.1 https",
            "127.0.0.1 http",
            "198.51.100.2 http",
            "127.0.0.1 https",
        ]


async def test_routes_hear_nothing_that_strangers_claim() -> None:
    async with listening("10.0.0.0/8") as listener:
        assert await asyncio.to_thread(ask, listener.port, REQUESTS) == ["127.0.0.1 http"] * 4


async def test_headers_of_an_earlier_request_say_nothing_of_an_upgrade() -> None:
    def reuse(client: Raw) -> int:
        client.send(b"GET /health HTTP/1.1\r\nHost: localhost\r\n")
        client.send(b"X-Forwarded-For: 198.51.100.1\r\n\r\n")
        _, got = client.read_head()
        client._take(int(got["content-length"]))
        client.send(upgrade("X-Forwarded-For: 198.51.100.2"))
        return client.read_head()[0]

    async with testing.serve(**BEHIND) as server:
        with await asyncio.to_thread(Raw, server.port) as client:
            assert await asyncio.to_thread(reuse, client) == 101
            assert addresses(server) == ["198.51.100.2"]
