"""What `make run` says on a machine that lacks something: one line, with the exact fix."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
SHELL_TOOLS = ("bash", "env", "dirname", "grep", "head", "rm", "touch", "cat")


@pytest.fixture
def machine(tmp_path):
    """A checkout and a PATH with the shell's tools and whatever Pythons a test puts there."""
    (tmp_path / "checkout" / "scripts").mkdir(parents=True)
    shutil.copy(ROOT / "scripts" / "install.sh", tmp_path / "checkout" / "scripts")
    (tmp_path / "bin").mkdir()
    for tool in SHELL_TOOLS:
        (tmp_path / "bin" / tool).symlink_to(shutil.which(tool))
    return tmp_path


def python(machine: Path, name: str, *, version: str = "", lacks: str = "") -> None:
    """Put a Python there that says it is of *version*, or that lacks the module *lacks*."""
    script = machine / "bin" / name
    script.write_text(
        f"""#!{sys.executable}
import sys, types
code = sys.argv[sys.argv.index("-c") + 1]
if {lacks!r} and {lacks!r} in code:
    sys.exit("ModuleNotFoundError: No module named '{lacks}'")
if {version!r}:
    sys.version_info = tuple(map(int, {version!r}.split(".")))
exec(code)
"""
    )
    script.chmod(0o755)


def install(machine: Path, **environ: str) -> list[str]:
    done = subprocess.run(
        [machine / "checkout" / "scripts" / "install.sh"],
        env={"PATH": str(machine / "bin"), **environ},
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert done.returncode == 1
    assert not (machine / "checkout" / ".venv").exists()
    return done.stderr.splitlines()


def test_an_old_python_is_named_with_the_package_to_install(machine):
    python(machine, "python3", version="3.8.18")
    (said,) = install(machine)
    assert "Python 3.11 or newer is needed and python3 is 3.8" in said
    assert "apt install python3.11 python3.11-venv" in said


def test_a_missing_venv_module_is_named_with_its_package(machine):
    python(machine, "python3.11", version="3.11.2", lacks="ensurepip")
    python(machine, "python3", version="3.8.18")
    assert install(machine) == [
        "conclave: python3.11 has no venv module: apt install python3.11-venv"
    ]


def test_no_python_at_all_is_said(machine):
    (said,) = install(machine)
    assert "apt install python3 python3-venv" in said


def test_a_chosen_python_that_is_none_is_said(machine):
    (said,) = install(machine, PYTHON="/nowhere/python3")
    assert "/nowhere/python3 is no Python" in said


def test_make_alone_lists_the_targets():
    done = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, timeout=30)
    listed = [line.split()[1] for line in done.stdout.splitlines()]
    assert {"run", "test", "lint", "types", "check", "test-all", "docs"} <= set(listed)
    assert done.returncode == 0
