"""Each event is one line that programs can read, shows no secret, and cannot flood a disk."""

import io
import json
import logging
import time

import pytest
import structlog

from conclave.telemetry import LINES_PER_SECOND, Flood, start_logging


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
