"""Two tabs of one browser are two people who chat: the walk that everybody takes first."""

import pytest
from playwright.async_api import expect
from tests.browser.conftest import Tab
from tests.browser.house import Server, fill, read_by_john

HERE = ".panel .person[data-here=true] .person-name"


async def test_two_people_chat_and_see_each_other_come_and_go(tab: Tab, fresh: Server):
    john, admin = await tab(fresh.url), await tab(fresh.url)
    await john.enter("john")
    # Who is in no room yet is shown the public ones at once.
    await john.page.get_by_role("main").get_by_role("button", name="Join general").click()
    await john.in_room("general")
    await john.sees("Welcome to the general chat room!")
    await admin.enter("admin")
    await admin.join("general")
    await expect(john.page.locator(".log")).to_contain_text("admin")
    await expect(john.page.locator(HERE)).to_have_text(["admin", "john"])

    await john.say("Hello admin")
    await admin.sees("Hello admin")
    await admin.say("Hello john,\nin two lines")
    await john.sees("Hello john,")
    own = john.page.locator(".line[data-own=true] .text")
    await expect(own).to_have_text(["Hello admin"])
    await expect(admin.page.locator(".line[data-system=true] .text")).to_have_text(
        ["Welcome to the general chat room!"]
    )

    await admin.close_room()
    await expect(john.page.locator(".folded").last).to_contain_text("admin left")
    await expect(john.page.locator(HERE)).to_have_text(["john"])
    await expect(admin.page.get_by_role("link", name="general")).to_have_count(0)

    await john.page.reload()
    await john.connected("john")
    await john.in_room("general")
    for text in ("Welcome to the general", "Hello admin", "Hello john,"):
        await john.sees(text)


async def test_a_room_is_created_browsed_joined_and_left(tab: Tab):
    john, admin = await tab(), await tab()
    await john.enter("john")
    await john.create("plans", "What comes next")
    await john.in_room("plans")
    await expect(john.page.locator(".topic")).to_have_text("What comes next")
    await expect(john.page.locator(".empty")).to_contain_text("enter as admin")
    await admin.enter("admin")
    await admin.join("plans")
    await admin.say("I found it")
    await john.sees("I found it")
    await john.quit()
    await expect(john.page.locator(".room-name", has_text="plans")).to_have_count(0)
    await john.join("plans")
    await john.sees("I found it")


@pytest.mark.slow
async def test_a_room_that_exists_is_refused_beside_its_field(tab: Tab):
    john = await tab()
    await john.enter("john")
    await john.create("General")
    await expect(john.page.locator("#new-room-error")).to_contain_text("a room of this name")
    await expect(john.page.get_by_label("Name")).to_have_value("General")
    await john.page.keyboard.press("Escape")
    await expect(john.page.get_by_role("dialog")).to_have_count(0)


async def test_a_wrong_token_is_refused_under_its_field_and_kept_there(tab: Tab):
    person = await tab()
    await person.open()
    field = person.page.get_by_label("Token", exact=True)
    await field.fill("no-such-token")
    await field.press("Enter")
    await expect(person.page.locator("#token-error")).to_contain_text("not known here")
    await expect(field).to_have_value("no-such-token")
    await person.page.get_by_role("button", name="Show").click()
    await expect(field).to_have_attribute("type", "text")
    await person.page.reload()
    await expect(person.page.get_by_role("button", name="Sign in")).to_be_visible()


@pytest.mark.slow
async def test_what_is_written_elsewhere_is_marked_until_it_is_read(tab: Tab, fresh: Server):
    # The title counts all one's rooms.
    john, admin = await tab(fresh.url), await tab(fresh.url)
    await john.enter("john")
    await john.create("watched")
    await john.in_room("watched")
    await admin.enter("admin")
    await admin.join("watched")
    await john.create("elsewhere")
    await john.in_room("elsewhere")
    await admin.say("one")
    await admin.say("two")
    unread = john.page.locator(".room-link", has_text="watched").locator(".unread > span").first
    await expect(unread).to_have_text("2")
    await expect(john.page).to_have_title("(2) elsewhere · Conclave")
    await john.page.locator(".room-link", has_text="watched").click()
    await john.sees("two")
    await expect(john.page.locator(".new-rule")).to_contain_text("New since")
    await expect(unread).to_have_count(0)
    await expect(john.page).to_have_title("watched · Conclave")


@pytest.mark.slow
async def test_drafts_stay_with_their_rooms_and_survive_a_reload(tab: Tab):
    john = await tab()
    await john.enter("john")
    await john.create("draft-a")
    await john.in_room("draft-a")
    await john.page.locator("#composer").fill("half a thought")
    await john.create("draft-b")
    await john.in_room("draft-b")
    await expect(john.page.locator("#composer")).to_have_value("")
    await john.page.locator(".room-link", has_text="draft-a").click()
    await expect(john.page.locator("#composer")).to_have_value("half a thought")
    await john.page.reload()
    await expect(john.page.locator("#composer")).to_have_value("half a thought")


@pytest.mark.slow
async def test_who_is_writing_is_said(tab: Tab):
    john, admin = await tab(), await tab()
    await john.enter("john")
    await john.create("writing")
    await john.in_room("writing")
    await admin.enter("admin")
    await admin.join("writing")
    await admin.page.locator("#composer").press_sequentially("hm")
    await expect(john.page.locator(".typing")).to_have_text("admin is writing")
    await admin.page.locator("#composer").fill("")
    await expect(john.page.locator(".typing")).to_have_text("")


async def test_enter_sends_shift_enter_breaks_and_a_word_being_composed_does_neither(tab: Tab):
    john = await tab()
    await john.enter("john")
    await john.create("keys")
    await john.in_room("keys")
    composer = john.page.locator("#composer")
    await composer.press_sequentially("one")
    await composer.press("Shift+Enter")
    await composer.press_sequentially("two")
    await composer.dispatch_event("keydown", {"key": "Enter", "isComposing": True})
    await expect(composer).to_have_value("one\ntwo")
    await composer.press("Enter")
    await john.sees("one")
    assert await john.texts() == ["one\ntwo"]


@pytest.mark.slow
async def test_older_messages_come_in_above_and_the_view_holds_still(tab: Tab, server: Server):
    john = await tab()
    await john.enter("john")
    await john.create("long")
    await john.in_room("long")
    await fill(server, "long", [f"line {n}." for n in range(1, 131)])
    # All of it is read before: otherwise the room opens at the rule of what is new.
    await john.sees("line 130.")
    await read_by_john(server, "long")
    # What was kept would be shown at once, and be all of it on a machine that is slow enough.
    await john.page.goto("about:blank")
    session = await john.page.context.new_cdp_session(john.page)
    kept = {"origin": server.url, "storageTypes": "indexeddb"}
    await session.send("Storage.clearDataForOrigin", kept)
    await john.open("/#long")
    await john.sees("line 130.")
    await expect(john.line("line 1.")).to_have_count(0)
    box = john.page.locator(".log")
    await box.evaluate("(log) => { log.scrollTop = log.scrollHeight / 2; }")
    await box.evaluate("(log) => { log.scrollTop = 900; }")
    first = """(log) => [...log.querySelectorAll('.line')].find(
        (line) => line.getBoundingClientRect().bottom > log.getBoundingClientRect().top
    ).id"""
    seen = await box.evaluate(first)
    await expect(john.line("line 1.")).to_have_count(1)
    assert await box.evaluate(first) == seen
    texts = await john.texts()
    assert texts == [f"line {n}." for n in range(1, 131)]


@pytest.mark.slow
async def test_while_one_reads_above_new_messages_are_counted_not_jumped_to(tab: Tab):
    john, admin = await tab(), await tab()
    await john.enter("john")
    await john.create("still")
    await john.in_room("still")
    await john.say("\n".join("tall" for _ in range(80)))
    await john.stored()
    await john.page.get_by_role("button", name="Show more").click()
    await admin.enter("admin")
    await admin.join("still")
    box = john.page.locator(".log")
    await box.evaluate("(log) => { log.scrollTop = 0; }")
    await expect(john.page.locator(".jump")).to_have_count(0)
    await admin.say("news")
    await admin.say("more news")
    await expect(john.page.locator(".jump")).to_contain_text("2 new")
    assert await box.evaluate("(log) => log.scrollTop") == 0
    await john.page.locator(".jump").click()
    await expect(john.line("more news")).to_be_in_viewport()
    await expect(john.page.locator(".jump")).to_have_count(0)


@pytest.mark.slow
async def test_a_message_too_long_is_counted_and_stays_in_the_field(tab: Tab):
    john = await tab()
    await john.enter("john")
    await john.create("lengths")
    await john.in_room("lengths")
    composer, count = john.page.locator("#composer"), john.page.locator("#composer-count")
    await composer.fill("x" * 3599)
    await expect(count).to_have_text("")
    await composer.fill("💬" * 3600)
    await expect(count).to_have_text("400 characters left")
    await composer.fill("x" * 4012)
    await expect(count).to_have_text("12 characters too many")
    await composer.press("Enter")
    await expect(composer).to_have_value("x" * 4012)
    await composer.fill("💬" * 4000)
    await composer.press("Enter")
    await john.page.get_by_role("button", name="Show more").click()
    await expect(john.page.locator(".line .text")).to_have_text(["💬" * 4000])
    await john.stored()


@pytest.mark.slow
async def test_an_address_names_a_message_and_does_not_create_a_room(tab: Tab):
    john = await tab()
    await john.enter("john")
    await john.create("addressed")
    await john.in_room("addressed")
    await john.say("the first")
    await john.stored()
    number = john.page.locator(".number").first
    href = await number.get_attribute("href")
    assert href is not None
    assert href.startswith("#addressed/")
    await john.page.goto(f"{john.url}/{href}")
    await expect(john.page.locator(".line", has_text="the first")).to_be_focused()
    await john.page.goto(f"{john.url}/#no-such-room-was-made")
    await expect(john.page.locator(".stage .empty")).to_contain_text("not in this room")


async def test_signing_out_forgets_the_token_and_shows_the_door(tab: Tab):
    john = await tab()
    await john.enter("john")
    await john.page.get_by_label("Details").click()
    await expect(john.page.locator(".facts")).to_contain_text("Signed in as")
    await john.page.get_by_role("button", name="Sign out").click()
    await expect(john.page.get_by_role("button", name="Enter as john")).to_be_visible()
    assert await john.page.evaluate("sessionStorage.length") == 0
    await john.page.reload()
    await expect(john.page.get_by_role("button", name="Enter as john")).to_be_visible()
