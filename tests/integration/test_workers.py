"""Several processes on one port, over one PostgreSQL and one Redis, are one server."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import psutil
import pytest
from tests.support.checker import check, history_of, read_journals
from tests.support.cluster import HALL, Cluster
from tests.support.crowd import Sender, Subscriber
from tests.support.node_process import NodeProcess
from tests.support.ports import free_port
from tests.support.postgres import Postgres
from tests.support.redis_server import RedisServer, needs_redis

from conclave.storage.postgres.store import PostgresStore

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(120),
    needs_redis,
]

OF = 2
# Crowds come from one address, and write fast.
WORDS = ("--app", "tests.support.people:APP", "--rate", "0", "--connection-rate", "0")


@pytest.fixture
async def cluster(
    tmp_path: Path, postgresql: Postgres, shared_redis: RedisServer
) -> AsyncIterator[Cluster]:
    made = await Cluster.open(tmp_path, postgresql, shared_redis, ["ann", "bob"])
    yield made
    await asyncio.to_thread(made.close)


@pytest.fixture
async def server(cluster: Cluster) -> NodeProcess:
    return await asyncio.to_thread(start, cluster)


def start(cluster: Cluster, *words: str) -> NodeProcess:
    return cluster.start("w", *WORDS, "--workers", str(OF), *words)


def workers(server: NodeProcess) -> list[int]:
    return sorted(child.pid for child in psutil.Process(server.pid).children())


def logged(server: NodeProcess, event: str) -> list[dict]:
    lines = server.log.read_text().splitlines()
    return [line for line in map(json.loads, filter(is_json, lines)) if line["event"] == event]


def read(url: str) -> str:
    with urllib.request.urlopen(url, timeout=10) as page:
        return page.read().decode()


def is_json(line: str) -> bool:
    return line.startswith("{")


async def eventually(is_so: Callable[[], bool], within: float = 30.0) -> None:
    async with asyncio.timeout(within):
        while not is_so():
            await asyncio.sleep(0.05)


def conclave(server: NodeProcess, *words: str, **variables: str) -> subprocess.CompletedProcess:
    command = [sys.executable, "-m", "conclave", *words, "--data", str(server.log.parent)]
    environ = {**os.environ, **variables}
    return subprocess.run(command, env=environ, capture_output=True, text=True, timeout=60)


async def test_people_of_all_workers_hear_each_other_and_are_listed_together(
    cluster, server
) -> None:
    async with AsyncExitStack() as stack:
        people = []
        for _ in range(10):
            for user in ("ann", "bob"):
                person = await stack.enter_async_context(cluster.client("w", user))
                await person.ask("join:room", room=HALL)
                people.append(person)
        listed = await asyncio.to_thread(conclave, server, "connection", "--json")
        lines = [json.loads(line) for line in listed.stdout.splitlines()]
        assert len(lines) == len(people), listed.stderr
        shown = await asyncio.to_thread(conclave, server, "connection", lines[-1]["id"])
        assert "It is open" in shown.stdout
        said = await people[0].ask("chat", room=HALL, text="to all of all")
        for person in people[1:]:
            assert (await person.expect("chat", text="to all of all"))["seq"] == said["seq"]


async def test_each_worker_has_its_own_metrics_and_log_lines_and_nothing_is_said_twice(
    cluster,
) -> None:
    first = free_port()
    server = await asyncio.to_thread(start, cluster, "--metrics-listen", f"127.0.0.1:{first}")
    for number in range(OF):
        url = f"http://127.0.0.1:{first + number}"
        await eventually(lambda at=url: "conclave_nodes 2" in read(f"{at}/metrics"))
        assert json.loads(read(f"{url}/ready"))["status"] == "ready"
    assert json.loads(read(f"http://127.0.0.1:{server.port}/ready"))["status"] == "ready"
    os.kill(workers(server)[0], signal.SIGHUP)
    await eventually(lambda: len(logged(server, "reloaded")) >= 5)
    server.send_signal(signal.SIGHUP)
    await eventually(lambda: len(logged(server, "reloaded")) >= 15)
    assert {line["worker"] for line in logged(server, "reloaded")} == {1, 2}
    assert len(logged(server, "worker_died")) == 0


async def test_one_that_is_killed_comes_again_and_the_port_is_never_shut(cluster, server) -> None:
    before = workers(server)
    os.kill(before[1], signal.SIGKILL)
    while len(logged(server, "worker_started")) < OF + 1:
        assert "ok" in await asyncio.to_thread(read, f"http://127.0.0.1:{server.port}/health")
        await asyncio.sleep(0.05)
    await eventually(lambda: len(workers(server)) == OF)
    assert workers(server) != before
    (line,) = logged(server, "worker_died")
    assert line["code"] == -signal.SIGKILL


async def test_two_signals_end_it_at_once_and_one_in_good_order(cluster) -> None:
    server = await asyncio.to_thread(start, cluster)
    async with cluster.client("w", "ann") as ann:
        server.send_signal(signal.SIGTERM)
        told = await ann.expect("reconnect", within=10)
        assert told["after_ms"] >= 1_000
    assert await asyncio.to_thread(server.wait, 20) == 0
    server = await asyncio.to_thread(start, cluster)
    server.send_signal(signal.SIGTERM)
    server.send_signal(signal.SIGTERM)
    began = time.monotonic()
    assert await asyncio.to_thread(server.wait, 10) == 0
    assert time.monotonic() - began < 5


async def test_when_the_supervisor_is_killed_the_workers_end_and_the_next_may_start(
    cluster, server
) -> None:
    left = [psutil.Process(pid) for pid in workers(server)]
    refused = await asyncio.to_thread(
        conclave, server, "serve", "--port", "0", CONCLAVE_DATABASE=cluster.database
    )
    assert refused.returncode == 1
    assert "in use by the process" in refused.stderr
    server.send_signal(signal.SIGKILL)
    await asyncio.to_thread(psutil.wait_procs, left, 20)
    assert not any(one.is_running() for one in left)
    again = await asyncio.to_thread(start, cluster)
    assert len(workers(again)) == OF


async def test_a_rolling_restart_under_load_loses_nothing_and_is_hardly_noticed(
    cluster, server, tmp_path
) -> None:
    journals = tmp_path / "journals"
    journals.mkdir()
    sending = [Sender(server.url, f"sender{n}", HALL, journals, every=0.05) for n in range(12)]
    hearing = [Subscriber(server.url, f"hearer{n}", HALL, journals) for n in range(8)]
    everybody = [*sending, *hearing]
    async with asyncio.TaskGroup() as tasks:
        talking = [tasks.create_task(person.run()) for person in sending]
        listening = [tasks.create_task(person.run()) for person in hearing]
        await eventually(lambda: all(person.acked > 5 for person in sending))
        before = workers(server)
        server.send_signal(signal.SIGUSR2)
        await eventually(lambda: bool(logged(server, "rolling_restart_done")), within=60)
        assert not set(before) & set(workers(server))
        said = [person.acked for person in sending]
        await eventually(
            lambda: all(p.acked > was + 5 for p, was in zip(sending, said, strict=True))
        )
        for person in sending:
            person.enough.set()
        await asyncio.gather(*talking)
        store = await PostgresStore.open(cluster.database, tmp_path / "look", alone=False)
        history = await history_of(store, [HALL])
        await store.close()
        upto = history[HALL][-1].seq
        await asyncio.gather(*(person.settle(upto) for person in hearing))
        for task in listening:
            task.cancel()
    print(f"{sum(p.acked for p in sending)} acknowledged")
    assert check(read_journals(journals.iterdir()), history) == []
    # Each worker of two sends its people away once, and some meet both.
    assert len(everybody) <= sum(person.reconnects for person in everybody)
    assert not logged(server, "worker_died")


def test_without_a_database_and_redis_it_says_so_in_one_line(tmp_path) -> None:
    command = [sys.executable, "-m", "conclave", "serve", "--workers", "2"]
    refused = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, timeout=30)
    assert refused.returncode == 2
    assert refused.stderr == (
        "conclave: --workers is 2: several processes need --database (PostgreSQL) and "
        "--redis (Redis or Valkey); or give 1\n"
    )


def test_one_that_cannot_start_is_told_once_and_in_plain_words(tmp_path) -> None:
    command = [sys.executable, "-m", "conclave", "serve", "--workers", "2", "--port", "0"]
    nowhere = ["--database", "postgresql://nobody@127.0.0.1:1/x", "--redis", "redis://127.0.0.1:1"]
    refused = subprocess.run(
        [*command, *nowhere, "--data", str(tmp_path / "data")],
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert refused.returncode == 1
    complaints = [line for line in refused.stderr.splitlines() if not is_json(line)]
    assert complaints[-1] == ("conclave: worker 1 does not start (exit code 1); see what it said")
    assert "cannot use the database" in complaints[0]
    assert len(complaints) == 2
