"""What the field does besides taking letters: marks, links, and what was not sent."""

import json
from collections.abc import Callable

import pytest
from playwright.async_api import Browser, WebSocketRoute, expect
from tests.browser.conftest import Tab
from tests.browser.house import Person, Server, speaking

SELECT = "([from, to]) => document.activeElement.setSelectionRange(from, to)"
PASTE = """(text) => {
    const data = new DataTransfer();
    data.setData("text/plain", text);
    const how = { clipboardData: data, bubbles: true, cancelable: true };
    const event = new ClipboardEvent("paste", how);
    document.activeElement.dispatchEvent(event);
    return event.defaultPrevented;
}"""


async def select(person: Person, start: int, end: int) -> None:
    await person.page.locator("#composer").focus()
    await person.page.evaluate(SELECT, [start, end])


async def test_keys_and_buttons_put_marks_that_can_be_undone(tab: Tab):
    john = await tab()
    await john.in_new_room("marks")
    field = john.page.locator("#composer")
    await expect(john.page.get_by_role("toolbar", name="Formatting")).to_have_count(0)
    await field.fill("make it clear")
    await select(john, 8, 13)
    await john.page.keyboard.press("Control+b")
    await expect(field).to_have_value("make it **clear**")
    await john.page.keyboard.press("Control+b")
    await expect(field).to_have_value("make it clear")
    await john.page.keyboard.press("Control+z")
    await expect(field).to_have_value("make it **clear**")
    await john.page.keyboard.press("Control+z")
    await expect(field).to_have_value("make it clear")
    await select(john, 0, 4)
    await john.page.keyboard.press("Control+i")
    await expect(field).to_have_value("*make* it clear")
    await select(john, 7, 9)
    await john.page.keyboard.press("Control+e")
    await expect(field).to_have_value("*make* `it` clear")
    await select(john, 12, 17)
    await john.page.get_by_role("button", name="Strong").click()
    await expect(field).to_have_value("*make* `it` **clear**")
    await expect(field).to_be_focused()
    await john.page.keyboard.press("Enter")
    line = john.page.locator(".line .text").last
    await expect(line.locator("em")).to_have_text("make")
    await expect(line.locator("strong")).to_have_text("clear")


@pytest.mark.slow
async def test_an_address_pasted_over_words_makes_a_link(tab: Tab):
    john = await tab()
    await john.page.set_viewport_size({"width": 390, "height": 700})
    await john.in_new_room("pasted")
    field = john.page.locator("#composer")
    await field.fill("see the docs")
    await select(john, 8, 12)
    assert await john.page.evaluate(PASTE, "https://docs.example/a_(b)")
    await expect(field).to_have_value("see the [docs](<https://docs.example/a_(b)>)")
    assert not await john.page.evaluate(PASTE, "https://docs.example/")
    await john.page.keyboard.press("Control+Enter")
    link = john.page.locator(".line .text a")
    await expect(link).to_have_attribute("href", "https://docs.example/a_(b)")
    await expect(link).to_have_text("docs")


@pytest.mark.slow
async def test_an_older_message_is_changed_and_says_when_on_focus(tab: Tab):
    john = await tab()
    await john.in_new_room("older", "frist", "second", "third")
    await john.press("frist", "e")
    field = john.page.locator("#composer")
    await expect(field).to_have_value("frist")
    await field.fill("first")
    await field.press("Enter")
    line = await john.line_of("first")
    edited = line.locator(".marks time")
    await expect(edited).to_contain_text("(edited)")
    when = edited.locator(".edited-at")
    await john.page.mouse.move(0, 0)
    await expect(when).to_have_css("opacity", "0")
    await line.focus()
    await expect(when).to_have_css("opacity", "1")
    await expect(when).to_have_text(" " + (await line.locator(".byline time").inner_text()))


def refusing(times: int) -> Callable[[WebSocketRoute], None]:
    """Say no to the first *times* messages; pass everything else on."""
    left = times

    def between(socket: WebSocketRoute) -> None:
        server = socket.connect_to_server()

        def pass_on(text: str | bytes) -> None:
            nonlocal left
            frame = json.loads(text)
            if frame["type"] != "chat" or left == 0:
                server.send(text)
                return
            left -= 1
            no = {"message": "x", "code": "room_full", "retryable": False}
            socket.send(json.dumps({"type": "error", "id": frame["id"], "data": no}))

        socket.on_message(pass_on)

    return between


async def test_what_was_not_sent_says_why_is_tried_again_or_deleted(tab: Tab, server: Server):
    john = await tab()
    await john.page.route_web_socket("**/ws", refusing(2))
    await john.in_new_room("unsent")
    await john.say("one")
    await john.say("**two**")
    failed = john.page.locator(".failed")
    await expect(failed).to_have_count(2)
    await expect(failed.first).to_contain_text("Not sent: ")
    await failed.first.get_by_role("button", name="Try again").click()
    await john.line_of("one")
    await expect(failed).to_have_count(1)
    await failed.get_by_role("button", name="Delete").click()
    await expect(failed).to_have_count(0)
    await expect(john.page.locator(".line .text")).to_have_text(["one"])
    async with speaking(server, "admin", "unsent") as admin:
        page = await admin.ask("get:history", {"room": "unsent"})
    assert [line["text"] for line in page["messages"] if line["type"] == "message"] == ["one"]


@pytest.mark.slow
async def test_drafts_are_kept_for_each_room_and_thread_and_the_limit_is_counted(tab: Tab):
    john = await tab()
    await john.in_new_room("drafts-a", "a thread begins")
    field = john.page.locator("#composer")
    await field.fill("half of *a*")
    await john.press("a thread begins", "t")
    thread = john.page.locator("#thread-composer")
    await thread.fill("half of a reply")
    await john.page.keyboard.press("Escape")
    await john.create("drafts-b")
    await john.in_room("drafts-b")
    await expect(field).to_have_value("")
    await john.page.reload()
    await john.page.locator(".room-link", has_text="drafts-a").click()
    await expect(field).to_have_value("half of *a*")
    await john.press("a thread begins", "t")
    await expect(thread).to_have_value("half of a reply")
    await field.fill("x" * 3601)
    await expect(john.page.locator("#composer-count")).to_have_text("399 characters left")
    await field.fill("x" * 4001)
    await expect(john.page.locator("#composer-count")).to_have_text("1 character too many")


HINT = """(hint) => {
    const box = hint.getBoundingClientRect();
    const parts = [...hint.children].map((part) => part.getBoundingClientRect());
    const seen = parts.filter(({ top }) => top < box.bottom - 1);
    const whole = seen.filter((part) =>
        part.left >= box.left - 1 && part.right <= box.right + 1 && part.bottom <= box.bottom + 1);
    return [parts.length, seen.length, whole.length];
}"""


@pytest.mark.slow
@pytest.mark.parametrize("language", ["en", "de", "ar"])
async def test_what_marks_look_like_is_shown_whole_or_not_at_all(
    browser: Browser, server: Server, language: str
):
    context = await browser.new_context(locale=language, viewport={"width": 1280, "height": 800})
    try:
        john = Person(await context.new_page(), server.url)
        await john.open()
        await john.page.get_by_role("button").filter(has_text="john").first.click()
        room = f"hint-{language}"
        async with speaking(server, "john") as wire:
            await wire.ask("room:create", {"room": room})
        await john.open(f"/#/{room}")
        field = john.page.locator("#composer")
        await field.fill("something")
        hint = john.page.locator(".formatting-hint")
        shown = {}
        for width in (320, 390):
            await john.page.set_viewport_size({"width": width, "height": 800})
            await expect(john.page.get_by_role("toolbar")).to_be_visible()
            await expect(hint).to_be_hidden()
        for width in (768, 1280):
            await john.page.set_viewport_size({"width": width, "height": 800})
            await expect(hint).to_be_visible()
            # The house is arranged anew where the width is another.
            await john.page.wait_for_timeout(300)
            parts, seen, whole = await hint.evaluate(HINT)
            assert whole == seen
            assert parts == 5
            shown[width] = seen
        print(f"{language}: of 5 samples there are shown by width {shown}")
        assert min(shown.values()) >= 2
        assert shown[1280] == 5
        assert john.wrong == []
    finally:
        await context.close()
