"""What a load balancer is told while a node's PostgreSQL or Redis is away (J11)."""

import asyncio
import json
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from tests.chaos.cluster.machine import Machine, Node
from tests.chaos.cluster.plan import ClusterPlan
from tests.faults.test_chaos_cluster import needs_services
from tests.support.postgres import Postgres
from tests.support.proxy import Proxy

pytestmark = [pytest.mark.slow, needs_services, pytest.mark.timeout(180)]


def ask(node: Node, path: str) -> tuple[int, dict[str, Any]]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{node.port}{path}", timeout=30) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


async def comes(node: Node, right: Callable[[int, dict[str, Any]], bool], within: float) -> float:
    """Return how long it takes until /ready answers what is *right*; /health is well throughout."""
    began = asyncio.get_running_loop().time()
    while True:
        status, said = await asyncio.to_thread(ask, node, "/ready")
        assert (await asyncio.to_thread(ask, node, "/health"))[0] == 200
        now = asyncio.get_running_loop().time() - began
        if right(status, said):
            return now
        assert now < within, (status, said)
        await asyncio.sleep(0.1)


def well(status: int, said: dict[str, Any]) -> bool:
    return status == 200 and "degraded" not in said


@pytest.fixture
async def node(tmp_path: Path, postgresql: Postgres) -> AsyncIterator[Node]:
    async with Machine(ClusterPlan(nodes=1), tmp_path, postgresql) as machine:
        await comes(machine.nodes[0], well, within=10)
        yield machine.nodes[0]


@pytest.mark.parametrize("fault", [Proxy.cut, Proxy.darken])
async def test_without_its_database_a_node_is_alive_and_not_ready(
    node: Node, fault: Callable[[Proxy], None]
) -> None:
    fault(node.to_postgres)
    await comes(node, lambda status, _: status == 503, within=20)
    node.to_postgres.heal()
    assert await comes(node, well, within=20) < 15


@pytest.mark.parametrize("fault", [Proxy.cut, Proxy.darken])
async def test_without_its_bus_a_node_is_ready_and_says_that_it_is_degraded(
    node: Node, fault: Callable[[Proxy], None]
) -> None:
    fault(node.to_redis)
    await comes(node, lambda status, said: status == 200 and "degraded" in said, within=12)
    node.to_redis.heal()
    await comes(node, well, within=12)
