"""
`conclave token`: tokens for people and programs, made by who may read the data directory.

A running server is asked to do it; without one the database is opened here. The token is
printed alone on standard output, so that it can be piped; all else goes to standard error.
"""

import asyncio
import os
from pathlib import Path
from typing import Annotated, Any

from cyclopts import App, Parameter

from conclave.auth.tokens import grant_token
from conclave.cli.control import NotRunning, Refused, ask
from conclave.cli.errand import complain
from conclave.cli.sources import BadSettings, load
from conclave.model import Role
from conclave.protocol.errors import Reject
from conclave.settings import CannotStart
from conclave.storage import SqliteStore
from conclave.telemetry import start_logging

app = App(name="token", help="Tokens for people and programs.", help_format="plaintext")


@app.command
def create(
    user: str,
    /,
    *,
    name: Annotated[str, Parameter(help="What it is for, such as laptop.")] = "",
    days: Annotated[
        int | None, Parameter(help="How many days it is good for; else for ever.")
    ] = None,
    role: Annotated[
        Role | None, Parameter(help="For a new user: user, admin, guest or bot. [user]")
    ] = None,
    data: Annotated[Path | None, Parameter(help="The data directory. [conclave-data]")] = None,
) -> int:
    """
    Print a new token for USER, who is created if missing.

    It is shown this once: only its SHA-256 is kept. Users are named with 2 to 32 of
    a-z 0-9 . _ - beginning with a letter or digit.
    """
    wishes = {"user": user, "name": name, "days": days, "role": None if role is None else str(role)}
    try:
        print(_create(_directory(data), wishes))
    except BadSettings as wrong:
        return complain(*wrong.problems)
    except Reject as refused:
        return complain(refused.message)
    except (CannotStart, Refused) as error:
        return complain(str(error))
    return 0


def _directory(data: Path | None) -> Path:
    """Return the directory as `conclave serve` would choose it."""
    config = os.environ.get("CONCLAVE_CONFIG")
    flags = {} if data is None else {"data": str(data)}
    return load(flags, os.environ, Path(config) if config else None).home


def _create(data: Path, wishes: dict[str, Any]) -> str:
    try:
        return str(ask(data, "token create", **wishes))
    except NotRunning:
        return asyncio.run(_create_here(data, **wishes))


async def _create_here(data: Path, user: str, **wishes: Any) -> str:
    # On standard error: nothing but the token may stand in the output.
    start_logging("warning")
    store = await SqliteStore.open(data)
    try:
        return await grant_token(store, user, **wishes)
    finally:
        await store.close()
