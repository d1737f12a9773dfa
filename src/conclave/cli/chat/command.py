"""
`conclave chat`: rooms, people and messages in a terminal, for as long as one likes.

The screen is made by Textual, which comes with the extra `terminal`. The token is taken from
a file, the environment, or typed in; it is kept nowhere.
"""

import getpass
import os
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Final

from cyclopts import Parameter

from conclave.cli.visit import TOKEN, CannotVisit, TokenFile, complain, visit, visit_as
from conclave.client import Client

_INSTALL: Final = 'pip install "conclave-chat[terminal]"'

Where = Annotated[str | None, Parameter(help="The server, such as wss://chat.example.org.")]


def chat(url: Where = None, /, *, token_file: TokenFile = None) -> int:
    """Open the chat of the server at URL here in the terminal."""
    if find_spec("textual") is None:
        return complain(f"the chat in a terminal needs one more package: {_INSTALL}")
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        return complain("this is no terminal: `conclave tail` and `conclave send` are for pipes")
    try:
        client = _client(url, token_file)
    except (CannotVisit, OSError, UnicodeError) as problem:
        return complain(str(problem))
    # Loaded here: it takes a third of a second.
    from conclave.cli.chat.app import Chat

    screen = Chat(client)
    screen.run()
    return complain(screen.problem) if screen.problem else 0


def _client(url: str | None, token_file: Path | None) -> Client:
    if token_file is None and not os.environ.get(TOKEN):
        return visit_as(url, getpass.getpass("Token: "), 0)
    return visit(url, token_file, 0)
