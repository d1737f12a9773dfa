"""A server that is stopped, or cut off, without a word: found, and come back from (J2)."""

import asyncio
import signal
import time

import pytest
from tests.support.node_process import UNBOUND, NodeProcess

from conclave.client import Client, Connected, Disconnected, session
from conclave.protocol.events import Line

ROUNDS = [pytest.param(3, id="3"), pytest.param(25, id="25", marks=pytest.mark.slow)]
UNIT = 0.5
WORDS = (
    *UNBOUND,
    *("--app", "tests.support.people:APP"),
    *("--heartbeat-interval", str(UNIT), "--heartbeat-timeout", str(UNIT)),
)
# Tests share the machine.
SLACK = 1.0


@pytest.fixture(autouse=True)
def patience_begins_anew(monkeypatch):
    """Each connection counts as a good one: these do not hold the five seconds that takes."""
    monkeypatch.setattr(session, "_SETTLED_AFTER", 0.0)


class Wall:
    """A proxy that can swallow everything, as a broken network does."""

    def __init__(self, port: int) -> None:
        self._upstream = port
        self.open = asyncio.Event()
        self.open.set()
        self._tasks: set[asyncio.Task] = set()
        self._server: asyncio.Server

    async def __aenter__(self) -> "Wall":
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def _serve(self, reader, writer) -> None:
        self._tasks.add(asyncio.current_task())
        await self.open.wait()
        up_reader, up_writer = await asyncio.open_connection("127.0.0.1", self._upstream)
        try:
            await asyncio.gather(self._pump(reader, up_writer), self._pump(up_reader, writer))
        finally:
            for one in (writer, up_writer):
                one.transport.abort()

    async def _pump(self, reader, writer) -> None:
        # What was swallowed does not come later: the connection is lost.
        while data := await reader.read(65_536):
            if not self.open.is_set():
                await asyncio.sleep(3_600)
            writer.write(data)
        writer.close()


class Listener:
    """What a client was told of one room, and how it fared."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.seqs: list[int] = []
        self.went = asyncio.Event()
        self.came = asyncio.Event()
        self.detected: list[float] = []
        self._tasks = [asyncio.create_task(self._read()), asyncio.create_task(self._watch())]

    async def _read(self) -> None:
        async for line in self.client.room("general"):
            assert isinstance(line, Line)
            self.seqs.append(line.seq)

    async def _watch(self) -> None:
        async for event in self.client:
            if isinstance(event, Disconnected):
                self.went.set()
            elif isinstance(event, Connected):
                self.came.set()

    async def lose(self) -> None:
        """Wait until the client has found out; note how long that took."""
        self.went.clear()
        self.came.clear()
        began = time.monotonic()
        async with asyncio.timeout(2 * UNIT + SLACK + 2):
            await self.went.wait()
        self.detected.append(time.monotonic() - began)

    async def upto(self, seq: int) -> None:
        async with asyncio.timeout(10):
            while not self.seqs or self.seqs[-1] < seq:
                await asyncio.sleep(0.01)

    def check(self) -> None:
        assert self.seqs == list(range(self.seqs[0], self.seqs[0] + len(self.seqs))), "V4"
        assert max(self.detected) <= 2 * UNIT + SLACK
        print(f"found within {max(self.detected):.2f} s, {len(self.seqs)} entries")

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


@pytest.mark.parametrize("rounds", ROUNDS)
@pytest.mark.timeout(300)
async def test_a_server_that_is_stopped_is_found_and_come_back_to(tmp_path, rounds):
    with await asyncio.to_thread(NodeProcess, tmp_path / "data", *WORDS) as node:
        async with Client(node.url, token="i-am-ann") as ann:
            await ann.room("general").send("the first")
            listener = Listener(ann)
            for n in range(rounds):
                node.send_signal(signal.SIGSTOP)
                pending = await ann.room("general").post(f"while it stands still {n}")
                await listener.lose()
                node.send_signal(signal.SIGCONT)
                async with asyncio.timeout(10):
                    await listener.upto((await pending).seq)
            listener.check()
            await listener.close()


@pytest.mark.parametrize("rounds", ROUNDS)
@pytest.mark.timeout(300)
async def test_who_is_cut_off_finds_out_and_misses_nothing(tmp_path, rounds):
    with await asyncio.to_thread(NodeProcess, tmp_path / "data", *WORDS) as node:
        async with (
            Wall(node.port) as wall,
            Client(wall.url, token="i-am-ann") as ann,
            Client(node.url, token="i-am-bob") as bob,
        ):
            await ann.room("general").send("the first")
            listener = Listener(ann)
            for n in range(rounds):
                wall.open.clear()
                pending = await ann.room("general").post(f"into the wall {n}")
                await bob.room("general").send(f"on the other side {n}")
                await listener.lose()
                last = await bob.room("general").send(f"still there {n}")
                wall.open.set()
                async with asyncio.timeout(10):
                    await listener.upto(max((await pending).seq, last.seq))
            listener.check()
            await listener.close()
