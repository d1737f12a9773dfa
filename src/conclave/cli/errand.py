"""
What commands of the operator have in common: where the data is, how far they are, how they fail.

A running server is asked to do the work, and asked how far it is; Ctrl-C calls it off.
Progress goes to standard error, and only where a person sees it.
"""

import os
import secrets
import signal
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import Annotated, Any, Final

from cyclopts import Parameter

from conclave.cli.control import NotRunning, Refused, ask
from conclave.cli.printable import printable
from conclave.cli.sources import BadSettings, load
from conclave.model import Note
from conclave.protocol.errors import Reject
from conclave.settings import CannotStart
from conclave.storage.audit import record_at_rest
from conclave.storage.backup import held
from conclave.storage.datadir import DATABASE
from conclave.storage.errors import CannotDo
from conclave.storage.lines import now_ms
from conclave.storage.sqlstore import SqlStore
from conclave.storage.truth import open_truth
from conclave.telemetry import start_logging

Data = Annotated[Path | None, Parameter(help="The data directory. [conclave-data]")]
# - alone is standard input or output.
FileOrDash = Annotated[str, Parameter(allow_leading_hyphen=True)]
Force = Annotated[bool, Parameter(help="Replace a file that is there.", negative="")]
Yes = Annotated[bool, Parameter(help="Do not ask.", negative="")]

FAILED: Final = 1
# As a shell says of a command that SIGINT ended.
INTERRUPTED: Final = 130
_ENDS: Final = (signal.SIGTERM, signal.SIGHUP)

_LOOK_EVERY_S: Final = 0.2
_SHOW_EVERY_S: Final = 0.1


def directory(data: Path | None) -> Path:
    """Return the directory as `conclave serve` would choose it."""
    config = os.environ.get("CONCLAVE_CONFIG")
    flags = {} if data is None else {"data": str(data)}
    return load(flags, os.environ, Path(config) if config else None).home


def database_url() -> str | None:
    """Return the database of PostgreSQL that is in place of a file, if the settings name one."""
    config = os.environ.get("CONCLAVE_CONFIG")
    return load({}, os.environ, Path(config) if config else None).database


def own_file(data: Path | None) -> Path:
    """Return as `directory` does, for what is done to the file of the database itself."""
    if database_url() is not None:
        raise CannotDo(
            "this is for the file of SQLite, and the database is PostgreSQL's: use its own tools,"
            " such as pg_dump --format=custom --file=FILE for a backup"
        )
    return directory(data)


def attempt(work: Callable[[], int | None], left: str = "nothing was changed") -> int:
    """
    Return the exit code of *work*; what goes wrong is one line on standard error.

    *left* is how things are after Ctrl-C, SIGTERM or SIGHUP.
    """
    try:
        with _tidied_up():
            return work() or 0
    except BadSettings as wrong:
        return complain(*wrong.problems)
    except Reject as refused:
        return complain(refused.message)
    except (CannotStart, CannotDo, Refused) as error:
        return complain(str(error))
    except OSError as error:
        return complain(f"{error.filename or 'cannot go on'}: {error.strerror}")
    except KeyboardInterrupt:
        complain(f"interrupted: {left}")
        return INTERRUPTED


@contextmanager
def _tidied_up() -> Iterator[None]:
    """Let SIGTERM and SIGHUP end it as Ctrl-C does: no copy is left behind."""

    def interrupt(_signal: int, _frame: object) -> None:
        raise KeyboardInterrupt

    former = {}
    if threading.current_thread() is threading.main_thread():
        # Not where they are ignored, as after nohup.
        ours = [end for end in _ENDS if signal.getsignal(end) == signal.SIG_DFL]
        former = {end: signal.signal(end, interrupt) for end in ours}
    try:
        yield
    finally:
        for end, handler in former.items():
            signal.signal(end, handler)


def complain(*problems: str) -> int:
    for problem in problems:
        print(f"conclave: {printable(problem)}", file=sys.stderr)
    return FAILED


def say(*lines: str) -> None:
    """Print *lines*, which may hold what a file or an argument says."""
    for line in lines:
        print(printable(line))


class Meter:
    """Shows how far something is, on a terminal; elsewhere nothing. Use it as a context."""

    def __init__(self, doing: str) -> None:
        self._doing = doing
        self._on = sys.stderr.isatty()
        self._shown = 0.0

    def __enter__(self) -> "Meter":
        return self

    def __exit__(self, *_: object) -> None:
        if self._on and self._shown:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)

    def __call__(self, done: int, of: int) -> None:
        """Show *done* of *of*; *of* 0: not known, so only that something goes on."""
        now = time.monotonic()
        if not self._on or now - self._shown < _SHOW_EVERY_S:
            return
        self._shown = now
        far = f"{100 * done // of} %" if of else "…"
        print(f"\r\x1b[K{self._doing} {far}", end="", file=sys.stderr, flush=True)


def run_there(data: Path, command: str, meter: Meter, **arguments: Any) -> Any:
    """
    Let the server of *data* begin *command* and return its result.

    Raises `NotRunning` before it has begun, `Refused` if it fails.
    """
    # Chosen here, so that it can be called off before the server has said anything.
    errand = secrets.token_hex(8)
    try:
        ask(data, command, errand=errand, **arguments)
        return _follow(data, errand, meter)
    except KeyboardInterrupt:
        _call_off(data, errand, meter)
        raise


def _call_off(data: Path, errand: str, meter: Meter) -> None:
    # Refused: it has not begun, or failed by itself.
    with suppress(NotRunning, Refused):
        ask(data, "errand call off", errand=errand)
        _follow(data, errand, meter)


def _follow(data: Path, errand: str, meter: Meter) -> Any:
    while True:
        try:
            state = ask(data, "errand", errand=errand)
        except NotRunning as gone:
            raise Refused(f"the server of {data} went away before it was done") from gone
        if state["over"]:
            break
        meter(state["done"], state["of"])
        time.sleep(_LOOK_EVERY_S)
    if state["failed"]:
        raise Refused(state["failed"])
    return state["result"]


@asynccontextmanager
async def open_store(data: Path, *, make: bool = False) -> AsyncIterator[SqlStore]:
    """Open the store of *data*, which must be there unless it is to be made; no server runs."""
    url = database_url()
    if url is None and not make and not (data / DATABASE).exists():
        raise CannotDo(f"there is no database in {data}: name the directory with --data")
    # On standard error: nothing but the answer may stand in the output.
    start_logging("warning")
    store = await open_truth(data, url)
    try:
        yield store
    finally:
        await store.close()


@contextmanager
def at_rest(data: Path, meter: Meter, note: Note | None = None) -> Iterator[Path]:
    """
    Give a database of the directory *data* that nobody writes to.

    Afterwards *note* stands in the audit log: that of an export.

    Beside a running server it is a copy in the same directory, which is gone afterwards:
    so the server's own process is not burdened with reading all of it.
    """
    copy = data.absolute() / f".{DATABASE}.{secrets.token_hex(4)}.copy"
    try:
        try:
            run_there(data, "copy", meter, target=str(copy), note=note)
        except NotRunning:
            with held(data) as locked:
                yield locked.database
                if note is not None:
                    record_at_rest(locked.database, note, now_ms())
        else:
            yield copy
    finally:
        for left in data.glob(copy.name + "*"):
            left.unlink(missing_ok=True)
