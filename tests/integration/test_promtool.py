"""Prometheus' own tool finds nothing to complain of: in the metrics, and in the alerts."""

import asyncio
import shutil
import subprocess
from pathlib import Path

import pytest
from tests.support.metrics import ask

from conclave import testing

RULES = Path(__file__).parents[2] / "deploy/prometheus/rules.yml"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("promtool") is None, reason="apt install prometheus"),
]


def promtool(*words: str, given: str = "") -> tuple[int, str]:
    done = subprocess.run(
        ["promtool", *words], input=given, capture_output=True, text=True, timeout=60
    )
    return done.returncode, done.stdout + done.stderr


async def test_promtool_finds_nothing_wrong_with_the_metrics_of_a_chat():
    async with testing.serve(metrics_listen="127.0.0.1:0") as server:
        async with server.client() as john:
            await john.ask("join:room", room="general")
            await john.ask("chat", room="general", text="hello")
        assert server.metrics_port is not None
        text = (await ask(server.metrics_port)).text
    assert await asyncio.to_thread(promtool, "check", "metrics", given=text) == (0, "")


def test_promtool_finds_what_is_wrong_with_metrics():
    code, said = promtool("check", "metrics", given="# TYPE a_total gauge\na_total 1\n")
    assert code != 0
    assert "a_total" in said


def test_promtool_takes_all_alerts():
    code, said = promtool("check", "rules", str(RULES))
    assert (code, "FAILED" in said) == (0, False)
    assert f"{RULES.read_text().count('alert:')} rules found" in said
