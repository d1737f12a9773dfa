"""Every block of the docs is run, or says why it is not."""

import ast
import asyncio
import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from secrets import token_urlsafe
from typing import Any

import msgspec
import pytest
import yaml
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from tests.docs.blocks import LANGUAGES, PAGES, Block, all_blocks, blocks

from conclave import testing
from conclave.auth.oidc.provider import read_providers
from conclave.cli.sources import load
from conclave.model import RoomInfo
from conclave.protocol.event import Event
from conclave.protocol.events import Line

# How many may not be run. A new one has to be as hard to run as these are.
NOT_RUN = 6
# Pages with a test of their own: what follows there builds on what came before, or needs company.
OWN_TESTS = {
    "docs/client.md": "test_client_docs.py",
    "docs/extending.md": "test_protocol_extending.py",
    "docs/http-api.md": "test_http_api_docs.py",
}


def name(block: Block) -> str:
    return block.name


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_each_block_says_what_it_is(path: Path) -> None:
    for block in blocks(path):
        assert block.language in LANGUAGES, f"{block.name}: see tests/docs/blocks.py"
        if block.language == "text":
            commands = re.findall(r"^(?:\$ |conclave [a-z])", block.text, re.MULTILINE)
            assert not commands, f"{block.name}: commands are `sh` or `console`"
    assert path.read_text("utf-8").count("\n```") == 2 * len(blocks(path))


def test_few_blocks_are_not_run_and_each_says_why() -> None:
    left = [block for path in PAGES for block in blocks(path) if block.reason is not None]
    print("\n".join(f"{block.name}: {block.reason}" for block in left))
    assert len(left) <= NOT_RUN
    assert all(len(block.reason or "") > 20 for block in left)


def test_a_page_with_tests_of_its_own_has_them() -> None:
    for page, test in OWN_TESTS.items():
        assert Path(page).name in (Path(__file__).parent / test).read_text("utf-8")


def test_there_are_blocks_of_each_kind() -> None:
    """Else a change of how they are found would leave all of them out."""
    for language, least in {
        "": 70,
        "sh": 30,
        "python": 10,
        "json": 5,
        "toml": 1,
        "html": 1,
    }.items():
        assert len(all_blocks(language)) >= least, language


# ── what goes over the wire ────────────────────────────────────────────────────────────


def kinds() -> dict[str, list[type]]:
    """Return what a frame of each name may have as its data."""
    found: dict[str, list[type]] = {"chat": [Line], "entry": [Line], "room:changed": [RoomInfo]}
    ahead = [Event]
    while ahead:
        for one in ahead.pop().__subclasses__():
            ahead.append(one)
            found.setdefault(one.type, []).append(one)
    return found


def check_frame(frame: dict[str, Any], where: str) -> None:
    assert set(frame) <= {"type", "id", "data"}, where
    known = kinds().get(frame["type"])
    assert known, f"{where}: there is no event {frame['type']!r}"
    wrong = []
    for kind in known:
        try:
            msgspec.convert(frame.get("data", {}), kind)
        except msgspec.ValidationError as error:
            wrong.append(str(error))
        else:
            return
    raise AssertionError(f"{where}: {'; '.join(wrong)}")


@pytest.mark.parametrize("block", all_blocks(""), ids=name)
def test_frames_are_what_the_protocol_says(block: Block) -> None:
    for line in block.text.splitlines():
        if re.match(r"[→←] \{", line):
            check_frame(json.loads(line[2:]), block.name)
        else:
            # What is refused, and how; tests/docs/test_protocol_docs.py fills these in.
            assert re.match(r"← (?:close \d{4} |error \w+$)|→ ", line), block.name


@pytest.mark.parametrize("block", all_blocks("json"), ids=name)
def test_json_is_what_the_protocol_says(block: Block) -> None:
    import examples.dice  # noqa: F401 - its events are shown

    value = json.loads(block.text)
    if "hook" in value:
        # What an outgoing webhook posts: an entry, in a frame of its own.
        assert set(value) == {"type", "hook", "timestamp", "data"}
        msgspec.convert(value["data"], Line)
    elif "type" in value:
        check_frame(value, block.name)
    else:
        assert {"title", "status", "code"} <= set(value), f"{block.name}: no frame, no refusal"


def test_a_frame_that_is_wrong_is_found() -> None:
    for wrong in (
        {"type": "nothing:such", "data": {}},
        {"type": "auth", "data": {"token": 7}},
        {"type": "auth", "data": {"token": "x"}, "extra": 1},
    ):
        with pytest.raises(AssertionError):
            check_frame(wrong, "here")


# ── settings, programs and pages ───────────────────────────────────────────────────────


@pytest.mark.parametrize("block", all_blocks("toml"), ids=name)
def test_settings_are_taken(block: Block, tmp_path: Path) -> None:
    path = tmp_path / "house.toml"
    path.write_text(block.text.replace('"/etc/conclave/', f'"{tmp_path}/'))
    for file in ("house.secret", "metrics.token"):
        (tmp_path / file).write_text(token_urlsafe(32))
        (tmp_path / file).chmod(0o600)
    if "issuer = " in block.text:
        read_providers([path])
    else:
        load({}, {}, path)


PROGRAMS = [block for block in all_blocks("python") if block.page not in OWN_TESTS]


@pytest.mark.parametrize("block", all_blocks("yaml"), ids=name)
def test_yaml_has_something_to_say(block: Block) -> None:
    assert isinstance(yaml.safe_load(block.text), dict)


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A directory with what the programs of the docs find in theirs."""
    key = rsa.generate_private_key(65537, 2048)
    made = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (tmp_path / "id.key").write_bytes(made)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("block", PROGRAMS, ids=name)
async def test_a_program_runs(block: Block, place: Path) -> None:
    code = compile(block.text, block.name, "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    async with testing.serve() as server, asyncio.timeout(20):
        waits = eval(code, {"URL": server.url, "TOKEN": "user-token-123"})
        if waits is not None:
            await waits


@pytest.mark.skipif(shutil.which("node") is None, reason="apt install nodejs")
@pytest.mark.parametrize("block", all_blocks("js", "html"), ids=name)
def test_modules_are_javascript(block: Block, tmp_path: Path) -> None:
    module = r'<script type="module">(.*?)</script>'
    found = re.findall(module, block.text, re.DOTALL) if block.language == "html" else [block.text]
    assert found
    for number, text in enumerate(found):
        file = tmp_path / f"{number}.mjs"
        file.write_text(text)
        done = subprocess.run(["node", "--check", file], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
