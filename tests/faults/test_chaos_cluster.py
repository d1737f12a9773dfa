"""
Three servers under all that befalls them and their networks: `make chaos-cluster`, shorter.
"""

from pathlib import Path
from typing import Any

import pytest
from tests.chaos.cluster.plan import ClusterPlan
from tests.chaos.cluster.run import run
from tests.support.postgres import program, running
from tests.support.redis_server import BINARY

needs_services = pytest.mark.skipif(
    BINARY is None or program("postgres") is None, reason="apt install redis-server postgresql"
)

SHORT: dict[str, Any] = {
    "seconds": 15,
    "acknowledged": 100,
    "rooms": 4,
    "senders": 8,
    "authors": 2,
    "rate": 80,
    "subscribers": 2,
    "lasts": (0.3, 2.0),
    "pause": (0.2, 1.5),
}
MINUTE: dict[str, Any] = {"seconds": 60, "acknowledged": 2_000, "rate": 200}


@needs_services
@pytest.mark.parametrize(
    "counts",
    [
        pytest.param(SHORT, id="15 seconds", marks=pytest.mark.timeout(180)),
        pytest.param(MINUTE, id="a minute", marks=[pytest.mark.slow, pytest.mark.timeout(400)]),
    ],
)
async def test_three_servers_lose_double_and_misplace_nothing(
    tmp_path: Path, counts: dict[str, Any]
) -> None:
    plan = ClusterPlan(**counts)
    print(f"seed {plan.seed}")
    with running() as postgres:
        outcome = await run(plan, tmp_path, postgres)
    print(outcome.line())
    assert outcome.flaws == []
    assert outcome.acknowledged >= plan.acknowledged
    assert outcome.counts["told"] > outcome.acknowledged
    assert outcome.faults["kill"] + outcome.faults["stop"] >= 1
    assert sum(outcome.faults.values()) >= 5
    assert min(outcome.hints[what] for what in ("carried", "dropped", "doubled", "late")) > 0
