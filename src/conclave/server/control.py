"""
The control socket: how commands of the operator reach a running server.

`DATA/control.sock` is the owner's only (0600, in a directory of 0700): who can open it may
read the database as well, so there is nobody to authenticate. A line of JSON goes in,
`{"command": …, "arguments": {…}}`, and one comes out, `{"result": …}` or `{"error": …}`.
What the commands do is the business of those who give them.
"""

import asyncio
import inspect
import os
import socket
import stat
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any, Final

import msgspec
import structlog

from conclave.protocol.errors import Reject

_log = structlog.get_logger("conclave.server")

Command = Callable[..., Awaitable[Any]]

NAME: Final = "control.sock"
_LINE_BYTES: Final = 65_536
_BACKLOG: Final = 16


class _Order(msgspec.Struct):
    command: str
    arguments: dict[str, Any] = {}


class ControlSocket:
    """
    Answers in *directory* from `start` to `close`; each *worker* of several at its own.

    Whoever starts it holds the lock of the directory: a socket that is there already was
    left by a process that died, and is replaced.
    """

    def __init__(
        self, directory: Path, commands: Mapping[str, Command], worker: int | None = None
    ) -> None:
        self._path = directory / (NAME if worker is None else f"control.{worker}.sock")
        self._commands = commands
        self._server: asyncio.Server | None = None
        self._peers: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Listen; raises `OSError` where the directory does not allow it."""
        listening = await asyncio.to_thread(_listen, self._path)
        self._server = await asyncio.start_unix_server(
            self._peer, sock=listening, limit=_LINE_BYTES
        )

    async def close(self) -> None:
        """Stop answering; a command that is under way is cancelled."""
        if self._server is None:
            return
        self._server.close()
        self._server = None
        for peer in self._peers:
            peer.cancel()
        await asyncio.gather(*self._peers, return_exceptions=True)
        await asyncio.to_thread(self._path.unlink, missing_ok=True)

    def _peer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._converse(reader, writer), name="control")
        self._peers.add(task)
        task.add_done_callback(self._peers.discard)

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while line := await reader.readline():
                writer.write(msgspec.json.encode(await self._answer(line)) + b"\n")
                await writer.drain()
        except (ConnectionError, ValueError):  # it went away, or its line is too long
            pass
        finally:
            writer.close()

    async def _answer(self, line: bytes) -> dict[str, Any]:
        try:
            order = msgspec.json.decode(line, type=_Order)
        except msgspec.DecodeError as error:
            return {"error": f"not a line of JSON with a command: {error}"}
        command = self._commands.get(order.command)
        if command is None:
            return {"error": f"this server knows no command {order.command!r}"}
        try:
            inspect.signature(command).bind(**order.arguments)
        except TypeError as error:
            return {"error": f"{order.command}: {error}"}
        return await self._obey(order, command)

    async def _obey(self, order: _Order, command: Command) -> dict[str, Any]:
        try:
            return {"result": await command(**order.arguments)}
        except Reject as refused:
            return {"error": refused.message}
        except Exception:  # noqa: BLE001 - the edge of a task; it is logged
            _log.exception("control_failed", command=order.command)
            return {"error": "something went wrong: the server's log says more"}


def _listen(path: Path) -> socket.socket:
    _remove_old(path)
    listening = socket.socket(socket.AF_UNIX)
    # The address of a socket has room for 107 bytes, a path may be longer: name the
    # directory by its descriptor (unix(7), proc(5)).
    directory = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        listening.bind(f"/proc/self/fd/{directory}/{path.name}")
        path.chmod(0o600)
        listening.listen(_BACKLOG)
    except BaseException:
        listening.close()
        raise
    finally:
        os.close(directory)
    listening.setblocking(False)
    return listening


def _remove_old(path: Path) -> None:
    try:
        if stat.S_ISSOCK(path.lstat().st_mode):
            path.unlink()
    except FileNotFoundError:
        pass
