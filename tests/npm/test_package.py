"""The package of the JavaScript client: packed, installed without a network, typed and run."""

import asyncio
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from examples.dice import Dice
from scripts import npm_pack
from tests.unit.protocol.spec.words import SCHEMA

from conclave import App, __version__, testing
from conclave.cli import main
from conclave.protocol.spec.typescript import typescript

HERE = Path(__file__).parent
STRICT = (
    "--strict",
    "--exactOptionalPropertyTypes",
    "--noUncheckedIndexedAccess",
    *("--target", "esnext", "--lib", "esnext,dom"),
    *("--module", "nodenext", "--moduleResolution", "nodenext"),
)

pytestmark = pytest.mark.skipif(not npm_pack.TSC.exists(), reason="no node_modules: make dev")


def run(*command: str | Path, at: Path) -> str:
    ran = subprocess.run(command, cwd=at, capture_output=True, text=True, timeout=50)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory of somebody who has installed the package and described their server."""
    at = tmp_path_factory.mktemp("project")
    tarball = npm_pack.pack(at / "dist")
    (at / "package.json").write_text('{"name": "mine", "private": true, "type": "module"}')
    run("npm", "install", "--offline", "--no-audit", "--no-fund", "--silent", tarball, at=at)
    words = ["--format", "typescript", "--out", str(at / "protocol.d.ts")]
    assert main(["spec", "--app", "examples.dice:Dice", *words]) == 0
    shutil.copy(HERE / "newcomer.ts", at)
    # Types of Node are not the package's.
    (at / "node.d.ts").write_text("declare const process: { argv: string[] };\n")
    run(npm_pack.TSC, *STRICT, "--ignoreConfig", "newcomer.ts", "node.d.ts", at=at)
    return at


def test_what_is_packed_is_the_client_of_this_version_with_its_declarations(project):
    about = project / "node_modules/conclave-chat"
    assert json.loads((about / "package.json").read_text())["version"] == __version__
    modules = {path.name for path in npm_pack.CLIENT.glob("*.js")}
    assert {path.name for path in (about / "client").glob("*.js")} == modules
    declared = {path.name for path in (about / "client").glob("*.d.ts")}
    assert declared == {name.replace(".js", ".d.ts") for name in modules}
    assert {path.name for path in about.iterdir()} == {
        "LICENSE",
        "README.md",
        "client",
        "index.d.ts",
        "index.js",
        "package.json",
        "protocol.d.ts",
        "speech.d.ts",
        "speech.js",
    }


async def test_a_newcomer_calls_a_controller_by_types_that_were_written_from_it(project):
    async with testing.serve(App(Dice)) as server, server.client() as john:
        await john.ask("join:room", room="general")
        url, token = f"ws://127.0.0.1:{server.port}/ws", "admin-token-456"
        said = await node(project, "newcomer.js", url, token)
    assert json.loads(said) == {
        "same": True,
        "user": "admin1",
        "room": "general",
        "code": "bad_request",
    }


async def node(project: Path, *words: str) -> str:
    # Node 20 has the socket of browsers only if it is told to.
    flags = ["--experimental-websocket", "--no-warnings"]
    process = await asyncio.create_subprocess_exec(
        "node", *flags, *words, cwd=project, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    out, errors = await asyncio.wait_for(process.communicate(), 30)
    assert process.returncode == 0, errors.decode()
    return out.decode()


def test_each_kind_of_event_becomes_types_that_the_compiler_takes(tmp_path):
    (tmp_path / "all.d.ts").write_text(typescript(SCHEMA, "1.2.3"))
    (tmp_path / "use.ts").write_text(
        'import type { AppProfile, EventFrame, Requests } from "./all.js";\n'
        'const draw: Requests["board:draw"]["data"] = {\n'
        '  room: "a", points: [{ x: 1 }, { x: 2, y: 3 }], between: [1, "b"],\n'
        '  by: { colour: "red" },\n'
        "};\n"
        "const by: AppProfile = draw.by;\n"
        "export function heard(frame: EventFrame): number {\n"
        '  if (frame.type === "board:drawn") return frame.data.at.x;\n'
        '  return frame.type === "history" ? frame.data.messages.length : by.colour.length;\n'
        "}\n"
    )
    run(npm_pack.TSC, *STRICT, "--ignoreConfig", "--noEmit", "use.ts", at=tmp_path)


def test_the_official_parser_finds_no_error_in_what_is_written(tmp_path):
    dice = parsed(tmp_path / "dice.json", "--app", "examples.dice:Dice")
    written = json.loads((tmp_path / "dice.json").read_text("utf-8"))
    assert dice["operations"] == len(written["operations"]) > 80


@pytest.mark.slow
def test_it_finds_none_in_what_is_written_of_the_chat_alone_either(tmp_path):
    dice = parsed(tmp_path / "dice.json", "--app", "examples.dice:Dice")
    assert parsed(tmp_path / "chat.json")["operations"] == dice["operations"] - 2


def parsed(file: Path, *words: str) -> dict[str, Any]:
    """Return what the parser says of a description, once it has nothing against it."""
    assert main(["spec", *words, "--out", str(file)]) == 0
    found = json.loads(run("node", HERE / "parse.mjs", file, at=npm_pack.ROOT))[str(file)]
    # 0: error, 1: warning. That there is a later version than 3.0 is said as a hint.
    assert [what for what in found["diagnostics"] if what[0] < 2] == []
    return found
