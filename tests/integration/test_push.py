"""Web Push, against a push service on loopback that decrypts as a browser does."""

import asyncio
import stat

import pytest
from tests.support.in_time import in_time
from tests.support.page import Page
from tests.support.people import app
from tests.support.push_service import Browser, PushService, signed_by

from conclave import Reject, testing
from conclave.model import Role, User
from conclave.model.facts import PushCounts
from conclave.push import pusher

GRACE = 5.0


@pytest.fixture
async def service():
    async with PushService() as service:
        yield service


@pytest.fixture
async def server(service):
    settings = {"push_service": (service.origin,), "push_grace": GRACE, "rate": 0}
    async with testing.serve(app(), heartbeat_interval=3600, **settings) as server:
        yield server


class Scene:
    """Ann, whose browser is subscribed and whose page is closed; bob writes to her."""

    def __init__(self, server, service: PushService, bob: testing.Client) -> None:
        self.server = server
        self.service = service
        self.bob = bob
        self.browser = Browser(service)
        self.room = ""

    async def begin(self, **more) -> "Scene":
        async with self.server.client("i-am-ann") as ann:
            self.key = (await ann.ask("push:get"))["key"]
            await ann.ask("push:subscribe", **self.browser.subscription(**more))
        await self.gone()
        self.room = (await self.bob.ask("room:direct", users=["ann"]))["room"]
        await self.bob.ask("join:room", room=self.room)
        return self

    async def gone(self) -> None:
        async with asyncio.timeout(20):
            while self.server.node.hub.of("ann"):
                await asyncio.sleep(0.01)

    async def say(self, text: str, **more) -> int:
        sent = await self.bob.ask("chat", **{"room": self.room, "text": text, **more})
        await self.server.node.notices.tell()
        return sent["seq"]

    async def tick(self, seconds: float = GRACE) -> None:
        """Let *seconds* go by, and everything that is due then be done."""
        await self.server.turn(seconds)
        node = self.server.node.pushes
        await node.tick()
        while node._sending:
            await asyncio.wait(set(node._sending))
            await asyncio.sleep(0)


@pytest.fixture
async def scene(server, service):
    async with server.client("i-am-bob") as bob:
        yield Scene(server, service, bob)


async def test_who_has_no_page_open_is_pushed_to_and_only_their_browser_can_read_it(scene) -> None:
    await scene.begin()
    seq = await scene.say("a secret canary")
    assert scene.service.got == []
    await scene.tick(GRACE - 1)
    assert scene.service.got == [], "there is time to read it"
    await scene.tick(1)
    (got,) = scene.service.got
    assert scene.browser.told == [{"room": scene.room, "seq": seq, "user": "bob"}]
    assert b"canary" not in got.body
    assert len(got.body) < 4_096
    headers = got.headers
    assert (headers["ttl"], headers["urgency"]) == ("43200", "high")
    assert 0 < len(headers["topic"]) <= 32
    assert scene.room not in str(headers)
    claims = signed_by(got, scene.key)
    assert claims["aud"] == scene.service.origin
    assert claims["sub"].startswith("mailto:")
    other = Browser(scene.service, "other")
    with pytest.raises(Exception):  # noqa: B017 - the library has no error of its own
        other.read(got)


async def test_with_ones_consent_the_text_is_in_it_and_of_rooms_where_it_was(scene) -> None:
    await scene.begin(with_text=True)
    async with scene.server.client("i-am-ann") as ann:
        await ann.ask("join:room", room="general")
    await scene.gone()
    await scene.bob.ask("join:room", room="general")
    await scene.say("for nobody", room="general")
    await scene.say("@ann " + "x" * 3_000, room="general", mentions=["ann"])
    await scene.tick()
    (told,) = scene.browser.told
    assert told["text"] == ("@ann " + "x" * 3_000)[:200]
    assert (told["room"], told["title"], told["mention"]) == ("general", "general", True)


async def test_who_is_at_a_device_is_not_pushed_to_and_who_is_at_none_is(scene) -> None:
    await scene.begin()
    async with scene.server.client("i-am-ann") as ann:
        await scene.say("you are here")
        await scene.tick()
        assert scene.service.got == []
        await ann.ask("presence:idle", idle=True)
        await scene.say("are you there")
        await scene.tick()
        assert len(scene.service.got) == 1
        # Back before the time is over: nothing is pushed.
        await scene.say("or there")
        await ann.ask("presence:idle", idle=False)
        await scene.tick()
        assert len(scene.service.got) == 1
        # Read on one device, although nobody is at it any more.
        await ann.ask("presence:idle", idle=True)
        seq = await scene.say("or here")
        await ann.ask("join:room", room=scene.room)
        await ann.ask("read", room=scene.room, seq=seq)
        await scene.tick()
        assert len(scene.service.got) == 1
        await ann.ask("presence:set", status="dnd")
        await scene.say("or not")
        await scene.tick()
        assert len(scene.service.got) == 1


async def test_what_is_deleted_or_silenced_meanwhile_is_not_pushed(scene) -> None:
    await scene.begin()
    seq = await scene.say("never mind")
    await scene.bob.ask("message:delete", room=scene.room, target=seq)
    await scene.tick()
    assert scene.service.got == []
    await scene.say("hello")
    async with scene.server.client("i-am-ann") as ann:
        await ann.ask("room:notify", room=scene.room, notify="none")
    await scene.gone()
    await scene.tick()
    assert scene.service.got == []


async def test_many_messages_are_one_push_and_each_browser_gets_it(scene) -> None:
    await scene.begin()
    second = Browser(scene.service, "second")
    async with scene.server.client("i-am-ann") as ann:
        await ann.ask("push:subscribe", **second.subscription(with_text=True))
    await scene.gone()
    for n in range(20):
        seq = await scene.say(f"word {n}")
    await scene.tick()
    assert [one["seq"] for one in scene.browser.told] == [seq]
    assert [one["text"] for one in second.told] == ["word 19"]
    topics = {one.headers["topic"] for one in scene.service.got}
    assert len(topics) == 1


async def test_what_was_edited_meanwhile_is_pushed_as_it_is_now_also_the_second_time(scene) -> None:
    await scene.begin(with_text=True)
    seq = await scene.say("a slip")
    await scene.bob.ask("message:edit", room=scene.room, target=seq, text="better")
    scene.service.answers = [503]
    await scene.tick()
    await scene.bob.ask("message:edit", room=scene.room, target=seq, text="best")
    await scene.tick(600)
    assert [one["text"] for one in scene.browser.told] == ["better", "best"]


async def test_a_message_that_names_one_is_not_replaced_by_a_later_one_that_does_not(scene) -> None:
    await scene.begin()
    named = await scene.say("@ann", mentions=["ann"])
    await scene.say("and this")
    scene.service.answers = [503]
    await scene.tick()
    await scene.say("and that")
    await scene.tick()
    await scene.tick(600)
    assert {(one["seq"], one["mention"]) for one in scene.browser.told} == {(named, True)}


async def test_who_only_seemed_to_be_at_a_device_is_pushed_to_once_that_is_known(scene) -> None:
    await scene.begin()
    # It is not closed, but nobody is there any more: its pings will have no answer.
    async with scene.server.client("i-am-ann"):
        seq = await scene.say("are you there")
        await scene.tick()
        assert scene.service.got == []
    await scene.gone()
    await scene.tick(3600 + 11)
    assert [one["seq"] for one in scene.browser.told] == [seq]


@pytest.mark.parametrize("status", [404, 410, 403])
async def test_a_browser_that_is_gone_is_forgotten(scene, status: int) -> None:
    await scene.begin()
    scene.service.answers = [status]
    await scene.say("hello")
    await scene.tick()
    assert len(scene.service.got) == 1
    assert await scene.server.node.attention.subscriptions("ann") == []
    await scene.say("hello again")
    await scene.tick()
    assert len(scene.service.got) == 1


async def test_a_service_in_trouble_is_asked_again_later_and_not_for_ever(scene) -> None:
    await scene.begin()
    scene.service.answers = [503, 429]
    scene.service.headers = {"retry-after": "60"}
    await scene.say("hello")
    await scene.tick()
    await scene.tick(59)
    assert len(scene.service.got) == 1, "as long as it asked for"
    await scene.tick(2)
    assert len(scene.service.got) == 2
    await scene.tick(61)
    assert len(scene.service.got) == 3
    assert len(scene.browser.told) == 3
    assert scene.server.node.pushes.counts == PushCounts(sent=1, postponed=2)
    scene.service.answers = [500] * 100
    scene.service.headers = {}
    await scene.say("hello once more")
    for _ in range(50):
        await scene.tick(600)
    assert len(scene.service.got) == 3 + pusher._MOST_TRIES
    assert scene.server.node.pushes.counts == PushCounts(
        sent=1, postponed=2 + pusher._MOST_TRIES - 1, dropped=1
    )
    assert not scene.server.node.pushes._jobs


async def test_what_waits_to_be_sent_again_is_not_when_it_is_read_meanwhile(scene) -> None:
    await scene.begin()
    scene.service.answers = [503]
    seq = await scene.say("hello")
    await scene.tick()
    async with scene.server.client("i-am-ann") as ann:
        await ann.ask("join:room", room=scene.room)
        await ann.ask("read", room=scene.room, seq=seq)
    await scene.gone()
    await scene.tick(600)
    assert len(scene.service.got) == 1


@pytest.mark.parametrize("how", ["unsubscribed", "signed out", "deleted", "kicked"])
async def test_what_waits_to_be_sent_again_is_not_when_nobody_may_have_it_any_more(
    scene, how
) -> None:
    await scene.begin(with_text=True)
    await scene.bob.ask("room:create", room="den", kind="private")
    await scene.bob.ask("room:invite", room="den", user="ann")
    await scene.bob.ask("join:room", room="den")
    scene.service.answers = [503]
    scene.service.headers = {"retry-after": "3000"}
    seq = await scene.say("@ann a secret", room="den", mentions=["ann"])
    await scene.tick()
    assert len(scene.service.got) == 1
    if how == "unsubscribed":
        async with scene.server.client("i-am-ann") as ann:
            await ann.ask("push:unsubscribe", endpoint=scene.browser.endpoint)
        await scene.gone()
    elif how == "signed out":
        (one,) = await scene.server.node.attention.subscriptions("ann")
        await scene.server.node.attention.drop(one.id)
    elif how == "deleted":
        await scene.bob.ask("message:delete", room="den", target=seq)
    else:
        await scene.bob.ask("room:kick", room="den", user="ann")
    await scene.tick(3_001)
    assert len(scene.service.got) == 1


async def test_of_a_room_the_newest_message_waits_for_each_browser_and_no_older_one(scene) -> None:
    await scene.begin()
    scene.service.answers = [503] * 3
    scene.service.headers = {"retry-after": "3000"}
    for n in range(3):
        seq = await scene.say(f"message {n}")
        await scene.tick()
    assert len(scene.server.node.pushes._jobs) == 1
    await scene.tick(3_001)
    assert scene.browser.told[-1]["seq"] == seq
    assert len(scene.service.got) == 4


async def test_a_redirect_is_not_followed_and_a_refusal_not_repeated(scene) -> None:
    await scene.begin()
    scene.service.answers = [307, 413]
    scene.service.headers = {"location": f"{scene.service.origin}/inside"}
    for _ in range(2):
        await scene.say("hello")
        await scene.tick()
    await scene.tick(600)
    assert [one.path for one in scene.service.got] == [scene.browser.path] * 2
    assert scene.server.node.pushes.counts == PushCounts(failed=2)


async def test_what_became_of_each_is_counted_and_told_to_admins(scene, monkeypatch) -> None:
    await scene.begin()
    phone = Browser(scene.service, "phone")
    async with scene.server.client("i-am-ann") as ann:
        await ann.ask("push:subscribe", **phone.subscription())
    await scene.gone()
    # Two browsers: one takes it; the other was in trouble once, and is gone then.
    scene.service.answers = [201, 503, 410]
    await scene.say("one")
    await scene.tick()
    await scene.tick(600)
    counts = {"sent": 1, "failed": 1, "dropped": 0, "postponed": 1, "gone": 1}
    assert await told(scene) == counts
    # One that is read before it is sent is none.
    seq = await scene.say("two")
    async with scene.server.client("i-am-ann") as ann:
        await ann.ask("join:room", room=scene.room)
        await ann.ask("read", room=scene.room, seq=seq)
    await scene.gone()
    await scene.tick(600)
    assert await told(scene) == counts
    # What is too much is given up before it is tried.
    monkeypatch.setattr(scene.server.node.pushes._jobs, "_most", 0)
    await scene.say("three")
    await scene.tick()
    assert await told(scene) == {**counts, "dropped": 1}


async def told(scene) -> dict[str, int]:
    """Return what `GET /api/v1/admin/server` says of pushes."""
    token, digest = _token()
    store = scene.server.node.store
    await store.put_user(User(id="root", name="root", display_name="Root", role=Role.ADMIN))
    if await store.token(digest) is None:
        await store.create_token("root", digest)
    program = Page(scene.server, browser=False)
    answer = await program.ask("GET", "/admin/server", authorization=f"Bearer {token}")
    assert answer.status == 200, answer
    return answer.json["pushes"]


@in_time(2.0, 8.0)
async def test_a_service_that_does_not_answer_delays_nobody(scene, within) -> None:
    await scene.begin()
    scene.service.answering.clear()
    await scene.say("hello")
    await scene.server.turn(GRACE)
    await scene.server.node.pushes.tick()
    await scene.service.until(1)
    async with asyncio.timeout(within):
        await scene.say("this is stored at once")
        await scene.server.node.pushes.tick()


async def test_no_address_but_that_of_a_push_service_is_taken(scene) -> None:
    await scene.begin()
    async with scene.server.client("i-am-ann") as ann:
        good = scene.browser.subscription()
        for endpoint in ("http://127.0.0.1:1/x", "https://10.0.0.1/x", "file:///etc/passwd"):
            with pytest.raises(Reject) as no:
                await ann.ask("push:subscribe", **{**good, "endpoint": endpoint})
            assert no.value.code == "bad_request"
        for p256dh in ("B" * 87, good["p256dh"][:-1] + "A"):
            with pytest.raises(Reject) as no:
                await ann.ask("push:subscribe", **{**good, "p256dh": p256dh})
            assert no.value.code == "bad_request"


async def test_a_browser_is_one_persons_and_a_person_has_twenty_at_most(scene) -> None:
    await scene.begin()
    node = scene.server.node
    async with scene.server.client("i-am-eve") as eve, scene.server.client("i-am-ann") as ann:
        await eve.ask("push:subscribe", **scene.browser.subscription())
        assert await node.attention.subscriptions("ann") == []
        await ann.ask("push:unsubscribe", endpoint=scene.browser.endpoint)
        assert len(await node.attention.subscriptions("eve")) == 1
        for n in range(25):
            await ann.ask("push:subscribe", **Browser(scene.service, f"b{n}").subscription())
            # Of one millisecond none is the elder.
            scene.server.clock.turn(0.001)
        kept = await node.attention.subscriptions("ann")
        assert [one.endpoint.rpartition("/")[2] for one in kept] == [f"b{n}" for n in range(5, 25)]
        await ann.ask("push:unsubscribe", endpoint=kept[0].endpoint)
        assert len(await node.attention.subscriptions("ann")) == 19


async def test_it_ends_with_the_session_and_with_the_account(scene) -> None:
    await scene.begin()
    node = scene.server.node
    await node.store.people.create_account("kim")
    token, digest = _token()
    await node.accounts.add_token("kim", digest, name="t", scopes=None, expires_at=None, most=10)
    browsers = [Browser(scene.service, name) for name in ("one", "two")]
    async with scene.server.client(token) as kim:
        await kim.ask("push:subscribe", **browsers[0].subscription())
    assert len(await node.attention.subscriptions("kim")) == 1
    await node.revoke("kim")
    assert await node.attention.subscriptions("kim") == []
    assert "kim" not in await node.attention.subscribers()
    assert await node.attention.prune() == 1
    async with scene.server.client("i-am-eve") as eve:
        await eve.ask("push:subscribe", **browsers[1].subscription())
    await node.store.people.change("eve", active=False)
    assert await node.attention.subscriptions("eve") == []
    assert await node.attention.prune() == 1
    assert len(await node.attention.subscriptions("ann")) == 1


def _token() -> tuple[str, bytes]:
    from conclave.auth.tokens import digest

    token = "cvt_" + "abcdefghij" * 4 + "xyz"
    return token, digest(token)


async def test_the_key_is_made_once_for_its_owner_alone_and_stays(tmp_path, service) -> None:
    keys = []
    for _ in range(2):
        async with (
            testing.serve(app(), data=tmp_path, push_service=(service.origin,)) as server,
            server.client("i-am-ann") as ann,
        ):
            keys.append((await ann.ask("push:get"))["key"])
            file = next(tmp_path.rglob("push.key"))
            assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert keys[0] == keys[1]
    assert len(keys[0]) == 87


async def test_a_server_that_shall_not_push_says_so() -> None:
    async with testing.serve(app(), push=False) as server, server.client("i-am-ann") as ann:
        assert (await ann.ask("push:get"))["key"] == ""
        with pytest.raises(Reject) as no:
            await ann.ask(
                "push:subscribe",
                endpoint="https://push.example.net/x",
                p256dh="B" * 87,
                auth="A" * 22,
            )
        assert no.value.code == "forbidden"
