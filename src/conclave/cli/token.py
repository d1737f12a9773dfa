"""
`conclave token`: tokens for people and programs, made by who may read the data directory.

A running server is asked to do it; without one the database is opened here. The token is
printed alone on standard output, so that it can be piped; all else goes to standard error.
"""

from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from conclave.cli.desk import consult
from conclave.cli.errand import attempt, directory
from conclave.model import Role

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
    return attempt(lambda: print(consult(directory(data), "token create", make=True, **wishes)))
