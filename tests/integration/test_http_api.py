"""Rooms and messages over HTTP: once, in pages, by the rights of the socket, and told as such."""

import asyncio
import re
import sys
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from tests.support.page import invited
from tests.support.people import app

from conclave.testing import serve

pytestmark = pytest.mark.usefixtures("cheap_passwords")


@asynccontextmanager
async def program(server, name: str, **headers: str):
    """A program of *name*'s, who is a member of nothing yet."""
    base = f"http://127.0.0.1:{server.port}/api/v1"
    auth = {"authorization": f"Bearer i-am-{name}", **headers}
    # Nothing is encrypted here, and to read all authorities takes longer than most requests.
    async with httpx.AsyncClient(base_url=base, headers=auth, verify=False, timeout=30) as client:
        yield client


@pytest.fixture
async def server():
    async with serve(app(), rate=0.0) as server:
        yield server


@pytest.fixture
async def ann(server):
    async with program(server, "ann") as client:
        await good(client.post("/rooms", json={"room": "den", "title": "The den"}))
        yield client


async def good(asked, status: int | None = None):
    answer = await asked
    assert answer.is_success if status is None else answer.status_code == status, answer.text
    return answer.json() if answer.content else None


async def refused(asked, status: int, code: str) -> httpx.Response:
    answer = await asked
    assert (answer.status_code, answer.json().get("code")) == (status, code), answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == status
    return answer


def following(answer: httpx.Response) -> str:
    """Return where the next page is; "" where there is none."""
    link = answer.links.get("next")
    return "" if link is None else str(answer.url.join(link["url"]))


async def say(client: httpx.AsyncClient, text: str, room: str = "den", **headers: str):
    return await good(client.post(f"/rooms/{room}/messages", json={"text": text}, headers=headers))


# ── once ───────────────────────────────────────────────────────────────────────────────


async def test_the_same_key_is_the_same_message_and_told_once(server, ann) -> None:
    async with server.client("i-am-ann") as socket:
        await socket.ask("join:room", room="den")
        key = {"idempotency-key": "k-1"}
        asked = [
            ann.post("/rooms/den/messages", json={"text": "hi"}, headers=key) for _ in range(5)
        ]
        answers = await asyncio.gather(*asked)
        assert {one.status_code for one in answers} == {201}
        assert len({one.content for one in answers}) == 1
        replayed = [one.headers.get("idempotency-replayed") for one in answers]
        assert sorted(map(str, replayed)) == ["None", *["true"] * 4]
        quoted = await say(ann, "hi", **{"idempotency-key": '"k-1"'})
        assert quoted == answers[0].json()
        last = await say(ann, "the end")
        told = await socket.expect("chat", seq=last["seq"])
        assert told["text"] == "the end"
        texts = [
            one.data["text"] for one in socket.events if one.type == "chat" and "seq" in one.data
        ]
        assert texts.count("hi") == 1
    key = {"idempotency-key": "k-1"}
    await refused(
        ann.post("/rooms/den/messages", json={"text": "ho"}, headers=key), 409, "id_reused"
    )
    bad = {"idempotency-key": "no spaces"}
    await refused(
        ann.post("/rooms/den/messages", json={"text": "x"}, headers=bad), 400, "bad_request"
    )


async def test_a_key_counts_over_a_restart_and_on_sockets(tmp_path) -> None:
    numbers = []
    for _ in range(2):
        async with (
            serve(app(), rate=0.0, data=str(tmp_path)) as server,
            program(server, "ann") as ann,
        ):
            await good(ann.put("/rooms/general/membership"))
            numbers.append(await say(ann, "hi", "general", **{"idempotency-key": "k-9"}))
            async with server.client("i-am-ann") as socket:
                await socket.ask("join:room", room="general")
                same = await socket.ask("chat", room="general", text="hi", id="k-9")
                numbers.append(same)
    assert all(one == numbers[0] for one in numbers), numbers


# ── pages ──────────────────────────────────────────────────────────────────────────────


async def test_links_lead_through_all_messages_in_both_directions(ann) -> None:
    for n in range(7):
        await say(ann, f"message {n}")

    async def walked(url: str) -> list[str]:
        found: list[str] = []
        while url:
            answer = await ann.get(url)
            page = [one["text"] for one in answer.json()["messages"]]
            found = found + page if "after" in url else page + found
            url = following(answer)
        return found

    everything = [f"message {n}" for n in range(7)]
    assert await walked("/rooms/den/messages?limit=3") == everything
    assert await walked("/rooms/den/messages?after=0&limit=3") == everything
    entries = await good(ann.get("/rooms/den/entries?limit=500"))
    assert [one["seq"] for one in entries["messages"]] == list(range(1, entries["last_seq"] + 1))


async def test_members_are_listed_page_by_page(server, ann) -> None:
    for n in range(102):
        async with program(server, f"u{n:03}") as one:
            await good(one.put("/rooms/den/membership"))
    first = await ann.get("/rooms/den/members")
    second = await ann.get(following(first))
    ids = [one["id"] for answer in (first, second) for one in answer.json()["members"]]
    assert ids == ["ann", *(f"u{n:03}" for n in range(102))]
    assert "next" not in second.links


async def test_names_may_have_slashes_and_percent_signs(ann) -> None:
    name = "a/b%2F c?d"
    made = await ann.post("/rooms", json={"room": name})
    assert made.status_code == 201
    where = made.headers["location"].removeprefix("/api/v1")
    assert (await good(ann.get(where)))["room"] == name
    said = await ann.post(f"{where}/messages", json={"text": "hi"})
    assert (await good(ann.get(said.headers["location"].removeprefix("/api/v1"))))["room"] == name
    await say(ann, "ho", where.removeprefix("/rooms/"))
    page = await ann.get(f"{where}/messages?limit=1")
    assert (await good(ann.get(following(page))))["messages"][0]["text"] == "hi"


async def test_who_has_the_newest_is_told_so(ann) -> None:
    said = await say(ann, "hi")
    one = f"/rooms/den/messages/{said['seq']}"
    first = await ann.get(one)
    same = await ann.get(one, headers={"if-none-match": first.headers["etag"]})
    assert (same.status_code, same.content) == (304, b"")
    await good(ann.patch(one, json={"text": "ho"}))
    other = await ann.get(one, headers={"if-none-match": first.headers["etag"]})
    assert (other.status_code, other.json()["text"]) == (200, "ho")
    assert other.headers["etag"] != first.headers["etag"]


# ── everything that can be done ────────────────────────────────────────────────────────


async def test_what_is_done_over_http_is_told_on_sockets(server, ann) -> None:
    async with program(server, "bob") as bob, server.client("i-am-cid") as cid:
        await good(bob.put("/rooms/den/membership"))
        await cid.ask("join:room", room="den")
        said = await say(bob, "the plan")
        one = f"/rooms/den/messages/{said['seq']}"
        await cid.expect("chat", text="the plan", user_id="bob")
        await good(bob.patch(one, json={"text": "the new plan"}))
        await cid.expect("entry", type="message:edited", text="the new plan")
        await good(ann.put(f"{one}/reactions/👍"))
        await cid.expect("entry", type="reaction:added", emoji="👍")
        await good(ann.delete(f"{one}/reactions/👍"))
        await cid.expect("entry", type="reaction:removed")
        await good(ann.put(f"{one}/pin"))
        pinned = await good(ann.get("/rooms/den/messages?pinned=true"))
        assert [line["text"] for line in pinned["messages"]] == ["the new plan"]
        await good(ann.delete(f"{one}/pin"))
        await good(ann.post(f"{one}/report", json={"reason": "too new"}))
        (report,) = (await good(ann.get("/rooms/den/reports")))["reports"]
        await good(ann.post(f"/reports/{report['id']}/close", json={"outcome": "resolved"}))
        assert (await good(ann.get("/rooms/den/reports")))["reports"] == []
        await server.node.store.index()
        (hit,) = (await good(ann.get("/search?query=plan")))["hits"]
        assert hit["seq"] == said["seq"]
        await good(bob.delete(one))
        await cid.expect("entry", type="message:deleted")
        gone = await good(ann.get(one))
        assert (gone["text"], gone["deleted"]) == ("", True)


async def test_a_room_is_governed_over_http(server, ann) -> None:
    async with program(server, "bob") as bob, server.client("i-am-bob") as socket:
        await server.token("bob")  # who is known here from then on
        await good(ann.put("/rooms/den/members/bob"), 204)
        await socket.expect("room:changed", room="den")
        await good(ann.patch("/rooms/den", json={"topic": "Work", "slow_mode": 5}), 204)
        changed = await good(ann.get("/rooms/den"))
        assert (changed["topic"], changed["slow_mode"]) == ("Work", 5)
        await good(ann.patch("/rooms/den", json={}), 204)
        assert (await good(ann.get("/rooms/den")))["last_seq"] == changed["last_seq"]
        await good(ann.put("/rooms/den/mutes/bob", json={"reason": "loud"}), 204)
        await refused(bob.post("/rooms/den/messages", json={"text": "x"}), 403, "muted")
        (muted,) = (await good(ann.get("/rooms/den/sanctions")))["sanctions"]
        assert (muted["user"], muted["kind"], muted["reason"]) == ("bob", "mute", "loud")
        await good(ann.delete("/rooms/den/mutes/bob"), 204)
        await good(ann.put("/rooms/den/members/bob/role", json={"role": "moderator"}), 204)
        assert (await good(bob.get("/rooms/den")))["role"] == "moderator"
        await good(ann.delete("/rooms/den/members/bob?reason=bye"), 204)
        assert (await socket.expect("room:gone", room="den")).get("text", "bye") == "bye"
        await good(ann.put("/rooms/den/bans/bob", json={}), 204)
        await refused(bob.put("/rooms/den/membership"), 403, "banned")
        await good(ann.delete("/rooms/den/bans/bob"), 204)
        made = await good(ann.post("/rooms/den/links", json={"uses": 1}), 201)
        used = await good(bob.post("/room-links/accept", json={"token": made["token"]}))
        assert used == {"room": "den"}
        await good(ann.delete(f"/rooms/den/links/{made['link']['id']}"), 204)
        await good(ann.put("/rooms/den/archive"))
        await refused(bob.post("/rooms/den/messages", json={"text": "x"}), 409, "archived")
        await good(ann.delete("/rooms/den/archive"))
        await good(ann.delete("/rooms/den"), 204)
        await refused(ann.get("/rooms/den"), 404, "no_such_room")


async def test_people_are_found_written_to_and_ignored(server, ann) -> None:
    async with program(server, "bob") as bob:
        await good(bob.put("/rooms/den/membership"))
        await good(bob.patch("/me/profile", json={"about": "builds"}))
        assert (await good(ann.get("/users/bob")))["about"] == "builds"
        assert [one["id"] for one in (await good(ann.get("/users?query=bo")))["users"]] == ["bob"]
        direct = await good(ann.post("/direct", json={"users": ["bob"]}))
        await say(ann, "psst", direct["room"])
        await good(bob.put("/me/ignored/ann"), 204)
        assert [one["id"] for one in (await good(bob.get("/me/ignored")))["users"]] == ["ann"]
        await good(bob.delete("/me/ignored/ann"), 204)
        assert (await good(bob.get("/me/ignored")))["users"] == []


async def test_what_one_marks_for_oneself_is_kept(server, ann) -> None:
    async with program(server, "bob") as bob:
        await good(bob.put("/rooms/den/membership"))
        said = await say(bob, "hi")
        assert (await good(ann.get("/rooms/den")))["unread"] == 1
        await good(ann.put("/rooms/den/read", json={"seq": said["seq"]}), 204)
        await good(ann.put("/rooms/den/notify", json={"notify": "none"}), 204)
        await good(ann.put("/rooms/den/favourite"), 204)
        now = await good(ann.get("/rooms/den"))
        assert (now.get("unread", 0), now["notify"], now["favourite"]) == (
            0,
            "none",
            True,
        )
        await good(bob.delete("/rooms/den/membership"), 204)
        await refused(bob.post("/rooms/den/messages", json={"text": "x"}), 403, "not_in_room")


# ── refusals and limits ────────────────────────────────────────────────────────────────


async def test_what_is_no_request_is_told_why(ann) -> None:
    await refused(ann.get("/nothing"), 404, "not_found")
    gone = await refused(ann.put("/rooms"), 405, "bad_request")
    assert "GET" in gone.headers["allow"]
    send = ann.post
    await refused(send("/rooms/den/messages", json={"text": "x" * 4_001}), 422, "too_long")
    # These are refused while they are read, before the API is asked.
    large = await refused(send("/rooms/den/messages", content=b"x" * 70_000), 413, "too_long")
    assert large.json()["detail"] == "The body is too large"
    await refused(ann.get(f"/rooms?after={'x' * 9_000}"), 414, "too_long")
    await refused(ann.get("/rooms?after=a%00b"), 400, "bad_request")
    await refused(send("/rooms/den/messages", data={"text": "x"}), 415, "bad_request")
    json_ = {"content-type": "application/json"}
    await refused(send("/rooms/den/messages", content=b"{", headers=json_), 400, "bad_request")
    await refused(send("/rooms/den/messages", json={"text": 5}), 400, "bad_request")
    await refused(ann.get("/rooms/den/messages?before=-1"), 400, "bad_request")
    await refused(ann.get("/rooms/den/messages/999"), 404, "no_such_message")
    await refused(ann.get(f"/rooms/{'x' * 65}"), 404, "no_such_room")
    await refused(ann.get("/rooms/den", headers={"authorization": ""}), 401, "auth_required")


WRONG_BODIES = [
    ("/direct", {"users": "bob"}, "/users", "Expected `array`, got `str`"),
    ("/direct", {"users": ["bob", 5]}, "/users/1", "Expected `str`, got `int`"),
    ("/rooms", {"room": "nook", "kind": "secret-word"}, "/kind", "Invalid enum value"),
    ("/rooms", {}, "", "Object missing required field `room`"),
    ("/webhooks/outgoing", {"name": "n", "url": "u", "kinds": []}, "/kinds", "Expected `array`"),
]


@pytest.mark.parametrize(("path", "body", "pointer", "detail"), WRONG_BODIES)
async def test_a_body_of_another_shape_is_told_where_and_nothing_of_it_quoted(
    ann, path, body, pointer, detail
) -> None:
    answer = await refused(ann.post(path, json=body), 400, "bad_request")
    (wrong,) = answer.json()["errors"]
    assert wrong["pointer"] == pointer
    assert wrong["detail"].startswith(detail)
    assert "secret-word" not in answer.text


async def test_a_parameter_that_is_none_is_named(ann) -> None:
    answer = await refused(ann.get("/rooms/den/messages?limit=many"), 400, "bad_request")
    assert answer.json()["errors"] == [
        {"detail": "Expected `int | null`, got `str`", "parameter": "limit"}
    ]


async def test_bodies_are_read_as_strictly_as_on_a_socket(ann) -> None:
    """What looks like it is not taken for it: `"5"` is no number, `1` is not true."""
    said = await good(ann.post("/rooms/den/messages", json={"text": "one"}))
    for body in (
        {"text": "x", "reply_to": str(said["seq"])},
        {"text": "x", "mentions": ("ann", 1)},
    ):
        await refused(ann.post("/rooms/den/messages", json=body), 400, "bad_request")
    await refused(ann.put("/rooms/den/read", json={"seq": "1"}), 400, "bad_request")
    await refused(ann.put("/rooms/den/read", json={"seq": True}), 400, "bad_request")
    await good(ann.put("/rooms/den/read", json={"seq": said["seq"]}))


async def test_a_time_that_is_over_is_a_conflict_and_not_a_slip_of_shape(ann) -> None:
    await refused(ann.post("/rooms/den/links", json={"expires_at": 1}), 409, "conflict")


async def test_each_answer_says_what_is_left_and_a_429_how_long_to_wait() -> None:
    async with serve(app(), rate=1.0, burst=3) as server, program(server, "ann") as ann:
        await good(ann.put("/rooms/general/membership"))
        answers = [await ann.post("/rooms/general/messages", json={"text": "x"}) for _ in range(4)]
        assert [one.status_code for one in answers] == [201, 201, 429, 429]
        first, last = answers[0], answers[-1]
        assert first.headers["ratelimit-policy"] == '"requests";q=60;w=12, "message";q=3;w=3'
        # Becoming a member was the first of the three; one of the 60 comes back in 0.2 s.
        left = first.headers["ratelimit"]
        assert any(f'"requests";r={n};t=1, "message";r=1;' in left for n in (58, 59))
        assert '"message";r=0;' in last.headers["ratelimit"]
        assert last.headers["retry-after"] == "1"
        assert last.json()["retry_after_ms"] <= 1_000
        # It is one allowance, on sockets and here.
        async with server.client("i-am-ann") as socket:
            await socket.ask("join:room", room="general")
            assert "rate_limited" in str(await _code(socket.ask("chat", room="general", text="x")))


async def _code(asked) -> object:
    try:
        return await asked
    except Exception as error:
        return error


async def test_a_page_needs_its_origin_and_its_token_and_no_other_page_may_ask(server) -> None:
    page = await invited(server, "ada")
    assert (await page.ask("PUT", "/rooms/general/membership")).status == 200
    said = await page.ask("POST", "/rooms/general/messages", {"text": "hi"})
    assert said.status == 201
    csrf, page.csrf = page.csrf, ""
    assert (await page.ask("POST", "/rooms/general/messages", {"text": "hi"})).status == 403
    page.csrf = csrf
    elsewhere = await page.ask(
        "POST", "/rooms/general/messages", {"text": "hi"}, origin="http://evil.example"
    )
    assert elsewhere.status == 403
    asked = await page.ask("OPTIONS", "/rooms", origin="http://evil.example")
    assert not any(name.startswith("access-control") for name, _ in asked.headers)


async def test_a_token_is_good_for_its_scopes_only(server) -> None:
    page = await invited(server, "ada")
    await page.ask("PUT", "/rooms/general/membership")
    made = await page.ask("POST", "/tokens", {"name": "reader", "scopes": ["read"]})
    bearer = {"authorization": f"Bearer {made.json['token']}"}
    async with program(server, "nobody", **bearer) as reader:
        await good(reader.get("/rooms/general/messages"))
        await refused(reader.post("/rooms/general/messages", json={"text": "x"}), 403, "forbidden")


async def test_the_program_that_the_docs_show_runs(server) -> None:
    page = (Path(__file__).parents[2] / "docs/http-api.md").read_text("utf-8")
    program_, _ = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    program_ = program_.replace("localhost:8000", f"127.0.0.1:{server.port}")
    ran = await asyncio.create_subprocess_exec(
        sys.executable, "-c", program_, stdout=asyncio.subprocess.PIPE
    )
    said, _ = await ran.communicate()
    assert ran.returncode == 0
    assert said.decode().count("The build is green") == 1


async def test_the_description_is_openapi_and_names_every_route_of_the_chat(ann) -> None:
    told = await good(ann.get("/openapi.json"))
    assert told["openapi"].startswith("3.1")
    say = told["paths"]["/api/v1/rooms/{room}/messages"]["post"]
    assert say["security"] == [{"token": []}, {"session": [], "csrf": []}]
    assert {"201", "401", "403", "404", "409", "413", "415", "429"} <= set(say["responses"])
    assert say["requestBody"]["content"]["application/json"]["schema"] == {
        "$ref": "#/components/schemas/NewMessage"
    }
    names = [one["operationId"] for path in told["paths"].values() for one in path.values()]
    assert len(names) == len(set(names)) > 90
