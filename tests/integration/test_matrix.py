"""D1: every event and every route, by everybody, on a running server; the table is `matrix`."""

import asyncio
import hashlib
import json
import secrets
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from itertools import product
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from tests.integration.matrix import ACTORS, EVENTS, HTTP, ROUTES, cell, filled, http_cell

from conclave import App, Identity, Reject, testing
from conclave.app import entry, lifecycle
from conclave.client.wire import Closed
from conclave.http import site
from conclave.http.api import api
from conclave.http.pages import page_files
from conclave.model import Draft, Role, RoomKind, RoomRole, User
from conclave.protocol.requests import REQUESTS

ROLES = {"guest": Role.GUEST, "guest2": Role.USER, "admin": Role.ADMIN}
MEMBERS = {"other", "former", "banned", "muted", "guest", "member", "moderator", "owner"}
POINT = "BNcRdreALRFXTkOOUHK1EtK2wtaz5Ry4YfYCA_0QTpQtUbVlUls0VJXg7A8u-Ts1XbjhazAkj7I99e8QcYP7DkM"
# Tests that the table is cut into, for several processes.
PARTS = 6


def person(name: str) -> Identity:
    return Identity(user=name, name=name, role=ROLES.get(name, Role.USER))


class Believing:
    """The token `i-am-NAME` is NAME's."""

    async def authenticate(self, token: str) -> Identity | None:
        name = token.removeprefix("i-am-")
        return None if name == token else person(name)


class Stage:
    """A server, and one connection for each actor."""

    def __init__(self, server: testing.Server) -> None:
        self.server = server
        self.node = server.node
        self.clients: dict[str, testing.Client] = {}
        self.rooms = 0

    async def room(self, kind: RoomKind, actor: str) -> dict[str, Any]:
        """Make a room in which *actor* is what it is called, and return what is there."""
        self.rooms += 1
        room, store, govern = f"room {self.rooms}", self.node.store, self.node.moderation
        founder = person("founder")
        await store.create_room(room, founder, kind=kind)
        here = ["victim", *([actor] if actor in MEMBERS else [])]
        for name in here:
            if kind is RoomKind.PUBLIC:
                await store.ensure_member(room, person(name))
            else:
                await govern.invite(room, founder, name)
        own = actor in MEMBERS - {"other"}
        author = actor if own else "victim"
        said = await store.append(Draft(room=room, user=author, name=author, text="hi there"))
        await govern.report(room, person("victim"), said.seq, "")
        (report,) = await govern.reports(room, founder)
        digest = secrets.token_bytes(8)
        way_in = f"cvr_{digest.hex()}"
        link = await govern.make_link(room, founder, hashlib.sha256(way_in.encode()).digest())
        await self.take_part(room, actor)
        return {
            "room": room,
            "fresh": f"fresh {self.rooms}",
            "seq": said.seq,
            "report": report.id,
            "link": link.id,
            "way_in": way_in,
            "point": POINT,
            "token": f"i-am-{actor}",
        }

    async def take_part(self, room: str, actor: str) -> None:
        govern, founder = self.node.moderation, person("founder")
        if actor in MEMBERS:
            await self.clients[actor].ask("join:room", room=room)
        if actor in ("moderator", "owner"):
            await govern.set_role(room, founder, actor, RoomRole(actor))
        elif actor == "muted":
            await govern.mute(room, founder, actor)
        elif actor == "former":
            await self.clients[actor].ask("room:quit", room=room)
        elif actor == "banned":
            await self.clients["founder"].ask("room:ban", room=room, user=actor)


@asynccontextmanager
async def staged() -> AsyncIterator[Stage]:
    app = App(authenticators=[Believing()])
    async with testing.serve(app, rate=0, demo=False) as server, AsyncExitStack() as stack:
        stage = Stage(server)
        for name in ("victim", "guest2", *ACTORS[1:]):
            who = person(name)
            await server.node.store.put_user(
                User(id=name, name=name, display_name=name, role=who.role)
            )
        for name in ("founder", *ACTORS[1:]):
            client = await stack.enter_async_context(server.client(f"i-am-{name}"))
            stage.clients[name] = client
        yield stage


async def answer(client: testing.Client, event: str, data: dict[str, Any]) -> str:
    try:
        found = await client.ask(event, **data)
    except Reject as no:
        return no.code
    except Closed as end:
        return str(end.code)
    if event == "auth":
        return "ok" if found["success"] else found["code"]
    return "ok"


async def asked(stage: Stage, event: str, actor: str, kind: RoomKind) -> str:
    env = await stage.room(kind, actor)
    data = filled(EVENTS[event].data, env)
    if actor == "anonymous":
        env["token"] = "i-am-member"
        async with stage.server.client(None) as client:
            return await answer(client, event, filled(EVENTS[event].data, env))
    if event != "auth":
        return await answer(stage.clients[actor], event, data)
    # It ends the connection.
    async with stage.server.client(f"i-am-{actor}") as client:
        return await answer(client, event, data)


def test_every_event_stands_in_the_matrix_and_says_what_everybody_gets() -> None:
    assert {event.type for event in REQUESTS} == set(EVENTS)
    for event, row in EVENTS.items():
        assert set(row.cells) == set(ACTORS), event


@pytest.mark.timeout(300)
@pytest.mark.parametrize("part", range(PARTS))
async def test_everybody_gets_what_the_matrix_says(part: int) -> None:
    wrong, events = [], list(EVENTS)[part::PARTS]
    async with staged() as stage:
        for event, kind, actor in product(events, (RoomKind.PUBLIC, RoomKind.PRIVATE), ACTORS):
            got = await asked(stage, event, actor, kind)
            if got != (expected := cell(event, actor, kind)):
                wrong.append(f"{event} by {actor} in a {kind} room: {got}, not {expected}")
    print(f"D1: {len(events)} events, {len(events) * 2 * len(ACTORS)} cells")
    assert not wrong, "\n".join(wrong)


async def asked_over_http(stage: Stage, route: str, actor: str, kind: RoomKind) -> str:
    env, over = await stage.room(kind, actor), HTTP[route]
    method, path = route.split(" ", 1)
    named = {**env, "user": "guest2" if over.event == "room:invite" else "victim", "emoji": "👍"}
    path = (path + over.query).format_map({name: quote(str(one)) for name, one in named.items()})
    token = None if actor == "anonymous" else f"i-am-{actor}"
    body = None if over.body is None else json.dumps(filled(over.body, env)).encode()
    status_, code = await exchanged(stage.server, method, f"/api/v1{path}", token, body)
    return "ok" if 200 <= status_ < 300 else code


@pytest.mark.timeout(300)
@pytest.mark.slow
@pytest.mark.parametrize("part", range(PARTS))
async def test_everybody_gets_over_http_what_the_matrix_says_of_its_event(part: int) -> None:
    wrong, routes = [], list(HTTP)[part::PARTS]
    async with staged() as stage:
        for route, kind, actor in product(routes, (RoomKind.PUBLIC, RoomKind.PRIVATE), ACTORS):
            # The door of HTTP counts, and an hour later it has forgotten.
            await stage.server.turn(3_600)
            got = await asked_over_http(stage, route, actor, kind)
            if got != (expected := http_cell(HTTP[route].event, actor, kind)):
                wrong.append(f"{route} by {actor} in a {kind} room: {got}, not {expected}")
    print(f"D1: {len(routes)} routes, {len(routes) * 2 * len(ACTORS)} cells")
    assert not wrong, "\n".join(wrong)


# ── HTTP ───────────────────────────────────────────────────────────────────────────────


def routes_of(app: Any) -> set[str]:
    return {
        f"{method} {route.path_format}"
        for route in app.routes
        for method in getattr(route, "methods", ())
        if method not in ("HEAD", "OPTIONS")
    }


def files_of_the_page() -> set[str]:
    """Return what is answered before any route is looked for; assets as one."""
    return {
        "GET /assets/{version}/{path}" if path.startswith("/assets/") else f"GET {path}"
        for path in page_files()
    }


async def status(server: testing.Server, route: str, token: str | None) -> tuple[int, str]:
    """Ask for *route* with an empty body; return the status, and the code of a refusal."""
    method, path = route.split(" ", 1)
    path = path.replace("{path}", "nothing").replace("{", "x").replace("}", "")
    path = path.replace("xseq", "1")
    return await exchanged(server, method, path, token, b"{}")


async def exchanged(
    server: testing.Server, method: str, path: str, token: str | None, body: bytes | None
) -> tuple[int, str]:
    port = urlsplit(server.url).port
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    lines = [
        f"{method} {path} HTTP/1.1",
        f"Host: 127.0.0.1:{port}",
        "Connection: close",
        *(["Content-Type: application/json"] if body is not None else []),
        f"Content-Length: {len(body or b'')}",
    ]
    if token is not None:
        lines.append(f"Authorization: Bearer {token}")
    writer.write(("\r\n".join(lines) + "\r\n\r\n").encode() + (body or b""))
    whole = await reader.read()
    writer.close()
    with suppress(ConnectionError):
        await writer.wait_closed()
    head, _, answer_ = whole.partition(b"\r\n\r\n")
    code = ""
    with suppress(ValueError):
        told = json.loads(answer_)
        code = told.get("code", "") if isinstance(told, dict) else ""
    return int(head.split()[1]), code


async def test_every_route_stands_in_the_matrix_and_lets_in_whom_it_says(
    monkeypatch, tmp_path
) -> None:
    apps: list[Any] = []

    class Recorded(site.Litestar):
        def __init__(self, *args: Any, **more: Any) -> None:
            super().__init__(*args, **more)
            apps.append(self)

    monkeypatch.setattr(site, "Litestar", Recorded)
    # Before anybody asks for one of them.
    monkeypatch.setattr(lifecycle, "asgi_app", site.asgi_app)
    monkeypatch.setattr(entry, "api", api)
    app = App(authenticators=[Believing()])
    watched = tmp_path / "metrics.token"
    watched.write_text("a-word-of-many-letters", encoding="ascii")
    async with testing.serve(app, rate=0, demo=False, metrics_token=watched) as server:
        for name in ACTORS[1:]:
            who = person(name)
            await server.node.store.put_user(
                User(id=name, name=name, display_name=name, role=who.role)
            )
        found = routes_of(apps[0]) | files_of_the_page()
        print(sorted(found ^ set(ROUTES)))
        assert found == set(ROUTES)
        wrong = []
        for route, may in ROUTES.items():
            # Who is refused so often is bound, too: an hour later it may ask again.
            await server.turn(3_600)
            for actor in ACTORS:
                token = None if actor == "anonymous" else f"i-am-{actor}"
                got, code = await status(server, route, token)
                stopped = code == "auth_required" or (got == 403 and code == "forbidden")
                if got >= 500 or stopped == (actor in may):
                    wrong.append(f"{route} by {actor}: {got} {code}")
        print(f"D1: {len(ROUTES)} routes, {len(ROUTES) * len(ACTORS)} cells")
        assert not wrong, "\n".join(wrong)
