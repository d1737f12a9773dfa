"""Where the CPU goes: what a profile says of threads that work, wait and end."""

import re
import threading
import time
from pathlib import Path

from structlog.testing import capture_logs

from conclave.telemetry.profile import Profile, profiled

LINE = re.compile(r"(?P<stack>\S[^;]*(;[^;]+)+) (?P<us>\d+)")


def spend(seconds: float) -> None:
    until = time.thread_time() + seconds
    while time.thread_time() < until:
        sum(range(100))


def wait(seconds: float) -> None:
    time.sleep(seconds)


def microseconds(path: Path, function: str) -> int:
    """Return what all stacks with *function* have used; each line must be one of the format."""
    found = [LINE.fullmatch(line) for line in path.read_text().splitlines()]
    assert all(found)
    return sum(int(one["us"]) for one in found if one and f".{function}" in one["stack"])


def test_what_a_thread_has_used_is_booked_to_what_it_did(tmp_path: Path) -> None:
    path = tmp_path / "cpu.txt"
    with profiled(path):
        other = threading.Thread(target=spend, args=(0.2,), name="other")
        other.start()
        wait(0.1)
        spend(0.2)
        other.join()
    assert 250_000 < microseconds(path, "spend") < 500_000
    assert microseconds(path, "wait") < 50_000
    assert {line.partition(";")[0] for line in path.read_text().splitlines()} == {
        "MainThread",
        "other",
    }
    assert path.stat().st_mode & 0o777 == 0o600


def test_it_is_written_while_the_process_runs(tmp_path: Path) -> None:
    profile = Profile(tmp_path / "cpu.txt", write_every=0.05)
    profile.start()
    try:
        spend(0.3)
        assert microseconds(tmp_path / "cpu.txt", "spend") > 50_000
    finally:
        profile.stop()


def test_a_file_that_cannot_be_written_is_said_and_ends_nothing(tmp_path: Path) -> None:
    with capture_logs() as lines, profiled(tmp_path / "gone" / "cpu.txt"):
        spend(0.02)
    assert [line["event"] for line in lines] == ["profile_not_written"]


def test_without_a_path_nobody_looks(tmp_path: Path) -> None:
    with profiled(None):
        assert "profile" not in {one.name for one in threading.enumerate()}
    assert not list(tmp_path.iterdir())
