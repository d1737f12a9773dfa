"""
Logs: one line for each event, on standard error, and never a secret in it.

On a terminal the lines are for people, else each is one JSON object. What libraries say
through `logging` goes the same way. Events have constant names, and what varies stands in
keys: `log.info("refused", address=…)`; names are what the flood limit counts by. Lines are
written on a thread of their own: where they go may block, a node may not. How metrics are
spelled is said in `exposition`, and what they are by whoever has them.
"""

import json
import logging
import math
import sys
import time
import traceback
from collections.abc import Callable, Mapping, MutableMapping
from typing import Any, Final, TextIO

import structlog

from conclave.telemetry.lines import Lines

SECRETS: Final = frozenset({"token", "password", "ticket", "authorization", "cookie", "set-cookie"})
LINES_PER_SECOND: Final = 50  # of one event name (J8 of the limits: a flood fills no disk)
# Libraries whose «info» is of no interest to who runs a chat.
TALKATIVE: Final = ("alembic", "uvicorn", "httpx")
_NAMES_KEPT: Final = 1_000
# Seconds that the end of a process waits for it.
_LAST_WORDS_WITHIN: Final = 1.0

Line = MutableMapping[str, Any]
# What every line of this process says.
_marks: dict[str, Any] = {}


def start_logging(level: str = "info", stream: TextIO | None = None) -> None:
    """
    Send all logs of this process to *stream*, standard error by default.

    Call it once, before the first line; a later call replaces the earlier one's work.
    """
    stream = stream or sys.stderr
    render = for_people if stream.isatty() else for_programs
    lowest = logging.getLevelNamesMapping()[level.upper()]
    handler = _Handler(stream)
    handler.setFormatter(_formatter(render))
    root = logging.getLogger()
    former, root.handlers[:] = root.handlers[:], [handler]
    for one in former:
        if isinstance(one, _Handler):
            one.close()
    root.setLevel(lowest)
    for name in TALKATIVE:
        quieter = lowest if level == "debug" else max(lowest, logging.WARNING)
        logging.getLogger(name).setLevel(quieter)
    logging.captureWarnings(capture=True)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.stdlib.add_logger_name,
            structlog.stdlib.add_log_level,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(lowest),
        cache_logger_on_first_use=False,
    )


def mark_logging(**marks: Any) -> None:
    """Let every line of this process say *marks*, whoever writes it."""
    _marks.update(marks)


def _mark(_: Any, __: str, line: Line) -> Line:
    return {**line, **_marks}


def join_logging() -> None:
    """
    Hand lines to `logging`, as whoever runs this process has set it up.

    Where they have set up structlog, too, that is theirs. As it is, it shows the values of
    all variables beside a traceback: tokens, passwords, what people say.
    """
    if structlog.is_configured():
        return
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.contextvars.merge_contextvars,
            explain,
            redact,
            _for_hosts,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )


def _formatter(render: Callable[[Any, str, Line], str]) -> logging.Formatter:
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[structlog.stdlib.add_logger_name, structlog.stdlib.add_log_level],
        processors=[
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            _mark,
            explain,
            redact,
            render,
        ],
    )


def flush_logging() -> None:
    """Write what still waits, for a second at most: before a process ends without ceremony."""
    for handler in logging.getLogger().handlers:
        handler.flush()


def dropped_lines() -> int:
    """Return how many lines were lost since `start_logging`, as nobody took them."""
    handlers = logging.getLogger().handlers
    return sum(one.dropped for one in handlers if isinstance(one, _Handler))


class _Handler(logging.Handler):
    """Writes lines, at most `LINES_PER_SECOND` of one name; the rest are counted and told."""

    def __init__(self, stream: TextIO) -> None:
        super().__init__()
        self._flood = Flood()
        self._lines = Lines(stream, lambda count: self.format(_dropped(count)))

    @property
    def dropped(self) -> int:
        return self._lines.dropped

    def emit(self, record: logging.LogRecord) -> None:
        now = time.monotonic()
        for name, count in self._flood.ended(now):
            self._write(_suppressed(name, count))
        if self._flood.allows(event_name(record), now):
            self._write(record)

    def _write(self, record: logging.LogRecord) -> None:
        try:
            self._lines.put(self.format(record))
        except Exception:  # noqa: BLE001 - the edge: what cannot be logged stops nobody
            self.handleError(record)

    def flush(self) -> None:
        self._lines.flush(_LAST_WORDS_WITHIN)

    def close(self) -> None:
        for name, count in self._flood.ended(float("inf")):
            self._write(_suppressed(name, count))
        self._lines.close(_LAST_WORDS_WITHIN)
        super().close()


def event_name(record: logging.LogRecord) -> str:
    """Return what the flood limit counts *record* by: its text before values come in."""
    said: Any = record.msg
    return f"{record.name}:{said.get('event')}" if isinstance(said, dict) else str(said)


def _suppressed(name: str, count: int) -> logging.LogRecord:
    return _own({"event": "suppressed", "level": "warning", "of": name, "lines": count})


def _dropped(count: int) -> logging.LogRecord:
    return _own({"event": "dropped", "level": "warning", "lines": count})


def _own(said: dict[str, Any]) -> logging.LogRecord:
    record = logging.LogRecord("conclave.telemetry", logging.WARNING, "", 0, said, None, None)
    # The two marks by which structlog knows a line of its own.
    record.__dict__.update(_logger=None, _name="warning")
    return record


class Flood:
    """Counts lines by name in windows of one second."""

    def __init__(self, limit: int = LINES_PER_SECOND) -> None:
        self._limit = limit
        # name: when its window began, how many lines came in it
        self._windows: dict[str, tuple[float, int]] = {}

    def allows(self, name: str, now: float) -> bool:
        """Count one line and return whether it may be written."""
        begun, count = self._windows.get(name, (now, 0))
        if now - begun >= 1:
            begun, count = now, 0
        self._windows[name] = (begun, count + 1)
        return count < self._limit

    def ended(self, now: float) -> list[tuple[str, int]]:
        """Return (name, how many were suppressed) of windows that are over; forget those."""
        over = [
            (name, count - self._limit)
            for name, (begun, count) in self._windows.items()
            if count > self._limit and now - begun >= 1
        ]
        for name, _ in over:
            del self._windows[name]
        if len(self._windows) > _NAMES_KEPT:
            self._windows.clear()
        return over


def explain(_: Any, __: str, line: Line) -> Line:
    """Turn an exception into text under `exception`, without the values of its variables."""
    error = line.pop("exc_info", None)
    if error is True:
        error = sys.exc_info()
    if isinstance(error, BaseException):
        error = (type(error), error, error.__traceback__)
    if isinstance(error, tuple) and error[1] is not None:
        line["exception"] = "".join(traceback.format_exception(*error)).rstrip()
    return line


def redact(_: Any, __: str, line: Line) -> Line:
    """Blank what stands under the name of a secret, at any depth."""
    return {key: "[redacted]" if _is_secret(key) else _redacted(line[key]) for key in line}


def _redacted(value: Any) -> Any:
    if isinstance(value, Mapping):
        return redact(None, "", dict(value))
    if isinstance(value, tuple | list):
        # Headers are lists of pairs.
        if len(value) == 2 and _is_secret(value[0]):
            return [value[0], "[redacted]"]
        return [_redacted(one) for one in value]
    # Infinity and NaN are no JSON.
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value


def _is_secret(key: Any) -> bool:
    if isinstance(key, bytes):
        key = key.decode("latin-1")
    return isinstance(key, str) and key.lower() in SECRETS


def for_programs(_: Any, __: str, line: Line) -> str:
    """Render one JSON object in pure ASCII: what could break or colour a line is escaped."""
    first = {key: line.pop(key, None) for key in ("timestamp", "level", "logger", "event")}
    return json.dumps({**first, **line}, ensure_ascii=True, default=_plain)


def for_people(_: Any, __: str, line: Line) -> str:
    """Render one line: time, level, event, keys; only a traceback may take more lines."""
    when = str(line.pop("timestamp", ""))[11:19]
    level = line.pop("level", "info")
    line.pop("logger", None)
    return f"{when} {level:<7} {_for_hosts(None, '', line)}"


def _for_hosts(_: Any, __: str, line: Line) -> str:
    """Render what a line says: when, how loud and by whom somebody else writes before it."""
    event = escaped(line.pop("event", ""))
    trace = line.pop("exception", None)
    words = [f"{escaped(key)}={escaped(_spelled(value))}" for key, value in line.items()]
    shown = " ".join([event, *words])
    if trace:
        shown += "".join(f"\n  {escaped(part)}" for part in trace.split("\n"))
    return shown


def _spelled(value: Any) -> str:
    text = value if isinstance(value, str) else repr(value)
    return repr(text) if " " in text and isinstance(value, str) else text


def escaped(value: Any) -> str:
    """Return *value* as text without control, line-breaking or invisible characters."""
    text = str(value)
    if text.isprintable():
        return text
    return "".join(
        sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in text
    )


def _plain(value: Any) -> str:
    if isinstance(value, bytes):
        return value.decode("utf-8", "backslashreplace")
    return str(value)
