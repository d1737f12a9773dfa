"""The random orders of the JavaScript client, in full: `make test` runs a tenth of them."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_three_thousand_random_orders_lose_and_double_nothing():
    if (node := shutil.which("node")) is None:
        pytest.skip("no Node here: apt install nodejs")
    ran = subprocess.run(
        [node, "--test", "tests/web/schedules.test.js"],
        cwd=ROOT,
        env={**os.environ, "SCHEDULES": "3000"},
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 0, ran.stdout[-3000:]
