"""What the operator can find out of one connection, while it is open and after its end."""

import asyncio
import subprocess
import sys
from typing import Any

import pytest
from tests.support.page import Page

from conclave import testing
from conclave.app.connections import Connections, connection_commands
from conclave.core.timelines import Timelines
from conclave.model import AuditQuery
from conclave.protocol.errors import Reject


def words(found: Any) -> list[str]:
    return [f"{line.what} {line.about}".strip() for line in found.lines]


async def test_a_timeline_says_what_became_of_a_connection_also_after_its_end():
    async with testing.serve() as server:
        ask = connection_commands(Connections(server.node))
        async with server.client() as john:
            await john.ask("join:room", room="general")
            await john.ask("leave:room", room="general")
            await john.ask("join:room", room="random")
            (one,) = await ask["connection list"]()
            found = await ask["connection show"](one.id)
            assert (found.now.user, found.now.rooms) == ("user1", ["random"])
            assert (found.now.waiting_bytes, found.now.pings, found.now.owes_pong) == (0, 0, False)
        async with asyncio.timeout(20):
            while server.open_sockets:
                await asyncio.sleep(0.01)
            await asyncio.sleep(0.05)
        found = await ask["connection show"](one.id)
        assert found.now is None
        assert words(found) == [
            "opened 127.0.0.1",
            "authenticated user1",
            "joined general",
            "left general",
            "joined random",
            "ended 1000",
        ]
        times = [line.at for line in found.lines]
        assert times == sorted(times)
        page = Page(server, browser=False)
        headers = {"authorization": "Bearer admin-token-456"}
        over = (await page.ask("GET", f"/admin/connections/{one.id}", **headers)).json
        assert (over["now"], len(over["lines"])) == (None, len(found.lines))
        assert (await page.ask("GET", "/admin/connections", **headers)).json == {"connections": []}
        shown = await server.node.audit_log.lines(AuditQuery(limit=10))
        assert [one.action for one in shown].count("connection.shown") == 3


async def test_who_writes_to_whom_directly_is_for_the_operator_alone():
    async with testing.serve() as server, server.client() as john:
        direct = (await john.ask("room:direct", users=["admin1"]))["room"]
        await john.ask("join:room", room=direct)
        ask, page = connection_commands(Connections(server.node)), Page(server, browser=False)
        (one,) = await ask["connection list"]()
        assert one.rooms == [direct]
        for path in ("", f"/{one.id}"):
            token = "Bearer admin-token-456"
            seen = await page.ask("GET", f"/admin/connections{path}", authorization=token)
            assert seen.status == 200
            assert direct.encode() not in seen.content


async def test_one_that_falls_silent_is_asked_and_its_end_says_why(logs):
    async with testing.serve() as server:
        ask = connection_commands(Connections(server.node))
        async with server.client(None) as mute:
            (one,) = await ask["connection list"]()
            await server.turn(11)
            await mute.ended()
        found = await ask["connection show"](one.id)
    assert words(found)[1:] == [
        "timed out Authentication timeout",
        "ended 1008 Authentication timeout",
    ]
    (line,) = [line for line in logs if line["event"] == "connection_ended"]
    assert (line["connection"], line["code"]) == (one.id, 1008)


async def test_nothing_is_known_of_one_that_never_was():
    async with testing.serve() as server:
        with pytest.raises(Reject, match="not_found"):
            await connection_commands(Connections(server.node))["connection show"](id="00000000")


def test_what_is_remembered_is_bounded_and_the_oldest_goes_first():
    kept = Timelines(most=3)
    for n in range(5):
        kept.note("a" if n % 2 else "b", n, f"line {n}")
    assert [line.at for line in kept.of("b")] == [2, 4]
    assert [line.at for line in kept.of("a")] == [3]


async def test_the_command_shows_it_and_says_where_no_server_runs(tmp_path):
    def run(*given: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "conclave", "connection", *given]
        return subprocess.run(
            [*command, "--data", str(tmp_path / "demo")], capture_output=True, text=True, timeout=30
        )

    async with testing.serve(data=tmp_path) as server, server.client() as john:
        await john.ask("join:room", room="general")
        listed = await asyncio.to_thread(run)
        assert (listed.returncode, listed.stderr) == (0, "")
        id_ = listed.stdout.splitlines()[1].split()[0]
        shown = await asyncio.to_thread(run, id_)
    assert "joined             general" in shown.stdout
    assert "It is open: 0 bytes wait for it, 0 pings." in shown.stdout
    nobody = await asyncio.to_thread(run)
    assert (nobody.returncode, nobody.stdout) == (1, "")
    assert "no server runs there" in nobody.stderr
