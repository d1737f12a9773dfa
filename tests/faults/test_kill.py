"""
The server killed under load, and what it wrote before it told anybody.

A kill -9 at a random moment (G1) or in a system call (G2) shows that acknowledged messages
survive the process; the trace of system calls shows that they would survive the machine.
`make chaos` is the first test at full length.
"""

import asyncio
import itertools

import pytest
from tests.chaos.plan import Plan
from tests.chaos.run import RESTART_WITHIN, WORDS, run
from tests.support.checker import check, history_of, read_journals
from tests.support.crowd import Sender, Subscriber, answer_to, come_in
from tests.support.node_process import UNBOUND, NodeProcess
from tests.support.stage import Stage
from tests.support.syscalls import needs_strace, read_trace, told_too_early, traced

from conclave.client.wire import connect
from conclave.storage.sqlite import SqliteStore

SHORT = {
    "kills": 3,
    "acknowledged": 500,
    "rooms": 5,
    "senders": 12,
    "authors": 3,
    "rate": 300,
    "subscribers": 3,
    "kills_per_crowd_kill": 2,
    "within": (0.5, 1.5),
}


@pytest.mark.parametrize(
    "counts",
    [
        pytest.param(SHORT, id="3 kills", marks=[pytest.mark.alone, pytest.mark.timeout(180)]),
        pytest.param({}, id="20 kills", marks=[pytest.mark.slow, pytest.mark.timeout(600)]),
    ],
)
async def test_what_was_acknowledged_survives_every_kill(tmp_path, counts):
    plan = Plan(**counts)
    print(f"seed {plan.seed}")
    outcome = await run(plan, tmp_path)
    print(outcome.line())
    assert outcome.flaws == []
    assert outcome.counts["acknowledged"] >= plan.acknowledged
    assert len(outcome.restarts) >= plan.kills
    assert outcome.crowd_kills >= 1
    assert outcome.counts["left"] >= plan.rooms
    assert outcome.counts["written_by_clients"] > 0
    assert outcome.counts["read_by_clients"] > 0
    assert max(outcome.restarts) <= RESTART_WITHIN


# The writer's calls, and those by which the loop's thread sends.
BOUNDARIES = ["fsync,fdatasync", "pwrite64", "write,writev,sendto,sendmsg"]
FEW = list(zip(itertools.cycle(BOUNDARIES), [1, 2, 5, 13, 34, 89], strict=False))
ALL = [(call, k) for k in range(1, 101) for call in BOUNDARIES]


@needs_strace
@pytest.mark.strace
@pytest.mark.parametrize(
    "boundaries",
    [
        pytest.param(FEW, id="6 kills"),
        pytest.param(ALL, id="300 kills", marks=[pytest.mark.slow, pytest.mark.timeout(1_200)]),
    ],
)
async def test_what_was_acknowledged_survives_a_kill_in_any_system_call(tmp_path, boundaries):
    data, journals = tmp_path / "data", tmp_path / "journals"
    journals.mkdir()
    with Stage() as stage:
        node = await asyncio.to_thread(stage.serve, data)
        sending = [Sender(node.url, f"sender{n}", "general", journals) for n in range(6)]
        hearing = [Subscriber(node.url, f"hearer{n}", "general", journals) for n in range(2)]
        async with asyncio.TaskGroup() as tasks:
            talking = [tasks.create_task(person.run()) for person in sending]
            listening = [tasks.create_task(person.run()) for person in hearing]
            for call, k in boundaries:
                fault = f"{call}:signal=SIGKILL:when={k}"
                strace = await asyncio.to_thread(node.attach, tmp_path / "trace", fault)
                assert await asyncio.to_thread(node.killed), f"{fault} did not fire"
                await asyncio.to_thread(strace.detach)
                node = await asyncio.to_thread(stage.serve, data, node.port)
            # Some kills come before anything was acknowledged.
            async with asyncio.timeout(30):
                while min(person.acked for person in sending) <= len(boundaries):
                    await asyncio.sleep(0.05)
            for person in sending:
                person.enough.set()
            await asyncio.gather(*talking)
            await asyncio.sleep(0.2)
            upto = max(person.upto for person in hearing)
            await asyncio.gather(*(person.settle(upto) for person in hearing))
            for task in listening:
                task.cancel()
        node.kill()
    assert min(person.acked for person in sending) > len(boundaries)
    assert min(person.reconnects for person in hearing) >= len(boundaries)
    store = await SqliteStore.open(data / "demo")
    history = await history_of(store, ["general"])
    await store.close()
    assert check(read_journals(journals.iterdir()), history) == []


@needs_strace
@pytest.mark.strace
async def test_no_ack_leaves_before_the_sync_after_the_write_of_its_message(tmp_path):
    trace = tmp_path / "trace"
    with NodeProcess(tmp_path / "data", *WORDS, before=traced(trace)) as node:
        journals = tmp_path / "journals"
        journals.mkdir()
        sending = [Sender(node.url, f"sender{n}", "general", journals) for n in range(6)]
        async with asyncio.TaskGroup() as tasks:
            for person in sending:
                tasks.create_task(person.run())
            async with asyncio.timeout(30):
                while min(person.acked for person in sending) < 12:
                    await asyncio.sleep(0.05)
            for person in sending:
                person.enough.set()
        node.kill()
    acked = [e["id"] for e in read_journals(journals.iterdir()) if e["kind"] == "acked"]
    assert len(acked) >= 6 * 12
    calls = read_trace(trace)
    acks = [call for call in calls if '\\"type\\":\\"ack\\"' in call.text]
    assert len(acks) > 0
    assert told_too_early(calls, acked) == []
    print(f"{len(acked)} acknowledged, in {len(acks)} sends with acks")


@needs_strace
@pytest.mark.strace
async def test_an_ack_that_leaves_too_early_is_found(tmp_path):
    """The planted bug: `tests.support.hasty` acknowledges before it stores."""
    trace = tmp_path / "trace"
    words = (*UNBOUND, "--app", "tests.support.hasty:APP")
    ids = [f"hasty-{n}" for n in range(5)]
    with NodeProcess(tmp_path / "data", *words, before=traced(trace)) as node:
        async with connect(node.url) as wire:
            await come_in(wire, "ann", "general")
            for id_ in ids:
                wire.send("chat", id=id_, room="general", text=f"I say {id_}")
                assert (await answer_to(wire, id_)).type == "ack"
        node.kill()
    assert len(told_too_early(read_trace(trace), ids)) == len(ids)
