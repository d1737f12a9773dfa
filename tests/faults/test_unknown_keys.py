"""Tokens signed with keys that nobody has, as many as a server takes (C8)."""

import asyncio
import json
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise

import pytest
from jwt.algorithms import RSAAlgorithm
from tests.support.jwts import AUDIENCE, ISSUER, Issuer, claims, forged

from conclave import testing
from conclave.protocol.errors import Reject

FREE = {
    "rate": 0.0,
    "http_rate": 0.0,
    "connection_rate": 0.0,
    "max_unauthenticated_per_address": 0,
    "max_http": 0,
    "max_http_per_address": 0,
}
SOCKETS, AT_ONCE = 1_000, 20
# The rest of C8's 25,000 comes over HTTP, on connections that stay.
REQUESTS, CALLERS = 24_000, 20


@contextmanager
def key_server(issuer: Issuer):
    """Serve the issuer's JWKS on loopback; yield its address and how often it was asked for."""
    asked: list[float] = []
    key = {**json.loads(RSAAlgorithm.to_jwk(issuer.rsa.public_key())), "kid": "good", "use": "sig"}
    body = json.dumps({"keys": [key]}).encode()

    class Keys(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(time.monotonic())
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Keys)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/jwks.json", asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def unknown(number: int) -> str:
    return forged(claims(time.time()), {"alg": "RS256", "kid": f"invented-{number}"}, b"x" * 256)


async def knock(server, number: int) -> str:
    try:
        async with server.client(unknown(number)):
            return "in"
    except Reject as no:
        return no.code


async def ask_again(port: int, numbers: range) -> set[bytes]:
    """Ask over one connection with one unknown key after the other; return the statuses."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    found = set()
    for number in numbers:
        head = f"GET /api/v1/me HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
        writer.write(f"{head}Authorization: Bearer {unknown(number)}\r\n\r\n".encode())
        answer = await reader.readuntil(b"\r\n\r\n")
        found.add(answer.split(b" ", 2)[1])
        length = answer.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]
        await reader.readexactly(int(length))
    writer.close()
    return found


@pytest.mark.slow
@pytest.mark.timeout(300)
async def test_c8_25000_unknown_keys_fetch_once_a_minute_and_keep_nobody_out(tmp_path):
    issuer = Issuer(tmp_path)
    with key_server(issuer) as (url, asked):
        terms = {"jwt_jwks": url, "jwt_issuer": ISSUER, "jwt_audience": AUDIENCE}
        async with testing.serve(demo=False, **terms, **FREE) as server:

            def good() -> str:
                return issuer.token(claims(time.time()), {"alg": "RS256", "kid": "good"}, "RS256")

            async with server.client(good()):
                assert len(asked) == 1
            began = time.monotonic()
            slots = asyncio.Semaphore(AT_ONCE)

            async def one(number: int) -> str:
                async with slots:
                    return await knock(server, number)

            sockets = [asyncio.create_task(one(number)) for number in range(SOCKETS)]
            each = REQUESTS // CALLERS
            callers = [
                asyncio.create_task(ask_again(server.port, range(n * each, (n + 1) * each)))
                for n in range(CALLERS)
            ]
            waits = []
            while not all(task.done() for task in (*sockets, *callers)):
                came = time.monotonic()
                async with server.client(good()) as ada:
                    await ada.ask("room:list", scope="mine")
                waits.append(time.monotonic() - came)
            took = time.monotonic() - began
            assert {task.result() for task in sockets} == {"auth_failed"}
            assert set().union(*(task.result() for task in callers)) == {b"401"}
            figures = {"s": round(took, 1), "fetches": len(asked), "good": len(waits),
                       "slowest_s": round(max(waits), 2)}  # fmt: skip
            print(json.dumps(figures))
            # The first, and one in each minute since.
            assert len(asked) <= 2 + took // 60
            assert all(later - one >= 59 for one, later in pairwise(asked))
            assert len(waits) >= 5, "nothing was measured"
