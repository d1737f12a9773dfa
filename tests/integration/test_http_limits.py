"""What a request over HTTP may bring, and what every answer carries, refusals too (K2)."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from tests.support.raw import Raw, upgrade

from conclave import testing
from conclave.http.headers import SECURITY
from conclave.server.listener import Listener
from conclave.server.terms import Terms
from conclave.testing.echo import EchoDoor

MOST = 65_536
HEAD = "Host: localhost\r\n"


class Reader:
    """An application that reads the whole body, unless it is told to answer at once."""

    def __init__(self) -> None:
        self.bodies: list[int] = []
        self.gone = 0
        self.called = 0
        self.answers_at_once = False

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        self.called += 1
        if self.answers_at_once:
            await self._answer(send, b"early")
            return
        size = 0
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                self.gone += 1
                return
            size += len(message["body"])
            if not message["more_body"]:
                break
        self.bodies.append(size)
        await self._answer(send, str(size).encode())

    async def _answer(self, send: Any, body: bytes) -> None:
        headers = [(b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})


@pytest.fixture
def reader() -> Reader:
    return Reader()


@pytest.fixture
async def port(reader: Reader) -> AsyncIterator[int]:
    listener = Listener(reader, EchoDoor(), Terms(handshake_timeout=2.0))
    await listener.start()
    yield listener.port
    await listener.stop(within=1.0)


def post(*headers: str) -> bytes:
    return plain("POST", "/", "localhost", *headers)


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


async def talk(port: int, act: Callable[[Raw], Any]) -> Any:
    def run() -> Any:
        with Raw(port) as client:
            return act(client)

    return await asyncio.to_thread(run)


async def test_a_body_as_large_as_it_may_be_is_read(port, reader) -> None:
    def act(client: Raw) -> list[int]:
        statuses = []
        for _ in range(3):
            client.send(post(f"Content-Length: {MOST}") + b"x" * MOST)
            status, headers = client.read_head()
            client._take(int(headers["content-length"]))
            client.send(post("Transfer-Encoding: chunked"))
            for _ in range(4):
                client.send(chunk(b"x" * (MOST // 4)))
            client.send(b"0\r\n\r\n")
            statuses += [status, client.read_head()[0]]
            client._take(5)
        return statuses

    assert await talk(port, act) == [200] * 6
    assert reader.bodies == [MOST] * 6


@pytest.mark.parametrize("expect", [(), ("Expect: 100-continue",)], ids=["plain", "asks first"])
@pytest.mark.parametrize("size", [MOST + 1, 10**9, 2**63 - 1])
async def test_a_length_that_is_too_large_is_refused_before_a_byte_of_it(
    port, reader, size, expect
) -> None:
    def act(client: Raw) -> tuple[int, bool]:
        client.send(post(f"Content-Length: {size}", *expect))
        return client.read_head()[0], client.is_ended() or client.is_ended()

    assert await talk(port, act) == (413, True)
    assert reader.called == 0


async def test_who_sends_all_of_it_before_reading_hears_why(port, reader) -> None:
    def act(client: Raw) -> int:
        client.send(post(f"Content-Length: {8 * MOST}") + b"x" * 8 * MOST)
        return client.read_head()[0]

    assert await talk(port, act) == 413


@pytest.mark.parametrize("size", [1_000, MOST, 10 * MOST])
async def test_chunks_are_refused_as_soon_as_they_are_too_many(port, reader, size) -> None:
    def act(client: Raw) -> tuple[int, str, bool]:
        client.send(post("Transfer-Encoding: chunked"))
        sent = 0
        while sent <= MOST:
            client.send(chunk(b"x" * size))
            sent += size
        status, headers = client.read_head()
        return status, headers["connection"], client.is_ended() or client.is_ended()

    assert await talk(port, act) == (413, "close", True)
    assert reader.bodies == []
    assert reader.gone == reader.called == 1, "the application hears that nobody waits"


async def test_an_answer_that_was_given_is_not_followed_by_a_second(port, reader) -> None:
    reader.answers_at_once = True

    def act(client: Raw) -> tuple[int, int]:
        client.send(post("Transfer-Encoding: chunked"))
        status, headers = client.read_head()
        client._take(int(headers["content-length"]))
        for _ in range(20):
            if not client.try_send(chunk(b"x" * 8_192)):
                break
        try:
            return status, client.read_head()[0]
        except ConnectionError:
            return status, 0

    assert await talk(port, act) == (200, 0)


async def test_who_does_not_go_after_a_refusal_is_hung_up_on(port) -> None:
    def act(client: Raw) -> bool:
        client.send(post(f"Content-Length: {MOST + 1}"))
        client.read_head()
        for _ in range(30):
            if not client.try_send(b"x"):
                return True
            time.sleep(0.1)
        return False

    assert await talk(port, act)


ODD = {
    "TRACE": (b"TRACE / HTTP/1.1\r\n", 405),
    "PROPFIND": (b"PROPFIND / HTTP/1.1\r\n", 405),
    "CONNECT": (b"CONNECT localhost:80 HTTP/1.1\r\n", 405),
    "a method of its own": (b"HACK / HTTP/1.1\r\n", 400),
    "a method in lower case": (b"get / HTTP/1.1\r\n", 400),
    "a URL": (b"GET http://evil.example/ HTTP/1.1\r\n", 400),
    "the own URL": (b"GET http://localhost/ HTTP/1.1\r\n", 400),
    "two slashes": (b"GET //evil.example/ HTTP/1.1\r\n", 400),
    "a star": (b"OPTIONS * HTTP/1.1\r\n", 400),
    "a backslash": (b"GET /a\\b HTTP/1.1\r\n", 400),
    "a fragment": (b"GET /#a HTTP/1.1\r\n", 400),
    "an encoded NUL": (b"GET /a%00b HTTP/1.1\r\n", 400),
    "no ASCII": (b"GET /\xc3\xa9 HTTP/1.1\r\n", 400),
    "a control character": (b"GET /\x01 HTTP/1.1\r\n", 400),
    "HTTP/0.9": (b"GET /\r\n", 400),
    "HTTP/3": (b"GET / HTTP/3.0\r\n", 400),
    "a path without end": (b"GET /" + b"a" * 9_000 + b" HTTP/1.1\r\n", 414),
}


@pytest.mark.parametrize(("line", "status"), ODD.values(), ids=ODD.keys())
async def test_odd_requests_are_refused_and_never_reach_a_route(port, reader, line, status) -> None:
    def act(client: Raw) -> tuple[int, dict[str, str]]:
        client.send(line + HEAD.encode() + b"\r\n")
        return client.read_head()

    got, headers = await talk(port, act)
    assert got == status
    assert headers["connection"] == "close"
    assert ("allow" in headers) == (status == 405)
    assert reader.called == 0


async def test_encoded_paths_and_queries_are_plain(port, reader) -> None:
    def act(client: Raw) -> int:
        client.send(f"GET /a%20b/%C3%A9?q=a%2Fb&x[]=~!$'() HTTP/1.1\r\n{HEAD}\r\n".encode())
        return client.read_head()[0]

    assert await talk(port, act) == 200


def plain(method: str = "GET", path: str = "/", host: str = "localhost", *more: str) -> bytes:
    lines = "".join(f"{header}\r\n" for header in more)
    return f"{method} {path} HTTP/1.1\r\nHost: {host}\r\n{lines}\r\n".encode()


ANSWERS = {
    "the page": (plain(), 200),
    "health": (plain(path="/health"), 200),
    "nothing there": (plain(path="/nowhere"), 404),
    "a wrong method": (plain("DELETE", "/health"), 405),
    "no method here": (plain("TRACE"), 405),
    "another host": (plain(host="evil.example"), 421),
    "no HTTP": (b"\x16\x03\x01\x02\x00\r\n\r\n", 400),
    "too large": (plain("POST", "/", "localhost", "Content-Length: 65537"), 413),
    "too long": (plain(path="/" + "x" * 9_000), 414),
    "too many headers": (plain("GET", "/", "localhost", *["X: 1"] * 200), 431),
    "a foreign origin": (upgrade("Origin: https://evil.example"), 403),
    "no socket here": (upgrade(path="/socket"), 404),
    "an old version": (upgrade().replace(b"Version: 13", b"Version: 8"), 426),
}


@pytest.mark.parametrize("https", [True, False], ids=["https", "http"])
async def test_every_answer_carries_all_security_headers(https) -> None:
    public = ("https://chat.example.org",) if https else ("http://chat.example.org",)
    async with testing.serve(public_url=public) as server:
        for name, (request, status) in ANSWERS.items():

            def act(client: Raw, request: bytes = request) -> tuple[int, dict[str, str]]:
                client.send(request)
                return client.read_head()

            got, headers = await talk(server.port, act)
            assert got == status, name
            for header, value in SECURITY.items():
                assert headers.get(header) == value, (name, header)
            hsts = headers.get("strict-transport-security")
            assert hsts == ("max-age=31536000" if https else None), name
            assert ("allow" in headers) == (status == 405), name


async def test_who_is_crowded_out_hears_it_under_the_same_headers() -> None:
    async with testing.serve(max_connections=1) as server, server.client():

        def act(client: Raw) -> tuple[int, dict[str, str]]:
            client.send(upgrade())
            return client.read_head()

        status, headers = await talk(server.port, act)
        assert status == 503
        assert headers["content-security-policy"] == SECURITY["content-security-policy"]


@pytest.mark.parametrize("name", ["DEBUG", "LITESTAR_DEBUG", "LITESTAR_PDB", "PYTHONASYNCIODEBUG"])
async def test_no_variable_shows_strangers_the_insides(monkeypatch, name, logs) -> None:
    monkeypatch.setenv(name, "1")
    async with testing.serve() as server:

        def broken() -> list[str]:
            raise RuntimeError("the insides")

        monkeypatch.setattr("conclave.app.parts.Ready.problems", lambda _: broken())

        def act(client: Raw) -> tuple[int, bytes]:
            client.send(plain(path="/ready"))
            status, headers = client.read_head()
            return status, client._take(int(headers["content-length"])) or b""

        assert await talk(server.port, act) == (500, b"Something went wrong on the server.\n")
    assert [line["event"] for line in logs if line["log_level"] == "error"] == ["http_failed"]


async def test_who_leaves_before_all_is_sent_fills_no_log(logs) -> None:
    async with testing.serve() as server:

        def act(client: Raw) -> None:
            client.send(plain("POST", "/api/v1/sessions", "localhost", "Content-Length: 99") + b"{")

        for _ in range(3):
            await talk(server.port, act)
        await asyncio.sleep(0.1)
    assert [line for line in logs if line["log_level"] == "error"] == []
