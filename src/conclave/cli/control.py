"""
Ask a running server to do something, through its control socket.

The other end is `conclave.server.control`, which says how the lines look.
"""

import os
import socket
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import msgspec

# Of a server that is one process; and of all workers of one that is several.
_NAME: Final = "control.sock"
_NAMES: Final = "control*.sock"
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
    Return what the server of the directory *data* answers to *command*, or one of its workers.

    Raises `NotRunning` if there is none, `Refused` if it says no or nothing.
    """
    for place in _places(data):
        with suppress(NotRunning):
            return _ask(place, command, arguments)
    raise NotRunning(str(data))


def ask_all(data: Path, command: str, **arguments: Any) -> list[Any]:
    """Return what the workers of *data* answer; raises as `ask` does, if none says anything."""
    answers: list[Any] = []
    why: NotRunning | Refused = NotRunning(str(data))
    for place in _places(data):
        try:
            answers.append(_ask(place, command, arguments))
        except NotRunning:
            continue
        except Refused as refused:
            why = refused
    if not answers:
        raise why
    return answers


def _places(data: Path) -> list[Path]:
    return sorted(data.glob(_NAMES)) or [data / _NAME]


def _ask(place: Path, command: str, arguments: dict[str, Any]) -> Any:
    order = msgspec.json.encode({"command": command, "arguments": arguments}) + b"\n"
    data = place.parent
    with _connect(place) as server:
        try:
            server.sendall(order)
            with server.makefile("rb") as lines:
                line = lines.readline()
        except OSError as error:
            raise Refused(f"the server of {data} does not answer: {error}") from error
    return _result(line, data)


def _connect(place: Path) -> socket.socket:
    server, data = socket.socket(socket.AF_UNIX), place.parent
    server.settimeout(_ANSWER_WITHIN_S)
    try:
        # As the path may be longer than a socket's address; see the server's side.
        directory = os.open(data, os.O_RDONLY | os.O_DIRECTORY)
        try:
            server.connect(f"/proc/self/fd/{directory}/{place.name}")
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
