"""Bots: made by admins, with tokens that are good for what they need and where they need it."""

import asyncio
import json

import pytest
from tests.support.page import Page
from tests.support.people import app

from conclave import Reject, testing
from conclave.auth.tokens import grant_token
from conclave.model import Role, User

ROOT: list[str] = []


@pytest.fixture
async def server():
    async with testing.serve(app(), rate=0, demo=False) as server:
        root = User(id="root", name="root", display_name="Root", role=Role.ADMIN)
        store = server.node.store
        await store.put_user(root)
        # One for the office: of others the password is asked again.
        ROOT.append(await grant_token(store, "root", scopes=["read", "write", "admin"]))
        yield server
        ROOT.clear()


@pytest.fixture
async def ann(server):
    async with server.client("i-am-ann") as ann:
        for room, kind in (("den", "private"), ("hall", "public"), ("cellar", "private")):
            await ann.ask("room:create", room=room, kind=kind)
            await ann.ask("join:room", room=room)
        yield ann


async def as_who(server, who: str, method: str, path: str, body: object = None):
    page = Page(server, browser=False)
    token = ROOT[0] if who == "root" else who if who.startswith("cvt_") else f"i-am-{who}"
    return await page.ask(method, path, body, authorization=f"Bearer {token}")


async def made(server, ann=None, **terms) -> str:
    """Make the bot hal, let it into all rooms of ann, and return a token of it."""
    if await server.node.store.user("hal") is None:
        answer = await as_who(server, "root", "POST", "/admin/bots", {"name": "hal"})
        assert (answer.status, answer.json["role"]) == (201, "bot")
        for room in ("den", "hall", "cellar") if ann is not None else ():
            await ann.ask("room:invite", room=room, user="hal")
    answer = await as_who(server, "root", "POST", "/admin/bots/hal/tokens", terms)
    assert answer.status == 201, answer
    return answer.json["token"]


async def code(client: testing.Client, event: str, **data) -> str:
    try:
        await client.ask(event, **data)
    except Reject as no:
        return no.code
    return "ok"


async def test_what_a_bot_writes_is_known_as_a_bots(server, ann) -> None:
    async with server.client(await made(server, ann)) as bot:
        await bot.ask("join:room", room="den")
        await bot.ask("chat", room="den", text="beep")
    said = (await ann.ask("get:history", room="den"))["messages"][-1]
    assert (said["user_id"], said["bot"]) == ("hal", True)
    await ann.ask("chat", room="den", text="hello")
    assert "bot" not in (await ann.ask("get:history", room="den"))["messages"][-1]


@pytest.mark.parametrize(
    ("scope", "may"),
    [
        ("rooms:read", {"room:list"}),
        ("history:read", {"join:room", "search"}),
        ("members:read", {"room:members", "people", "profile:get"}),
        ("messages:write", set()),
    ],
)
async def test_a_token_is_good_for_its_scopes_and_nothing_else(server, ann, scope, may) -> None:
    asked = {
        "room:list": {"scope": "mine"},
        "join:room": {"room": "den"},
        "search": {"query": "x", "room": "den"},
        "room:members": {"room": "den"},
        "people": {"query": "a"},
        "profile:get": {"user": "ann"},
        "room:create": {"room": "mine"},
        "room:quit": {"room": "hall"},
        "room:invite": {"room": "den", "user": "root"},
        "message:pin": {"room": "den", "target": 1},
        "push:get": {},
    }
    async with server.client(await made(server, ann, scopes=[scope])) as bot:
        got = {event: await code(bot, event, **data) for event, data in asked.items()}
        hears = scope == "history:read"
        await ann.ask("chat", room="hall", text="@hal", mentions=["hal"])
        await server.node.news.tell()
        await server.node.notices.tell()
        await asyncio.sleep(0.05)
        assert any(one.type == "room:changed" for one in bot.events) == hears
    assert {event for event, answer in got.items() if answer == "ok"} == may
    assert {answer for event, answer in got.items() if event not in may} == {"forbidden"}


async def test_with_two_scopes_it_reads_and_writes_and_no_more(server, ann) -> None:
    token = await made(server, ann, scopes=["history:read", "messages:write"])
    async with server.client(token) as bot:
        await bot.ask("join:room", room="den")
        seq = (await bot.ask("chat", room="den", text="beep"))["seq"]
        await bot.ask("message:edit", room="den", target=seq, text="boop")
        await bot.ask("reaction:add", room="den", target=seq, emoji="👍")
        assert await code(bot, "message:pin", room="den", target=seq) == "forbidden"
        await bot.ask("message:delete", room="den", target=seq)


async def test_in_other_rooms_than_its_own_a_token_is_good_for_nothing(server, ann) -> None:
    async with server.client(await made(server, ann, rooms=["den"])) as bot:
        listed = await bot.ask("room:list", scope="mine")
        assert [one["room"] for one in listed["rooms"]] == ["den"]
        await bot.ask("join:room", room="den")
        await bot.ask("chat", room="den", text="beep")
        for event, more in (
            ("join:room", {}),
            ("room:members", {}),
            ("search", {"query": "x"}),
            ("room:quit", {}),
            ("room:create", {"kind": "public"}),
        ):
            for room in ("cellar", "hall", "nowhere"):
                assert await code(bot, event, room=room, **more) == "no_such_room", event
        rooms = [{"room": "den"}, {"room": "hall"}]
        assert await code(bot, "join:rooms", rooms=rooms) == "no_such_room"
        for event, more in (
            ("search", {"query": "x"}),
            ("room:direct", {"users": ["ann"]}),
            ("user:ignored", {}),
            ("room:accept", {"token": "cvr_" + "a" * 43}),
            ("push:get", {}),
        ):
            assert await code(bot, event, **more) == "forbidden", event
        assert await code(bot, "profile:get", user="ann") == "ok"


async def test_such_a_token_answers_commands_in_its_rooms_and_in_no_other(server, ann) -> None:
    async with server.client(await made(server, ann, rooms=["den"])) as bot:
        await bot.ask("join:room", room="den")
        await bot.ask("command:offer", commands=[{"name": "ship"}])
        asking = asyncio.create_task(ann.ask("command", room="den", name="ship"))
        key = (await bot.expect("command:asked"))["command"]
        await bot.ask("command:answer", command=key, text="out", to="room")
        assert (await asking)["user"] == "hal"
        assert (await ann.ask("command:list", room="hall"))["commands"] == []
        assert await code(ann, "command", room="hall", name="ship") == "no_such_command"


async def test_of_other_rooms_such_a_token_hears_nothing_at_all(server, ann) -> None:
    async with server.client(await made(server, ann, rooms=["den"])) as bot:
        await bot.ask("join:room", room="den")
        for room in ("cellar", "hall", "den"):
            await ann.ask("chat", room=room, text="@hal a canary", mentions=["hal"])
        async with server.client(await made(server)) as other:
            await other.ask("join:room", room="cellar")
            await other.ask("read", room="cellar", seq=1)
            await other.ask("room:quit", room="hall")
        await ann.ask("room:delete", room="cellar")
        await server.node.news.tell()
        await server.node.notices.tell()
        await asyncio.sleep(0.05)
        told = json.dumps([[one.type, one.data] for one in bot.events])
    assert "a canary" in told
    for room in ("cellar", "hall"):
        assert f'"{room}"' not in told


async def test_over_http_such_a_token_only_says_who_it_is(server, ann) -> None:
    token = await made(server, ann, rooms=["den"])
    me = await as_who(server, token, "GET", "/me")
    assert (me.status, me.json["user"]["id"]) == (200, "hal")
    for method, path in (
        ("GET", "/tokens"),
        ("POST", "/tickets"),
        ("POST", "/me/export"),
        ("GET", "/sessions"),
        ("GET", "/webhooks"),
    ):
        assert (await as_who(server, token, method, path, {})).code == "forbidden", path
    assert (await as_who(server, token, "GET", "/webhooks?room=hall")).code == "no_such_room"
    twice = "/webhooks?room=den&room=hall"
    assert (await as_who(server, token, "GET", twice)).code == "no_such_room"


async def test_over_http_such_a_token_lists_its_rooms_alone(server, ann) -> None:
    token = await made(server, ann, rooms=["den", "hall"])
    for scope, rooms in (("mine", ["den", "hall"]), ("public", ["hall"])):
        for query in ("", "&room=cellar"):
            listed = await as_who(server, token, "GET", f"/rooms?scope={scope}{query}")
            assert [one["room"] for one in listed.json["rooms"]] == rooms
    shown = await as_who(server, token, "GET", "/rooms/den")
    assert (shown.status, shown.json["room"]) == (200, "den")
    assert (await as_who(server, token, "GET", "/rooms/cellar")).code == "no_such_room"


async def test_a_room_in_a_query_that_nobody_reads_opens_no_other(server, ann) -> None:
    token = await made(server, ann, rooms=["den"])
    await ann.ask("room:role", room="hall", user="hal", role="moderator")
    hook = {"room": "hall", "name": "x", "url": "https://example.org/x", "kinds": ["message"]}
    for method, path, body in (
        ("GET", "/tokens", None),
        ("DELETE", "/tokens", None),
        ("GET", "/sessions", None),
        ("POST", "/webhooks/outgoing", hook),
        ("POST", "/webhooks/incoming", {"room": "hall", "name": "x"}),
    ):
        for query in ("", "?room=den"):
            no = await as_who(server, token, method, path + query, body)
            assert no.code == "forbidden", path


async def test_such_a_token_has_the_attachments_of_its_rooms_alone(server, ann) -> None:
    token = await made(server, ann, rooms=["den"])
    for room, status in (("den", 200), ("cellar", 404)):
        path, text = f"/rooms/{room}/attachments?name=a.txt", b"for those in it"
        page = Page(server, browser=False)
        sent = await page.ask("POST", path, raw=text, authorization="Bearer i-am-ann")
        id_ = sent.json["id"]
        await ann.ask("chat", room=room, text="look", attachments=[{"id": id_}])
        for query in ("", "?room=den"):
            got = await as_who(server, token, "GET", f"/attachments/{id_}{query}")
            assert got.status == status


async def test_admins_see_bots_with_their_tokens_and_what_they_answer(server, ann) -> None:
    token = await made(server, ann, name="deploy")
    listed = (await as_who(server, "root", "GET", "/admin/bots")).json
    assert [(one["id"], one["role"]) for one in listed["users"]] == [("hal", "bot")]
    kept = (await as_who(server, "root", "GET", "/admin/users/hal/sessions")).json["sessions"]
    assert [(one["kind"], one["name"]) for one in kept] == [("token", "deploy")]
    async with server.client(token) as bot:
        await bot.ask("command:offer", commands=[{"name": "ship", "room": "den"}])
        (one,) = (await as_who(server, "root", "GET", "/admin/commands")).json["commands"]
        assert (one["name"], one["room"], one["user"], one["here"]) == ("ship", "den", "hal", True)
    members = (await ann.ask("room:members", room="den"))["members"]
    assert [(one["id"], one.get("bot")) for one in members] == [("ann", None), ("hal", True)]


async def test_only_admins_make_bots_and_tokens_for_bots_alone(server, ann) -> None:
    await made(server)
    for who in ("ann", "hal"):
        token = await made(server) if who == "hal" else who
        for path, body in (("/admin/bots", {"name": "eve"}), ("/admin/bots/hal/tokens", {})):
            assert (await as_who(server, token, "POST", path, body)).code == "forbidden"
    for user, answer in (("root", "conflict"), ("ann", "conflict"), ("no", "no_such_user")):
        no = await as_who(server, "root", "POST", f"/admin/bots/{user}/tokens", {})
        assert no.code == answer
    scopes = [{"scopes": some} for some in ([], ["admin"], ["account"], ["all"])]
    for terms in (*scopes, {"rooms": []}, {"rooms": ["nowhere"]}, {"days": 0}):
        no = await as_who(server, "root", "POST", "/admin/bots/hal/tokens", terms)
        nowhere = terms == {"rooms": ["nowhere"]}
        assert no.code == ("no_such_room" if nowhere else "bad_request"), terms
    lines = (await as_who(server, "root", "GET", "/admin/audit?target=hal")).json["lines"]
    assert {(one["actor"], one["action"]) for one in lines} == {
        ("root", "user.created"), ("root", "token.created"),
    }  # fmt: skip
