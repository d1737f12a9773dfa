"""Tokens that came in by a socket are nowhere afterwards: C13, with renewals and revocations."""

import asyncio
import json
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from tests.support.node_process import ENVIRONMENT, NodeProcess
from tests.support.raw import Raw, upgrade

from conclave.auth.tokens import new_token
from conclave.client.wire import Closed, Wire, connect

# In a message it may stand: people may say what they like.
WORD = "a-word-that-is-said"


async def _answer(wire: Wire, *types: str) -> str:
    while (event := await wire.receive()).type not in types:
        pass
    return event.type


async def _sign_in(node: NodeProcess, token: str, other: str) -> None:
    """Come in, say something, renew with a good token and a bad one, and go."""
    async with connect(node.url) as wire:
        wire.send("auth", id="a", token=token)
        await _answer(wire, "auth:response")
        wire.send("join:room", id="j", room="general")
        await _answer(wire, "history")
        wire.send("chat", id="c", room="general", text=WORD)
        await _answer(wire, "ack")
        for one in (other, new_token()):
            wire.send("auth:refresh", id="r", token=one)
            await _answer(wire, "ack", "error")
        wire.send("auth:refresh", id="r", token=[token])
        wire.send_text(f'{{"type":"auth:refresh","data":{{"token":"{token}"')
        await _answer(wire, "error")


async def _be_refused(node: NodeProcess, token: str) -> None:
    async with connect(node.url) as wire:
        wire.send("auth", id="a", token=token)
        async for _ in wire:
            pass
        with pytest.raises(Closed) as end:
            await wire.receive()
        assert end.value.code == 1008


def _ask_over_http(node: NodeProcess, body: dict, **headers: str) -> int:
    request = urllib.request.Request(
        f"http://127.0.0.1:{node.port}/api/v1/sessions",
        json.dumps(body).encode(),
        {"Content-Type": "application/json", **headers},
    )
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status
    except urllib.error.HTTPError as refused:
        return refused.code


def _upgrade_with(node: NodeProcess, token: str) -> int:
    with Raw(node.port) as raw:
        raw.send(upgrade(path=f"/ws?token={token}"))
        return raw.read_head()[0]


def _kept(data: Path, pid: int) -> dict[str, bytes]:
    """Return all bytes that a process has written, and what a list of processes shows of it."""
    files = {str(path): path.read_bytes() for path in data.rglob("*") if path.is_file()}
    for name in ("cmdline", "environ"):
        files[f"ps {name}"] = Path(f"/proc/{pid}/{name}").read_bytes()
    return files


def _command(*words: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "conclave", *words],
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


async def test_no_secret_that_came_in_is_in_a_log_a_file_or_the_list_of_processes(
    tmp_path,
) -> None:
    data = tmp_path / "data"
    where = ["--data", str(data)]
    tokens = []
    for _ in range(3):
        tokens.append(await asyncio.to_thread(_command, "token", "create", "ada", *where))
    unknown, password = new_token(), "correct-horse-battery-staple-77"
    words = ("--log-level", "debug")
    with await asyncio.to_thread(lambda: NodeProcess(data, *words)) as node:
        await _sign_in(node, *tokens[:2])
        await _be_refused(node, unknown)
        assert await asyncio.to_thread(_upgrade_with, node, tokens[2]) == 400
        for body in (
            {"name": "ada", "password": password},
            {"password": [password]},
            {"x": password},
        ):
            assert 400 <= await asyncio.to_thread(_ask_over_http, node, body) < 500
        bearer = {"Authorization": f"Bearer {tokens[2]}", "Cookie": f"conclave={tokens[1]}"}
        await asyncio.to_thread(lambda: _ask_over_http(node, {}, **bearer))
        revoked = await asyncio.to_thread(_command, "token", "revoke", "ada", "--all", *where)
        assert len(revoked.split()) == 3
        await _be_refused(node, tokens[0])
        running = await asyncio.to_thread(_kept, data, node.pid)
        node.process.terminate()
        assert await asyncio.to_thread(node.wait) == 0
    stopped = {str(p): p.read_bytes() for p in data.rglob("*") if p.is_file()}
    secrets = [*tokens, unknown, password]
    # Also without what all of them begin with, and as JSON or a log might have cut them.
    parts = [part for one in secrets for part in (one, one[4:], one[:24], one[-20:])]
    found = [
        (name, part)
        for files in (running, stopped)
        for name, content in files.items()
        for part in parts
        if part.encode() in content
    ]
    said = sum(WORD.encode() in content for content in running.values())
    print({"C13": {"secrets": len(secrets), "files": len(running), "hits": len(found)}})
    assert said, "what was said is in the database: else nothing was looked at"
    assert running[str(data / "server.log")], "nothing was logged: nothing was looked at"
    assert not found
