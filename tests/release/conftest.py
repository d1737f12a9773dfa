"""The wheel and the sdist, built once for those who look at them."""

import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with both, built and checked by `make dist`."""
    folder = tmp_path_factory.mktemp("dist") / "made"
    command = [ROOT / "scripts/dist.sh", folder]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("PASSED") == 2
    assert "WARNING" not in done.stdout
    return folder
