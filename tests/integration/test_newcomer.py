"""A newcomer's path: the wheel alone, a controller of their own, served and called from Python."""

import asyncio
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
CONTROLLER = """\
from conclave import Access, Connection, Controller, Durable, Event, Request, on


class Greet(Event, type="hello:greet"):
    room: str
    name: str = "world"


class Greeted(Durable, type="hello:greeted"):
    name: str

    def words(self) -> str:
        return f"Hello, {self.name}!"


class Hello(Controller):
    entries = (Greeted,)

    @on(Greet, needs=Access.ROOM)
    async def greet(self, connection: Connection, event: Greet, request: Request) -> None:
        await self.publish(event.room, Greeted(event.name), request)
"""
CALLER = """\
import asyncio, sys
from conclave import Client
from conclave.protocol.events import Stored
from hello import Greet, Greeted


async def main(url: str) -> None:
    async with Client(url, token="user-token-123") as client:
        room = client.room("general").follow()
        await room.join()
        stored = await client.ask(Greet("general", "Ada"), Stored)
        async for line in room:
            if (said := Greeted.read(line)) is not None:
                print(stored.seq == line.seq, said.name, line.text)
                return


asyncio.run(main(sys.argv[1]))
"""


@pytest.mark.slow
async def test_the_wheel_alone_serves_twenty_lines_that_a_client_calls(tmp_path: Path):
    site = await asyncio.to_thread(installed, tmp_path)
    (tmp_path / "hello.py").write_text(CONTROLLER, "utf-8")
    (tmp_path / "call.py").write_text(CALLER, "utf-8")
    assert len([line for line in CONTROLLER.splitlines() if line.strip()]) <= 20
    environment = {**os.environ, "PYTHONPATH": f"{site}:{tmp_path}"}
    server = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "conclave", "serve", "--demo", "--port", "0"),
        *("--app", "hello:Hello"),
        cwd=tmp_path,
        env=environment,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        assert server.stdout is not None
        line = (await asyncio.wait_for(server.stdout.readline(), 30)).decode()
        found = re.search(r"http://\S+", line)
        assert found is not None, line
        caller = await asyncio.create_subprocess_exec(
            *(sys.executable, "call.py", found[0]),
            cwd=tmp_path,
            env=environment,
            stdout=asyncio.subprocess.PIPE,
        )
        said, _ = await asyncio.wait_for(caller.communicate(), 30)
        assert said.decode() == "True Ada Hello, Ada!\n"
    finally:
        server.terminate()
        await server.wait()
    assert server.returncode == 0


def installed(where: Path) -> Path:
    """Return a folder with what the wheel has, and nothing of the checkout."""
    command = [sys.executable, "-m", "build", "--wheel", "--outdir", str(where)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=120)
    (wheel,) = where.glob("*.whl")
    site = where / "site"
    with zipfile.ZipFile(wheel) as packed:
        packed.extractall(site)
    probe = [sys.executable, "-c", "import conclave; print(conclave.__file__)"]
    environment = {**os.environ, "PYTHONPATH": str(site)}
    done = subprocess.run(probe, cwd=where, env=environment, check=True, capture_output=True)
    assert done.stdout.decode().startswith(str(site)), "it is the checkout that runs"
    return site
