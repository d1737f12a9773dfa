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


@pytest.mark.parametrize("field", ["message", "code"])
async def test_hostile_errors_and_people_show_as_text(tab: Tab, field: str):
    """A server that is itself hostile: played by the test in the place of the real one."""
    john = await watched(await tab())
    await john.page.route_web_socket("**/ws", lambda socket: hostile_server(socket, field))
    await john.open()
    await john.page.get_by_role("button", name="Enter as john").click()
    await expect(john.page.locator(".latch-text")).to_contain_text(HOSTILE[0])
    await expect(john.page.locator(".person-name")).to_have_count(len(HOSTILE))
    people = await john.page.locator(".person-name").all_inner_texts()
    assert sorted(people) == sorted(HOSTILE)
    assert await john.page.locator(".author").all_inner_texts() == HOSTILE
    if field == "message":
        await expect(john.page.locator(".said")).to_contain_text(HOSTILE[-1])
    await unharmed(john)


def hostile_server(socket, field: str) -> None:
    def tell(type_: str, data: object, id_: str | None = None) -> None:
        socket.send(json.dumps({"type": type_, "data": data, "id": id_}))

    info = {"room": "r", "title": HOSTILE[1], "topic": HOSTILE[2], "kind": HOSTILE[3]}
    people = [{"id": f"u{n}", "name": text, "role": text} for n, text in enumerate(HOSTILE)]
    lines = [
        {"type": "message", "room": "r", "seq": n, "id": text, "user": text, "user_id": f"u{n}",
         "timestamp": 1795374135780 + n, "text": text}
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
            page = {"room": "r", "messages": lines, "epoch": HOSTILE[0], "upto": len(lines)}
            tell("history", page, id_)
            tell("presence", {"room": "r", "count": len(people), "users": people})
            for text in HOSTILE:
                refused = {"message": "m", "code": "c", "retryable": False, field: text}
                tell("error", refused)

    socket.on_message(take)
