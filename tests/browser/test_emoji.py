"""The choice of emoji: for a reaction, in a message, by keys, by name, on a phone."""

import pytest
from playwright.async_api import Locator, expect
from tests.browser.conftest import Tab
from tests.browser.house import Person, Server

FOCUSED = "document.activeElement?.getAttribute('aria-label')"


async def opened(person: Person) -> Locator:
    await person.page.get_by_role("button", name="Insert an emoji").click()
    board = person.page.get_by_role("dialog", name="Emoji")
    await expect(board).to_be_visible()
    return board


async def test_keys_go_through_kinds_grid_and_tones(tab: Tab):
    john = await tab()
    await john.in_new_room("emoji-keys", "like it?")
    await john.press("like it?", "+")
    board = john.page.get_by_role("dialog", name="React")
    await expect(board.get_by_role("button", name="thumbs up")).to_be_focused()
    keys = john.page.keyboard
    await keys.press("ArrowRight")
    assert await john.page.evaluate(FOCUSED) == "heart"
    await keys.press("ArrowDown")
    await keys.press("Home")
    assert await john.page.evaluate(FOCUSED) == "surprised"
    await keys.press("End")
    await keys.press("ArrowUp")
    await keys.press("ArrowUp")
    await expect(board.get_by_label("Find an emoji by name")).to_be_focused()
    await keys.press("Tab")
    await expect(board.get_by_role("tab", name="Often used")).to_be_focused()
    await keys.press("ArrowRight")
    await expect(board.get_by_role("tab", name="Smileys")).to_have_attribute(
        "aria-selected", "true"
    )
    await expect(board.get_by_role("grid", name="Smileys").get_by_role("button")).to_have_count(168)
    # One stop for the whole grid.
    assert await board.locator("[role=grid] button[tabindex='0']").count() == 1
    await keys.press("Tab")
    assert await john.page.evaluate(FOCUSED) == "grinning face"
    await keys.press("Tab")
    await keys.press("ArrowRight")
    await expect(board.get_by_role("radio", name="light", exact=True)).to_be_checked()
    # Letters typed in the grid look for a name.
    await keys.press("Shift+Tab")
    await keys.type("waving hand")
    await expect(board.get_by_role("grid").get_by_role("button").first).to_have_text("👋🏻")
    await keys.press("Enter")
    await expect(board).to_have_count(0)
    line = await john.line_of("like it?")
    await expect(line.locator(".chip").first).to_have_text("👋🏻1")
    await expect(line).to_be_focused()
    await keys.press("Escape")
    # What was chosen comes first, in this tab and after it.
    await john.page.reload()
    await john.press("like it?", "+")
    await expect(board.get_by_role("grid").get_by_role("button").first).to_have_text("👋🏻")
    await expect(board.get_by_role("grid").get_by_role("button").first).to_have_attribute(
        "aria-pressed", "true"
    )


@pytest.mark.slow
async def test_an_emoji_goes_where_one_was_writing(tab: Tab):
    john = await tab()
    await john.in_new_room("emoji-write")
    field = john.page.locator("#composer")
    await field.fill("so  good")
    await field.evaluate("field => field.setSelectionRange(3, 3)")
    board = await opened(john)
    await board.get_by_label("Find an emoji by name").fill("nothing is called so")
    await expect(board.get_by_role("status")).to_have_text(
        "No emoji is called “nothing is called so”."
    )
    await board.get_by_label("Find an emoji by name").fill("owl")
    await board.get_by_role("button", name="owl", exact=True).click()
    await expect(field).to_have_value("so 🦉 good")
    await expect(field).to_be_focused()
    await john.page.keyboard.type("!")
    await expect(field).to_have_value("so 🦉! good")
    await opened(john)
    await john.page.keyboard.press("Escape")
    await expect(board).to_have_count(0)


@pytest.mark.slow
async def test_a_colon_and_letters_offer_emoji(tab: Tab):
    john = await tab()
    await john.in_new_room("emoji-colon")
    field = john.page.locator("#composer")
    await field.press_sequentially("at 12:30 :tad")
    options = john.page.get_by_role("option")
    await expect(options.first).to_have_text("🎉party popper")
    await john.page.keyboard.press("Enter")
    await expect(field).to_have_value("at 12:30 🎉 ")
    await field.press_sequentially(":smi")
    await expect(options).to_have_count(6)
    await john.page.keyboard.press("ArrowDown")
    await expect(options.nth(1)).to_have_attribute("aria-selected", "true")
    await john.page.keyboard.press("Escape")
    await expect(options).to_have_count(0)
    await field.press_sequentially("le")
    await expect(options.first).to_be_visible()
    await options.first.click()
    await expect(options).to_have_count(0)
    await john.page.keyboard.press("Enter")
    await expect(john.page.locator(".line .text")).to_contain_text("at 12:30 🎉")


@pytest.mark.slow
async def test_on_a_phone_it_is_a_sheet_that_fits(tab: Tab):
    john = await tab()
    await john.page.set_viewport_size({"width": 320, "height": 640})
    await john.in_new_room("emoji-phone")
    board = await opened(john)
    await board.get_by_role("tab", name="Flags").click()
    await expect(board.get_by_role("grid", name="Flags").get_by_role("button")).to_have_count(269)
    box = await board.bounding_box()
    assert box is not None
    assert (box["x"], box["width"]) == (0, 320)
    assert box["y"] + box["height"] <= 640
    wide = await board.evaluate("one => one.scrollWidth > one.clientWidth")
    assert not wide
    assert await board.locator(".emoji-scroll").evaluate(
        "one => one.scrollWidth <= one.clientWidth"
    )


@pytest.mark.slow
async def test_nothing_of_it_is_loaded_before_it_is_wanted(tab: Tab, server: Server):
    john = await tab()
    asked: list[str] = []
    john.page.on("request", lambda request: asked.append(request.url))
    await john.in_new_room("emoji-lazy", "plain words")
    late = ("/emoji/", "/EmojiBoard.js", "/app/emoji.js", "/highlight")
    assert [url for url in asked if any(part in url for part in late)] == []
    await opened(john)
    await john.page.get_by_role("tab", name="Food").click()
    await expect(john.page.get_by_role("grid", name="Food").get_by_role("button")).to_have_count(
        130
    )
    names = [url.rsplit("/", 2)[-2:] for url in asked]
    assert ["emoji", "en.js"] in names
    assert ["emoji", "emoji.js"] in names
    assert ["emoji", "de.js"] not in names
