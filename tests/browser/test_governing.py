"""Who may do what in a room, and what it looks like for whom it is done to."""

import time

import pytest
from playwright.async_api import Locator, expect
from tests.browser.conftest import Tab
from tests.browser.house import Person, Server, speaking


async def together(tab: Tab, room: str) -> tuple[Person, Person]:
    """Admin owns *room*, and john is in it."""
    john, admin = await tab(), await tab()
    await admin.enter("admin")
    await admin.create(room)
    await admin.in_room(room)
    await john.enter("john")
    await john.join(room)
    return john, admin


async def menu_of(person: Person, name: str) -> Locator:
    """Open what one may do with *name*."""
    await person.page.locator(".person-button", has_text=name).click()
    menu = person.page.get_by_role("menu", name=f"What to do with {name}")
    await expect(menu).to_be_visible()
    return menu


async def against(admin: Person, item: str, reason: str) -> None:
    menu = await menu_of(admin, "john")
    await menu.get_by_role("menuitem", name=item).click()
    dialog = admin.page.get_by_role("dialog")
    await dialog.get_by_label("Reason").fill(reason)
    await dialog.locator("button[type=submit]").click()
    await expect(dialog).to_have_count(0)


async def test_who_is_removed_reads_why_and_keeps_what_was_written(tab: Tab):
    john, admin = await together(tab, "removing")
    await john.page.locator("#composer").fill("half a thought")
    await against(admin, "Remove from room…", "Not here, <b>john</b>")
    notice = john.page.get_by_role("alert")
    await expect(notice).to_contain_text("You were removed from removing. «Not here, <b>john</b>»")
    await expect(john.page.locator(".kept")).to_contain_text("half a thought")
    await expect(john.page.locator(".room-link", has_text="removing")).to_have_count(0)
    await expect(john.page.locator(".latch")).to_have_attribute("data-link", "ended")
    await john.latch_says("You were removed from removing.")
    await notice.get_by_role("button", name="Dismiss").click()
    await john.latch_says("Connected · john")
    await john.join("removing")
    await expect(john.page.locator("#composer")).to_have_value("half a thought")
    await john.page.locator("#composer").press("Enter")
    await admin.sees("half a thought")


async def test_who_is_banned_while_connected_is_out_at_once_until_it_is_lifted(tab: Tab):
    john, admin = await together(tab, "banning")
    await john.say("one")
    await admin.sees("one")
    began = time.monotonic()
    await against(admin, "Ban…", "<img src=x onerror=alert(1)>")
    notice = john.page.get_by_role("alert")
    await expect(notice).to_contain_text("You were banned from banning")
    print(f"banned within {time.monotonic() - began:.2f} s of the menu")
    await expect(notice).to_contain_text("<img src=x onerror=alert(1)>")
    await notice.get_by_role("button", name="Dismiss").click()
    await john.page.get_by_role("button", name="Browse").first.click()
    dialog = john.page.get_by_role("dialog")
    await dialog.get_by_role("button", name="Join banning", exact=True).click()
    await expect(john.page.locator(".stage")).to_contain_text("you are banned from this room")
    await admin.say("while you were out")

    await admin.choose("Bans and mutes")
    settings = admin.page.get_by_role("dialog", name="Settings of banning")
    await expect(settings.locator(".row")).to_contain_text("<img src=x onerror=alert(1)>")
    await settings.get_by_role("button", name="Lift: john").click()
    await admin.page.get_by_role("button", name="Lift", exact=True).click()
    await expect(settings).to_contain_text("Nobody is banned or muted here")
    await john.page.get_by_role("button", name="Try again").first.click()
    await john.sees("while you were out")


@pytest.mark.slow
async def test_who_is_muted_keeps_the_draft_and_sends_it_when_it_is_lifted(tab: Tab):
    john, admin = await together(tab, "muting")
    await against(admin, "Mute…", "")
    standing = john.page.locator(".standing")
    await expect(standing).to_contain_text("You are muted here until")
    await john.say("not now")
    await expect(john.page.locator("#composer")).to_have_value("not now")
    await expect(john.page.locator(".line")).to_have_count(0)
    async with speaking(admin_server(admin), "admin") as wire:
        await wire.ask("room:unmute", {"room": "muting", "user": "user1"})
    await expect(standing).to_have_count(0)
    await john.page.locator("#composer").press("Enter")
    await admin.sees("not now")


def admin_server(person: Person) -> Server:
    """Return what `speaking` needs of the server that *person* is at."""
    server = Server.__new__(Server)
    server.url = person.url
    return server


@pytest.mark.slow
async def test_in_slow_mode_the_field_counts_down(tab: Tab):
    john, admin = await together(tab, "slowly")
    await admin.choose("Room settings")
    dialog = admin.page.get_by_role("dialog")
    await dialog.get_by_label("Slow mode").select_option("5")
    await dialog.get_by_role("button", name="Save").click()
    await expect(dialog.get_by_role("status").first).to_have_text("Saved.")
    await expect(john.page.locator(".folded", has_text="set slow mode")).to_be_visible()
    await john.say("first")
    await expect(john.page.locator(".standing")).to_contain_text("Slow mode: you can send again in")
    await john.say("second")
    await expect(john.page.locator("#composer")).to_have_value("second")
    await expect(john.page.locator(".standing")).to_have_count(0, timeout=10_000)
    await john.page.locator("#composer").press("Enter")
    await john.line_of("second")


@pytest.mark.slow
async def test_an_archived_room_says_so_and_offers_nothing_that_it_refuses(tab: Tab):
    john, admin = await together(tab, "shelved")
    await john.say("before")
    await admin.sees("before")
    await admin.choose("Room settings")
    await admin.page.get_by_role("button", name="Archive room").click()
    confirm = admin.page.get_by_role("dialog", name="Archive shelved?")
    await confirm.get_by_role("button", name="Archive room").click()
    await expect(john.page.locator(".standing")).to_contain_text("This room is archived")
    await john.say("after")
    await expect(john.page.locator("#composer")).to_have_value("after")
    await john.press("before", "Enter")
    menu = john.page.get_by_role("menu")
    items = await menu.get_by_role("menuitem").all_inner_texts()
    assert not {"Reply", "Edit", "Pin"} & {text.split("\n")[0] for text in items}
    await john.page.keyboard.press("Escape")
    await admin.page.get_by_role("button", name="Open again").click()
    await expect(john.page.locator(".standing")).to_have_count(0)
    await john.page.locator("#composer").press("Enter")
    await john.line_of("after")


@pytest.mark.slow
async def test_a_deleted_room_goes_for_everybody(tab: Tab):
    john, admin = await together(tab, "ending")
    await admin.choose("Room settings")
    await admin.page.get_by_role("button", name="Delete room").click()
    confirm = admin.page.get_by_role("dialog", name="Delete ending?")
    await confirm.get_by_role("button", name="Delete room").click()
    await expect(john.page.get_by_role("alert")).to_contain_text("ending was deleted")
    for person in (john, admin):
        await expect(person.page.locator(".room-link", has_text="ending")).to_have_count(0)


@pytest.mark.slow
async def test_controls_appear_only_for_who_may(tab: Tab):
    john, admin = await together(tab, "governed")
    await john.page.get_by_label("Room menu").click()
    items = await john.page.locator(".room-head .menu-item").all_inner_texts()
    names = {text.split("\n")[0] for text in items}
    assert "Leave room" in names
    assert not {"Room settings", "Name and topic", "Bans and mutes", "Reports"} & names
    await john.page.keyboard.press("Escape")
    menu = await menu_of(john, "admin")
    names = set(await menu.get_by_role("menuitem").all_inner_texts())
    assert names == {"Message directly", "Ignore"}
    await john.page.keyboard.press("Escape")
    await menu_of(admin, "john")
    await admin.page.get_by_role("menuitem", name="Make moderator").click()
    await expect(john.page.locator(".folded", has_text="john is now moderator")).to_be_visible()
    await john.page.get_by_label("Room menu").click()
    item = john.page.locator(".room-head .menu-item", has_text="Bans and mutes")
    await expect(item).to_be_visible()


@pytest.mark.slow
async def test_a_link_leads_into_a_private_room_once(tab: Tab):
    john, admin = await tab(), await tab()
    await admin.enter("admin")
    await admin.page.get_by_role("button", name="New room").first.click()
    dialog = admin.page.get_by_role("dialog")
    await dialog.get_by_label("Name").fill("hidden")
    await dialog.get_by_label("Private").check()
    await dialog.get_by_role("button", name="Create").click()
    await admin.in_room("hidden")
    await admin.choose("Invite people")
    await dialog.get_by_label("What it is for").fill("<b>for john</b>")
    await dialog.get_by_role("button", name="Make link").click()
    link = await dialog.locator(".secret").inner_text()
    await expect(dialog.locator(".row-name", has_text="<b>for john</b>")).to_be_visible()
    await john.enter("john")
    await john.page.goto(link)
    await john.connected("john")
    assert "join=" not in john.page.url
    await john.page.get_by_role("dialog").get_by_role("button", name="Join room").click()
    await john.in_room("hidden")
    await john.page.goto("about:blank")
    await john.page.goto(link)
    await john.page.get_by_role("dialog").get_by_role("button", name="Join room").click()
    await expect(john.page.get_by_role("alert")).to_contain_text("not good any more")


@pytest.mark.slow
async def test_a_report_reaches_who_looks_after_the_room(tab: Tab):
    john, admin = await together(tab, "reported")
    await admin.say("something <i>rude</i>")
    await john.press("something", "!")
    dialog = john.page.get_by_role("dialog")
    await dialog.get_by_role("button", name="Report").click()
    await expect(dialog.get_by_role("alert")).to_contain_text("what is wrong")
    await dialog.get_by_label("What is wrong").fill("<script>alert(1)</script>")
    await dialog.get_by_role("button", name="Report").click()
    await expect(john.page.get_by_text("The moderators are told.")).to_be_visible()
    await expect(admin.page.locator(".room-head .menu-item", has_text="Reports (1)")).to_have_count(
        1
    )
    await admin.choose("Reports (1)")
    card = admin.page.locator(".report")
    await expect(card).to_contain_text("something <i>rude</i>")
    await expect(card).to_contain_text("john says: <script>alert(1)</script>")
    await card.get_by_role("button", name="Show").click()
    await expect(admin.page.locator(".line[data-marked=true]")).to_contain_text("rude")
    await admin.choose("Reports (1)")
    await card.get_by_role("button", name="Resolved").click()
    await expect(admin.page.get_by_text("Nothing is reported.")).to_be_visible()


@pytest.mark.slow
async def test_messages_of_who_is_ignored_fold_on_all_devices(tab: Tab):
    john, admin = await together(tab, "ignoring")
    await admin.say("hear me")
    await john.sees("hear me")
    menu = await menu_of(john, "admin")
    await menu.get_by_role("menuitem", name="Ignore").click()
    folded = john.page.locator(".line.ignored")
    await expect(folded).to_contain_text("whom you ignore")
    await expect(john.line("hear me")).to_have_count(0)
    await john.page.reload()
    await john.in_room("ignoring")
    await folded.get_by_role("button", name="Show").click()
    await john.sees("hear me")
    dialog = await john.account("Ignored people")
    await dialog.get_by_role("button", name="Stop ignoring: admin").click()
    await expect(dialog).to_contain_text("You ignore nobody")


@pytest.mark.slow
async def test_two_people_write_directly_and_share_one_room(tab: Tab):
    john, admin = await together(tab, "meeting")
    menu = await menu_of(john, "admin")
    await menu.get_by_role("menuitem", name="Message directly").click()
    await expect(john.page.locator(".stage h1")).to_have_text("admin")
    await john.say("between us")
    await admin.page.locator(".room-link", has_text="john").click()
    await admin.sees("between us")
    await admin.page.get_by_role("button", name="Write directly").click()
    await admin.page.get_by_label("Find a person").fill("joh")
    await admin.page.get_by_role("button", name="Write john").click()
    await admin.sees("between us")
    await expect(admin.page.locator(".room-link", has_text="john")).to_have_count(1)
    await admin.page.get_by_label("Room menu").click()
    await expect(admin.page.locator(".menu-item", has_text="Leave room")).to_have_count(0)


@pytest.mark.slow
async def test_ones_name_and_presence_are_seen_by_others(tab: Tab):
    john, admin = await together(tab, "profiles")
    dialog = await john.account("Profile")
    await dialog.get_by_label("About you").fill("<b>plain</b> text")
    await dialog.get_by_role("button", name="Save").click()
    await expect(dialog.get_by_role("status").first).to_have_text("Saved.")
    await dialog.get_by_label("Presence").select_option("dnd")
    mark = admin.page.locator(".person-button", has_text="john").locator(".presence")
    await expect(mark).to_have_attribute("data-status", "dnd")
    await menu_of(admin, "john")
    card = admin.page.locator(".person-menu")
    await expect(card).to_contain_text("<b>plain</b> text")
    await expect(card).to_contain_text("not to be disturbed")
    await admin.page.keyboard.press("Escape")
    await dialog.get_by_label("Presence").select_option("online")
    await expect(mark).to_have_attribute("data-status", "online")
    await dialog.get_by_label("About you").fill("")
    await dialog.get_by_role("button", name="Save").click()
    await expect(dialog.get_by_role("status").first).to_have_text("Saved.")
