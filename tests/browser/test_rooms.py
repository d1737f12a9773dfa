"""A room as its people keep it: name and topic, who is in it, leaving it, being named in it."""

import pytest
from playwright.async_api import expect
from tests.browser.conftest import Tab
from tests.browser.house import Server, fill, read_by_john, speaking


@pytest.mark.slow
async def test_name_and_topic_are_changed_by_those_who_may(tab: Tab, fresh: Server):
    john = await tab(fresh.url)
    await john.in_new_room("titles")
    await john.choose("Name and topic")
    dialog = john.page.get_by_role("dialog")
    await dialog.get_by_label("Shown name").fill("")
    await dialog.get_by_role("button", name="Save").click()
    await expect(dialog.get_by_role("alert")).to_have_text("A room needs a name.")
    await dialog.get_by_label("Shown name").fill("A better name")
    await dialog.get_by_label("Topic").fill("What comes next")
    await dialog.get_by_role("button", name="Save").click()
    await expect(john.page.locator(".stage h1")).to_have_text("A better name")
    await expect(john.page.locator(".topic")).to_have_text("What comes next")
    await expect(john.page.locator(".folded").last).to_contain_text("john named the room")
    await expect(john.page).to_have_title("A better name · Conclave")
    async with speaking(fresh, "admin") as wire:
        await wire.ask("room:create", {"room": "not-johns", "kind": "public"})
    await john.join("not-johns")
    await john.page.get_by_label("Room menu").click()
    items = john.page.locator(".room-head .menu-item")
    await expect(items.filter(has_text="Leave room")).to_be_visible()
    await expect(items.filter(has_text="Name and topic")).to_have_count(0)


@pytest.mark.slow
async def test_who_follows_a_link_to_a_public_room_joins_right_there(tab: Tab, fresh: Server):
    john = await tab(fresh.url)
    async with speaking(fresh, "admin") as wire:
        await wire.ask("room:create", {"room": "open-house", "kind": "public"})
    await john.enter("john")
    await john.page.evaluate("location.hash = '#open-house'")
    await expect(john.page.locator(".stage")).to_contain_text("You are not in this room")
    await john.page.locator(".stage").get_by_role("button", name="Join", exact=True).click()
    await john.say("found you")
    await john.stored()


@pytest.mark.slow
async def test_members_are_listed_with_roles_whether_they_are_here_or_not(tab: Tab, server: Server):
    john = await tab()
    await john.in_new_room("members")
    await fill(server, "members", ["hello"])
    people = john.page.get_by_role("complementary", name="People")
    here = people.locator(".person[data-here=true]")
    away = people.locator(".person[data-here=false]")
    await expect(here).to_contain_text(["john"])
    await expect(here.locator(".tag")).to_have_text(["owner", "you"])
    await expect(away.locator(".person-name")).to_have_text(["admin"])


@pytest.mark.slow
async def test_who_leaves_says_so_twice_and_is_told_who_takes_over(tab: Tab, server: Server):
    john = await tab()
    await john.in_new_room("left-behind")
    await fill(server, "left-behind", ["hello"])
    await john.sees("hello")
    await john.choose("Leave room")
    dialog = john.page.get_by_role("dialog")
    await expect(dialog).to_contain_text("You are its only owner. admin becomes owner.")
    await john.page.keyboard.press("Escape")
    await expect(john.page.locator(".stage h1")).to_have_text("left-behind")
    await john.quit()
    await expect(john.page.locator(".room-name", has_text="left-behind")).to_have_count(0)
    async with speaking(server, "admin", "left-behind") as admin:
        members = (await admin.ask("room:members", {"room": "left-behind"}))["members"]
    assert [(member["name"], member["role"]) for member in members] == [("admin", "owner")]


@pytest.mark.slow
async def test_a_room_closed_here_waits_at_the_end_of_the_rooms(tab: Tab):
    john = await tab()
    await john.in_new_room("closed-here")
    await john.close_room()
    await expect(john.page.locator(".rooms-list .room-name", has_text="closed-here")).to_have_count(
        0
    )
    await john.page.reload()
    await john.page.get_by_text("room closed here").click()
    await john.page.locator(".closed-rooms").get_by_role("button", name="closed-here").click()
    await john.in_room("closed-here")
    await expect(john.page.locator(".rooms-list .room-name", has_text="closed-here")).to_have_count(
        1
    )


@pytest.mark.slow
async def test_who_is_named_is_completed_stands_out_and_is_counted(tab: Tab, fresh: Server):
    john, admin = await tab(fresh.url), await tab(fresh.url)
    await john.in_new_room("mentions")
    await admin.enter("admin")
    await admin.join("mentions")
    await john.create("elsewhere-2")
    await john.in_room("elsewhere-2")
    composer = admin.page.locator("#composer")
    await composer.press_sequentially("hi @jo")
    options = admin.page.get_by_role("option")
    await expect(options).to_have_text(["john"])
    await composer.press("Escape")
    await expect(options).to_have_count(0)
    await composer.press_sequentially("h")
    await composer.press("Enter")
    await expect(composer).to_have_value("hi @john ")
    await composer.press_sequentially("and @nobody")
    await composer.press("Enter")
    room = john.page.locator(".room-link", has_text="mentions")
    await expect(room.locator(".mention")).to_contain_text("1 message mentions you")
    await expect(john.page).to_have_title("(@1 · 1) elsewhere-2 · Conclave")
    await room.click()
    line = await john.line_of("hi @john and @nobody")
    await expect(line.locator(".named")).to_have_text(["@john"])
    await expect(line.locator(".named")).to_have_attribute("data-me", "true")
    await expect(line).to_have_attribute("data-for-me", "true")
    await expect(john.page).to_have_title("mentions · Conclave")


async def test_a_room_is_read_when_its_end_is_seen_and_not_before(tab: Tab, server: Server):
    john = await tab()
    await john.in_new_room("long-unread")
    await john.create("meanwhile")
    await john.in_room("meanwhile")
    await fill(server, "long-unread", [f"line {n}." for n in range(1, 61)])
    link = john.page.locator(".room-link", has_text="long-unread")
    unread = link.locator(".unread > span").first
    await expect(unread).to_have_text("60")
    await link.click()
    await expect(john.page.locator(".new-rule")).to_be_in_viewport()
    await expect(john.line("line 1.")).to_be_in_viewport()
    await expect(unread).to_have_text("60")
    async with speaking(server, "john") as wire:
        rooms = (await wire.ask("room:list", {}))["rooms"]
        assert {info["room"]: info["unread"] for info in rooms}["long-unread"] == 60
    await john.page.locator(".log").evaluate("(log) => { log.scrollTop = log.scrollHeight; }")
    await expect(unread).to_have_count(0)


@pytest.mark.slow
async def test_the_rule_of_what_is_new_stands_where_one_left_off_and_not_before_ones_eyes(
    tab: Tab, server: Server
):
    john = await tab()
    await john.in_new_room("ruled")
    await fill(server, "ruled", ["seen as it comes"])
    await john.sees("seen as it comes")
    await expect(john.page.locator(".new-rule")).to_have_count(0)
    await read_by_john(server, "ruled")
    await john.page.goto("about:blank")
    await fill(server, "ruled", ["came meanwhile"])
    await john.open("/#ruled")
    await john.sees("came meanwhile")
    rows = john.page.locator(".log-inside > :is(.new-rule, .line)")
    await expect(rows).to_contain_text(["seen as it comes", "New since", "came meanwhile"])
