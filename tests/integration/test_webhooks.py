"""Webhooks on a running server: programs write by them, and others are told by them."""

import asyncio
import base64
import hashlib
import hmac
import json

import pytest
from tests.support.in_time import in_time
from tests.support.metrics import Metrics, read
from tests.support.page import Page
from tests.support.people import app
from tests.support.push_service import Got, PushService

from conclave import Reject, testing
from conclave.auth.tokens import grant_token
from conclave.hooks import courier
from conclave.model import Role, User
from conclave.protocol.errors import Code
from conclave.storage.webhooks import SqlHooks

DAY_S = 86_400


@pytest.fixture
async def service():
    async with PushService() as service:
        yield service


@pytest.fixture
async def server(service):
    origins = (service.origin,)
    told = {"webhook_origin": origins, "metrics_listen": "127.0.0.1:0"}
    async with testing.serve(app(), rate=0, demo=False, **told) as server:
        yield server


class Scene:
    """Ann, who owns a room; her program, which looks after its webhooks."""

    def __init__(self, server, service: PushService, ann: testing.Client) -> None:
        self.server = server
        self.service = service
        self.ann = ann

    async def ask(self, method: str, path: str, body: object = None, *, who: str = "ann"):
        page = Page(self.server, browser=False)
        return await page.ask(method, path, body, authorization=f"Bearer i-am-{who}")

    async def incoming(self, name: str = "CI", room: str = "den") -> tuple[str, dict]:
        made = await self.ask("POST", "/webhooks/incoming", {"room": room, "name": name})
        assert made.status == 201, made
        return made.json["url"], made.json["hook"]

    async def outgoing(self, path: str = "/in", room: str = "den", **more) -> tuple[str, dict]:
        wanted = {"room": room, "name": "tell", "url": self.service.origin + path, **more}
        made = await self.ask("POST", "/webhooks/outgoing", wanted)
        assert made.status == 201, made
        return made.json["secret"], made.json["hook"]

    async def post(self, url: str, body: object = None, *, raw: bytes | None = None, **headers):
        path = "/hooks/" + url.rsplit("/", 1)[1]
        return await _post(self.server, path, raw or json.dumps(body).encode(), headers)

    async def say(self, text: str, room: str = "den") -> int:
        return (await self.ann.ask("chat", room=room, text=text))["seq"]

    async def tick(self, seconds: float = 0) -> None:
        """Let *seconds* go by, and all that is due then be told."""
        self.server.clock.turn(seconds)
        for _ in range(3):
            await self.courier.tick()
            while self.courier._under_way:
                await asyncio.wait(set(self.courier._under_way))

    @property
    def courier(self) -> courier.Courier:
        return self.server._running.webhooks.courier

    @property
    def told(self) -> list[dict]:
        return [json.loads(got.body) for got in self.service.got]

    @property
    def texts(self) -> list[str]:
        return [one["data"]["text"] for one in self.told]

    async def shown(self, hook: dict) -> dict:
        found = await self.ask("GET", "/webhooks?room=den")
        (one,) = [one for one in found.json["outgoing"] if one["id"] == hook["id"]]
        return one


def is_signed(got: Got, secret: str) -> bool:
    signed = f"{got.headers['webhook-id']}.{got.headers['webhook-timestamp']}.".encode() + got.body
    key = base64.b64decode(secret.removeprefix("whsec_"))
    right = base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
    return got.headers["webhook-signature"] == f"v1,{right}"


async def _post(server, path: str, body: bytes, headers: dict[str, str]):
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    sent = {"host": f"127.0.0.1:{server.port}", "content-type": "application/json",
            "content-length": str(len(body)), "connection": "close", **given}  # fmt: skip
    lines = "".join(f"{name}: {value}\r\n" for name, value in sent.items())
    writer.write(f"POST {path} HTTP/1.1\r\n{lines}\r\n".encode() + body)
    whole = await reader.read()
    writer.close()
    head, _, content = whole.partition(b"\r\n\r\n")
    return int(head.split()[1]), json.loads(content) if b"json" in head else None


@pytest.fixture
async def scene(server, service):
    root = User(id="root", name="root", display_name="Root", role=Role.ADMIN)
    await server.node.store.put_user(root)
    for name in ("bob", "eve"):
        await server.node.store.put_user(User(id=name, name=name, display_name=name))
    async with server.client("i-am-ann") as ann:
        await ann.ask("room:create", room="den", kind="private")
        await ann.ask("join:room", room="den")
        yield Scene(server, service, ann)


# ── incoming ───────────────────────────────────────────────────────────────────────────


async def test_who_has_the_address_writes_into_its_room_as_a_bot_of_its_own(scene) -> None:
    url, hook = await scene.incoming()
    assert url.startswith("http://")
    assert "/hooks/cvh_" in url
    status, numbers = await scene.post(url, {"text": "*built*", "username": "Jenkins"})
    assert status == 200
    page = await scene.ann.ask("get:history", room="den")
    said = page["messages"][-1]
    assert (said["seq"], said["text"]) == (numbers["seq"], "**built**")
    assert (said["user"], said["user_id"], said["bot"]) == ("Jenkins via CI", hook["user"], True)
    members = await scene.ann.ask("room:members", room="den")
    assert hook["user"] in {one["id"] for one in members["members"]}
    (listed,) = (await scene.ask("GET", "/webhooks?room=den")).json["incoming"]
    assert listed["uses"] == 1
    assert url.rsplit("/", 1)[1] not in json.dumps(listed)


async def test_the_same_key_is_the_same_message_and_with_another_text_it_is_refused(scene) -> None:
    url, _ = await scene.incoming()
    first = await scene.post(url, {"text": "once"}, idempotency_key="build-7")
    assert await scene.post(url, {"text": "once"}, idempotency_key="build-7") == first
    status, no = await scene.post(url, {"text": "other"}, idempotency_key="build-7")
    assert (status, no["code"]) == (409, "id_reused")
    status, again = await scene.post(url, {"text": "once"})
    assert again["seq"] == first[1]["seq"] + 1


async def test_what_is_written_is_said_to_be_though_its_use_cannot_be_noted(
    scene, monkeypatch
) -> None:
    async def busy(_hooks: SqlHooks, _id: str) -> None:
        raise Reject(Code.BUSY)

    url, _ = await scene.incoming()
    monkeypatch.setattr(SqlHooks, "note_use", busy)
    assert (await scene.post(url, {"text": "once"}))[0] == 200


async def test_slacks_form_is_taken_and_what_is_too_long_is_cut_or_refused(scene) -> None:
    url, _ = await scene.incoming()
    form = b"payload=%7B%22text%22%3A%22from+a+form%22%7D"
    kind = "application/x-www-form-urlencoded"
    status, _ = await scene.post(url, raw=form, content_type=kind)
    assert status == 200
    status, no = await scene.post(url, {"text": "x" * 4_001})
    assert (status, no["code"]) == (422, "too_long")
    status, _ = await scene.post(url, {"attachments": [{"text": "y" * 9_000}]})
    assert status == 200
    status, no = await scene.post(url, {"text": "x" * 70_000})
    assert status == 413
    for thread in (-1, 2**53, 2**64):
        status, no = await scene.post(url, {"text": "x", "thread": thread})
        assert (status, no["code"]) == (400, "bad_request")
    page = await scene.ann.ask("get:history", room="den")
    assert [one["text"][-12:] for one in page["messages"]] == ["from a form", "y" * 9 + "\n\n…"]


async def test_one_that_is_revoked_or_was_never_there_is_not_found(scene) -> None:
    url, hook = await scene.incoming()
    async with scene.server.client("i-am-ann") as hears:
        await hears.ask("join:room", room="den")
        gone = await scene.ask("DELETE", f"/webhooks/incoming/{hook['id']}")
        assert gone.status == 204
    for address in (url, url[:-1] + "_", "http://x/hooks/cvh_x", "http://x/hooks/" + "a" * 500):
        status, no = await scene.post(address, {"text": "x"})
        assert (status, no["code"]) == (404, "not_found")
    members = await scene.ann.ask("room:members", room="den")
    assert hook["user"] not in {one["id"] for one in members["members"]}


async def test_only_who_moderates_a_room_makes_its_webhooks_admins_neither(scene) -> None:
    await scene.ann.ask("room:invite", room="den", user="bob")
    incoming = {"room": "den", "name": "x"}
    outgoing = {"room": "den", "name": "x", "url": scene.service.origin}
    for who, code in (("bob", "forbidden"), ("eve", "no_such_room"), ("root", "no_such_room")):
        for path, wanted in (("incoming", incoming), ("outgoing", outgoing)):
            no = await scene.ask("POST", f"/webhooks/{path}", wanted, who=who)
            assert no.code == code, (who, path)
        assert (await scene.ask("GET", "/webhooks?room=den", who=who)).code == code
    everywhere = {"name": "x", "url": scene.service.origin}
    assert (await scene.ask("POST", "/webhooks/outgoing", everywhere)).code == "forbidden"
    assert (await scene.ask("GET", "/webhooks")).code == "forbidden"
    _, hook = await scene.outgoing()
    for method, path in (("PATCH", ""), ("DELETE", ""), ("GET", "/dead"), ("POST", "/dead/x")):
        path = f"/webhooks/outgoing/{hook['id']}{path}"
        assert (await scene.ask(method, path, {"enabled": True}, who="bob")).code == "not_found"
        # Nor does a token of an admin's that is not good for the office.
        page = Page(scene.server, browser=False)
        token = await grant_token(scene.server.node.store, "root", scopes=["write"])
        no = await page.ask(method, path, {"enabled": False}, authorization=f"Bearer {token}")
        assert no.code == "not_found"


async def test_one_that_writes_too_fast_is_told_to_wait(service) -> None:
    async with (
        testing.serve(app(), demo=False) as server,
        server.client("i-am-ann") as ann,
    ):
        await ann.ask("room:create", room="den")
        scene = Scene(server, service, ann)
        url, _ = await scene.incoming()
        answers = [(await scene.post(url, {"text": "x"}))[0] for _ in range(32)]
        assert answers == [200] * 30 + [429] * 2


# ── outgoing ───────────────────────────────────────────────────────────────────────────


async def test_what_is_said_is_told_in_order_and_signed_so_that_its_receiver_can_see_it(
    scene,
) -> None:
    await scene.say("before")
    secret, hook = await scene.outgoing()
    seq = await scene.say("one")
    await scene.say("two")
    await scene.ann.ask("message:edit", room="den", target=seq, text="ones")
    await scene.ann.ask("reaction:add", room="den", target=seq, emoji="👍")
    await scene.tick()
    assert [(one["type"], one["data"]["text"]) for one in scene.told] == [
        ("message", "one"), ("message", "two"), ("message:edited", "ones"),
    ]  # fmt: skip
    assert is_signed(scene.service.got[0], secret)
    assert scene.told[0]["hook"] == hook["id"]
    assert (await scene.shown(hook))["delivered"] == 3


async def test_an_address_in_trouble_is_told_again_later_in_order_and_with_the_same_id(
    scene,
) -> None:
    _, hook = await scene.outgoing()
    scene.service.answers = [503, 302, 500]
    scene.service.headers = {"location": f"{scene.service.origin}/elsewhere"}
    await scene.say("one")
    await scene.say("two")
    await scene.tick()
    assert scene.texts == ["one"]
    await scene.tick(1)
    assert scene.texts == ["one"], "not at once"
    assert (await scene.shown(hook))["last"] == "503"
    for _ in range(4):
        await scene.tick(3_601)
    assert scene.texts == ["one", "one", "one", "one", "two"]
    assert {got.path for got in scene.service.got} == {"/in"}
    assert len({got.headers["webhook-id"] for got in scene.service.got}) == 2
    assert (await scene.shown(hook))["failing_since"] is None


async def test_what_waits_is_told_after_a_restart(service, tmp_path) -> None:
    settings = {"rate": 0, "webhook_origin": (service.origin,), "data": tmp_path, "demo": False}
    service.answers = [503]
    async with testing.serve(app(), **settings) as server, server.client("i-am-ann") as ann:
        await ann.ask("room:create", room="den")
        await ann.ask("join:room", room="den")
        scene = Scene(server, service, ann)
        secret, hook = await scene.outgoing()
        await scene.say("one")
        await scene.tick()
        await scene.say("two")
    async with testing.serve(app(), **settings) as server, server.client("i-am-ann") as ann:
        scene = Scene(server, service, ann)
        await scene.tick(3_601)
        assert scene.texts == ["one", "one", "two"]
        assert server._running.webhooks.parts.outward.secret(hook["id"]) == secret


async def test_what_it_will_never_take_is_put_aside_and_can_be_sent_again(scene) -> None:
    _, hook = await scene.outgoing()
    scene.service.answers = [422]
    seq = await scene.say("poison")
    await scene.say("cure")
    await scene.tick()
    assert scene.texts == ["poison", "cure"]
    dead = f"/webhooks/outgoing/{hook['id']}/dead"
    (letter,) = (await scene.ask("GET", dead)).json["letters"]
    assert (letter["room"], letter["seq"], letter["why"]) == ("den", seq, "422")
    scene.service.answers = [500]
    again = await scene.ask("POST", f"{dead}/{letter['id']}")
    assert again.json == {"sent": False, "answer": "500"}
    scene.service.answering.clear()
    first = asyncio.ensure_future(scene.ask("POST", f"{dead}/{letter['id']}"))
    await scene.service.until(4)
    assert (await scene.ask("POST", f"{dead}/{letter['id']}")).code == "busy"
    scene.service.answering.set()
    again = await first
    assert again.json == {"sent": True, "answer": ""}
    assert scene.texts == ["poison", "cure", "poison", "poison"]
    assert (await scene.ask("GET", dead)).json["letters"] == []
    assert (await scene.ask("POST", f"{dead}/{letter['id']}")).code == "not_found"


async def test_what_was_given_up_can_be_dropped_and_a_webhook_tried_without_a_word_said(
    scene,
) -> None:
    _, hook = await scene.outgoing()
    scene.service.answers = [422]
    await scene.say("poison")
    await scene.tick()
    path = f"/webhooks/outgoing/{hook['id']}"
    (letter,) = (await scene.ask("GET", f"{path}/dead")).json["letters"]
    dead = f"{path}/dead/{letter['id']}"
    assert (await scene.ask("DELETE", dead, who="bob")).code == "not_found"
    assert (await scene.ask("DELETE", dead)).status == 204
    assert (await scene.ask("DELETE", dead)).code == "not_found"
    assert (await scene.shown(hook))["dead"] == 0
    scene.service.answers = [500, 200]
    tried = [(await scene.ask("POST", f"{path}/test")).json for _ in range(2)]
    assert tried == [{"sent": False, "answer": "500"}, {"sent": True, "answer": ""}]
    assert scene.texts == ["poison", *["A test of the webhook «tell»"] * 2]
    assert (await scene.ask("POST", f"{path}/test", who="bob")).code == "not_found"


async def test_one_message_is_tried_some_times_and_then_the_next(scene) -> None:
    _, hook = await scene.outgoing()
    scene.service.answers = [500] * courier.MOST_TRIES
    await scene.say("one")
    await scene.say("two")
    for _ in range(courier.MOST_TRIES + 2):
        await scene.tick(3_601)
    assert scene.texts == ["one"] * courier.MOST_TRIES + ["two"]
    assert (await scene.shown(hook))["dead"] == 1


async def test_metrics_say_exactly_what_became_of_what_webhooks_were_told(scene) -> None:
    def hooks(metrics: Metrics) -> dict[str, float]:
        plain = ["webhooks", "webhooks_failing", "webhook_retries_total", "webhook_dead_letters"]
        plain += ["webhook_dead_letters_total", "webhook_waiting_entries", "webhook_behind_seconds"]
        values = {name: metrics(f"conclave_{name}") for name in plain}
        values |= metrics.by("conclave_webhook_posts_total", "outcome")
        off = metrics.by("conclave_webhooks_off_total", "why")
        values |= {f"off_{why}": value for why, value in off.items()}
        return {name: value for name, value in values.items() if value}

    async def now() -> dict[str, float]:
        return hooks(await read(scene.server.metrics_port))

    assert await now() == {}
    _, hook = await scene.outgoing()
    await scene.outgoing("/other", kinds=["message:pinned"])
    scene.service.answers = [201, 503, 500]
    for text in ("taken", "twice again", "poison"):
        await scene.say(text)
    await scene.tick()
    scene.server.clock.turn(2)
    first = {"webhooks": 2, "webhooks_failing": 1, "taken": 1, "later": 1}
    waiting = {"webhook_waiting_entries": 2}
    assert 2 <= (values := await now()).pop("webhook_behind_seconds") < 30
    assert values == first | waiting
    await scene.tick(3_601)
    scene.service.answers = [201, 422]
    await scene.tick(3_601)
    calm = {"webhooks": 2, "taken": 2, "later": 2, "refused": 1, "webhook_retries_total": 2}
    dead = {"webhook_dead_letters_total": 1, "webhook_dead_letters": 1}
    assert await now() == calm | dead
    path = f"/webhooks/outgoing/{hook['id']}/dead"
    (letter,) = (await scene.ask("GET", path)).json["letters"]
    assert (await scene.ask("POST", f"{path}/{letter['id']}")).json["sent"]
    scene.service.answers = [410]
    await scene.say("gone")
    await scene.tick()
    assert await now() == {
        "webhooks": 1,
        "taken": 3,
        "later": 2,
        "refused": 1,
        "gone": 1,
        "off_gone": 1,
        "webhook_retries_total": 3,
        "webhook_dead_letters_total": 1,
    }


async def test_after_days_of_failure_it_is_off_and_on_again_it_goes_on_where_it_was(scene) -> None:
    _, hook = await scene.outgoing()
    scene.service.answers = [500] * 6
    await scene.say("one")
    for _ in range(5):
        await scene.tick(DAY_S)
    shown = await scene.shown(hook)
    assert shown["disabled_why"] == "failing"
    tried = len(scene.service.got)
    await scene.say("two")
    await scene.tick(DAY_S)
    assert len(scene.service.got) == tried
    scene.service.answers = []
    on = await scene.ask("PATCH", f"/webhooks/outgoing/{hook['id']}", {"enabled": True})
    assert on.json["disabled_at"] is None
    await scene.tick()
    assert scene.texts[tried:] == ["one", "two"]


async def test_one_that_says_it_is_gone_is_off_at_once(scene) -> None:
    _, hook = await scene.outgoing()
    scene.service.answers = [410]
    await scene.say("one")
    await scene.tick()
    assert (await scene.shown(hook))["disabled_why"] == "gone"


async def test_it_is_worth_as_much_as_who_made_it(scene) -> None:
    await scene.ann.ask("room:invite", room="den", user="bob")
    await scene.ann.ask("room:role", room="den", user="bob", role="moderator")
    wanted = {"room": "den", "name": "mine", "url": scene.service.origin + "/bob"}
    made = await scene.ask("POST", "/webhooks/outgoing", wanted, who="bob")
    await scene.say("for bob")
    await scene.tick()
    scene.service.answers = [422]
    await scene.say("for bob, later")
    await scene.tick()
    await scene.ann.ask("room:kick", room="den", user="bob")
    await scene.say("not for bob")
    await scene.tick()
    assert scene.texts == ["for bob", "for bob, later"]
    assert (await scene.shown(made.json["hook"]))["disabled_why"] == "maker"
    # Nor does somebody else hand him what he did not get.
    dead = f"/webhooks/outgoing/{made.json['hook']['id']}/dead"
    (letter,) = (await scene.ask("GET", dead)).json["letters"]
    assert (await scene.ask("POST", f"{dead}/{letter['id']}")).code == "forbidden"
    assert len(scene.service.got) == 2


async def test_one_of_all_public_rooms_is_told_of_new_ones_and_of_no_private_one(scene) -> None:
    await scene.ann.ask("room:create", room="hall")
    await scene.ann.ask("join:room", room="hall")
    await scene.say("before", "hall")
    wanted = {"name": "all", "url": scene.service.origin}
    made = await scene.ask("POST", "/webhooks/outgoing", wanted, who="root")
    assert made.status == 201, made
    await scene.ann.ask("room:create", room="new")
    await scene.ann.ask("join:room", room="new")
    await scene.say("secret")
    await scene.say("in the hall", "hall")
    await scene.say("in the new", "new")
    await scene.tick()
    assert scene.texts == ["in the hall", "in the new"]


async def test_a_deleted_text_is_told_nobody_any_more_also_not_by_a_dead_letter(scene) -> None:
    await scene.outgoing()
    scene.service.answers = [503]
    seq = await scene.say("a canary")
    await scene.tick()
    await scene.ann.ask("message:delete", room="den", target=seq)
    await scene.tick(3_601)
    assert [(one["type"], one["data"]["text"]) for one in scene.told] == [
        ("message", "a canary"), ("message", ""), ("message:deleted", ""),
    ]  # fmt: skip


@in_time(2.0, 8.0)
async def test_one_that_does_not_answer_holds_up_nobody_else(scene, within) -> None:
    await scene.outgoing("/slow")
    scene.service.answering.clear()
    await scene.say("one")
    await scene.courier.tick()
    await scene.service.until(1)
    async with asyncio.timeout(within):
        await scene.say("this is stored at once")
        await scene.courier.tick()
    assert len(scene.service.got) == 1


async def test_who_has_many_that_do_not_answer_holds_up_nobody_else(scene) -> None:
    for n in range(10):
        await scene.outgoing(f"/slow-{n}")
    async with scene.server.client("i-am-bob") as bob:
        await bob.ask("room:create", room="lab")
        await bob.ask("join:room", room="lab")
        wanted = {"room": "lab", "name": "mine", "url": scene.service.origin + "/bob"}
        await scene.ask("POST", "/webhooks/outgoing", wanted, who="bob")
        scene.service.answering.clear()
        await scene.say("for the slow ones")
        await bob.ask("chat", room="lab", text="for bob's")
    await scene.courier.tick()
    await scene.service.until(courier._OF_ONE_MAKER + 1)
    assert "/bob" in [got.path for got in scene.service.got]


async def test_a_token_that_only_writes_lets_no_webhook_read_for_it(scene) -> None:
    _, hook = await scene.outgoing()
    page = Page(scene.server, browser=False)
    wanted = {"room": "den", "name": "x", "url": scene.service.origin}
    for scopes, status in ((["write"], 403), (["write", "read"], 201)):
        token = await grant_token(scene.server.node.store, "ann", scopes=scopes)
        auth = f"Bearer {token}"
        made = await page.ask("POST", "/webhooks/outgoing", wanted, authorization=auth)
        assert made.status == status
        on = {"enabled": True}
        path = f"/webhooks/outgoing/{hook['id']}"
        again = await page.ask("PATCH", path, on, authorization=auth)
        assert again.status == (200 if status == 201 else status)


async def test_one_that_is_turned_off_while_it_is_told_is_told_nothing_more(scene) -> None:
    _, hook = await scene.outgoing()
    path = f"/webhooks/outgoing/{hook['id']}"
    scene.service.answering.clear()
    await scene.say("one")
    await scene.say("two")
    await scene.courier.tick()
    await scene.service.until(1)
    assert (await scene.ask("PATCH", path, {"enabled": False})).status == 200
    scene.service.answering.set()
    await scene.tick()
    assert scene.texts == ["one"]
    assert (await scene.ask("PATCH", path, {"enabled": True})).status == 200
    await scene.tick()
    assert scene.texts == ["one", "two"], "what it took is not told again"


async def test_one_that_is_turned_off_and_on_has_one_post_under_way_as_before(scene) -> None:
    _, hook = await scene.outgoing()
    path = f"/webhooks/outgoing/{hook['id']}"
    scene.service.answering.clear()
    await scene.say("one")
    await scene.courier.tick()
    await scene.service.until(1)
    for enabled in (False, True):
        assert (await scene.ask("PATCH", path, {"enabled": enabled})).status == 200
    await scene.courier.tick()
    assert len(scene.courier._under_way) == 1
    scene.service.answering.set()
    await scene.say("two")
    await scene.tick()
    assert scene.texts == ["one", "two"]


async def test_how_often_a_deleted_rooms_entry_was_tried_does_not_count_for_the_next(scene) -> None:
    await scene.ann.ask("room:create", room="hall")
    await scene.ann.ask("join:room", room="hall")
    wanted = {"name": "all", "url": scene.service.origin}
    made = await scene.ask("POST", "/webhooks/outgoing", wanted, who="root")
    scene.service.answers = [500] * courier.MOST_TRIES
    await scene.say("one", "hall")
    for _ in range(courier.MOST_TRIES - 1):
        await scene.tick(3_601)
    await scene.ann.ask("room:delete", room="hall")
    await scene.ann.ask("room:create", room="new")
    await scene.ann.ask("join:room", room="new")
    await scene.say("two", "new")
    await scene.tick(3_601)
    await scene.tick(3_601)
    assert scene.texts[-2:] == ["two", "two"]
    listed = (await scene.ask("GET", "/webhooks", who="root")).json["outgoing"]
    assert [one["dead"] for one in listed if one["id"] == made.json["hook"]["id"]] == [0]


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:1/x",
        "https://127.0.0.1/x",
        "https://[::1]/x",
        "https://localhost/x",
        "http://hooks.example.org/x",
        "https://user:secret@hooks.example.org/x",
        "file:///etc/passwd",
        "https://hooks.example.org/" + "x" * 2_048,
    ],
)
async def test_no_address_inside_is_taken(scene, url: str) -> None:
    wanted = {"room": "den", "name": "x", "url": url}
    no = await scene.ask("POST", "/webhooks/outgoing", wanted)
    assert no.code in ("bad_request", "too_long")


# ── commands ───────────────────────────────────────────────────────────────────────────


async def test_an_address_answers_a_command_to_who_asks_or_as_a_message_of_its_bot(scene) -> None:
    wanted = {"room": "den", "command": "ship", "name": "Ship", "url": scene.service.origin}
    made = await scene.ask("POST", "/webhooks/commands", {**wanted, "hint": "[what]"})
    assert made.status == 201, made
    secret, hook = made.json["secret"], made.json["hook"]
    assert (await scene.ask("POST", "/webhooks/commands", wanted)).code == "name_taken"
    assert (await scene.ask("GET", "/webhooks?room=den")).json["commands"] == [hook]
    (listed,) = (await scene.ann.ask("command:list", room="den"))["commands"]
    assert (listed["name"], listed["hint"], listed["here"]) == ("ship", "[what]", True)

    scene.service.says = b"It is *out*"
    alone = await scene.ann.ask("command", room="den", name="ship", text="it", id="once")
    assert (alone["text"], alone["user"], alone["user_name"]) == (
        "It is *out*", hook["user"], "Ship"
    )  # fmt: skip
    assert await scene.ann.ask("command", room="den", name="ship", text="it", id="once") == alone
    (got,) = scene.service.got
    assert is_signed(got, secret)
    assert scene.told[0]["type"] == "command"
    asked = scene.told[0]["data"]
    assert (asked["room"], asked["name"], asked["text"], asked["user"]) == (
        "den", "ship", "it", "ann"
    )  # fmt: skip
    scene.service.says = json.dumps({"response_type": "in_channel", "text": "*all*"}).encode()
    seq = (await scene.ann.ask("command", room="den", name="ship"))["seq"]
    said = (await scene.ann.ask("get:history", room="den"))["messages"][-1]
    assert (said["seq"], said["text"], said["bot"]) == (seq, "**all**", True)


async def test_an_address_that_fails_or_whose_maker_may_not_any_more_answers_nothing(scene) -> None:
    wanted = {"room": "den", "command": "ship", "name": "Ship", "url": scene.service.origin}
    await scene.ann.ask("room:invite", room="den", user="bob")
    assert (await scene.ask("POST", "/webhooks/commands", wanted, who="bob")).code == "forbidden"
    inside = {**wanted, "url": "https://10.0.0.1/"}
    assert (await scene.ask("POST", "/webhooks/commands", inside)).code == "bad_request"
    await scene.ann.ask("room:role", room="den", user="bob", role="moderator")
    made = await scene.ask("POST", "/webhooks/commands", wanted, who="bob")

    async def code() -> str:
        with pytest.raises(Reject) as no:
            await scene.ann.ask("command", room="den", name="ship")
        return no.value.code

    for status, says in ((500, b"x"), (200, b'{"blocks": 1}'), (200, b"x" * 70_000)):
        scene.service.answers, scene.service.says = [status], says
        assert await code() == "unanswered"
    await scene.ann.ask("room:role", room="den", user="bob", role="member")
    assert await code() == "no_such_command"
    assert len(scene.service.got) == 3
    path = f"/webhooks/commands/{made.json['hook']['id']}"
    assert (await scene.ask("DELETE", path, who="bob")).code == "forbidden"
    assert (await scene.ask("DELETE", path)).status == 204
    assert (await scene.ann.ask("command:list", room="den"))["commands"] == []


async def test_addresses_of_one_person_that_answer_slowly_hold_up_nobody_else(scene) -> None:
    wanted = {"room": "den", "command": "ship", "name": "Ship", "url": scene.service.origin}
    await scene.ask("POST", "/webhooks/commands", wanted)
    scene.service.answering.clear()
    slow = [
        asyncio.ensure_future(scene.ann.ask("command", room="den", name="ship", text=str(n)))
        for n in range(4)
    ]
    await scene.service.until(4)
    with pytest.raises(Reject) as no:
        await scene.ann.ask("command", room="den", name="ship")
    assert no.value.code == "busy"
    async with scene.server.client("i-am-bob") as bob:
        await bob.ask("room:create", room="lab")
        await bob.ask("join:room", room="lab")
        await scene.ask("POST", "/webhooks/commands", {**wanted, "room": "lab"}, who="bob")
        asking = asyncio.ensure_future(bob.ask("command", room="lab", name="ship"))
        await scene.service.until(5)
        scene.service.answering.set()
        await asyncio.gather(asking, *slow)


async def test_a_room_that_is_deleted_takes_its_webhooks_along(scene) -> None:
    url, _ = await scene.incoming()
    await scene.outgoing()
    wanted = {"room": "den", "command": "ship", "name": "Ship", "url": scene.service.origin}
    await scene.ask("POST", "/webhooks/commands", wanted)
    scene.service.answers = [422]
    await scene.say("one")
    await scene.tick()
    await scene.say("two")
    await scene.ann.ask("room:delete", room="den")
    await scene.tick()
    assert scene.courier.told == 0
    assert (await scene.post(url, {"text": "x"}))[0] == 404
    assert await scene.server.node.store.read(lambda c: _count(c)) == 0


def _count(connection) -> int:
    tables = ("incoming_hooks", "outgoing_hooks", "hook_places", "dead_letters", "command_hooks")
    return sum(
        connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar() for table in tables
    )


async def test_all_of_it_is_written_down_and_no_secret_is(scene) -> None:
    url, hook = await scene.incoming()
    secret, out = await scene.outgoing()
    await scene.ask("PATCH", f"/webhooks/outgoing/{out['id']}", {"enabled": False})
    await scene.ask("DELETE", f"/webhooks/outgoing/{out['id']}")
    await scene.ask("DELETE", f"/webhooks/incoming/{hook['id']}")
    lines = (await scene.ask("GET", "/admin/audit?action=hook", who="root")).json["lines"]
    assert [one["action"] for one in reversed(lines)] == [
        "hook.created", "hook.created", "hook.changed", "hook.revoked", "hook.revoked",
    ]  # fmt: skip
    assert {one["actor"] for one in lines} == {"ann"}
    assert url.rsplit("/", 1)[1] not in json.dumps(lines)
    assert secret not in json.dumps(lines)


async def test_where_they_are_turned_off_there_are_none(service) -> None:
    async with testing.serve(app(), rate=0, webhooks=False) as server:
        page = Page(server, browser=False)
        no = await page.ask("GET", "/webhooks?room=den", authorization="Bearer i-am-ann")
        assert no.status == 404
