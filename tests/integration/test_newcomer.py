"""A newcomer's path: the wheel alone, a controller of their own, served, described and called."""

import asyncio
import json
import os
import re
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import NamedTuple

import pytest
from scripts import npm_pack
from tests.npm.test_package import STRICT

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
PROGRAM = """\
import { connect, Speech } from "conclave-chat";
import type { Greet, Protocol } from "./protocol.js";

const [url, token] = process.argv.slice(2) as [string, string];
let onChange = () => {};
const driver = connect({ url, onChange: () => onChange() });
const speech = new Speech<Protocol>(driver);
const here = new Promise<void>((resolve) => {
  onChange = () => void (driver.client.rooms.get("general")?.attached && resolve());
});
const read = new Promise<string>((resolve) => {
  speech.onEntry("hello:greeted", ({ name }, { seq, text }) => resolve(`${seq} ${name} ${text}`));
});
driver.act((client, now) => {
  client.signIn(token, now);
  client.join("general");
});
await here;
const greet: Greet = { room: "general", name: "Grace" };
const { seq } = await speech.ask("hello:greet", greet);
console.log((await read) === `${seq} Grace Hello, Grace!`);
driver.act((client) => client.signOut());

export function mistakes() {
  // @ts-expect-error: a name is a text
  void speech.ask("hello:greet", { room: "general", name: 7 });
  // @ts-expect-error: a greeting is for a room
  void speech.ask("hello:greet", { name: "Grace" });
  // @ts-expect-error: it keeps a name, and nothing else
  speech.onEntry("hello:greeted", ({ names }) => names);
}
"""

# It waits for a compiler, a packer and two interpreters.
pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]


class Bench(NamedTuple):
    """A folder of somebody who has installed the wheel, and nothing else of this repository."""

    at: Path
    site: Path

    async def run(self, *words: str | Path, within: float = 60) -> str:
        process = await asyncio.create_subprocess_exec(
            *words,
            cwd=self.at,
            env=self.environment,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        said, _ = await asyncio.wait_for(process.communicate(), within)
        assert process.returncode == 0, said.decode()
        return said.decode()

    @property
    def environment(self) -> dict[str, str]:
        return {**os.environ, "PYTHONPATH": str(self.site)}

    @property
    def conclave(self) -> Path:
        return self.site / "bin/conclave"


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    at = tmp_path_factory.mktemp("newcomer")
    made, site = at / "dist", at / "site"
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", made]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True, timeout=120)
    (wheel,) = made.glob("*.whl")
    install = ["install", "--quiet", "--no-index", "--no-deps", "--target", site, wheel]
    subprocess.run([sys.executable, "-m", "pip", *install], check=True, timeout=120)
    (at / "hello.py").write_text(CONTROLLER, "utf-8")
    (at / "call.py").write_text(CALLER, "utf-8")
    (at / "call.ts").write_text(PROGRAM, "utf-8")
    return Bench(at, site)


@pytest.fixture
async def url(bench: Bench) -> AsyncIterator[str]:
    words = (bench.conclave, "serve", "--demo", "--port", "0", "--app", "hello:Hello")
    server = await asyncio.create_subprocess_exec(
        *words, cwd=bench.at, env=bench.environment, stdout=asyncio.subprocess.PIPE
    )
    try:
        assert server.stdout is not None
        line = (await asyncio.wait_for(server.stdout.readline(), 30)).decode()
        found = re.search(r"http://\S+", line)
        assert found is not None, line
        yield found[0]
    finally:
        server.terminate()
        await server.wait()
    assert server.returncode == 0


async def test_it_is_the_wheel_that_runs_and_the_controller_has_twenty_lines(bench):
    probe = "import conclave; print(conclave.__file__)"
    assert (await bench.run(sys.executable, "-c", probe)).startswith(str(bench.site))
    assert len([line for line in CONTROLLER.splitlines() if line.strip()]) <= 20


async def test_what_it_adds_is_called_from_python(bench, url):
    assert await bench.run(sys.executable, "call.py", url) == "True Ada Hello, Ada!\n"


async def test_what_it_adds_is_called_from_the_types_that_are_written_of_it(bench, url):
    tarball = await asyncio.to_thread(npm_pack.pack, bench.at / "npm")
    (bench.at / "package.json").write_text('{"name": "mine", "private": true, "type": "module"}')
    flags = ("--offline", "--no-audit", "--no-fund", "--silent")
    await bench.run("npm", "install", *flags, tarball)
    spec = ("spec", "--app", "hello:Hello", "--format", "typescript", "--out", "protocol.d.ts")
    await bench.run(bench.conclave, *spec)
    # Types of Node are not the package's.
    (bench.at / "node.d.ts").write_text("declare const process: { argv: string[] };\n")
    await bench.run(npm_pack.TSC, *STRICT, "--ignoreConfig", "call.ts", "node.d.ts")
    socket = url.replace("http", "ws").rstrip("/") + "/ws"
    # Node 20 has the socket of browsers only if it is told to.
    node = ("node", "--experimental-websocket", "--no-warnings", "call.js")
    assert await bench.run(*node, socket, "admin-token-456") == "true\n"


async def test_what_it_adds_is_seen_in_the_description(bench):
    said = json.loads(await bench.run(bench.conclave, "spec", "--app", "hello:Hello"))
    chat = json.loads(await bench.run(bench.conclave, "spec"))
    new = said["components"]["schemas"].keys() - chat["components"]["schemas"].keys()
    assert {"request.hello.greet", "answer.hello.greet", "entry.hello.greeted"} <= new
    await bench.run(bench.conclave, "spec", "--out", "chat.json")
    told = await bench.run(bench.conclave, "spec", "--app", "hello:Hello", "--against", "chat.json")
    assert "request hello:greet: added" in told
    assert "Nothing breaks." in told
