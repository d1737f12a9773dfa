"""The chat over ASGI: the protocol's own tests again on uvicorn's sockets, and ASGI alone."""

import asyncio
import os
import sys
from typing import Any

import httpx
import pytest
import structlog
from tests.support import over_asgi

from conclave.asgi import App, Conclave
from conclave.client.wire import Closed, Refused, Wire, connect
from conclave.protocol.codec import encode
from conclave.server.carried import Carried
from conclave.settings import CannotStart

ADMIN = "admin-token-456"
# What knows the protocol and not the sockets; nothing in them is changed for this.
SUITE = [
    "tests/integration/test_around.py",
    "tests/integration/test_changes.py",
    "tests/integration/test_client.py",
    "tests/integration/test_client_people.py",
    "tests/integration/test_durable.py",
    "tests/integration/test_history_numbers.py",
    "tests/integration/test_hooks.py",
    "tests/integration/test_names_and_tokens.py",
    "tests/integration/test_notices.py",
    "tests/integration/test_people.py",
    "tests/integration/test_private.py",
    "tests/integration/test_revocation.py",
    "tests/integration/test_room_limits.py",
    "tests/integration/test_search.py",
    "tests/integration/test_transcript.py",
    "tests/faults/test_bad_input.py",
    "tests/faults/test_caps.py",
    "tests/faults/test_order.py",
    "tests/faults/test_resume.py",
]

# What is the other server's business: it pings, and ends its sockets before it stops us. And an
# `ack` and the entry it is of come in two reads there, which one test takes for one.
NOT_OURS = "not (silent and peer) and not (shuts and down) and not read_on_from_a_position"


@pytest.mark.slow
@pytest.mark.timeout(960)
def test_the_protocol_s_own_tests_pass_over_asgi():
    import subprocess

    environment = {**os.environ, "CONCLAVE_TESTS_OVER": "asgi"}
    command = [sys.executable, "-m", "pytest", "-q", "-m", "not slow", "-k", NOT_OURS, *SUITE]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=900)
    assert done.returncode == 0, done.stdout[-4_000:]
    assert "passed" in done.stdout


async def test_who_writes_there_is_acknowledged_told_and_read_later():
    async with (
        over_asgi.serve() as server,
        server.client() as john,
        server.client(ADMIN) as admin,
    ):
        for one in (john, admin):
            await one.ask("join:room", room="general")
        stored = await john.ask("chat", room="general", text="over another's socket ✓")
        assert (await admin.expect("chat", type="message"))["text"] == "over another's socket ✓"
        page = await admin.ask("get:history", room="general")
        assert page["messages"][-1]["seq"] == stored["seq"]


async def test_the_page_and_the_api_are_there_and_a_foreign_host_is_not_answered():
    async with over_asgi.serve() as server, httpx.AsyncClient(timeout=30) as http:
        url = f"http://127.0.0.1:{server.port}"
        page = await http.get(f"{url}/")
        assert "<title>Conclave</title>" in page.text
        assert "frame-ancestors 'none'" in page.headers["content-security-policy"]
        assert (await http.get(f"{url}/ready")).json() == {"status": "ready"}
        foreign = await http.get(f"{url}/", headers={"host": "evil.example"})
        assert foreign.status_code == 421
        assert foreign.headers["x-frame-options"] == "DENY"


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/ws", {"Origin": "https://evil.example"}, 403),
        ("/ws", {"Host": "evil.example"}, 421),
        ("/ws?token=x", {}, 400),
        ("/else", {}, 404),
    ],
)
async def test_who_may_not_connect_is_refused_before_anything_is_accepted(path, headers, status):
    async with over_asgi.serve() as server:
        with pytest.raises(Refused) as refused:
            async with connect(f"ws://127.0.0.1:{server.port}{path}", **headers):
                raise AssertionError("it was let in")
        assert refused.value.status == status
        assert len(server.node.hub) == 0


async def end_of(wire: Wire) -> int:
    try:
        while True:
            await wire.receive()
    except Closed as closed:
        return closed.code


async def test_an_unknown_version_a_binary_frame_and_a_large_one_end_it_with_their_codes():
    async with over_asgi.serve(max_message_bytes=2_048) as server:
        for how, code in (("version", 4504), ("binary", 1003), ("large", 1009)):
            headers = {"Sec-WebSocket-Protocol": "conclave.v9"} if how == "version" else {}
            async with connect(server.url, **headers) as wire:
                if how == "binary":
                    wire.send_binary(b"\0")
                elif how == "large":
                    wire.send_text("x" * 2_049)
                assert await end_of(wire) == code, how
        assert len(server.node.hub) == 0


async def test_below_a_mount_it_is_as_if_at_the_root():
    chat = Conclave(demo=True, data="unused")
    seen: list[dict[str, Any]] = []

    async def site(scope: Any, _receive: Any, _send: Any) -> None:
        seen.append(scope)

    async with over_asgi.serve() as server:
        running = server._running
        chat._running = running
        object.__setattr__(running, "site", site)
        scope = {
            "type": "http",
            "path": "/chat/api/v1/door",
            "root_path": "/chat",
            "client": ("127.0.0.1", 5),
            "headers": [(b"host", b"localhost")],
        }
        await chat(scope, None, None)  # type: ignore[arg-type]  # nothing is read or sent
    assert (seen[0]["path"], seen[0]["root_path"]) == ("/api/v1/door", "")


async def test_wrong_settings_and_a_missing_lifespan_are_said_in_a_line():
    with pytest.raises(CannotStart, match="burst is 0"):
        Conclave(burst=0)
    chat = Conclave(demo=True)
    with pytest.raises(RuntimeError, match="hand its `lifespan` to the application"):
        await chat({"type": "http", "path": "/", "headers": []}, None, None)  # type: ignore[arg-type]  # it comes to neither


async def test_a_lifespan_of_its_own_starts_and_stops_the_node(tmp_path):
    chat = Conclave(demo=True, data=tmp_path)
    told: list[str] = []
    asked = asyncio.Queue[dict[str, str]]()

    async def send(event: Any) -> None:
        told.append(event["type"])

    living = asyncio.create_task(chat({"type": "lifespan"}, asked.get, send))
    await asked.put({"type": "lifespan.startup"})
    async with asyncio.timeout(20):
        while not told:
            await asyncio.sleep(0.01)
    assert await chat.node.store.public_names() == ["general", "random", "support"]
    await asked.put({"type": "lifespan.shutdown"})
    await living
    assert told == ["lifespan.startup.complete", "lifespan.shutdown.complete"]


class Slow:
    """A server in front that takes nothing, until it is let."""

    def __init__(self) -> None:
        self.takes = asyncio.Event()
        self.sent: list[dict[str, Any]] = []

    async def receive(self) -> dict[str, Any]:
        await asyncio.Event().wait()
        raise AssertionError

    async def send(self, event: Any) -> None:
        await self.takes.wait()
        self.sent.append(event)


class Receiver:
    def __init__(self) -> None:
        self.end: tuple[int, str] | None = None
        self.could_write = 0

    def opened(self, transport: Any) -> None: ...

    def received(self, text: bytes) -> None: ...

    def heard(self) -> None: ...

    def writable(self) -> None:
        self.could_write += 1

    def closed(self, code: int, reason: str) -> None:
        self.end = (code, reason)


async def test_what_is_not_taken_is_counted_and_a_close_waits_for_it_no_longer_than_it_may():
    slow, receiver = Slow(), Receiver()
    carried = Carried("::1", slow.receive, slow.send, max_bytes=1_000, close_within=0.05)
    running = asyncio.create_task(carried.run(receiver))
    await asyncio.sleep(0)
    packet = encode("system", {"message": "x" * 100})
    assert carried.send([packet, packet]) == 2 * len(packet.text) == carried.buffered
    slow.takes.set()
    while carried.buffered:
        await asyncio.sleep(0)
    assert receiver.could_write == 1
    slow.takes.clear()
    carried.send([packet])
    carried.close(4001, "Enough")
    assert carried.send([packet]) == len(packet.text), "nothing is taken after the end"
    await asyncio.wait_for(running, 2)
    assert receiver.end == (4001, "Enough")
    assert len(slow.sent) == 2


async def test_what_breaks_is_told_to_the_host_s_log_without_what_anybody_brought(
    tmp_path, caplog, capfd
):
    class Broken:
        async def authenticate(self, token: str) -> None:
            raise RuntimeError("broken")

    structlog.reset_defaults()
    chat = Conclave(App(authenticators=[Broken()]), data=tmp_path)
    try:
        async with (
            chat.running(),
            over_asgi.listening(chat) as port,
            httpx.AsyncClient(timeout=30) as page,
        ):
            me = f"http://127.0.0.1:{port}/api/v1/me"
            answer = await page.get(me, headers={"authorization": "Bearer a-canary"})
    finally:
        structlog.reset_defaults()
    assert answer.status_code == 500
    told = [one.getMessage() for one in caplog.records if one.levelname == "ERROR"]
    assert [text.partition(" ")[0] for text in told] == ["http_failed"]
    assert "RuntimeError: broken" in told[0]
    assert "a-canary" not in caplog.text + "".join(capfd.readouterr())


@pytest.mark.slow
async def test_requests_and_sockets_of_one_address_are_as_many_as_they_may_be():
    async with over_asgi.serve(http_rate=1.0, connection_rate=1.0) as server:
        async with httpx.AsyncClient(
            base_url=f"http://127.0.0.1:{server.port}", timeout=30
        ) as page:
            asked = [(await page.get("/health")).status_code for _ in range(5)]
        assert asked == [200] * 4 + [429]
        for _ in range(2):
            async with connect(server.url):
                pass
        with pytest.raises(Refused):
            async with connect(server.url):
                pass
