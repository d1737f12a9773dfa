"""What strangers can do to the log: nothing but be in it, once each (J7, J8, J9)."""

import array
import fcntl
import json
import os
import re
import subprocess
import sys
import termios
import time
from collections import Counter
from pathlib import Path

import pytest
from tests.support.canary import Canary
from tests.support.flooder import Flooder, flood, request
from tests.support.in_time import in_time
from tests.support.node_process import ADDRESS, ENVIRONMENT, NodeProcess
from tests.support.raw import TEXT, Raw, close, frame, upgrade

WORDS = ("--demo", "--app", "tests.support.indiscreet:APP")
ROOT = Path(__file__).parents[2]
# No rates: it is the log that must hold a flood back.
OFF = ("--connection-rate", "0", "--http-rate", "0", "--rate", "0", "--max-http-per-address", "0",
       "--max-unauthenticated-per-address", "0", "--max-connections-per-address", "0")  # fmt: skip

HOSTILE = {
    "a line break": "a\r\nb",
    "a line that looks real": 'x"}\n{"event": "forged", "level": "info"}',
    "the end of a string": '"}, "event": "forged',
    "colours": "\x1b[31mred\x1b[0m",
    "a clipboard": "\x1b]52;c;cm0gLXJmIC8=\x07",
    "a cleared screen": "\x1b[2J\x1b[H",
    "separators": "one\u2028two\u2029three",
    "NUL and C1": "\x00\x85\x9b31m",
    "right to left": "\u202eDESREVER",
    "a backspace": "admin\x08\x08\x08\x08\x08eve",
    "a formatting string": "%s %(event)s {event} {0.__class__}",
    "a backslash": "\\u000a\\",
}


def ask(client: Raw, type_: str, **data: str) -> None:
    client.send(frame(TEXT, json.dumps({"type": type_, "id": "i", "data": data}).encode()))
    while b'"id":"i"' not in (answer := client.read_frame()).payload:
        assert answer.opcode == TEXT, answer


def lines_of(node: NodeProcess) -> list[dict]:
    text = node.log.read_bytes().decode("ascii")
    assert all(char.isprintable() or char == "\n" for char in text), "a control character"
    return [json.loads(line) for line in text.splitlines()]


def test_a_hostile_text_is_one_line_wherever_it_stands(tmp_path):
    """J7: as a name, a room, a reason of a close, in an exception and in a header."""
    with NodeProcess(tmp_path, *WORDS, *OFF) as node:
        for text in HOSTILE.values():
            with Raw.opened(node.port) as client:
                ask(client, "auth", token=f"i-am-{text}")
                ask(client, "test:note", text=text)
                ask(client, "test:fail", text=text)
                # In UTF-8 a reason has at most 123 bytes.
                client.send(close(4_321, text.encode()[:123]))
                client.read_frames()
            with Raw(node.port) as client:
                client.send(upgrade("X: " + text.encode().decode("latin-1")))
                client.read_head()
        time.sleep(0.2)
        node.send_signal(15)
        node.wait()
        lines = lines_of(node)
    events = Counter(line["event"] for line in lines)
    count = len(HOSTILE)
    assert (events["noted"], events["handler_failed"], events["parted"]) == (count,) * 3
    assert "forged" not in events
    noted = [line["text"] for line in lines if line["event"] == "noted"]
    assert noted == [*HOSTILE.values()], "and what was said can be read back"
    for line in lines:
        if line["event"] == "handler_failed":
            assert any(text in line["exception"] for text in HOSTILE.values())


@pytest.mark.parametrize(
    ("per_second", "seconds"),
    [
        pytest.param(1_000, 1.0, id="1000"),
        pytest.param(10_000, 5.0, id="10000", marks=pytest.mark.slow),
    ],
)
@pytest.mark.timeout(240)
def test_a_flood_of_bad_messages_is_fifty_lines_a_second(tmp_path, per_second, seconds):
    """
    J8: what is logged of it is bounded, what was left out is counted, the chat goes on.

    Every message that was sent is one the server took and would have logged: each is
    acknowledged, however far behind a busy machine comes, and each is found again in the log, as
    a line or in a count.
    """
    with NodeProcess(tmp_path, *WORDS, *OFF) as node, Canary(node, "J8 bad messages") as canary:
        before = node.log.stat().st_size
        began = time.monotonic()
        crowd = [Flooder(node.port, f"noisy{n}") for n in range(4)]
        for one in crowd:
            one.only_counts = True
        flood(crowd, per_second / len(crowd), seconds, bad)
        offered = time.monotonic() - began
        sent = sum(one.sent for one in crowd)
        while (taken := sum(one.types["ack"] for one in crowd)) < sent:
            assert time.monotonic() - began < 120, (taken, sent)
            for one in crowd:
                one.read(0.01)
        took = time.monotonic() - began
        assert not any(one.ended or one.codes for one in crowd)
        for one in crowd:
            one.close()
        # Another cause, which has lines of its own; and it tells what was left out before.
        time.sleep(1.1)
        refused = refusals(node.port, 300)
        grown = node.log.stat().st_size - before
        node_lines = [json.loads(line) for line in node.log.read_text().splitlines()]
    events = Counter(line["event"] for line in node_lines)
    cut = Counter()
    for line in node_lines:
        if line["event"] == "suppressed":
            cut[line["of"].rpartition(":")[2]] += line["lines"]
    told = {"sent": sent, "taken": taken, "noted": events["noted"], "cut": cut["noted"]}
    times = {"offered_s": round(offered, 1), "took_s": round(took, 1)}
    print(json.dumps({**told, **times, "grown": grown, "lag": canary.report.lag_p99}))
    assert sent >= per_second * seconds * 0.9
    assert 50 <= events["noted"] <= 50 * (took + 1)
    assert events["noted"] + cut["noted"] == sent, "a line or a count for each"
    assert 50 <= events["refused"] < refused
    assert grown <= 1_048_576


def bad(_: int) -> bytes:
    return request("test:note", "n", text="x" * 200)


def refusals(port: int, count: int) -> int:
    for _ in range(count):
        with Raw(port, source="127.0.0.2") as client:
            client.send(b"nonsense\r\n\r\n")
            assert client.read_head()[0] == 400
    return count


@in_time(1.0)
def test_a_log_that_nobody_reads_stops_nobody(tmp_path, within):
    """J9: the pipe is full, the thread of the log waits, and the chat does not."""
    reading, writing = os.pipe()
    fcntl.fcntl(writing, fcntl.F_SETPIPE_SZ, 4_096)
    command = [sys.executable, "-m", "conclave", "serve", *WORDS, *OFF, "--port", "0"]
    with subprocess.Popen(
        [*command, "--data", tmp_path],
        env=ENVIRONMENT, cwd=ROOT, stdout=subprocess.PIPE, stderr=writing, text=True,
    ) as process:  # fmt: skip
        try:
            assert process.stdout is not None
            port = int(next(filter(None, map(ADDRESS.search, process.stdout)))[1])
            assert fills(reading, port), "the fault did not fire: the pipe has room"
            with Raw.opened(port) as client:
                for n in range(50):
                    began = time.monotonic()
                    ask(client, "test:note", text=f"note {n}")
                    assert time.monotonic() - began < within
            said = os.read(reading, 1 << 20)
            assert re.search(rb'"event": "refused"', said)
        finally:
            process.terminate()
            os.close(reading)
            os.close(writing)
        assert process.wait(15) == 0


def fills(reading: int, port: int) -> bool:
    """
    Return whether the pipe came to take nothing more, though there was more to say.

    Not by its count of bytes: a write that does not fit waits as a whole, and how much room is
    left then depends on its length.
    """
    for _ in range(10):
        before = waiting(reading)
        refusals(port, 100)
        # After a second of many lines the next ones, or their count, are due.
        time.sleep(1.2)
        if before and waiting(reading) == before:
            return True
    return False


def waiting(reading: int) -> int:
    """Return how many bytes of a pipe nobody has read yet."""
    count = array.array("i", [0])
    fcntl.ioctl(reading, termios.FIONREAD, count)
    return count[0]
