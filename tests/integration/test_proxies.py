"""The configurations of `deploy/` for nginx and Caddy, in front of a real server."""

import asyncio
import os
import shutil
import ssl
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path

import pytest
from tests.support.fronts import Caddy, Front, Nginx
from tests.support.ports import free_port
from tests.support.raw import Raw, upgrade

from conclave import testing
from conclave.client import Client
from conclave.http.headers import security_headers

CAP = 3
SEARCHED = f"{os.environ['PATH']}:/usr/sbin"


def kinds() -> list[object]:
    return [
        pytest.param(
            kind,
            id=kind.program,
            marks=pytest.mark.skipif(
                shutil.which(kind.program, path=SEARCHED) is None,
                reason=f"apt install {kind.program}",
            ),
        )
        for kind in (Nginx, Caddy)
    ]


@pytest.fixture(params=kinds())
def kind(request: pytest.FixtureRequest) -> type[Front]:
    return request.param


@asynccontextmanager
async def serving(front: Front, port: int, **settings: object) -> AsyncIterator[testing.Server]:
    # This machine's other addresses stand for clients from elsewhere: only one is the proxy's.
    behind = {"behind_proxy": True, "trusted_proxy": ("127.0.0.1",), "public_url": (front.url,)}
    async with testing.serve(demo=False, port=port, **behind, **settings) as server:
        yield server


@pytest.fixture
async def front(kind: type[Front], tmp_path: Path) -> AsyncIterator[Front]:
    made = kind(tmp_path, free_port())
    await asyncio.to_thread(made.__enter__)
    yield made
    await asyncio.to_thread(made.__exit__)


@pytest.fixture
async def server(front: Front) -> AsyncIterator[testing.Server]:
    async with serving(front, front.upstream, max_connections_per_address=CAP) as made:
        yield made


def ask(front: Front, request: bytes, source: str = "127.0.0.7") -> tuple[int, dict[str, str]]:
    with Raw(front.port, tls=front.trusting(), source=source) as client:
        client.try_send(request)
        return client.read_head()


def get(path: str, *headers: str, method: str = "GET") -> bytes:
    lines = "".join(f"{header}\r\n" for header in headers)
    return f"{method} {path} HTTP/1.1\r\nHost: localhost\r\n{lines}\r\n".encode()


async def test_the_page_comes_through_with_all_its_headers(front, server) -> None:
    status, headers = await asyncio.to_thread(ask, front, get("/"))
    assert status == 200
    assert headers["content-type"] == "text/html; charset=utf-8"
    for name, value in security_headers(https=True).items():
        assert headers[name] == value


async def test_who_comes_without_tls_is_sent_to_where_there_is(front, server) -> None:
    def plain() -> tuple[int, dict[str, str]]:
        with Raw(front.plain_port) as client:
            client.send(get("/?a=b"))
            return client.read_head()

    status, headers = await asyncio.to_thread(plain)
    assert status == 308
    # The port is a test's; on a machine it is the one that needs no naming.
    assert headers["location"].replace(f":{front.port}", "") == "https://localhost/?a=b"


async def test_another_name_gets_no_certificate(front, server) -> None:
    def other() -> None:
        Raw(front.port, tls=front.trusting(), name="evil.example")

    with pytest.raises((ssl.SSLError, ConnectionError)):
        await asyncio.to_thread(other)


async def test_clients_count_for_where_they_come_from_whatever_they_claim(front, server) -> None:
    def enter(stack: ExitStack, source: str, forged: str) -> int:
        claims = [f"X-Forwarded-For: {forged}", f"X-Real-IP: {forged}", f"Forwarded: for={forged}"]
        client = Raw(front.port, tls=front.trusting(), source=source)
        stack.enter_context(client)
        client.send(upgrade(*claims, f"Origin: {front.url}", path="/ws"))
        return client.read_head()[0]

    with ExitStack() as stack:
        for source in ("127.0.0.5", "127.0.0.6"):
            statuses = [
                await asyncio.to_thread(enter, stack, source, forged)
                for forged in ("203.0.113.1", "127.0.0.1", "unknown", "198.51.100.9, 127.0.0.1")
            ]
            assert statuses == [101] * CAP + [429]
        addresses = [connection.address for connection in server.node.hub.connections]
        assert addresses == ["127.0.0.5"] * CAP + ["127.0.0.6"] * CAP


async def test_an_upload_that_is_too_large_is_refused(front, server) -> None:
    body = get("/health", "Content-Length: 200000", method="POST") + b"x" * 200_000
    status, _ = await asyncio.to_thread(ask, front, body)
    # Caddy of Debian 12 says 502 where its own limit strikes before the server's answer is there.
    assert status in ((413, 502) if isinstance(front, Caddy) else (413,))
    chunks = get("/health", "Transfer-Encoding: chunked", method="POST")
    chunks += (b"10000\r\n" + b"x" * 65_536 + b"\r\n") * 3
    status, _ = await asyncio.to_thread(ask, front, chunks)
    # 405: there is nothing to upload at that address, which may be said before it is too much.
    assert status in (405, 413, 502)


@pytest.mark.slow
async def test_the_address_of_a_webhook_is_written_down_nowhere(front) -> None:
    # No server is there: it is in errors, too.
    failing = get("/hooks/cvh_canary", "Content-Length: 0", method="POST")
    assert (await asyncio.to_thread(ask, front, failing))[0] == 502
    assert (await asyncio.to_thread(ask, front, get("/elsewhere")))[0] == 502

    def plain() -> None:
        with Raw(front.plain_port) as client:
            client.send(get("/hooks/cvh_canary"))
            client.read_head()

    await asyncio.to_thread(plain)
    written = "".join(one.read_text() for one in front.folder.glob("*.log"))
    assert "/elsewhere" in written
    assert "canary" not in written


async def test_what_is_attached_may_be_larger_than_other_bodies(front, server) -> None:
    head = get("/api/v1/rooms/hall/attachments?name=x", "Content-Length: 200000", method="POST")
    status, _ = await asyncio.to_thread(ask, front, head + b"x" * 200_000)
    # By the server itself, which does not know who asks.
    assert status == 401


async def test_the_proxy_is_reloaded_and_the_server_restarted_and_nothing_is_lost(
    kind, tmp_path
) -> None:
    """A client writes and reads on over both, and sees each message once, in order."""
    made = kind(tmp_path, free_port())
    data = tmp_path / "data"
    await asyncio.to_thread(made.__enter__)
    try:
        async with serving(made, made.upstream, data=data) as server:
            token = await server.token("ada")
        seen: list[str] = []

        async def read(client: Client) -> None:
            async for line in client.room("general").follow(since=0):
                if line.type == "message":
                    seen.append(line.text)

        client = Client(made.url, token=token, tls=made.trusting(), connect_within=0)
        async with client:
            reading = asyncio.create_task(read(client))
            general = client.room("general")
            async with serving(made, made.upstream, data=data):
                await general.send("before")
                await asyncio.to_thread(made.reload)
                await general.send("after the reload")
            waiting = await general.post("while nobody is there")
            await asyncio.sleep(0.3)
            async with serving(made, made.upstream, data=data):
                await waiting
                await general.send("after the restart")
                async with asyncio.timeout(20):
                    while len(seen) < 4:
                        await asyncio.sleep(0.02)
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)
        assert seen == ["before", "after the reload", "while nobody is there", "after the restart"]
    finally:
        await asyncio.to_thread(made.__exit__)
