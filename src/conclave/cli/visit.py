"""
What commands of a person have in common: which server, which token, how they end.

They are for scripts and pipes: data to standard output, one line for a problem to standard
error, an exit code. Ctrl-C, and a reader who has enough, end them without a word. A token
never stands among the arguments, where every user of the machine could read it.
"""

import asyncio
import os
import stat
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Annotated, Any, Final

from cyclopts import Parameter

from conclave.cli.printable import printable
from conclave.client import Client, ClientError, Stopped
from conclave.protocol.errors import Reject

URL: Final = "CONCLAVE_URL"
TOKEN: Final = "CONCLAVE_TOKEN"  # noqa: S105 - the name of a variable
_HERE: Final = "ws://localhost:3000"

FAILED: Final = 1
INTERRUPTED: Final = 130

Url = Annotated[str | None, Parameter(help=f"The server, such as wss://chat.example.org. [${URL}]")]
TokenFile = Annotated[
    Path | None, Parameter(help=f"A file with your token that nobody else can read. [${TOKEN}]")
]
Within = Annotated[
    float, Parameter(help="How many seconds to wait for the server. [30]", show_default=False)
]


class CannotVisit(Exception):
    """There is no good address or token; the message names the fix."""


def visit(url: str | None, token_file: Path | None, within: float) -> Client:
    """Return the client that the flags and variables ask for."""
    return visit_as(url, _token(token_file), within)


def visit_as(url: str | None, token: str, within: float) -> Client:
    """Return the client for who has *token*."""
    where = url or os.environ.get(URL) or _HERE
    try:
        return Client(where, token=_good(token), connect_within=within)
    except ValueError as wrong:
        raise CannotVisit(str(wrong)) from None


def _token(token_file: Path | None) -> str:
    if token_file is None:
        token = os.environ.get(TOKEN, "")
    else:
        with token_file.open(encoding="utf-8") as file:
            if os.fstat(file.fileno()).st_mode & (stat.S_IRWXG | stat.S_IRWXO):
                raise CannotVisit(f"{token_file} can be read by others: chmod 600 {token_file}")
            token = file.read()
    return token


def _good(token: str) -> str:
    if not token.strip():
        raise CannotVisit(f"There is no token: set {TOKEN}, or give --token-file")
    if not token.strip().isascii():
        raise CannotVisit("The token holds letters that no token has")
    return token.strip()


def run(work: Callable[[], Coroutine[Any, Any, None]]) -> int:
    """Do *work* and return the exit code; what goes wrong is one line on standard error."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            # A terminal that knows fewer letters sees their numbers.
            stream.reconfigure(errors="backslashreplace")
    try:
        asyncio.run(work())
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # What is left in the buffer must not complain when the interpreter ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except Stopped as end:
        return complain(f"the server sent you away: {end}")
    except Reject as no:
        return complain(f"{no.message} ({no.code})")
    except UnicodeError:
        return complain("what you gave is not UTF-8")
    except TimeoutError:
        return complain("the server does not answer in time")
    except (CannotVisit, ClientError, OSError) as problem:
        return complain(str(problem))
    return 0


def complain(problem: str) -> int:
    print(f"conclave: {printable(problem)}", file=sys.stderr)
    return FAILED
