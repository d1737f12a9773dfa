"""In CI a skipped test fails the run; elsewhere it is listed."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

CONFTEST = Path(__file__).parent.parent / "conftest.py"
OPTIONS = ["-p", "no:cacheprovider", "-p", "no:schemathesis", "-p", "no:faker", "-c", os.devnull]


@pytest.mark.parametrize("processes", ["0", "1"])
@pytest.mark.parametrize(("ci", "code"), [("true", 1), ("", 0)])
def test_a_skipped_test_fails_the_run_in_ci_only(ci, code, processes, tmp_path):
    shutil.copy(CONFTEST, tmp_path)
    (tmp_path / "test_it.py").write_text(
        "import pytest\ndef test_a(): pass\ndef test_b(): pytest.skip('no browser')\n"
    )
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *OPTIONS, "-n", processes, str(tmp_path)],
        cwd=tmp_path,
        env={**os.environ, "CI": ci},
        capture_output=True,
        text=True,
        timeout=50,
    )
    assert done.returncode == code, done.stdout
    assert ("a skipped test is a failure" in done.stdout) == bool(code)
