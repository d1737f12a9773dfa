"""What is kept of somebody, as they take it with them: theirs, all of it, and nothing else."""

import asyncio
import json
import sys
from asyncio.subprocess import PIPE
from contextlib import suppress
from typing import Any

import pytest
from sqlalchemy import text
from tests.support.page import GOOD, Page, invited

from conclave.model import AuditQuery, Draft
from conclave.protocol.errors import Code
from conclave.storage.transfer_reading import lines_of
from conclave.testing import serve

LATER_S = 601.0
POINT = "BNcRdreALRFXTkOOUHK1EtK2wtaz5Ry4YfYCA_0QTpQtUbVlUls0VJXg7A8u-Ts1XbjhazAkj7I99e8QcYP7DkM"


pytestmark = pytest.mark.usefixtures("cheap_passwords")


@pytest.fixture
async def server():
    async with serve(demo=False, rate=0.0) as server:
        yield server


def of_file(content: bytes) -> list[dict[str, Any]]:
    return [json.loads(line) for line in content.splitlines()]


async def of_command(server, user: str) -> list[dict[str, Any]]:
    """Return what `conclave export --user` writes beside the server."""
    data = str(server.node.store.database.parent)
    command = ("-m", "conclave", "export", "-", "--user", user, "--data", data)
    process = await asyncio.create_subprocess_exec(sys.executable, *command, stdout=PIPE)
    content, _ = await process.communicate()
    assert process.returncode == 0
    return of_file(content)


def but_for_itself(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return *lines* without when they were written, what they add up to, and that they were."""
    return [line for line in lines[1:-1] if line.get("action") != "data.exported"]


async def live(server) -> tuple[Page, Page]:
    """Let ada and bob do what leaves something behind; return their pages."""
    ada = await invited(server, "ada")
    bob = await invited(server, "bob")
    elsewhere = Page(server, address="127.0.0.9")
    elsewhere.agent = "Bob's browser"
    await elsewhere.sign_in("bob", GOOD)
    async with (
        server.client(await ada.ticket()) as hers,
        server.client(await bob.ticket()) as his,
    ):
        for room, kind in (("hall", "public"), ("den", "private")):
            await his.ask("room:create", room=room, kind=kind)
            await his.ask("join:room", room=room)
            await his.ask("chat", room=room, text=f"BOB SAYS {room}")
        await his.ask("room:invite", room="den", user="ada")
        for room in ("hall", "den"):
            await hers.ask("join:room", room=room)
            said = await hers.ask("chat", room=room, text=f"ada says {room}")
        await hers.ask("reaction:add", room="hall", target=said["seq"], emoji="👍")
        await hers.ask("message:report", room="hall", target=2, reason="loud")
        (report,) = (await his.ask("reports", room="hall"))["reports"]
        await his.ask("report:close", report=report["id"], outcome="dismissed")
        await hers.ask("room:favourite", room="hall", favourite=True)
        await hers.ask("room:notify", room="hall", notify="none")
        await hers.ask("profile:set", about="of ada")
        await his.ask("profile:set", about="OF BOB")
        await hers.ask("user:ignore", user="bob")
        for client, whose in ((hers, "hers"), (his, "his")):
            endpoint = f"https://push.example.net/{whose.upper()}"
            await client.ask("push:subscribe", endpoint=endpoint, p256dh=POINT, auth="A" * 22)
        await his.ask("room:role", room="hall", user="ada", role="moderator")
        await his.ask("room:kick", room="den", user="ada", reason="OUT")
        await his.ask("room:update", room="den", topic="WITHOUT ADA")
    return ada, bob


async def read_marks_are_written(server) -> None:
    query = text("SELECT max(read_seq) FROM members WHERE user = 'ada'")
    async with asyncio.timeout(20):
        while await server.node.store.read(lambda rows: rows.execute(query).scalar()) != 4:
            await asyncio.sleep(0.05)


async def test_it_is_what_the_command_writes_complete_and_one_file(server, monkeypatch):
    # When tokens were used is written some seconds later: not between the two here.
    monkeypatch.setattr("conclave.storage.uses._EVERY_S", 3_600.0)
    ada, _ = await live(server)
    await ada.ask("POST", "/tokens", {"name": "laptop"})
    await read_marks_are_written(server)
    answer = await ada.ask("POST", "/me/export", {})
    assert answer.status == 200, answer
    found = of_file(answer.content)
    assert but_for_itself(found) == but_for_itself(await of_command(server, "ada"))
    assert found[0]["of"] == "ada"
    assert (found[-1]["line"], found[-1]["lines"]) == ("end", len(found) - 1)
    assert answer.values("content-length") == [str(len(answer.content))]
    assert answer.values("cache-control") == ["no-store"]
    assert answer.values("content-disposition") == ['attachment; filename="conclave-data.jsonl"']
    assert answer.values("content-type") == ["application/x-ndjson"]
    kinds = {line["line"] for line in found}
    wanted = {"user", "token", "password", "subscription", "ignore", "room", "member", "entry"}
    assert wanted | {"report", "audit"} <= kinds
    texts = [line["text"] for line in found if line["line"] == "entry" and line["text"]]
    assert {"ada says hall", "ada says den"} <= set(texts)
    (favourite,) = [line for line in found if line["line"] == "member"]
    assert (favourite["room"], favourite["favourite"], favourite["notify"]) == ("hall", 1, "none")
    assert "👍" in answer.content.decode()


async def test_nothing_of_others_and_no_secret_is_in_it(server):
    ada, _ = await live(server)
    content = (await ada.ask("POST", "/me/export", {})).content.decode()
    for hidden in ("BOB SAYS", "OF BOB", "127.0.0.9", "Bob's browser", "WITHOUT ADA", "/HIS"):
        assert hidden not in content, hidden
    for secret in ("argon2", "/HERS", POINT, "AAAAAAAA"):
        assert secret not in content, secret
    found = of_file(content.encode())
    secrets = [line.get(name) for line in found for name in ("digest", "hash", "secret")]
    assert set(secrets) == {None}
    (pushed,) = [line for line in found if line["line"] == "subscription"]
    assert (pushed["user"], pushed["service"]) == ("ada", "push.example.net")
    assert {line["user"] for line in found if line["line"] in ("token", "member")} == {"ada"}
    (report,) = [line for line in found if line["line"] == "report"]
    assert (report["reason"], report["closed_by"]) == ("loud", None)
    by_others = [line for line in found if line["line"] == "audit" and line["actor"] != "ada"]
    assert {line["action"] for line in by_others} >= {"member.role", "member.kicked"}
    assert {line["address"] for line in by_others} == {None}


async def test_who_has_a_password_says_it_unless_they_were_asked_lately(server):
    ada = await invited(server, "ada")
    assert (await ada.ask("POST", "/me/export", {})).status == 200
    server.clock.turn(LATER_S)
    for wrong in ("", "not hers at all"):
        answer = await ada.ask("POST", "/me/export", {"password": wrong})
        assert (answer.status, answer.code) == (403, "password_required")
    assert (await ada.ask("POST", "/me/export", {"password": GOOD})).status == 200
    server.clock.turn(LATER_S)
    assert (await ada.ask("POST", "/me/confirm", {"password": GOOD})).status == 204
    assert (await ada.ask("POST", "/me/export", {})).status == 200


async def test_a_cookie_counts_only_from_the_page_itself(server):
    ada = await invited(server, "ada")
    for wrong in ({"origin": None}, {"origin": "https://evil.example"}, {"x_csrf_token": "x"}):
        answer = await ada.ask("POST", "/me/export", {}, **wrong)
        assert (answer.status, answer.code) == (403, "forbidden"), wrong
    assert (await ada.ask("GET", "/me/export")).status == 405


async def test_a_guest_who_has_no_password_has_their_data_too():
    async with serve(demo=False, guests=True) as server:
        page = Page(server)
        entered = await page.ask("POST", "/guests", {"display_name": "Gus"})
        assert entered.status == 200, entered
        server.clock.turn(LATER_S)
        answer = await page.ask("POST", "/me/export", {})
        assert answer.status == 200, answer
        (user,) = [line for line in of_file(answer.content) if line["line"] == "user"]
        assert user["display_name"] == "Gus"


async def test_it_is_written_down_with_who_and_from_where(server):
    ada = await invited(server, "ada", address="127.0.0.5")
    await ada.ask("POST", "/me/export", {})
    lines = await server.node.audit_log.lines(AuditQuery(action="data.exported"))
    assert [(line.actor, line.target, line.address) for line in lines] == [
        ("ada", "ada", "127.0.0.5")
    ]


async def test_three_are_had_at_once_and_then_one_in_ten_minutes():
    async with serve(demo=False) as server:
        ada, bob = await invited(server, "ada"), await invited(server, "bob")
        for _ in range(3):
            assert (await ada.ask("POST", "/me/export", {})).status == 200
        refused = await ada.ask("POST", "/me/export", {})
        assert (refused.status, refused.code) == (429, Code.RATE_LIMITED)
        assert 590 < int(refused.values("retry-after")[0]) <= 600
        assert (await bob.ask("POST", "/me/export", {})).status == 200
        server.clock.turn(LATER_S)
        again = await ada.ask("POST", "/me/export", {"password": GOOD})
        assert again.status == 200
        lines = await server.node.audit_log.lines(AuditQuery(action="data.exported"))
        assert len(lines) == 5


async def unread(server, page: Page) -> asyncio.StreamWriter:
    """Let *page* ask for its data and read nothing of the answer but its beginning."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port, limit=1_024)
    head = {
        "host": f"127.0.0.1:{server.port}",
        "origin": page.origin,
        "cookie": "; ".join(f"{n}={v}" for n, v in page.cookies.items()),
        "x-csrf-token": page.csrf,
        "content-type": "application/json",
        "content-length": "2",
    }
    lines = "".join(f"{name}: {value}\r\n" for name, value in head.items())
    writer.write(f"POST /api/v1/me/export HTTP/1.1\r\n{lines}\r\n{{}}".encode())
    assert b"200" in await reader.readline()
    return writer


async def test_one_has_one_at_a_time_and_who_goes_away_makes_room(server):
    ada = await invited(server, "ada")
    async with server.client(await ada.ticket()) as hers:
        await hers.ask("join:room", room="hall")
    # More than sockets hold.
    said = [
        Draft(room="hall", user="ada", name="ada", text=f"{number} " + "x" * 3_900)
        for number in range(1_500)
    ]
    await asyncio.gather(*map(server.node.store.append, said))
    writer = await unread(server, ada)
    refused = await ada.ask("POST", "/me/export", {})
    assert (refused.status, refused.code) == (429, Code.RATE_LIMITED)
    writer.close()
    with suppress(ConnectionError):
        await writer.wait_closed()
    async with asyncio.timeout(20):
        while (answer := await ada.ask("POST", "/me/export", {})).status != 200:
            await asyncio.sleep(0.02)
    assert len(answer.content) > 1_500 * 3_900
    assert len(of_file(answer.content)) > 1_500


async def test_it_is_no_export_that_could_be_imported(server):
    ada = await invited(server, "ada")
    content = (await ada.ask("POST", "/me/export", {})).content
    with pytest.raises(Exception, match="the export of one user"):
        list(lines_of(content.splitlines(keepends=True)))
