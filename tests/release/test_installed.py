"""The wheel alone, in an environment with nothing else, is a server with its page."""

import json
import os
import re
import shutil
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

import conclave

ROOT = Path(__file__).parents[2]
# Installing waits for the package index.
pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
CLEAN = {
    name: value
    for name, value in os.environ.items()
    if not name.startswith(("CONCLAVE", "PORT", "PYTHON", "VIRTUAL_ENV"))
}


def pip(environment: Path, *words: str | Path) -> None:
    command = [environment / "bin/python", "-m", "pip", "--disable-pip-version-check", *words]
    done = subprocess.run(command, capture_output=True, text=True, env=CLEAN)
    assert done.returncode == 0, done.stdout + done.stderr


def pythons() -> list[str]:
    """Return this Python, and those of the other versions that this machine has."""
    others = [f"python3.{minor}" for minor in (11, 12, 13) if minor != sys.version_info.minor]
    return [sys.executable, *filter(None, map(found, others))]


def found(name: str) -> str | None:
    # What pyenv puts into the path may be a door without a room behind it.
    kept = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    pattern = f"{name.removeprefix('python')}.*/bin/{name}"
    return next(map(str, sorted(kept.glob(pattern))), None) or shutil.which(name)


@pytest.fixture(scope="module", params=pythons())
def environment(request, built, tmp_path_factory) -> Path:
    """Return one with the lock's files, each checked by its hash, and the wheel."""
    folder = tmp_path_factory.mktemp("installed") / "environment"
    subprocess.run([request.param, "-m", "venv", folder], check=True)
    pip(folder, "install", "--require-hashes", "--requirement", ROOT / "requirements.lock")
    (wheel,) = built.glob("*.whl")
    pip(folder, "install", "--no-deps", wheel)
    return folder


@pytest.fixture
def address(environment, tmp_path) -> Iterator[str]:
    command = [environment / "bin/conclave", "serve", "--demo", "--port", "0"]
    with subprocess.Popen(
        [*command, "--data", tmp_path / "data"],
        cwd=tmp_path,
        env=CLEAN,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            banner = process.stdout.readline()
            found = re.search(r"http://localhost:\d+", banner)
            assert found, banner + process.stderr.read()
            yield found[0]
        finally:
            process.terminate()


def get(address: str) -> bytes:
    with urllib.request.urlopen(address, timeout=10) as answer:
        assert answer.status == 200
        return answer.read()


def test_nothing_is_missing_among_what_it_needs(environment) -> None:
    pip(environment, "check")


def test_it_is_the_version_of_this_checkout(environment, tmp_path) -> None:
    done = subprocess.run(
        [environment / "bin/conclave", "--version"], cwd=tmp_path, env=CLEAN, capture_output=True
    )
    assert done.stdout.decode().strip() == conclave.__version__


def test_it_serves_the_page_with_all_its_parts(address) -> None:
    assert json.loads(get(f"{address}/ready")) == {"status": "ready"}
    page = get(address).decode()
    parts = re.findall(r'(?:src|href)="(/[^"]+)"', page)
    assert len(parts) > 10
    for part in parts:
        assert get(address + part)


def test_a_message_is_sent_and_read_with_its_own_commands(environment, address, tmp_path) -> None:
    told = {
        **CLEAN,
        "CONCLAVE_URL": address.replace("http", "ws"),
        "CONCLAVE_TOKEN": "user-token-123",
    }
    command = environment / "bin/conclave"
    for words in (["send", "general", "from the wheel"], ["tail", "general"]):
        done = subprocess.run(
            [command, *words], cwd=tmp_path, env=told, capture_output=True, text=True, timeout=60
        )
        assert done.returncode == 0, done.stderr
    assert "from the wheel" in done.stdout
