"""
Ask a running server to do something, through its control socket.

The other end is `conclave.server.control`, which says how the lines look.
"""

import os
import socket
from pathlib import Path
from typing import Any, Final

import msgspec

_NAME: Final = "control.sock"
# A command may wait for a busy disk, but not for ever.
_ANSWER_WITHIN_S: Final = 30.0


class NotRunning(Exception):
    """No server answers for this data directory."""


class Refused(Exception):
    """The server said no; the text says why."""


class _Answer(msgspec.Struct):
    result: Any = None
    error: str | None = None


def ask(data: Path, command: str, **arguments: Any) -> Any:
    """
    Return what the server of the directory *data* answers to *command*.

    Raises `NotRunning` if there is none, `Refused` if it says no or nothing.
    """
    order = msgspec.json.encode({"command": command, "arguments": arguments}) + b"\n"
    with _connect(data) as server:
        try:
            server.sendall(order)
            with server.makefile("rb") as lines:
                line = lines.readline()
        except OSError as error:
            raise Refused(f"the server of {data} does not answer: {error}") from error
    return _result(line, data)


def _connect(data: Path) -> socket.socket:
    server = socket.socket(socket.AF_UNIX)
    server.settimeout(_ANSWER_WITHIN_S)
    try:
        # As the path may be longer than a socket's address; see the server's side.
        directory = os.open(data, os.O_RDONLY | os.O_DIRECTORY)
        try:
            server.connect(f"/proc/self/fd/{directory}/{_NAME}")
        finally:
            os.close(directory)
    except (FileNotFoundError, NotADirectoryError, ConnectionRefusedError) as error:
        server.close()
        raise NotRunning(str(data)) from error
    except OSError as error:
        server.close()
        raise Refused(f"cannot reach the server of {data}: {error.strerror}") from error
    return server


def _result(line: bytes, data: Path) -> Any:
    try:
        answer = msgspec.json.decode(line, type=_Answer)
    except msgspec.DecodeError as error:
        raise Refused(f"the server of {data} went away before it answered") from error
    if answer.error is not None:
        raise Refused(answer.error)
    return answer.result
