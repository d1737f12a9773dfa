"""What exists in C besides: built where a compiler is, and missed by nobody elsewhere."""

import importlib.util
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
SOURCE = Path("src/conclave/server/_fanout.c")


@pytest.fixture
def checkout(tmp_path) -> Path:
    for name in (SOURCE, Path("scripts/native.py")):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


def build(checkout: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, checkout / "scripts/native.py"]
    return subprocess.run(
        command, capture_output=True, text=True, check=True, timeout=120, env=environment
    )


def test_it_is_built_beside_its_source_and_sends(checkout):
    made = Path(build(checkout, PATH="/usr/local/bin:/usr/bin:/bin").stdout.strip())
    assert made.parent == (checkout / SOURCE).parent
    spec = importlib.util.spec_from_file_location("_fanout", made)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    ours, theirs = socket.socketpair()
    with ours, theirs:
        assert module.send_each([ours.fileno(), -1], b"news") == {1: 0}
        assert theirs.recv(100) == b"news"


def test_without_a_compiler_one_line_says_so_and_nothing_fails(checkout, tmp_path):
    done = build(checkout, PATH=str(tmp_path))
    assert done.stdout.strip() == ""
    assert "nothing is built in C here" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert not list(checkout.rglob("*.so"))


def test_what_a_compiler_misses_is_in_that_line(checkout):
    source = checkout / SOURCE
    source.write_text("#include <nowhere.h>\n")
    done = build(checkout, PATH="/usr/local/bin:/usr/bin:/bin")
    assert "nowhere.h" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_who_wants_none_of_it_gets_none(checkout):
    done = build(checkout, PATH="/usr/local/bin:/usr/bin:/bin", CONCLAVE_NATIVE="0")
    assert done.stdout.strip() == done.stderr == ""
    assert not list(checkout.rglob("*.so"))
