"""
For all tests: in CI nothing is skipped in silence.

Where CI=true a skipped test fails the run, for there all services, the browser and strace
are installed; a person's machine may lack them, and pytest lists what was skipped.
"""

import os
import signal
import sys
from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.support.postgres import Postgres

# A shell that starts them in the background lets them ignore it, and all that they start.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


# The grammar of IRIs, which jsonschema reads where it finds it, takes a second of each process;
# nothing here has the format `iri`.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]

if os.environ.get("CONCLAVE_TESTS_OVER") == "asgi":
    # The same tests, on another server's sockets: see tests/integration/test_over_asgi.py.
    from tests.support import over_asgi

    from conclave import testing

    testing.serve = over_asgi.serve


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    skipped = reporter.stats.get("skipped", []) if reporter else []
    if os.environ.get("CI") == "true" and skipped and exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if os.environ.get("CI") == "true" and terminalreporter.stats.get("skipped"):
        terminalreporter.write_line("CI: a skipped test is a failure", red=True)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Escape what a report quotes of hostile texts: no lone surrogate goes between processes."""
    report = yield
    report.sections = [(name, _sendable(text)) for name, text in report.sections]
    return report


def _sendable(text: str) -> str:
    return text.encode("utf-8", "backslashreplace").decode()


@pytest.fixture(scope="session")
def postgresql() -> "Iterator[Postgres]":
    """A real server, for all tests of this process."""
    from tests.support.postgres import program, running

    if program("postgres") is None:
        pytest.skip("no PostgreSQL: apt install postgresql")
    with running() as server:
        yield server
