"""The list of rooms: its order, favourites, its filter, drafts, and rooms that are not open."""

import asyncio

import pytest
from playwright.async_api import expect
from tests.browser.conftest import Tab
from tests.browser.house import Person, Server, fill

PHONE = {"width": 390, "height": 780}


async def names(person: Person) -> list[str]:
    return await person.page.locator(".rooms-list .room-name").all_inner_texts()


async def are(person: Person, *rooms: str) -> None:
    """Wait until the list is *rooms*, in this order."""
    await expect(person.page.locator(".rooms-list .room-name")).to_have_text(list(rooms))


async def with_rooms(john: Person, *rooms: str) -> None:
    """Come in as john and make *rooms*, the last of which is open."""
    await john.in_new_room(rooms[0])
    for room in rooms[1:]:
        await john.create(room)
        await john.in_room(room)


@pytest.mark.slow
async def test_what_happened_last_comes_first_but_not_under_the_pointer(tab: Tab, fresh: Server):
    john = await tab(fresh.url)
    await with_rooms(john, "one", "two", "three")
    await are(john, "three", "two", "one")
    await fill(fresh, "one", ["news"])
    await are(john, "one", "three", "two")
    await john.page.locator(".room-link", has_text="three").hover()
    await fill(fresh, "two", ["more news"])
    await expect(john.page.locator(".room-link", has_text="two").locator(".unread")).to_be_visible()
    await are(john, "one", "three", "two")
    await john.page.locator("#composer").hover()
    await are(john, "two", "one", "three")
    await john.page.reload()
    await are(john, "two", "one", "three")


async def test_a_favourite_is_on_top_on_all_devices(tab: Tab, fresh: Server):
    john, laptop = await tab(fresh.url), await tab(fresh.url)
    await with_rooms(john, "dear", "loud")
    await laptop.enter("john")
    # Before the other one is: who comes in later is in that first.
    await laptop.in_room("loud")
    await john.page.locator(".room-link", has_text="dear").click()
    await john.in_room("dear")
    await john.choose("Keep on top")
    for person in (john, laptop):
        await are(person, "dear", "loud")
        await expect(person.page.locator(".room-link", has_text="dear")).to_contain_text(
            "Favourite"
        )
    await fill(fresh, "loud", ["news"])
    await laptop.sees("news")
    await are(laptop, "dear", "loud")
    await john.choose("Keep on top no longer")
    await are(laptop, "loud", "dear")


@pytest.mark.slow
@pytest.mark.parametrize("phone", [False, True])
async def test_the_filter_leaves_what_contains_the_words(tab: Tab, fresh: Server, phone: bool):
    john = await tab(fresh.url)
    await with_rooms(john, "ledger", "kitchen", "plans of may", "plans of june", "garden", "attic")
    if phone:
        await john.page.set_viewport_size(PHONE)
        await john.page.get_by_role("button", name="Back to the rooms").click()
    field = john.page.get_by_role("searchbox", name="Filter rooms")
    await field.fill("plans")
    await are(john, "plans of june", "plans of may")
    await field.fill("nowhere")
    await expect(john.page.locator(".rooms-none")).to_have_text(
        "None of your rooms contains “nowhere”."
    )
    await field.press("Escape")
    assert len(await names(john)) == 6
    await field.fill("may pla")
    await field.press("Enter")
    await john.in_room("plans of may")


@pytest.mark.slow
async def test_arrows_go_through_the_rooms_which_are_one_tab_stop(tab: Tab, fresh: Server):
    john = await tab(fresh.url)
    await with_rooms(john, "one", "two", "three")
    stops = john.page.locator('.rooms-list .room-link[tabindex="0"]')
    await expect(stops).to_have_count(1)
    await stops.focus()
    for key, room in (("End", "one"), ("ArrowUp", "two"), ("Home", "three"), ("ArrowDown", "two")):
        await john.page.keyboard.press(key)
        await expect(john.page.locator(".room-link", has_text=room)).to_be_focused()
    await john.page.keyboard.press("Enter")
    await john.in_room("two")


@pytest.mark.slow
async def test_a_draft_is_kept_for_each_room_and_marked(tab: Tab, fresh: Server):
    john = await tab(fresh.url)
    await with_rooms(john, "one", "two")
    await john.page.locator("#composer").fill("half a thought")
    await john.page.locator(".room-link", has_text="one").click()
    await john.in_room("one")
    await expect(john.page.locator("#composer")).to_have_value("")
    draft = john.page.locator(".room-link", has_text="two").locator(".draft")
    await expect(draft).to_have_text("Draft")
    await john.page.reload()
    await expect(draft).to_have_text("Draft")
    await john.page.locator(".room-link", has_text="two").click()
    await expect(john.page.locator("#composer")).to_have_value("half a thought")
    await john.page.locator("#composer").press("Enter")
    await john.sees("half a thought")
    await john.page.locator(".room-link", has_text="one").click()
    await expect(draft).to_have_count(0)


@pytest.mark.slow
async def test_rooms_that_are_not_open_are_counted_and_one_just_left_is_there_at_once(
    tab: Tab, fresh: Server
):
    john = await tab(fresh.url)
    await with_rooms(john, "one", "two")
    await john.page.locator(".room-link", has_text="one").click()
    await john.in_room("one")
    await john.say("said here")
    await john.sees("said here")
    await john.page.locator(".room-link", has_text="two").click()
    await john.in_room("two")
    begun = asyncio.get_running_loop().time()
    await fill(fresh, "one", ["a", "b", "c"])
    link = john.page.locator(".room-link", has_text="one")
    await expect(link.locator(".unread > span").first).to_have_text("3")
    assert asyncio.get_running_loop().time() - begun < 10
    # In the frame that follows, without asking the server: it hears nothing now.
    await john.page.context.set_offline(True)
    shown = await john.page.evaluate(
        """async () => {
            const links = [...document.querySelectorAll(".room-link")];
            links.find((link) => link.textContent.includes("one")).click();
            await new Promise((done) => setTimeout(done, 100));
            return document.querySelector(".log").textContent;
        }"""
    )
    await john.page.context.set_offline(False)
    assert "said here" in shown
