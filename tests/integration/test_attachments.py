"""Attachments over a real server: who may, what comes of hostile ones, what is told of them."""

import asyncio
import hashlib
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from socket import socket
from typing import Any
from urllib.parse import quote

import pytest
from tests.support.media import HTML, PLACE, SVG, huge, opened, picture, placed, polyglot, zip_bomb
from tests.support.page import Answer, Page, invited
from tests.support.ports import free_port

from conclave.media.attachments import Attachments
from conclave.model import Identity
from conclave.protocol.errors import Reject
from conclave.storage.blobs import BlobDirectory
from conclave.testing import Client, serve

pytestmark = pytest.mark.usefixtures("cheap_passwords")

MIB = 1 << 20


@pytest.fixture
async def server():
    async with serve(demo=False, rate=0.0, max_attachment_bytes=MIB) as server:
        yield server


async def send(
    page: Page, data: bytes, name: str = "a.bin", room: str = "hall", claimed: str = "image/png"
) -> Answer:
    path = f"/rooms/{quote(room, safe='')}/attachments?name={quote(name, safe='')}"
    return await page.ask("POST", path, raw=data, content_type=claimed)


async def get(page: Page, id_: str, what: str = "", **headers: str) -> Answer:
    return await page.ask("GET", f"/attachments/{id_}{what}", **headers)


@asynccontextmanager
async def chatting(server, *names: str, room: str = "hall", kind: str = "public"):
    """Let people come into a room; give each one's page and socket."""
    pages = [await invited(server, name) for name in names]
    async with AsyncExitStack() as stack:
        clients: list[Client] = []
        for page in pages:
            clients.append(await stack.enter_async_context(server.client(await page.ticket())))
        await clients[0].ask("room:create", room=room, kind=kind)
        for name in names[1:]:
            if kind == "private":
                await clients[0].ask("room:invite", room=room, user=name)
        for client in clients:
            await client.ask("join:room", room=room)
        yield list(zip(pages, clients, strict=True))


def blobs(server) -> list[Path]:
    folder = server.node.store.database.parent / "attachments"
    return [one for one in folder.rglob("*") if one.is_file()]


async def say(client: Client, id_: str, **more: Any) -> dict[str, Any]:
    attached = [{"id": id_, **{k: v for k, v in more.items() if k == "alt"}}]
    rest = {k: v for k, v in more.items() if k != "alt"}
    return await client.ask("chat", **{"room": "hall", "text": "", "attachments": attached} | rest)


async def test_a_picture_is_sent_told_and_given_without_what_it_said_of_its_maker(server):
    async with chatting(server, "ada", "bob") as ((ada, hers), (bob, his)):
        sent = await send(ada, placed(), "C:\\fake\\Urlaub.jpg", claimed="text/html")
        assert sent.status == 201, sent
        new = sent.json
        assert (new["name"], new["type"]) == ("Urlaub.jpg", "image/jpeg")
        assert (new["width"], new["height"], new["thumb"]) == (600, 800, True)
        # Nobody else knows of it before it is sent.
        assert (await get(bob, new["id"])).status == 404
        assert (await get(ada, new["id"])).status == 200
        await say(hers, new["id"], alt=" A \n beach ")
        told = await his.expect("chat", room="hall", text="", type="message")
        assert told["attachments"] == [{**new, "alt": "A beach"}]
        page = (await his.ask("get:history", room="hall"))["messages"]
        assert page[-1]["attachments"] == told["attachments"]
        whole = await get(bob, new["id"])
        assert whole.status == 200
        assert len(whole.content) == new["size"]
        assert opened(whole.content).size == (600, 800)
        assert PLACE.encode() not in whole.content
        small = await get(bob, new["id"], "/thumbnail")
        assert small.values("content-type") == ["image/webp"]
        assert opened(small.content).size == (360, 480)
        for answer in (whole, small):
            assert answer.values("x-content-type-options") == ["nosniff"]
            assert answer.values("cache-control") == ["private, no-cache"]
            (policy,) = answer.values("content-security-policy")
            assert policy.startswith("default-src 'none'")
            assert policy.endswith("; sandbox")
        again = await get(bob, new["id"], if_none_match=whole.values("etag")[0])
        assert (again.status, again.content) == (304, b"")


async def test_hostile_files_are_refused_or_can_only_be_saved(server):
    harmless = {
        "script.svg": SVG,
        "page.html": HTML,
        "photo.png": HTML,
        "bomb.zip": zip_bomb(),
        "old.pdf": b"%PDF-1.7\n" + HTML,
    }
    async with chatting(server, "ada") as ((ada, _),):
        for name, data in harmless.items():
            sent = await send(ada, data, name)
            assert sent.status == 201, (name, sent)
            assert not sent.json["type"].startswith(("image/", "text/html")), name
            answer = await get(ada, sent.json["id"])
            assert answer.content == data
            assert answer.values("content-disposition")[0].startswith("attachment;")
            (type_,) = answer.values("content-type")
            assert type_ in ("application/octet-stream", "application/pdf")
        for data in (huge(), huge(50_000, 2)):
            refused = await send(ada, data, "huge.png")
            assert (refused.status, refused.code) == (413, "too_large")
        damaged = await send(ada, picture()[:300], "cut.png")
        assert (damaged.status, damaged.code) == (415, "bad_file")
        both = await send(ada, polyglot(), "both.gif")
        assert both.json["type"] == "image/gif"
        assert b"<script" not in (await get(ada, both.json["id"])).content
        for name in ("../../conclave.db", "..\\..\\secret.key", "/etc/passwd", "a\rb"):
            sent = await send(ada, b"x", name)
            assert "/" not in sent.json["name"]
            assert "\\" not in sent.json["name"]
        kept = blobs(server)
        assert all(hashlib.sha256(one.read_bytes()).hexdigest() == one.name for one in kept)


async def test_the_hash_or_the_id_of_anothers_is_worth_nothing(server):
    async with chatting(server, "ada", "bob") as ((ada, _), (bob, his)):
        secret = b"only for ada"
        digest = hashlib.sha256(secret).hexdigest()
        hers_id = (await send(ada, secret)).json["id"]
        for id_ in (digest, digest[:32], hers_id, "0" * 32):
            for what in ("", "/thumbnail"):
                assert (await get(bob, id_, what)).code == "not_found"
            assert (await bob.ask("DELETE", f"/attachments/{id_}")).code == "not_found"
        for id_ in (hers_id, digest[:32]):
            with pytest.raises(Reject) as no:
                await say(his, id_)
            assert no.value.code == "not_found"
        # The same bytes sent by bob are bob's, and stay when hers go.
        his_id = (await send(bob, secret)).json["id"]
        assert his_id != hers_id
        assert len(blobs(server)) == 1
        await say(his, his_id)
        assert (await ada.ask("DELETE", f"/attachments/{hers_id}")).status == 204
        await until(lambda: get_status(ada, hers_id), 404)
        assert (await get(bob, his_id)).content == secret
        # What stands in a message stands in no other, and cannot be withdrawn.
        for again in ({}, {"room": "hall", "text": "once more"}):
            with pytest.raises(Reject):
                await say(his, his_id, **again)
        assert (await bob.ask("DELETE", f"/attachments/{his_id}")).code == "not_found"


async def get_status(page: Page, id_: str) -> int:
    return (await get(page, id_)).status


async def until(look: Any, wanted: Any) -> None:
    async with asyncio.timeout(10):
        while await look() != wanted:
            await asyncio.sleep(0.05)


async def test_who_may_not_read_the_message_is_told_that_there_is_nothing(server):
    async with chatting(server, "ada", "bob", "cid", kind="private") as people:
        (ada, hers), (bob, _), (cid, theirs) = people
        dan = await invited(server, "dan")
        new = (await send(ada, b"x")).json["id"]
        said = await say(hers, new)
        assert (await get(bob, new)).status == (await get(cid, new)).status == 200
        assert (await get(dan, new)).code == "not_found"
        assert (await get(Page(server), new)).code == "auth_required"
        await hers.ask("room:kick", room="hall", user="bob")
        await theirs.ask("room:quit", room="hall")
        assert (await get(bob, new)).code == (await get(cid, new)).code == "not_found"
        assert (await send(bob, b"x")).code in ("not_in_room", "no_such_room")
        # Of a room that shows newcomers nothing from before they came.
        await hers.ask("room:update", room="hall", settings={"history": "joined"})
        await hers.ask("room:invite", room="hall", user="dan")
        assert (await get(dan, new)).code == "not_found"
        await hers.ask("message:delete", room="hall", target=said["seq"])
        assert (await get(ada, new)).code == "not_found"
        page = (await hers.ask("get:history", room="hall"))["messages"]
        assert "attachments" not in next(one for one in page if one["seq"] == said["seq"])
        await until(lambda: asyncio.to_thread(lambda: len(blobs(server))), 0)


async def test_a_room_is_attached_to_by_any_name_that_it_may_have(server):
    async with chatting(server, "ada", room="a/b 1%") as ((ada, hers),):
        sent = await send(ada, b"x", room="a/b 1%")
        await say(hers, sent.json["id"], room="a/b 1%")
        assert (await get(ada, sent.json["id"])).content == b"x"


async def test_the_same_request_is_the_same_message_also_when_it_is_gone(server):
    async with chatting(server, "ada") as ((ada, hers),):
        new = (await send(ada, b"x")).json["id"]
        first = await say(hers, new, id="once")
        assert await say(hers, new, id="once") == first
        await hers.ask("message:delete", room="hall", target=first["seq"])
        assert await say(hers, new, id="once") == first
        with pytest.raises(Reject) as no:
            await say(hers, new, id="another")
        assert no.value.code == "not_found"
        twice = [{"id": new}, {"id": new}]
        with pytest.raises(Reject) as no:
            await hers.ask("chat", room="hall", text="", attachments=twice)
        assert no.value.code == "bad_request"
        with pytest.raises(Reject) as no:
            await hers.ask("chat", room="hall", text="", attachments=[])
        assert no.value.code == "bad_request"


async def test_too_much_is_refused_however_it_comes_and_leaves_nothing(server):
    async with chatting(server, "ada") as ((ada, _),):
        large = await send(ada, b"x" * (MIB + 1))
        assert large.status == 413
        chunk = b"%x\r\n%s\r\n" % (MIB // 2, b"x" * (MIB // 2))
        body = chunk * 3 + b"0\r\n\r\n"
        # Without a length it is counted as it comes.
        path = "/rooms/hall/attachments?name=x"
        more = await ada.ask(
            "POST", path, raw=body, content_length=None, transfer_encoding="chunked"
        )
        assert more.status == 413
        assert (await send(ada, b"")).code == "bad_file"
        # Elsewhere bodies are as small as they were.
        assert (await ada.ask("POST", "/tokens", raw=b"x" * 70_000)).status == 413
        assert (await ada.ask("POST", "/rooms/hall", raw=b"x" * 70_000)).status == 413
        await until(lambda: asyncio.to_thread(lambda: blobs(server)), [])


async def test_nobody_sends_more_at_a_time_than_they_may_also_where_all_begin_at_once(
    server, monkeypatch
):
    begun: list[str] = []
    begin = Attachments._begin

    def note(attachments: Attachments, who: Identity) -> None:
        begun.append(who.user)
        begin(attachments, who)

    monkeypatch.setattr(Attachments, "_begin", note)
    async with chatting(server, "ada"):
        head = (
            f"POST /api/v1/rooms/hall/attachments?name=x HTTP/1.1\r\nhost: 127.0.0.1\r\n"
            f"authorization: Bearer {await server.token('ada')}\r\ncontent-length: 9\r\n\r\n"
        )
        sockets = [await asyncio.open_connection("127.0.0.1", server.port) for _ in range(7)]
        for _, writer in sockets:
            writer.write(head.encode() + b"beg")
        # All are being taken in, or refused, before one is whole.
        while len(begun) < 7:
            await asyncio.sleep(0.01)
        for _, writer in sockets:
            writer.write(b"un all")
        said = [(await reader.readline()).split()[1] for reader, _ in sockets]
        for _, writer in sockets:
            writer.close()
        assert sorted(said) == [b"201"] * 4 + [b"503"] * 3


@pytest.mark.slow
async def test_guests_leave_room_to_those_who_have_an_account():
    terms = {"demo": False, "rate": 0.0, "guests": True, "max_all_attachment_bytes": 10_000}
    async with serve(**terms) as server, chatting(server, "ada") as ((ada, _),):
        for status in (201, 507):
            guest = Page(server)
            await guest.ask("POST", "/guests", {"display_name": f"Zoe {status}"})
            await guest.ask("PUT", "/rooms/hall/membership")
            assert (await send(guest, b"x" * 600)).status == status
        assert (await send(ada, b"y" * 5_000)).status == 201


async def test_what_is_left_of_the_disk_is_for_messages(monkeypatch):
    monkeypatch.setattr("conclave.app.attaching.LEAVE_FREE_BYTES", 1 << 60)
    async with serve(demo=False, rate=0.0) as server, chatting(server, "ada") as ((ada, hers),):
        assert (await send(ada, b"x")).code == "no_space"
        assert blobs(server) == []
        await hers.ask("chat", room="hall", text="said all the same")


async def test_kinds_room_and_the_switch_are_the_operators(tmp_path):
    some = {"max_user_attachment_bytes": 100, "attachment_kind": ("file",)}
    async with (
        serve(demo=False, rate=0.0, max_all_attachment_bytes=250, **some) as server,
        chatting(server, "ada", "bob", "cid") as ((ada, _), (bob, _), (cid, _)),
    ):
        assert (await send(ada, picture(size=(1, 1)))).code == "bad_file"
        assert (await send(ada, b"x" * 90)).status == 201
        full = await send(ada, b"x" * 20)
        assert (full.status, full.code) == (507, "no_space")
        assert (await send(bob, b"y" * 100)).status == 201
        assert (await send(cid, b"z" * 90)).code == "no_space"
        assert len(blobs(server)) == 2
    async with (
        serve(demo=False, rate=0.0, attachments=False) as server,
        chatting(server, "ada") as ((ada, hers),),
    ):
        assert (await send(ada, b"x")).code == "forbidden"
        assert hers.told("hello")[0]["limits"]["attachment_bytes"] == 0


async def test_a_muted_member_and_a_page_of_another_site_attach_nothing(server):
    async with chatting(server, "ada", "bob") as ((_, hers), (bob, _)):
        assert (await send(bob, b"x", room="nowhere")).code == "no_such_room"
        await hers.ask("room:mute", room="hall", user="bob")
        assert (await send(bob, b"x")).code == "muted"
        await hers.ask("room:unmute", room="hall", user="bob")
        token, bob.csrf = bob.csrf, ""
        assert (await send(bob, b"x")).code == "forbidden"
        bob.csrf = token
        bob.origin = "https://evil.example"
        assert (await send(bob, b"x")).code == "forbidden"
        assert (await get(bob, "0" * 32, sec_fetch_site="cross-site")).code == "forbidden"


async def test_parts_are_given_to_players_that_ask_for_them(server):
    sound = b"ID3\x04" + bytes(range(256)) * 2_000
    async with chatting(server, "ada") as ((ada, hers),):
        new = (await send(ada, sound, "song.mp3")).json
        await say(hers, new["id"])
        whole = await get(ada, new["id"])
        assert whole.values("accept-ranges") == ["bytes"]
        assert whole.values("content-type") == ["audio/mpeg"]
        assert whole.values("content-disposition")[0].startswith("inline;")
        part = await get(ada, new["id"], range="bytes=300000-300009")
        assert (part.status, part.content) == (206, sound[300_000:300_010])
        assert part.values("content-range") == [f"bytes 300000-300009/{len(sound)}"]
        behind = await get(ada, new["id"], range="bytes=900000-")
        assert behind.status == 416
        assert behind.values("content-range") == [f"bytes */{len(sound)}"]
        other = await get(ada, new["id"], range="bytes=0-1", if_range='"another"')
        assert (other.status, other.content) == (200, sound)


async def test_what_is_never_sent_is_gone_after_an_hour(server):
    async with chatting(server, "ada") as ((ada, hers),):
        kept = (await send(ada, b"kept")).json["id"]
        await say(hers, kept)
        left = (await send(ada, b"left")).json["id"]
        assert (await get(ada, left)).status == 200
        server.clock.turn(3_601)
        await until(lambda: get_status(ada, left), 404)
        await until(lambda: asyncio.to_thread(lambda: len(blobs(server))), 1)
        assert (await get(ada, kept)).content == b"kept"


async def test_a_message_of_files_alone_says_their_names_where_there_is_little_room(server):
    async with chatting(server, "ada", "bob") as ((ada, hers), (_, his)):
        await his.ask("room:notify", room="hall", notify="all")
        new = (await send(ada, b"x", "plan.txt")).json["id"]
        said = await say(hers, new)
        notice = await his.expect("notice", room="hall")
        assert notice["text"] == "plan.txt"
        await his.ask("message:report", room="hall", target=said["seq"], reason="what is it")
        (report,) = (await hers.ask("reports", room="hall"))["reports"]
        assert report["text"] == "plan.txt"


async def test_what_a_killed_process_took_in_is_removed_before_anybody_sends_something(
    monkeypatch,
):
    """Else it would be removed under who sends something at once."""
    could_send, port = [], free_port()

    def clear(_blobs: BlobDirectory) -> None:
        with socket() as trying:
            could_send.append(trying.connect_ex(("127.0.0.1", port)) == 0)

    monkeypatch.setattr(BlobDirectory, "clear_incoming", clear)
    async with serve(port=port):
        assert could_send == [False]
