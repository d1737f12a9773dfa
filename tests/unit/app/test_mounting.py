"""Applications below a path: theirs is theirs, ours is ours, and they live as long as the node."""

import asyncio
import sys
from types import ModuleType
from typing import Any

import pytest

from conclave.app.mounting import mounts, with_mounts
from conclave.settings import CannotStart, Settings, problems

SECURITY = {"x-content-type-options": "nosniff", "content-security-policy": "default-src 'none'"}


class Theirs:
    """Notes what it is asked, and answers with what it was told to."""

    def __init__(self, fails: str = "") -> None:
        self.fails = fails
        self.asked: list[Any] = []
        self.headers: list[tuple[bytes, bytes]] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.asked.append(scope)
        if scope["type"] == "lifespan":
            await self._live(scope, receive, send)
            return
        if self.fails == "request":
            raise RuntimeError("a bug of theirs")
        await send({"type": "http.response.start", "status": 200, "headers": self.headers})
        await send({"type": "http.response.body", "body": b"theirs"})

    async def _live(self, scope: Any, receive: Any, send: Any) -> None:
        if self.fails == "lifespan":
            raise KeyError("it knows of no lifespan")
        await receive()
        if self.fails == "start":
            await send({"type": "lifespan.startup.failed", "message": "no database"})
            return
        scope["state"]["pool"] = "a pool"
        await send({"type": "lifespan.startup.complete"})
        await receive()
        if self.fails == "stop":
            await asyncio.sleep(3600)
        self.asked.append("stopped")
        await send({"type": "lifespan.shutdown.complete"})


@pytest.fixture
def theirs(monkeypatch: pytest.MonkeyPatch) -> Theirs:
    module = ModuleType("their_site")
    app = Theirs()
    module.app = app  # type: ignore[attr-defined]  # made here
    module.number = 7  # type: ignore[attr-defined]  # no application
    monkeypatch.setitem(sys.modules, "their_site", module)
    return app


async def ours(scope: Any, _receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"ours " + scope["path"].encode()})


async def ask(app: Any, path: str, *headers: tuple[bytes, bytes]) -> tuple[Any, bytes]:
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    await app({"type": "http", "path": path, "headers": list(headers)}, None, send)
    return sent[0], sent[1]["body"]


async def test_each_gets_its_path_and_nothing_beside_it(theirs):
    async with mounts(["/shop=their_site:app"]) as found:
        site = with_mounts(ours, found, SECURITY)
        for path in ("/shop", "/shop/", "/shop/a/../../api/v1/users"):
            assert (await ask(site, path))[1] == b"theirs"
            assert (theirs.asked[-1]["root_path"], theirs.asked[-1]["path"]) == ("/shop", path)
        for path in ("/", "/shopping", "/api/v1/door", "/Shop"):
            assert (await ask(site, path))[1] == b"ours " + path.encode()


async def test_it_is_not_told_who_is_signed_in_at_the_chat_and_cannot_change_that(theirs):
    theirs.headers = [
        (b"set-cookie", b"theirs=1"),
        (b"Set-Cookie", b"__Host-conclave-session=forged; Path=/"),
        (b"set-cookie", b"conclave-device=forged"),
    ]
    cookies = b"a=1; __Host-conclave-session=secret; conclave-session=secret;conclave-device=d; b=2"
    async with mounts(["/shop=their_site:app"]) as found:
        site = with_mounts(ours, found, SECURITY)
        start, _ = await ask(site, "/shop", (b"cookie", cookies), (b"accept", b"*/*"))
    assert dict(theirs.asked[-2]["headers"]) == {b"cookie": b"a=1; b=2", b"accept": b"*/*"}
    assert [value for name, value in start["headers"] if name.lower() == b"set-cookie"] == [
        b"theirs=1"
    ]


async def test_its_answers_have_the_headers_of_all_unless_it_has_its_own(theirs):
    theirs.headers = [(b"content-security-policy", b"default-src 'self'")]
    async with mounts(["/shop=their_site:app"]) as found:
        start, _ = await ask(with_mounts(ours, found, SECURITY), "/shop")
    assert dict(start["headers"]) == {
        b"content-security-policy": b"default-src 'self'",
        b"x-content-type-options": b"nosniff",
    }


async def test_it_lives_as_long_as_the_node_and_its_state_is_its_requests(theirs):
    async with mounts(["/shop=their_site:app"]) as found:
        await ask(with_mounts(ours, found, SECURITY), "/shop")
        assert theirs.asked[-1]["state"] == {"pool": "a pool"}
        assert "stopped" not in theirs.asked
    assert theirs.asked[-1] == "stopped"


async def test_one_that_does_not_stop_is_left_and_nothing_waits_for_it(theirs, monkeypatch, caplog):
    monkeypatch.setattr("conclave.app.mounting._STOP_WITHIN", 0.01)
    theirs.fails = "stop"
    before = asyncio.all_tasks()
    async with mounts(["/shop=their_site:app"]):
        pass
    await asyncio.sleep(0)
    assert asyncio.all_tasks() == before


async def test_one_that_knows_no_lifespan_is_served_and_what_it_breaks_is_answered(theirs, caplog):
    theirs.fails = "lifespan"
    async with mounts(["/shop=their_site:app"]) as found:
        theirs.fails = "request"
        start, body = await ask(with_mounts(ours, found, SECURITY), "/shop")
    assert (start["status"], body) == (500, b"Something went wrong on the server.\n")
    assert dict(start["headers"])[b"x-content-type-options"] == b"nosniff"


@pytest.mark.parametrize(
    ("text", "fails", "why"),
    [
        ("/shop=their_site:app", "start", "did not start: no database"),
        ("/shop=their_site:nothing", "", "cannot be loaded"),
        ("/shop=no_such_module:app", "", "cannot be loaded"),
        ("/shop=their_site:number", "", "is no ASGI application"),
    ],
)
async def test_what_cannot_be_served_is_said_at_start(theirs, text, fails, why):
    theirs.fails = fails
    with pytest.raises(CannotStart, match=why):
        async with mounts([text]):
            raise AssertionError("it started")


@pytest.mark.parametrize(
    ("given", "why"),
    [
        (["shop=a:b"], "write it as /path=package.module:app"),
        (["/shop/=a:b"], "write it as"),
        (["/=a:b"], "write it as"),
        (["/a/../b=a:b"], "write it as"),
        (["/sh%6fp=a:b"], "write it as"),
        (["/api=a:b"], "the chat answers /api"),
        (["/api/v2=a:b"], "the chat answers /api"),
        (["/assets/x=a:b"], "the chat answers /assets"),
        # Else an application would be told the secrets of webhooks and the codes of providers.
        (["/hooks=a:b"], "the chat answers /hooks"),
        (["/oidc=a:b"], "the chat answers /oidc"),
        (["/shop=a:b", "/shop=c:d"], "another one answers /shop"),
        (["/shop=a:b", "/shop/cart=c:d"], "another one answers /shop"),
        (["/shop/cart=a:b", "/shop=c:d"], "another one answers /shop/cart"),
    ],
)
def test_paths_that_are_not_free_are_refused_with_the_fix(given, why):
    (problem,) = problems(Settings(mount=tuple(given)))
    assert why in problem


def test_paths_beside_each_other_are_good():
    assert problems(Settings(mount=("/shop=a:b", "/shopping=a.b:c", "/x/y=a:b"))) == []


def test_only_origins_may_embed():
    assert problems(Settings(embed_origins=("https://www.example.org",))) == []
    for wrong in ("null", "www.example.org", "https://a.example/path", "*"):
        (problem,) = problems(Settings(embed_origins=(wrong,)))
        assert "give one origin" in problem
