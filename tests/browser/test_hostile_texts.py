"""
K1: whatever is written anywhere shows as the text it is, and does nothing.

Each field is tried with all of `hostile.py`, most of them in one page at once: what opens a
dialog, asks elsewhere, becomes an element or an attribute, or is held up by the policy is found.
"""

import json
import re
from pathlib import Path

import pytest
from playwright.async_api import expect
from tests.browser.conftest import Tab
from tests.browser.hostile import HOSTILE, MARKED, plain, shown
from tests.browser.house import Person, Server, fill, speaking

WATCH = """() => {
    window.violations = [];
    addEventListener("securitypolicyviolation", (event) => {
        window.violations.push(`${event.violatedDirective} ${event.blockedURI}`);
    });
}"""


async def watched(person: Person) -> Person:
    await person.page.add_init_script(f"({WATCH})()")
    return person


# What no text may become: the page itself has none of these.
THEIRS = (
    "script, iframe, frame, img, image, picture, video, audio, source, object, embed, applet, "
    "base, link, style, meta, template, slot, marquee, foreignObject, animate, set, use, math, x-y,"
    " form[action], [srcset], [src], [srcdoc], [background], [ping], [formaction],"
    # The log says by a style how high what it does not draw is.
    " [style]:not(.gap)"
)
BESIDES = """() => {
    const all = [...document.querySelectorAll("#app, #app *")];
    const names = all.flatMap((element) => [...element.attributes]).map(({ name }) => name);
    const KNOWN = /^(https?|mailto):$/;
    const REL = "noopener noreferrer nofollow ugc";
    const links = all.filter((element) => element.matches("a[href]"));
    const away = links.filter((link) => !link.getAttribute("href").startsWith("#"));
    return {
        handlers: names.filter((name) => /^on/i.test(name)),
        schemes: away.map(({ protocol }) => protocol).filter((one) => !KNOWN.test(one)),
        bare: away.filter(({ target, rel }) => target !== "_blank" || rel !== REL).length,
        polluted: ({}).x !== undefined || !(document.body instanceof HTMLBodyElement),
    };
}"""


async def unharmed(person: Person) -> None:
    assert await person.page.evaluate("window.violations") == []
    theirs = person.page.locator("#app").locator(THEIRS)
    assert await theirs.evaluate_all("found => found.map((one) => one.outerHTML)") == []
    nothing = {"handlers": [], "schemes": [], "bare": 0, "polluted": False}
    assert await person.page.evaluate(BESIDES) == nothing
    assert person.wrong == []


async def every(person: Person, selector: str) -> list[str]:
    """What each of *selector* shows, spaces as one."""
    return [plain(text) for text in await person.page.locator(selector).all_inner_texts()]


PLAIN = [plain(text) for text in HOSTILE]
SHOWN = [shown(text) for text in HOSTILE]


async def test_hostile_messages_show_as_text(tab: Tab, server: Server):
    john = await watched(await tab())
    await john.enter("john")
    await john.create("hostile-messages")
    await john.in_room("hostile-messages")
    for text in HOSTILE[:3]:
        await john.say(text)
    await john.stored()
    await fill(server, "hostile-messages", HOSTILE)
    await expect(john.page.locator(".line .text")).to_have_count(len(HOSTILE) + 3)
    assert await every(john, ".line .text") == SHOWN[:3] + SHOWN
    await unharmed(john)
    await john.page.reload()
    await expect(john.page.locator(".line .text").last).to_contain_text(SHOWN[-1])
    found = await every(john, ".line .text")
    assert found == (SHOWN[:3] + SHOWN)[-len(found) :]
    await unharmed(john)


@pytest.mark.slow
async def test_hostile_room_names_show_as_text(tab: Tab, tmp_path: Path):
    server = Server(tmp_path, "--rate", "0", "--max-rooms-per-user", "0")
    server.start()
    try:
        await rooms_of_hostile_names(await watched(await tab(server.url)), server)
    finally:
        server.close()


async def rooms_of_hostile_names(john: Person, server: Server) -> None:
    names = list({text[:64].strip(): None for text in HOSTILE})
    async with speaking(server, "john") as wire:
        asked = {
            await wire.send("room:create", {"room": name, "topic": HOSTILE[n]}): name
            for n, name in enumerate(names)
        }
        answers = await wire.answers(set(asked))
    made = [asked[id_] for id_, answer in answers.items() if answer["type"] == "ack"]
    assert len(made) >= 150, [a for a in answers.values() if a["type"] != "ack"][:5]
    await john.enter("john")
    await expect(john.page.locator(".room-name")).to_have_count(len(made))
    assert sorted(await every(john, ".room-name")) == sorted(map(plain, made))
    for name in made[:3]:
        await (
            john.page.locator(".room-link")
            .nth((await every(john, ".room-name")).index(plain(name)))
            .click()
        )
        await expect(john.page.locator(".stage h1")).to_have_text(name)
    await john.page.get_by_role("button", name="Browse").first.click()
    await expect(john.page.locator(".public-name", has_text=made[0]).first).to_be_visible()
    await unharmed(john)


OPEN_EACH = """async (names) => {
    const seen = [];
    for (const name of names) {
        location.hash = `#${name}`;
        await new Promise((resolve) => setTimeout(resolve, 20));
        const text = (selector) => document.querySelector(selector)?.innerText ?? "";
        seen.push([text(".stage h1"), text(".topic")]);
    }
    return seen;
}"""


@pytest.mark.slow
async def test_hostile_titles_and_topics_show_as_text(tab: Tab):
    """A server that is itself hostile: played by the test in the place of the real one."""
    john = await watched(await tab())
    await john.page.route_web_socket("**/ws", server_of_rooms)
    await john.open()
    await john.page.get_by_role("button", name="Enter as john").click()
    await expect(john.page.locator(".room-name")).to_have_count(len(HOSTILE))
    assert sorted(await every(john, ".room-name")) == sorted(PLAIN)
    seen = await john.page.evaluate(OPEN_EACH, [f"r{n}" for n in range(len(HOSTILE))])
    for text, (title, topic) in zip(PLAIN, seen, strict=True):
        assert [plain(title), plain(topic)] == [text, text]
    # The tab's title follows once a second at most.
    for n in (0, 1, len(HOSTILE) - 1):
        await john.page.evaluate(f"location.hash = '#r{n}'")
        await expect(john.page).to_have_title(re.compile(re.escape(PLAIN[n])))
    await unharmed(john)


def server_of_rooms(socket) -> None:
    """Every room is called, and is about, one of the texts."""
    rooms = [
        {"room": f"r{n}", "title": text, "topic": text, "kind": text, "role": text}
        for n, text in enumerate(HOSTILE)
    ]

    def take(text: str) -> None:
        frame = json.loads(text)
        kind, data, id_ = frame["type"], frame.get("data") or {}, frame.get("id")
        me = {"id": "me", "name": "john", "role": "user"}
        page = {"room": data.get("room"), "messages": [], "epoch": "e", "upto": 0}
        answers = {
            "auth": ("auth:response", {"success": True, "user": me}),
            "room:list": ("rooms", {"rooms": rooms}),
            "join:room": ("history", page),
        }
        if kind in answers:
            name, answer = answers[kind]
            socket.send(json.dumps({"type": name, "data": answer, "id": id_}))

    socket.on_message(take)


@pytest.mark.slow
async def test_what_is_changed_into_hostile_texts_shows_as_text(tab: Tab):
    john = await watched(await tab())
    await john.enter("john")
    await john.create("hostile-changes")
    await john.in_room("hostile-changes")
    await john.say("harmless")
    line = await john.line_of("harmless")
    id_ = await line.get_attribute("id")
    text, title, topic = HOSTILE[2], HOSTILE[0], HOSTILE[1]
    await line.press("e")
    await john.page.locator("#composer").fill(text)
    await john.page.locator("#composer").press("Enter")
    await expect(john.page.locator(f"#{id_} .text")).to_have_text(text)
    await john.press(text, "r")
    await expect(john.page.locator("#composer-about")).to_contain_text(text)
    await john.page.keyboard.press("Escape")
    await john.press(text, "Delete")
    await expect(john.page.locator(".asked")).to_have_text(text)
    await john.page.keyboard.press("Escape")
    await john.choose("Name and topic")
    dialog = john.page.get_by_role("dialog")
    await dialog.get_by_label("Shown name").fill(title)
    await dialog.get_by_label("Topic").fill(topic)
    await dialog.get_by_role("button", name="Save").click()
    await expect(john.page.locator(".stage h1")).to_have_text(title)
    await expect(john.page.locator(".topic")).to_have_text(topic)
    await john.choose("Leave room")
    await expect(dialog.get_by_role("heading")).to_have_text(f"Leave {title}")
    await unharmed(john)


@pytest.mark.slow
@pytest.mark.parametrize("field", ["message", pytest.param("code", marks=pytest.mark.slow)])
async def test_hostile_errors_and_people_show_as_text(tab: Tab, field: str):
    """A server that is itself hostile: played by the test in the place of the real one."""
    john = await watched(await tab())
    await john.page.route_web_socket("**/ws", lambda socket: hostile_server(socket, field))
    await john.open()
    await john.page.get_by_role("button", name="Enter as john").click()
    await expect(john.page.locator(".latch-text")).to_contain_text(HOSTILE[0])
    names = john.page.locator(".person-name")
    await expect(names).to_have_count(len(HOSTILE) + 100)
    # Of those who are here a hundred have a line, of those who are not all.
    assert set(await every(john, ".person-name")) == set(PLAIN)
    assert await every(john, ".byline .author") == PLAIN
    await everything_else_shows_as_text(john)
    if field == "message":
        await expect(john.page.locator(".said")).to_contain_text(HOSTILE[-1])
    await unharmed(john)


async def everything_else_shows_as_text(john: Person) -> None:
    """What a message has besides its text, what is beside the log, and what one writes with."""
    page = john.page
    named = [f"@{text}" for text in PLAIN]
    assert await every(john, ".stage .line .text") == named
    assert await every(john, ".stage .named") == named
    assert await every(john, ".stage .chip-emoji") == PLAIN
    assert await every(john, ".stage .quote-text") == named[:1] * len(HOSTILE)
    await expect(page.locator(".stage .folded").last).to_contain_text(HOSTILE[2])
    await page.get_by_label("Pinned messages").click()
    await expect(page.locator(".card-text")).to_have_count(len(HOSTILE))
    assert as_typed(await every(john, ".card-text")) == as_typed(named)
    await page.locator(".stage .marks .link").first.click()
    await expect(page.locator(".thread-log .line .text")).to_have_count(len(HOSTILE))
    assert await every(john, ".thread-log .line .text") == named
    await page.get_by_role("log").first.press("/")
    await page.locator("#search").fill(HOSTILE[0])
    await page.locator(".panel-more").click()
    await expect(page.locator(".card-text")).to_have_count(len(HOSTILE))
    found = await page.locator(".card-text").evaluate_all(FOUND)
    assert as_typed([plain(text) for text in found]) == as_typed(PLAIN)
    await page.locator("#composer").press_sequentially("@<")
    await expect(page.get_by_role("option").first).to_contain_text("<")
    await page.keyboard.press("Enter")
    await page.locator("#composer").fill("")


FOUND = """(cards) => cards.map((card) =>
    [...card.querySelectorAll("mark")].map((mark) => mark.innerText).join(""))"""


def as_typed(texts: list[str]) -> list[str]:
    """Those that Markdown leaves as they are, wherever they stand."""
    return [text for text, written in zip(texts, HOSTILE, strict=True) if written not in MARKED]


def hostile_server(socket, field: str) -> None:
    def tell(type_: str, data: object, id_: str | None = None) -> None:
        socket.send(json.dumps({"type": type_, "data": data, "id": id_}))

    info = {"room": "r", "title": HOSTILE[1], "topic": HOSTILE[2], "kind": HOSTILE[3]}
    people = [{"id": f"u{n}", "name": text, "role": text} for n, text in enumerate(HOSTILE)]
    # Each answers the first, names its own author, and has a reaction that is a text.
    lines = [
        {"type": "message", "room": "r", "seq": n, "id": text, "user": text, "user_id": f"u{n - 1}",
         "timestamp": 1795374135780 + n, "text": f"@{text}", "reply_to": 1, "thread": 1,
         "mentions": [f"u{n - 1}"], "pinned": True, "edited_at": 1795374135780,
         "reactions": [{"emoji": text, "count": 2, "users": [f"u{n - 1}", text], "me": False}]}
        for n, text in enumerate(HOSTILE, 1)
    ]  # fmt: skip
    changed = {"type": "room:updated", "room": "r", "seq": len(lines) + 1, "id": "e", "user": "u",
               "user_id": "u", "timestamp": 1795374135780, "text": "", "title": HOSTILE[1],
               "topic": HOSTILE[2]}  # fmt: skip
    members = [{"id": f"m{n}", "name": text, "role": text} for n, text in enumerate(HOSTILE)]
    hits = [
        {"room": "r", "seq": n, "user": "u", "name": text, "timestamp": 1795374135780,
         "snippet": [{"text": "found ", "hit": False}, {"text": text, "hit": True}]}
        for n, text in enumerate(HOSTILE, 1)
    ]  # fmt: skip

    def take(text: str) -> None:
        frame = json.loads(text)
        id_ = frame.get("id")
        if frame["type"] == "auth":
            me = {"id": "me", "name": HOSTILE[0], "role": HOSTILE[1]}
            tell("auth:response", {"success": True, "user": me})
        elif frame["type"] == "room:list":
            tell("rooms", {"rooms": [info]}, id_)
        elif frame["type"] == "join:room":
            page = {"room": "r", "messages": [*lines, changed], "epoch": HOSTILE[0]}
            tell("history", {**page, "upto": len(lines) + 1}, id_)
            tell("presence", {"room": "r", "count": len(people), "users": people})
            for text in HOSTILE:
                refused = {"message": "m", "code": "c", "retryable": False, field: text}
                tell("error", refused)
        elif frame["type"] == "get:history":
            page = {"room": "r", "messages": lines, "epoch": HOSTILE[0]}
            tell("history", {**page, "upto": len(lines) + 1}, id_)
        elif frame["type"] == "room:members":
            tell("members", {"room": "r", "members": members, "more": False}, id_)
        elif frame["type"] == "search":
            # A page of a search has at most a hundred.
            page = hits[100:] if frame["data"].get("cursor") else hits[:100]
            tell("search:results", {"hits": page, "more": True, "cursor": HOSTILE[0]}, id_)

    socket.on_message(take)
