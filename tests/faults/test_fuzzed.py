"""
Five minutes of inputs that coverage has bred: decoders raise what they say, and nothing else.

What atheris runs is `fuzz_decoders`, in a process of its own: it instruments what it imports.
"""

import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(600),
    pytest.mark.skipif(
        find_spec("atheris") is None, reason="atheris has no wheel for this machine"
    ),
]
SECONDS = 300


def fuzz(*words: str) -> tuple[int, str]:
    command = [sys.executable, "-m", "tests.faults.fuzz_decoders", "-print_final_stats=1", *words]
    done = subprocess.run(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=500
    )
    return done.returncode, done.stdout.decode("utf-8", "replace")


def test_no_input_gets_another_exception_out_of_a_decoder_than_it_says() -> None:
    code, said = fuzz(f"-max_total_time={SECONDS}", "-max_len=4096", "-timeout=5")
    assert code == 0, said[-6_000:]
    runs = int(re.findall(r"number_of_executed_units: +(\d+)", said)[0])
    covered = int(re.findall(r"cov: (\d+)", said)[-1])
    print(f"\n{runs} inputs, {covered} edges")
    assert runs > 200_000
    assert covered > 200


@pytest.mark.parametrize("bug", ["utf8", "stop", "code", "types"])
def test_a_bug_that_is_planted_is_found(bug: str) -> None:
    code, said = fuzz("--plant", bug, "-max_total_time=90", "-seed=7")
    assert code != 0
    assert "Uncaught Python exception" in said, said[-2_000:]
