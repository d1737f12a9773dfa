"""
A server at work, and its backup, do nothing that their units forbid.

There is no systemd where tests run, so nobody forbids them anything: strace sees what they
do, and it is compared with what the units in `deploy/systemd` let through.
"""

import asyncio
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import urllib.request
from functools import cache
from pathlib import Path

import pytest
from tests.support.media import picture
from tests.support.node_process import ENVIRONMENT, NodeProcess
from tests.support.syscalls import needs_strace

from conclave.client import Client

UNITS = Path(__file__).parents[2] / "deploy" / "systemd"
SERVE, BACKUP = "conclave.service", "conclave-backup.service"
MAY_WRITE = ("/dev/null", "/dev/tty", "/proc/self/")
STRACE = ["strace", "-f", "-qq", "-o"]
needs_systemd = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="apt install systemd"
)
CALL = re.compile(r"^\d+ +(?:<\.\.\. )?(\w+)(?:\(| resumed>)")


def setting(unit: str, name: str) -> list[str]:
    return re.findall(rf"^{name}=(.*)$", (UNITS / unit).read_text(), re.MULTILINE)


@cache
def group(name: str) -> frozenset[str]:
    """Return the system calls of a group such as `@system-service`, its groups' included."""
    done = subprocess.run(
        ["systemd-analyze", "syscall-filter", name], capture_output=True, text=True, check=True
    )
    words = {line.strip() for line in done.stdout.splitlines()[1:]} - {""}
    words = {word for word in words if not word.startswith("#")}
    plain = {word for word in words if not word.startswith("@")}
    return frozenset(plain.union(*(group(word) for word in words - plain)))


def allowed(unit: str) -> frozenset[str]:
    first, *others = setting(unit, "SystemCallFilter")
    calls = group(first)
    for line in others:
        for name in line.removeprefix("~").split():
            named = group(name) if name.startswith("@") else {name}
            calls = calls - named if line.startswith("~") else calls | named
    # systemd adds those to every list: a process cannot begin or end without.
    return calls | group("@default")


async def live(node: NodeProcess, data: Path, folder: Path) -> None:
    """Make the server do what servers do: set up, sign in, write, search, back up, reload."""

    def command(*words: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "conclave", *words, "--data", str(data)],
            env=ENVIRONMENT,
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    await asyncio.to_thread(set_up, node)
    token = command("token", "create", "ada").split()[-1]
    async with Client(f"http://localhost:{node.port}", token=token, connect_within=30) as ada:
        room = ada.room("general")
        stored = await room.send("hello")
        await room.edit(stored.seq, "hello again")
        await room.delete(stored.seq)
        await ada.search("hello")
        await asyncio.to_thread(attach, node, token)
        command("backup", str(folder), "--keep", "2")
        node.send_signal(signal.SIGHUP)
        await room.send("after the reload")


def attach(node: NodeProcess, token: str) -> None:
    """Send a picture, which another process draws anew."""
    request = urllib.request.Request(
        f"http://localhost:{node.port}/api/v1/rooms/general/attachments?name=x.png",
        picture(),
        {"authorization": f"Bearer {token}"},
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        assert answer.status == 201


def set_up(node: NodeProcess) -> None:
    """Make the first admin by the link that is printed: with a password, which is hashed."""
    assert node.process.stdout is not None
    link = next(line for line in node.process.stdout if "#setup=" in line).strip()
    said = {"token": link.partition("#setup=")[2], "name": "root", "password": "four words of mine"}
    request = urllib.request.Request(
        f"http://localhost:{node.port}/api/v1/links/accept",
        json.dumps(said).encode(),
        {"content-type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        assert answer.status == 200


@needs_strace
@needs_systemd
@pytest.mark.slow
async def test_a_server_does_nothing_that_its_unit_forbids(tmp_path, monkeypatch) -> None:
    monkeypatch.setitem(ENVIRONMENT, "PYTHONDONTWRITEBYTECODE", "1")
    data, folder, trace = tmp_path / "data", tmp_path / "backups", tmp_path / "trace"
    folder.mkdir()
    with NodeProcess(data, before=[*STRACE, str(trace)]) as node:
        await live(node, data, folder)
        node.send_signal(signal.SIGTERM)
        assert await asyncio.to_thread(node.wait, 30) == 0
    check(SERVE, trace, (str(data), str(folder), *MAY_WRITE), least=50)


@needs_strace
@needs_systemd
@pytest.mark.slow
@pytest.mark.parametrize("running", [True, False], ids=["beside a server", "alone"])
def test_a_backup_does_nothing_that_its_unit_forbids(running, tmp_path) -> None:
    data, folder, trace = tmp_path / "data", tmp_path / "backups", tmp_path / "trace"
    folder.mkdir()
    command = [sys.executable, "-m", "conclave", "backup", str(folder), "--keep", "1"]
    with NodeProcess(data) as node:
        if not running:
            node.send_signal(signal.SIGTERM)
            assert node.wait(30) == 0
        done = subprocess.run(
            [*STRACE, str(trace), *command, "--data", str(data)],
            env={**ENVIRONMENT, "PYTHONDONTWRITEBYTECODE": "1"},
            timeout=60,
        )
    assert done.returncode == 0
    assert len(list(folder.iterdir())) == 1
    check(BACKUP, trace, (str(data), str(folder), *MAY_WRITE), least=30)


def check(unit: str, trace: Path, places: tuple[str, ...], *, least: int) -> None:
    lines = trace.read_text("utf-8", "replace").splitlines()
    calls = {found[1] for line in lines if (found := CALL.match(line))}
    print(f"{len(lines)} lines, {len(calls)} kinds of system calls")
    assert len(calls) >= least
    # As root, which no unit runs it as, SQLite gives files of its own to the database's owner.
    expected = {"fchown"} if os.geteuid() == 0 else set()
    assert calls - allowed(unit) <= expected
    check_memory(unit, lines)
    check_sockets(unit, lines)
    check_files(lines, places)


def check_memory(unit: str, lines: list[str]) -> None:
    """`MemoryDenyWriteExecute`: nothing that is written is ever run."""
    assert setting(unit, "MemoryDenyWriteExecute") == ["yes"]
    mapped = [line for line in lines if re.search(r"\b(mmap|mprotect|pkey_mprotect)\(", line)]
    assert any("PROT_EXEC" in line for line in mapped)
    for line in mapped:
        assert not ("PROT_EXEC" in line and ("PROT_WRITE" in line or "mprotect(" in line)), line


def check_sockets(unit: str, lines: list[str]) -> None:
    (families,) = setting(unit, "RestrictAddressFamilies")
    opened = {found[1] for line in lines if (found := re.search(r"\bsocket\((\w+),", line))}
    assert opened <= set(families.split())


def check_files(lines: list[str], places: tuple[str, ...]) -> None:
    """`ProtectSystem=strict`: files are made and written in its directories alone."""
    opened = re.compile(r'\bopenat\(\w+, "([^"]+)", [^)]*(?:O_WRONLY|O_RDWR|O_CREAT)[^)]*\) += \d')
    written = {found[1] for line in lines if (found := opened.search(line))}
    for path in written:
        assert path.startswith(places), path
