"""A disk that takes 300 ms for each sync (I5): group commit carries it, the loop stays free."""

import asyncio
import time
from pathlib import Path

import pytest
from tests.support.crowd import answer_to
from tests.support.node_process import UNBOUND, NodeProcess
from tests.support.probe import Pulse
from tests.support.syscalls import needs_strace

from conclave.client.wire import Received, Wire, connect

WORDS = (*UNBOUND, "--app", "tests.support.people:APP")
SYNCS = "fsync,fdatasync"
# With the filter of the kernel, so that no other call is held up.
SLOW = ["strace", "-f", "-q", "--seccomp-bpf", "-e", f"trace={SYNCS}"]
SENDERS, ROOMS = 50, 10
EVERY = 0.3


def _made(data: Path) -> Path:
    """Return *data* with a database that was made at an ordinary pace."""
    NodeProcess(data, *WORDS).kill()
    return data


class Steady:
    """Sends a message every 0.3 s, whether the last one was acknowledged or not."""

    def __init__(self, url: str, name: str, room: str) -> None:
        self.url, self.name, self.room = url, name, room
        self.joined = asyncio.Event()
        self.acked = 0
        self.refused: list[str] = []

    async def run(self, seconds: float) -> None:
        async with connect(self.url) as wire:
            wire.send("auth", token=f"i-am-{self.name}")
            wire.send("join:room", id="join", room=self.room)
            await answer_to(wire, "join")
            self.joined.set()
            counting = asyncio.create_task(self._count(wire))
            for n in range(int(seconds / EVERY)):
                id_ = f"{self.name}-{n}"
                wire.send("chat", id=id_, room=self.room, text=f"I say {id_}")
                await asyncio.sleep(EVERY)
            counting.cancel()
            await asyncio.wait([counting])

    async def _count(self, wire: Wire) -> None:
        async for event in wire:
            self.acked += event.type == "ack"
            if event.type == "error":
                self.refused.append(event.data["code"])


@needs_strace
@pytest.mark.strace
@pytest.mark.alone
@pytest.mark.parametrize(
    "seconds",
    [pytest.param(4, id="4 s"), pytest.param(60, id="60 s", marks=pytest.mark.slow)],
)
@pytest.mark.timeout(150)
async def test_syncs_of_300_ms_leave_100_messages_a_second_and_a_free_loop(tmp_path, seconds):
    trace = tmp_path / "trace"
    slow = [*SLOW, "-o", str(trace), "-e", f"inject={SYNCS}:delay_enter=300000"]
    with NodeProcess(_made(tmp_path / "data"), *WORDS, before=slow) as node:
        people = [Steady(node.url, f"s{n}", f"room {n % ROOMS}") for n in range(SENDERS)]
        async with asyncio.TaskGroup() as tasks:
            for person in people:
                tasks.create_task(person.run(seconds + 2))
            await asyncio.gather(*(person.joined.wait() for person in people))
            await asyncio.sleep(1)
            pulse, began = Pulse(node.url, "i-am-judge"), time.monotonic()
            before = sum(person.acked for person in people)
            await asyncio.sleep(seconds - 0.5)
            rate = (sum(p.acked for p in people) - before) / (time.monotonic() - began)
            await pulse.stop()
        syncs = trace.read_text().count("(INJECTED)") + trace.read_text().count("(DELAYED)")
    print(f"{rate:.0f} messages a second, {syncs} slow syncs, p99 {pulse.p99 * 1000:.0f} ms")
    assert syncs >= seconds
    assert rate >= 100
    assert pulse.p99 <= 0.1
    assert [code for person in people for code in person.refused] == []


@needs_strace
@pytest.mark.strace
async def test_what_waits_for_a_slow_disk_is_bounded_and_the_rest_is_told_to_wait(tmp_path):
    slow = [*SLOW, "-o", "/dev/null", "-e", f"inject={SYNCS}:delay_enter=1000000"]
    with NodeProcess(_made(tmp_path / "data"), *WORDS, before=slow) as node:
        # Nobody floods before all are in: who joins beside a flood is told to wait as well.
        all_in = asyncio.Barrier(20)
        floods = (_flood(node.url, f"hasty{n}", 300, all_in) for n in range(20))
        answers = await asyncio.gather(*floods)
    told = [answer for some in answers for answer in some]
    refused = [answer.data for answer in told if answer.type == "error"]
    print(f"{len(told)} answers, {len(refused)} of them busy")
    assert len(told) == 20 * 300
    assert 0 < len(refused) < len(told)
    assert {(data["code"], data["retryable"]) for data in refused} == {("busy", True)}


async def _flood(url: str, name: str, count: int, all_in: asyncio.Barrier) -> list[Received]:
    """Send so many messages in one breath, once all are in; return their answers."""
    async with connect(url) as wire:
        wire.send("auth", token=f"i-am-{name}")
        wire.send("join:room", id="join", room=name)
        assert (await answer_to(wire, "join")).type == "history"
        await all_in.wait()
        for n in range(count):
            wire.send("chat", id=f"{name}-{n}", room=name, text=f"text {n}")
        answers: list[Received] = []
        async with asyncio.timeout(50):
            while len(answers) < count:
                event = await wire.receive()
                if event.type in ("ack", "error"):
                    answers.append(event)
    return answers
