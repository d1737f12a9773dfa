"""`conclave send` and `conclave tail`, as scripts and pipes use them."""

import asyncio
import json
import os
import pty
import signal
import subprocess
import sys

import pytest
from websockets.asyncio.server import serve as serve_websocket

from conclave import testing
from conclave.client import Client

COMMAND = [sys.executable, "-m", "conclave"]
PLAIN = {name: value for name, value in os.environ.items() if not name.startswith("CONCLAVE")}


def environment(url: str, token: str = "user-token-123") -> dict[str, str]:
    return {**PLAIN, "CONCLAVE_URL": url, "CONCLAVE_TOKEN": token}


async def run(url: str, *words: str, stdin: str = "", **more: str) -> tuple[int, str, str]:
    process = await asyncio.create_subprocess_exec(
        *COMMAND,
        *words,
        env={**environment(url), **more},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    async with asyncio.timeout(30):
        out, err = await process.communicate(stdin.encode())
    assert process.returncode is not None
    return process.returncode, out.decode(), err.decode()


async def test_what_is_sent_gets_its_numbers_and_is_shown():
    async with testing.serve() as server:
        assert await run(server.url, "send", "general", "hello", "there") == (0, "3\n", "")
        assert await run(server.url, "send", "general", stdin="one\n\ntwo\nthree") == (
            0,
            "4\n5\n6\n",
            "",
        )
        code, out, err = await run(server.url, "tail", "general", "--since", "2")
        assert (code, err) == (0, "")
        assert [line.split(": ")[1] for line in out.splitlines()] == [
            "hello there",
            "one",
            "two",
            "three",
        ]
        code, out, _ = await run(server.url, "tail", "general", "--json")
        assert [json.loads(line)["seq"] for line in out.splitlines()] == [1, 3, 4, 5, 6]


async def test_a_problem_is_one_line_and_an_exit_code():
    async with testing.serve() as server:
        code, out, err = await run(server.url, "send", "general", stdin=f"fine\n{'x' * 5_000}\n")
        assert (code, out) == (1, "3\n")
        assert err == "conclave: line 2: A message has at most 4,000 characters (too_long)\n"
        code, out, err = await run(server.url, "tail", "general", CONCLAVE_TOKEN="nobody's")
        assert (code, out) == (1, "")
        assert err == "conclave: the server sent you away: auth_failed (1008)\n"


async def test_what_is_stored_although_a_line_was_refused_is_said():
    async with testing.serve() as server:
        lines = f"{'x' * 5_000}\n" + "".join(f"later {n}\n" for n in range(50))
        code, out, err = await run(server.url, "send", "general", stdin=lines)
        assert code == 1
        assert err == "conclave: line 1: A message has at most 4,000 characters (too_long)\n"
        async with Client(server.url, token="admin-token-456") as admin:
            page = await admin.room("general").history(limit=100)
        stored = [line.seq for line in page.messages if line.text.startswith("later")]
        assert [int(seq) for seq in out.split()] == stored
        too_large = f"{'x' * 70_000}\n"
        code, _, err = await run(server.url, "send", "general", stdin=f"fine\n{too_large}")
        assert (code, err.split(":")[1]) == (1, " line 2")


async def test_whoever_reads_slowly_is_shown_everything():
    async with testing.serve() as server, Client(server.url, token="admin-token-456") as admin:
        # More than a pipe and the feed behind it hold.
        text = "x" * 3_900
        for n in range(100):
            await admin.room("general").post(f"{n} {text}")
        await admin.drain()
        with subprocess.Popen(
            [*COMMAND, "tail", "general", "--since", "1", "--within", "1.5"],
            env=environment(server.url),
            stdout=subprocess.PIPE,
            text=True,
        ) as process:
            assert "member:added" in await asyncio.to_thread(process.stdout.readline)
            await asyncio.sleep(3)
            rest = await asyncio.to_thread(process.stdout.read)
            assert await asyncio.to_thread(process.wait, 10) == 0
        assert rest.count(text) == 100


@pytest.mark.parametrize("words", [["send", "general", "\udcff"], ["tail", "\udcff"]])
async def test_what_is_not_utf_8_is_one_line(words):
    async with testing.serve() as server:
        assert await run(server.url, *words) == (1, "", "conclave: what you gave is not UTF-8\n")


async def test_following_shows_what_comes_and_a_reader_who_has_enough_ends_it_quietly():
    async with testing.serve() as server, Client(server.url, token="admin-token-456") as admin:
        with subprocess.Popen(
            [*COMMAND, "tail", "general", "random", "--follow"],
            env=environment(server.url),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            assert "Welcome" in await asyncio.to_thread(process.stdout.readline)
            await admin.room("general").send("one")
            await admin.room("random").send("two")
            missing = {"admin: one", "admin: two"}
            while missing:
                line = await asyncio.to_thread(process.stdout.readline)
                assert line, "it ended before it had shown both"
                missing -= {text for text in missing if text in line}
            process.stdout.close()
            await admin.room("general").send("nobody reads this")
            assert await asyncio.to_thread(process.wait, 10) == 0
            assert await asyncio.to_thread(process.stderr.read) == ""


async def test_ctrl_c_ends_it_quietly():
    async with testing.serve() as server:
        with subprocess.Popen(
            [*COMMAND, "tail", "general", "--follow"],
            env=environment(server.url),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            await asyncio.to_thread(process.stdout.readline)
            process.send_signal(signal.SIGINT)
            assert await asyncio.to_thread(process.wait, 10) == 130
            assert await asyncio.to_thread(process.stderr.read) == ""


async def _be_hostile(socket) -> None:
    """A server that says what no Conclave would, in every word it has."""
    escape = "\x1b]52;c;AAAA\x07\x1b[2J\u202e\x9b2J"
    hello = {"success": True, "user": {"id": "u", "name": escape, "role": "user"}}
    line = {
        "type": f"message{escape}",
        "text": escape,
        "room": "general",
        "user": escape,
        "timestamp": 0,
        "seq": 1,
    }
    page = {"room": "general", "messages": [line], "epoch": escape, "first_seq": 1, "last_seq": 1}
    async for text in socket:
        request = json.loads(text)
        if request["type"] == "auth":
            answer = {"type": "auth:response", "data": hello}
        elif request["type"] == "chat":
            no = {"message": escape, "code": escape, "retryable": False}
            answer = {"type": "error", "data": no, "id": request["id"]}
        else:
            data = {**page, "upto": 1, "more": False, "reset": False}
            answer = {"type": "history", "data": data, "id": request["id"]}
        await socket.send(json.dumps(answer))


@pytest.mark.parametrize("words", [["tail", "general"], ["send", "general", "hi"]])
async def test_no_escape_of_a_hostile_server_reaches_a_terminal(words):
    async with serve_websocket(_be_hostile, "127.0.0.1", 0) as server:
        url = f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        ours, theirs = pty.openpty()
        process = await asyncio.create_subprocess_exec(
            *COMMAND, *words, env=environment(url), stdout=theirs, stderr=theirs
        )
        os.close(theirs)
        shown = await asyncio.to_thread(_read_all, ours)
        assert await process.wait() == (0 if words[0] == "tail" else 1)
    text = shown.decode()
    assert "\\x1b]52;c;AAAA\\x07\\x1b[2J\\u202e\\x9b2J" in text
    assert not set(text) & set("\x1b\x07\u202e\x9b")


def _read_all(descriptor: int) -> bytes:
    found = b""
    try:
        while chunk := os.read(descriptor, 65_536):
            found += chunk
    except OSError:
        pass  # what Linux says when the other side of a terminal is gone
    finally:
        os.close(descriptor)
    return found
