"""
The server killed under load, and what it wrote before it told anybody.

A kill -9 shows that acknowledged messages survive the process; the trace of system calls
shows that they would survive the machine. `make chaos` is the first test at full length.
"""

import asyncio

import pytest
from tests.chaos.plan import Plan
from tests.chaos.run import RESTART_WITHIN, WORDS, run
from tests.support.checker import read_journals
from tests.support.crowd import Sender
from tests.support.node_process import NodeProcess
from tests.support.syscalls import needs_strace, read_trace, told_too_early, traced

SHORT = {
    "kills": 3,
    "acknowledged": 500,
    "rooms": 5,
    "senders": 15,
    "rate": 300,
    "subscribers": 4,
    "kills_per_crowd_kill": 2,
    "within": (0.5, 1.5),
}


@pytest.mark.parametrize(
    "counts",
    [
        pytest.param(SHORT, id="3 kills"),
        pytest.param({}, id="20 kills", marks=[pytest.mark.slow, pytest.mark.timeout(400)]),
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
    assert max(outcome.restarts) <= RESTART_WITHIN


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
