"""K1 in small: whatever is written anywhere shows as the text it is, and does nothing."""

import json

import pytest
from playwright.async_api import expect
from tests.browser.conftest import Tab
from tests.browser.house import Person, Server, fill, speaking

HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '"><svg onload=alert(1)>',
    "<iframe src=javascript:alert(1)></iframe>",
    "javascript:alert(1)",
    "<a href='javascript:alert(1)'>click</a>",
    "{{constructor.constructor('alert(1)')()}}",
    "${alert(1)}",
    "<style>*{display:none}</style>",
    "<link rel=stylesheet href=//evil.invalid/x.css>",
    "<meta http-equiv=refresh content='0;url=//evil.invalid'>",
    "<base href=//evil.invalid/>",
    "<form action=//evil.invalid><button>go</button></form>",
    "&lt;b&gt;&#x3c;i&#x3e;&amp;amp;",
    "<!--<img src=//evil.invalid/x>-->",
    "]]><![CDATA[<b>x</b>]]>",
    "<details open ontoggle=alert(1)>",
    "<math><mtext><img src=x onerror=alert(1)></mtext></math>",
    "__proto__",
    "%3Cscript%3Ealert(1)%3C/script%3E",
]

WATCH = """() => {
    window.violations = [];
    addEventListener("securitypolicyviolation", (event) => {
        window.violations.push(`${event.violatedDirective} ${event.blockedURI}`);
    });
}"""


async def watched(person: Person) -> Person:
    await person.page.add_init_script(f"({WATCH})()")
    return person


async def unharmed(person: Person) -> None:
    assert await person.page.evaluate("window.violations") == []
    assert (
        await person.page.locator("#app :is(script, iframe, img, form[action], base)").count() == 0
    )
    assert person.wrong == []


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
    assert await john.texts() == HOSTILE[:3] + HOSTILE
    await john.page.reload()
    await expect(john.page.locator(".line .text")).to_have_count(len(HOSTILE) + 3)
    assert await john.texts() == HOSTILE[:3] + HOSTILE
    await unharmed(john)


async def test_hostile_room_names_and_topics_show_as_text(tab: Tab, server: Server):
    names = [text[:64] for text in HOSTILE]
    async with speaking(server, "john") as wire:
        asked = {
            await wire.send("room:create", {"room": name, "topic": HOSTILE[n]}): name
            for n, name in enumerate(names)
        }
        answers = await wire.answers(set(asked))
    made = [asked[id_] for id_, answer in answers.items() if answer["type"] == "ack"]
    assert len(made) >= 18
    john = await watched(await tab())
    await john.enter("john")
    listed = john.page.locator(".room-name")
    await expect(john.page.locator(".room-link", has_text=made[0]).first).to_be_visible()
    shown = await listed.all_inner_texts()
    assert set(made) <= set(shown)
    for name in made:
        await john.page.locator(".room-link").nth(shown.index(name)).click()
        await expect(john.page.locator(".stage h1")).to_have_text(name)
        await expect(john.page.locator(".topic")).to_have_text(HOSTILE[names.index(name)])
        assert name in await john.page.title()
    await john.page.get_by_role("button", name="Browse").first.click()
    await expect(john.page.locator(".public-name", has_text=made[0]).first).to_be_visible()
    await unharmed(john)


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


@pytest.mark.parametrize("field", ["message", "code"])
async def test_hostile_errors_and_people_show_as_text(tab: Tab, field: str):
    """A server that is itself hostile: played by the test in the place of the real one."""
    john = await watched(await tab())
    await john.page.route_web_socket("**/ws", lambda socket: hostile_server(socket, field))
    await john.open()
    await john.page.get_by_role("button", name="Enter as john").click()
    await expect(john.page.locator(".latch-text")).to_contain_text(HOSTILE[0])
    names = john.page.locator(".person-name")
    await expect(names).to_have_count(2 * len(HOSTILE))
    assert sorted(await names.all_inner_texts()) == sorted(2 * HOSTILE)
    assert await john.page.locator(".byline .author").all_inner_texts() == HOSTILE
    await everything_else_shows_as_text(john)
    if field == "message":
        await expect(john.page.locator(".said")).to_contain_text(HOSTILE[-1])
    await unharmed(john)


async def everything_else_shows_as_text(john: Person) -> None:
    """What a message has besides its text, what is beside the log, and what one writes with."""
    page = john.page
    shown = [f"@{text}" for text in HOSTILE]
    assert await page.locator(".stage .line .text").all_inner_texts() == shown
    assert await page.locator(".stage .named").all_inner_texts() == shown
    assert await page.locator(".stage .chip-emoji").all_inner_texts() == HOSTILE
    quotes = await page.locator(".stage .quote-text").all_inner_texts()
    assert quotes == [f"@{HOSTILE[0]}"] * len(HOSTILE)
    await expect(page.locator(".stage .folded").last).to_contain_text(HOSTILE[2])
    await page.get_by_label("Pinned messages").click()
    await expect(page.locator(".card-text")).to_have_text(shown)
    await page.locator(".stage .marks .link").first.click()
    await expect(page.locator(".thread-log .line .text")).to_have_text(shown)
    await page.keyboard.press("Control+k")
    await page.locator("#search").fill(HOSTILE[0])
    await expect(page.locator(".card-text")).to_have_text([text + text for text in HOSTILE])
    assert await page.locator("mark").all_inner_texts() == HOSTILE
    await page.locator("#composer").press_sequentially("@<")
    await expect(page.get_by_role("option").first).to_contain_text("<")
    await page.keyboard.press("Enter")
    await page.locator("#composer").fill("")


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
         "snippet": [{"text": text, "hit": False}, {"text": text, "hit": True}]}
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
            tell("search:results", {"hits": hits, "more": True, "cursor": HOSTILE[0]}, id_)

    socket.on_message(take)
