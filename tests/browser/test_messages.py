"""What a person does with a message: answer, react, change, delete, pin, link to it."""

import asyncio

import pytest
from playwright.async_api import expect
from tests.browser.conftest import Tab
from tests.browser.house import KEPT, Person, Server, let_in, settled, speaking

from conclave.cli import main


async def test_a_reply_shows_what_it_answers_and_leads_there(tab: Tab, server: Server):
    john = await tab()
    await john.in_new_room("replies")
    async with speaking(server, "admin", "replies") as admin:
        await admin.say("replies", "Who writes it down?")
        await john.press("Who writes it down?", "r")
        about = john.page.locator("#composer-about")
        await expect(about).to_have_text("Reply to admin Who writes it down?")
        await expect(john.page.locator("#composer")).to_be_focused()
        await john.page.keyboard.press("Escape")
        await expect(about).to_have_text("")
        await john.press("Who writes it down?", "r")
        await john.page.keyboard.type("I do")
        await john.page.keyboard.press("Enter")
        answer = await john.line_of("I do")
        await expect(answer.locator(".quote")).to_have_text("Reply toadminWho writes it down?")
        await expect(about).to_have_text("")
        asked = await admin.ask("get:history", {"room": "replies"})
        assert asked["messages"][-1]["reply_to"] == asked["messages"][-2]["seq"]
    await answer.locator(".quote").click()
    question = await john.line_of("Who writes it down?")
    await expect(question).to_be_focused()
    await expect(question).to_have_attribute("data-marked", "true")


async def test_what_a_program_wrote_is_marked_as_a_bots(tab: Tab, server: Server, capsys):
    made = ["bot", "create", "hal", "--data", str(server.data / "demo")]
    assert await asyncio.to_thread(main, made) == 0
    token = capsys.readouterr().out.strip()
    john = await tab()
    await john.in_new_room("robots", "I am a person")
    async with let_in(server, token, "robots") as hal:
        await hal.say("robots", "I am a robot")
        byline = (await john.line_of("I am a robot")).locator(".byline")
        await expect(byline.locator(".tag")).to_have_text("bot")
    await expect((await john.line_of("I am a person")).locator(".tag")).to_have_count(0)


async def test_a_thread_stands_beside_the_log_with_a_field_of_its_own(tab: Tab, server: Server):
    john = await tab()
    await john.in_new_room("threads", "It begins here", "Something else")
    await john.press("It begins here", "t")
    field = john.page.locator("#thread-composer")
    await expect(field).to_be_focused()
    await field.fill("in the thread")
    await field.press("Enter")
    panel = john.page.get_by_role("complementary", name="Thread")
    await expect(panel.locator(".line .text")).to_have_text(["It begins here", "in the thread"])
    root = await john.line_of("It begins here")
    await expect(root.locator(".marks")).to_have_text("1 reply in a thread")
    async with speaking(server, "admin", "threads") as admin:
        seq = int(str(await root.get_attribute("id")).removeprefix("line-"))
        await admin.say("threads", "me too", thread=seq)
    await expect(panel.locator(".line .text").last).to_have_text("me too")
    await expect(root.locator(".marks")).to_have_text("2 replies in a thread")
    await john.page.keyboard.press("Escape")
    await expect(panel).to_have_count(0)
    await expect(root).to_be_focused()
    await (await john.line_of("me too")).locator(".marks .link").click()
    await expect(panel.locator(".line .text")).to_have_count(3)


async def test_a_reaction_is_counted_named_and_taken_back(tab: Tab, server: Server):
    john = await tab()
    await john.in_new_room("reactions", "like it?")
    await john.press("like it?", "+")
    picker = john.page.get_by_role("dialog", name="React")
    await expect(picker.get_by_role("button", name="thumbs up")).to_be_focused()
    await john.page.keyboard.press("Enter")
    await expect(picker).to_have_count(0)
    line = await john.line_of("like it?")
    await expect(line).to_be_focused()
    chip = line.locator(".chip").first
    await expect(chip).to_have_attribute("aria-pressed", "true")
    await expect(chip).to_have_accessible_name("👍 1 person: you")
    async with speaking(server, "admin", "reactions") as admin:
        seq = int(str(await line.get_attribute("id")).removeprefix("line-"))
        wanted = {"room": "reactions", "target": seq}
        await admin.ask("reaction:add", {**wanted, "emoji": "👍"})
        await expect(chip).to_have_accessible_name("👍 2 people: you and admin")
        await chip.click()
        await expect(chip).to_have_accessible_name("👍 1 person: admin")
        await expect(chip).to_have_attribute("aria-pressed", "false")
        await admin.ask("reaction:remove", {**wanted, "emoji": "👍"})
    await expect(line.locator(".chip")).to_have_count(0)
    await line.press("+")
    await picker.get_by_label("Find an emoji by name").fill("🦉")
    await john.page.keyboard.press("Enter")
    await expect(line.locator(".chip").first).to_have_text("🦉1")


async def test_ones_own_message_is_changed_where_one_writes(tab: Tab):
    john = await tab()
    await john.in_new_room("edits", "first", "secnd")
    composer = john.page.locator("#composer")
    await composer.press("ArrowUp")
    await expect(composer).to_have_value("secnd")
    await expect(john.page.locator("#composer-about")).to_contain_text("Editing message")
    await composer.fill("second")
    await composer.press("Enter")
    line = await john.line_of("second")
    await expect(line.locator(".marks")).to_contain_text("(edited)")
    await expect(composer).to_have_value("")
    await composer.fill("half a thought")
    await john.press("first", "e")
    await expect(composer).to_have_value("first")
    await composer.fill("never mind")
    await composer.press("Escape")
    await expect(composer).to_have_value("half a thought")
    assert await john.texts() == ["first", "second"]


async def test_deleting_asks_once_and_leaves_a_line_with_its_number(tab: Tab, server: Server):
    john = await tab()
    await john.in_new_room("deletions", "a slip")
    number = await (await john.line_of("a slip")).locator(".number").inner_text()
    await john.press("a slip", "Delete")
    dialog = john.page.get_by_role("dialog")
    await expect(dialog).to_contain_text("a slip")
    await expect(dialog.get_by_role("button", name="Keep it").last).to_be_focused()
    await john.page.keyboard.press("Escape")
    await expect(await john.line_of("a slip")).to_be_focused()
    await john.press("a slip", "Delete")
    await dialog.get_by_role("button", name="Delete").click()
    gone = await john.line_of("Message deleted")
    await expect(gone.locator(".number")).to_have_text(number)
    await gone.press("Enter")
    await expect(john.page.get_by_role("menu")).to_have_count(0)
    async with speaking(server, "admin", "deletions") as admin:
        page = await admin.ask("get:history", {"room": "deletions"})
    assert [(line["text"], line["deleted"]) for line in page["messages"]] == [("", True)]


@pytest.mark.slow
async def test_what_is_pinned_is_listed_and_leads_to_its_place(tab: Tab):
    john = await tab()
    await john.in_new_room("pins", "keep this", "not this")
    await john.press("keep this", "p")
    await expect((await john.line_of("keep this")).locator(".marks")).to_have_text("Pinned")
    await john.page.get_by_role("button", name="Pinned messages").click()
    panel = john.page.get_by_role("complementary", name="Pinned")
    await expect(panel.locator(".card-text")).to_have_text(["keep this"])
    await panel.locator(".card-link").click()
    await expect(await john.line_of("keep this")).to_be_focused()
    await panel.get_by_role("button", name="Unpin").click()
    await expect(panel).to_contain_text("Nothing is pinned here.")
    await expect(john.page.locator(".stage .marks")).to_have_count(0)


@pytest.mark.slow
async def test_everything_is_done_by_keys_alone_and_the_focus_is_kept(tab: Tab):
    john = await tab()
    await john.in_new_room("by-keys", "one", "two")
    page = john.page
    await page.get_by_role("log").focus()
    await page.keyboard.press("ArrowUp")
    await page.keyboard.press("Enter")
    menu = page.get_by_role("menu", name="Actions for message")
    items = menu.get_by_role("menuitem")
    await expect(items.first).to_be_focused()
    await page.keyboard.press("ArrowUp")
    await expect(menu.get_by_role("menuitem", name="Delete")).to_be_focused()
    await page.keyboard.press("Home")
    await expect(items.first).to_be_focused()
    for _ in range(3):
        await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    line = await john.line_of("two")
    await expect(line.locator(".chip").first).to_have_text("🎉1")
    await expect(line).to_be_focused()
    await page.keyboard.press("Enter")
    await page.keyboard.press("Escape")
    await expect(menu).to_have_count(0)
    await expect(line).to_be_focused()
    # From the line, Tab goes through what is in it.
    await page.keyboard.press("Tab")
    await expect(line.locator(".chip").first).to_be_focused()


@pytest.mark.slow
async def test_by_touch_a_message_shows_what_one_can_do_with_it(browser, server: Server):
    context = await browser.new_context(viewport={"width": 390, "height": 780}, has_touch=True)
    john = Person(await context.new_page(), server.url)
    await john.in_new_room("by-touch")
    # By touch Enter breaks the line.
    await john.page.locator("#composer").fill("tap me")
    await john.page.get_by_role("button", name="Send").tap()
    line = await john.line_of("tap me")
    await line.tap()
    await line.get_by_role("button", name="More actions").tap()
    menu = john.page.get_by_role("menu")
    await settled(john.page)
    box = await menu.bounding_box()
    assert box is not None
    assert (box["width"], box["y"] + box["height"]) == (390, 780)
    await menu.get_by_role("menuitem", name="Reply in thread").tap()
    await expect(john.page.locator("#thread-composer")).to_be_visible()
    await john.page.get_by_role("button", name="Back to the messages").tap()
    await expect(line).to_be_visible()
    await context.close()
    assert john.wrong == []


@pytest.mark.slow
async def test_a_link_to_a_message_is_copied_or_shown(tab: Tab):
    john = await tab()
    await john.in_new_room("links", "the place")
    await john.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await john.press("the place", "c")
    await expect(john.page.locator("#notice")).to_have_text("The link is copied.")
    number = await (await john.line_of("the place")).locator(".number").inner_text()
    copied = await john.page.evaluate("navigator.clipboard.readText()")
    assert copied == f"{john.url}/#links/{number}"
    await john.page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(); }")
    await john.press("the place", "c")
    await expect(john.page.get_by_label("does not let the page copy")).to_have_value(copied)


async def _keeps(person: Person, room: str, text: str) -> bool:
    """Return whether the browser's disk has *text* as the last line of *room*."""
    rooms = (await person.page.evaluate(KEPT)).get("rooms", [])
    return any(one["room"] == room and one["lines"][-1]["text"] == text for one in rooms)


@pytest.mark.slow
async def test_a_link_into_a_long_log_opens_its_place_and_leads_back(tab: Tab, server: Server):
    john = await tab()
    await john.in_new_room("far", "line 0.")
    first = await (await john.line_of("line 0.")).locator(".number").inner_text()
    async with speaking(server, "admin", "far") as admin:
        texts = [f"line {n}." for n in range(1, 451)]
        await admin.answers({await admin.send("chat", {"room": "far", "text": t}) for t in texts})
    # What is kept are the last lines: else the tab would begin with all of them.
    async with asyncio.timeout(10):
        while not await _keeps(john, "far", "line 450."):
            await asyncio.sleep(0.05)
    await john.page.goto(f"{john.url}/#far/{int(first) + 50}")
    await john.page.reload()
    marked = john.page.locator(".line[data-marked=true]")
    await expect(marked).to_be_in_viewport()
    await expect(marked).to_be_focused()
    middle = int((await marked.locator(".text").inner_text()).removeprefix("line ")[:-1])
    assert 45 <= middle <= 50
    await expect(john.line(f"line {middle + 1}.")).to_have_count(1)
    await expect(john.line("line 450.")).to_have_count(0)
    await john.page.get_by_role("button", name="Latest").click()
    await expect(john.line("line 450.")).to_be_in_viewport()
    await expect(john.page.get_by_role("button", name="Latest")).to_have_count(0)
    await john.page.goto(f"{john.url}/#far/99999")
    await expect(john.page.locator("#notice")).to_have_text("Message 99,999 is not there.")


@pytest.mark.slow
async def test_what_a_reply_answers_is_read_where_it_is_not_known(tab: Tab, server: Server):
    john = await tab()
    async with speaking(server, "admin", "long-ago") as admin:
        first = await admin.say("long-ago", "the first of all")
        texts = [f"line {n}." for n in range(1, 121)]
        await admin.answers(
            {await admin.send("chat", {"room": "long-ago", "text": text}) for text in texts}
        )
        await john.enter("john")
        await john.join("long-ago")
        await john.sees("line 120.")
        await admin.say("long-ago", "an answer", reply_to=first)
    answer = await john.line_of("an answer")
    await expect(answer.locator(".quote-text")).to_have_text("the first of all")
