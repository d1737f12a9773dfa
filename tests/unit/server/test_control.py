"""The control socket and its client, over the real socket."""

import asyncio
import os
import socket
import stat
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from conclave.cli.control import NotRunning, Refused, ask
from conclave.protocol.errors import Code, Reject
from conclave.server.control import ControlSocket


async def greet(name: str, loud: bool = False) -> str:
    return f"HELLO {name}" if loud else f"hello {name}"


async def refuse() -> None:
    raise Reject(Code.BAD_REQUEST, "not today")


async def fail() -> None:
    raise RuntimeError("the insides")


async def wait_for_ever() -> None:
    await asyncio.Event().wait()


COMMANDS = {"greet": greet, "refuse": refuse, "fail": fail, "wait": wait_for_ever}


@pytest.fixture
async def control(tmp_path: Path) -> AsyncIterator[ControlSocket]:
    control = ControlSocket(tmp_path, COMMANDS)
    await control.start()
    yield control
    await control.close()


async def asked(data: Path, command: str, **arguments: Any) -> Any:
    return await asyncio.to_thread(ask, data, command, **arguments)


async def test_a_command_is_done_and_answered(control, tmp_path) -> None:
    assert await asked(tmp_path, "greet", name="Ann") == "hello Ann"
    assert await asked(tmp_path, "greet", name="Ann\n\u2028", loud=True) == "HELLO Ann\n\u2028"


@pytest.mark.parametrize(
    ("command", "arguments", "says"),
    [
        ("dance", {}, "no command 'dance'"),
        ("greet", {}, "missing a required argument"),
        ("greet", {"name": "x", "who": "y"}, "unexpected keyword argument"),
        ("refuse", {}, "not today"),
        ("fail", {}, "the server's log says more"),
    ],
)
async def test_a_no_says_why_and_not_more(control, tmp_path, command, arguments, says) -> None:
    with pytest.raises(Refused, match=says) as refused:
        await asked(tmp_path, command, **arguments)
    assert "insides" not in str(refused.value)
    assert await asked(tmp_path, "greet", name="Ann") == "hello Ann"


async def test_lines_that_are_no_command_are_answered_or_dropped(control, tmp_path) -> None:
    for line in (b"{}\n", b"[]\n", b"\xff\n", b'{"command": 1}\n', b"\n"):
        reader, writer = await asyncio.open_unix_connection(tmp_path / "control.sock")
        writer.write(line)
        assert b"error" in await reader.readline()
        writer.close()
    reader, writer = await asyncio.open_unix_connection(tmp_path / "control.sock")
    writer.write(b"x" * 200_000)
    assert await reader.read() == b""
    writer.close()
    assert await asked(tmp_path, "greet", name="Ann") == "hello Ann"


async def test_only_the_owner_may_open_it(control, tmp_path) -> None:
    mode = (tmp_path / "control.sock").stat().st_mode
    assert stat.S_IMODE(mode) == 0o600


async def test_a_socket_that_a_killed_process_left_is_replaced(tmp_path) -> None:
    left = "import socket, sys; s = socket.socket(socket.AF_UNIX); s.bind(sys.argv[1])"
    subprocess.run([sys.executable, "-c", left, tmp_path / "control.sock"], check=True)
    with pytest.raises(NotRunning):
        await asked(tmp_path, "greet", name="Ann")
    control = ControlSocket(tmp_path, COMMANDS)
    await control.start()
    assert await asked(tmp_path, "greet", name="Ann") == "hello Ann"
    await control.close()


async def test_a_directory_of_any_length_will_do(tmp_path) -> None:
    deep = tmp_path / ("long" * 30) / ("longer" * 30)
    deep.mkdir(parents=True)
    assert len(os.fsencode(deep)) > 200
    control = ControlSocket(deep, COMMANDS)
    await control.start()
    assert await asked(deep, "greet", name="Ann") == "hello Ann"
    await control.close()


async def test_closing_ends_commands_and_leaves_nothing(tmp_path) -> None:
    control = ControlSocket(tmp_path, COMMANDS)
    await control.start()
    waiting = asyncio.create_task(asked(tmp_path, "wait"))
    idle = socket.socket(socket.AF_UNIX)
    idle.connect(str(tmp_path / "control.sock"))
    await asyncio.sleep(0.1)
    await control.close()
    await control.close()
    with pytest.raises(Refused, match="went away"):
        await waiting
    idle.close()
    assert list(tmp_path.iterdir()) == []


async def test_without_a_server_one_is_told_so(tmp_path) -> None:
    for data in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(NotRunning):
            await asked(data, "greet", name="Ann")
