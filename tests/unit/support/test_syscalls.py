"""The reader of traces: what counts as told after the sync, and what does not."""

from pathlib import Path

import pytest
from tests.support.syscalls import faults_fired, read_trace, told_too_early

WRITE = '7 pwrite64(11</d/conclave.db-wal>, "..m-1..", 4096, 0) = 4096'
SYNC = "7 fsync(11</d/conclave.db-wal>) = 0"
ACK = '5 sendto(9<socket:[77]>, "{\\"id\\":\\"m-1\\"}", 20, 0, NULL, 0) = 20'
OTHER = '5 sendto(9<socket:[77]>, "{\\"id\\":\\"m-2\\"}", 20, 0, NULL, 0) = 20'


def flaws(tmp_path: Path, *lines: str) -> list[str]:
    trace = tmp_path / "trace"
    trace.write_text("".join(line + "\n" for line in lines))
    return told_too_early(read_trace(trace), ["m-1"])


def test_write_sync_tell_is_well(tmp_path: Path) -> None:
    assert flaws(tmp_path, OTHER, WRITE, OTHER, SYNC, ACK, WRITE, ACK) == []


def test_a_sync_may_be_seen_in_two_halves(tmp_path: Path) -> None:
    halves = ("7 fdatasync(11</d/conclave.db-wal> <unfinished ...>", OTHER,
              "7 <... fdatasync resumed>) = 0")  # fmt: skip
    assert flaws(tmp_path, WRITE, *halves, ACK) == []
    assert flaws(tmp_path, WRITE, *halves[:2], ACK, halves[2])


@pytest.mark.parametrize(
    "lines",
    [
        [WRITE, ACK, SYNC],
        [SYNC, WRITE, ACK],
        [WRITE, "7 fsync(11</d/other.db-wal>) = 0", ACK],
        [WRITE, "7 fsync(11</d/conclave.db-wal>) = -1 EIO (Input/output error) (INJECTED)", ACK],
        [WRITE, "7 fsync(11</d/conclave.db-wal> <unfinished ...>", ACK],
        ["7 fsync(11</d/conclave.db-wal> <unfinished ...>", WRITE, "7 <... fsync resumed>) = 0",
         ACK],
        [WRITE, ACK],
        [ACK],
        [WRITE, SYNC],
        [WRITE, ACK.replace("sendto", "writev"), SYNC, ACK],
        [WRITE, ACK.replace("sendto(9<socket:[77]>", "write(1<pipe:[3]>"), SYNC, ACK],
    ],
)  # fmt: skip
def test_all_else_is_told_too_early_or_tests_nothing(tmp_path: Path, lines: list[str]) -> None:
    assert len(flaws(tmp_path, *lines)) == 1


def test_a_text_that_was_cut_is_no_evidence(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="larger -s"):
        flaws(tmp_path, WRITE.replace('m-1.."', 'm-1"...'))


def test_injected_faults_are_counted(tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    failed = "7 fsync(11</d/conclave.db-wal>) = -1 EIO (Input/output error) (INJECTED)\n"
    trace.write_text(WRITE + "\n" + failed * 2 + SYNC + "\n")
    assert faults_fired(read_trace(trace)) == 2
