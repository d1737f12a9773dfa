"""Each event is one line that programs can read, shows no secret, and cannot flood a disk."""

import fcntl
import io
import json
import logging
import os
import subprocess
import sys
import time

import pytest
import structlog

from conclave.telemetry import LINES_PER_SECOND, Flood, flush_logging, start_logging
from conclave.telemetry.lines import MOST_WAITING


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def restored():
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    logging.captureWarnings(capture=False)
    root.handlers[:], root.level = handlers, level
    structlog.reset_defaults()


@pytest.fixture
def stream(restored):
    stream = io.StringIO()
    start_logging("info", stream)
    return stream


def lines(stream) -> list[dict]:
    def refuse(word):
        raise AssertionError(f"{word} is no JSON")

    return [json.loads(line, parse_constant=refuse) for line in stream.getvalue().splitlines()]


HOSTILE = [
    "a\r\nb",
    '{"event": "forged"}\n{"x": 1}',
    "\x1b[31mred\x1b]52;c;x\x07",
    "\u2028next\u2029",
    "\x00\x85\x9b",
    "\ud800",
    '"\\',
]


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_text_stays_within_its_line(text, stream):
    structlog.get_logger().info("closed", reason=text, peer={text: [text]})
    logging.getLogger("uvicorn").warning("refused %s", text)
    first, second = lines(stream)
    assert first["reason"] == text
    assert second["event"] == f"refused {text}"
    assert stream.getvalue().isascii()


@pytest.mark.parametrize("text", HOSTILE)
def test_on_a_terminal_a_hostile_text_is_shown_escaped(text, restored):
    stream = Terminal()
    start_logging("info", stream)
    structlog.get_logger().info("closed", reason=text)
    (line,) = stream.getvalue().splitlines()
    assert line.isprintable()


@pytest.mark.parametrize(
    "secret",
    [
        {"token": "s3cret"},
        {"password": "s3cret"},
        {"ticket": "s3cret"},
        {"Authorization": "s3cret"},
        {"request": {"data": {"token": "s3cret"}}},
        {"headers": [(b"cookie", b"s3cret"), ("host", "x")]},
        {"tries": [{"PASSWORD": ["s3cret"]}]},
    ],
)
def test_secrets_are_not_written(secret, stream):
    structlog.get_logger().info("asked", **secret)
    assert "s3cret" not in stream.getvalue()
    assert "[redacted]" in stream.getvalue()


def test_an_exception_is_part_of_its_line(stream):
    try:
        raise ValueError("a\nb")
    except ValueError:
        structlog.get_logger().exception("failed")
        logging.getLogger("asyncio").exception("failed too")
    first, second = lines(stream)
    assert "ValueError: a\nb" in first["exception"]
    assert "ValueError: a\nb" in second["exception"]


def test_numbers_that_json_lacks_are_texts(stream):
    structlog.get_logger().info("measured", value=float("nan"), more=[float("-inf")])
    assert lines(stream)[0]["value"] == "nan"


def test_lines_below_the_level_are_not_written(stream):
    structlog.get_logger().debug("detail")
    logging.getLogger("picows").debug("detail")
    assert stream.getvalue() == ""


def test_a_flood_is_cut_and_what_was_cut_is_counted(restored):
    stream = io.StringIO()
    start_logging("info", stream)
    log = structlog.get_logger("conclave.x")
    begun = time.monotonic()
    for number in range(10_000):
        log.warning("bad request", number=number)
    log.info("another event")
    logging.getLogger().handlers[0].close()
    said = lines(stream)
    floods = [line for line in said if line["event"] == "bad request"]
    cut = sum(line["lines"] for line in said if line["event"] == "suppressed")
    seconds = int(time.monotonic() - begun) + 1
    assert LINES_PER_SECOND <= len(floods) <= LINES_PER_SECOND * seconds
    assert len(floods) + cut == 10_000
    assert len(stream.getvalue()) < 1_048_576
    assert [line["event"] for line in said].count("another event") == 1


def test_a_cut_name_is_written_again_a_second_later():
    flood = Flood(limit=2)
    assert [flood.allows("x", 0.0) for _ in range(3)] == [True, True, False]
    assert flood.ended(0.5) == []
    assert flood.ended(1.0) == [("x", 1)]
    assert flood.ended(1.0) == []
    assert flood.allows("x", 1.0)


def test_names_without_end_take_memory_with_one():
    flood = Flood(limit=2)
    for number in range(10_000):
        flood.allows(str(number), number / 1e6)
        flood.ended(number / 1e6)
    assert len(flood._windows) <= 1_001


class Pipe:
    """A pipe that takes one page, as the standard error of a process; nobody reads it yet."""

    def __init__(self) -> None:
        self.reading, writing = os.pipe()
        self.size = fcntl.fcntl(writing, fcntl.F_SETPIPE_SZ, 4_096)
        self.stream = os.fdopen(writing, "w")

    def close(self) -> None:
        self.stream.close()
        os.close(self.reading)

    def read_until(self, word: bytes) -> list[dict]:
        read = b""
        while word not in read or not read.endswith(b"\n"):
            read += os.read(self.reading, 65_536)
        return [json.loads(line) for line in read.splitlines()]


@pytest.fixture
def pipe(restored):
    made = Pipe()
    start_logging("info", made.stream)
    yield made
    logging.getLogger().handlers[0].close()
    made.close()


def test_a_destination_that_takes_nothing_stops_nobody(pipe):
    """J9: what is put while it blocks is kept, up to a bound, and the rest is counted."""
    began = time.monotonic()
    total = MOST_WAITING + 2_000
    for number in range(total):
        # Each a name of its own: none is a flood.
        structlog.get_logger().info(f"event {number}", filling="x" * 100)
    assert time.monotonic() - began < 20, "nobody waited for the pipe"
    said = pipe.read_until(b'"dropped"')
    events = [line["event"] for line in said if line["event"].startswith("event ")]
    (dropped,) = [line["lines"] for line in said if line["event"] == "dropped"]
    assert dropped > 0, "the fault did not fire"
    assert events == [f"event {n}" for n in range(len(events))], "in order, and none lost between"
    assert len(events) + dropped == total


def test_what_was_said_last_is_written_at_the_end(pipe):
    structlog.get_logger().info("goodbye")
    flush_logging()
    assert pipe.read_until(b"goodbye")[0]["event"] == "goodbye"


def test_a_destination_that_is_gone_stops_nobody(restored):
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as stream:
        start_logging("info", stream)
        for number in range(100):
            structlog.get_logger().info("unheard", number=number)
        flush_logging()
        logging.getLogger().handlers[0].close()


def test_a_process_whose_log_is_blocked_ends_all_the_same():
    """The interpreter flushes its streams at the end, and must not wait for one that is full."""
    program = (
        "from conclave.telemetry import start_logging\n"
        "import structlog\n"
        "start_logging()\n"
        "for n in range(2000): structlog.get_logger().info(f'event {n}', filling='x' * 100)\n"
        "print('done', flush=True)\n"
    )
    reading, writing = os.pipe()
    fcntl.fcntl(writing, fcntl.F_SETPIPE_SZ, 4_096)
    try:
        ended = subprocess.run(
            [sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=writing, timeout=30
        )
        assert (ended.returncode, ended.stdout) == (0, b"done\n")
        assert len(os.read(reading, 65_536)) > 2_000, "the fault did not fire"
    finally:
        os.close(reading)
        os.close(writing)
