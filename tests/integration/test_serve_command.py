"""`conclave serve` as a person meets it: a process, its words and its exit code."""

import os
import re
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

COMMAND = [sys.executable, "-m", "conclave", "serve", "--demo"]
ENVIRONMENT = {
    name: value for name, value in os.environ.items() if not name.startswith(("CONCLAVE", "PORT"))
}


def serve(*words: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*COMMAND, *words],
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    """A demo that listens on a free port, and no test stops: its data directory and its banner."""
    data = tmp_path_factory.mktemp("running") / "data"
    with serve("--port", "0", "--data", str(data)) as process:
        try:
            yield data, read_banner(process)
        finally:
            process.kill()


def read_banner(process: subprocess.Popen[str]) -> str:
    banner = ""
    while "Stop it" not in banner:
        line = process.stdout.readline()
        assert line, process.stderr.read()
        banner += line
    return banner


def port_of(banner: str) -> str:
    return re.search(r"http://localhost:(\d+)", banner)[1]


def test_a_start_with_nothing_to_upgrade_takes_at_most_110_megabytes(tmp_path):
    words = ("--port", "0", "--data", str(tmp_path / "data"))
    for _ in range(2):
        with serve(*words) as process:
            read_banner(process)
            status = Path(f"/proc/{process.pid}/status").read_text()
            process.send_signal(signal.SIGTERM)
    used = int(re.search(r"VmHWM:\s+(\d+) kB", status)[1])
    assert used <= 110 * 1024


def test_the_banner_says_where_it_is_and_how_to_come_in(running):
    _, banner = running
    for word in ("general, random, support", "user-token-123", "admin-token-456"):
        assert word in banner
    address = f"http://127.0.0.1:{port_of(banner)}/ready"
    with urllib.request.urlopen(address, timeout=10) as answer:
        assert answer.status == 200


def test_sigterm_ends_it_in_good_order(tmp_path):
    with serve("--port", "0", "--data", str(tmp_path)) as process:
        read_banner(process)
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=30)
    assert process.returncode == 0
    assert "Traceback" not in said


def test_a_demo_keeps_its_data_apart(running):
    data, _ = running
    assert [path.name for path in data.iterdir()] == ["demo"]


def test_a_used_port_is_one_line_with_the_fix(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        process = serve("--port", str(port), "--data", str(tmp_path))
        _, said = process.communicate(timeout=30)
    assert process.returncode == 1
    assert said == (
        f"conclave: Port {port} is in use: `make run PORT={port + 1}` or "
        f"`conclave serve --port {port + 1}`, or stop the other program\n"
    )


def test_a_used_data_directory_is_one_line(running):
    data, _ = running
    process = serve("--port", "0", "--data", str(data))
    _, said = process.communicate(timeout=30)
    assert process.returncode == 1
    assert len(said.splitlines()) == 1
    assert "in use" in said


BAD_SECRETS = {
    "all the same": (bytes(32), 0o600, "is not random"),
    "a default": (b"changemechangemechangemechangeme", 0o600, "is not random"),
    "short": (bytes(range(128, 159)), 0o600, "holds only 31 where 32 bytes must be"),
    "readable by all": (bytes(range(128, 160)), 0o644, "can be read or changed by other users"),
}


@pytest.mark.parametrize("bad", BAD_SECRETS)
def test_a_start_with_a_secret_that_is_none_is_refused_in_one_line(tmp_path, bad):
    """C14; no variable lets it pass, and where there is none yet it is made."""
    content, mode, why = BAD_SECRETS[bad]
    home = tmp_path / "demo"
    home.mkdir()
    (home / "secret.key").write_bytes(content)
    (home / "secret.key").chmod(mode)
    process = subprocess.run(
        [*COMMAND, "--port", "0", "--data", str(tmp_path)],
        env={**ENVIRONMENT, "DEBUG": "1"},
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert (process.returncode, process.stdout) == (1, "")
    (line,) = process.stderr.splitlines()
    assert line.startswith(f"conclave: the secret {home}/secret.key {why}")
    print(f"C14: {bad}: exit code 1, {line}")
    assert (home / "secret.key").read_bytes() == content


@pytest.mark.parametrize("variable", ["", "DEBUG"])
def test_an_address_that_others_reach_is_not_served_in_the_clear(tmp_path, variable):
    words = ["--host", "0.0.0.0", "--port", "0", "--data", str(tmp_path / "data")]
    process = subprocess.run(
        [*COMMAND[:-1], *words],
        env={**ENVIRONMENT, variable: "1"} if variable else ENVIRONMENT,
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert (process.returncode, process.stdout) == (2, "")
    (line,) = process.stderr.splitlines()
    assert "--host is 0.0.0.0, which others reach without TLS" in line
    assert "--behind-proxy" in line
    assert not (tmp_path / "data").exists()
