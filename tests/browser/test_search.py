"""Searching: the field, what it understands, what was found, and the way there."""

import pytest
from playwright.async_api import expect
from tests.browser.conftest import Tab
from tests.browser.house import Server, fill


async def test_a_word_is_found_marked_and_opened_in_its_place(tab: Tab, server: Server):
    john = await tab()
    await john.enter("john")
    await john.create("archive")
    await john.in_room("archive")
    texts = [f"line {n}." for n in range(1, 121)]
    await fill(server, "archive", ["Where is the Übersicht of owls?", *texts])
    await john.create("another")
    await john.in_room("another")
    page = john.page
    await page.get_by_role("log").press("/")
    field = page.get_by_role("searchbox", name="Search in your rooms")
    await expect(field).to_be_focused()
    await expect(page.locator(".operators")).to_contain_text("from:ana")
    await field.fill("ubersicht")
    panel = page.get_by_role("complementary", name="Search")
    await expect(panel.locator("mark")).to_have_text("Übersicht", timeout=10_000)
    await expect(panel.get_by_role("status")).to_have_text("1 message")
    await page.keyboard.press("Tab")
    await expect(panel.locator(".card-link")).to_be_focused()
    await page.keyboard.press("Enter")
    await john.in_room("archive")
    marked = page.locator(".line[data-marked=true]")
    await expect(marked.locator(".text")).to_have_text("Where is the Übersicht of owls?")
    await expect(marked).to_be_in_viewport()
    highlit = "() => [...(CSS.highlights.get('found') ?? [])].map(String)"
    assert await page.evaluate(highlit) == ["Übersicht"]
    await page.keyboard.press("Escape")
    await expect(panel).to_have_count(0)


@pytest.mark.slow
async def test_pages_of_hits_operators_and_nothing_found(tab: Tab, server: Server):
    john = await tab()
    await john.enter("john")
    await john.create("parrots")
    await john.in_room("parrots")
    await fill(server, "parrots", [f"parrot {n}" for n in range(1, 31)])
    await john.say("a parrot of mine")
    await john.choose("Search in this room")
    field, page = john.page.locator("#search"), john.page
    await expect(field).to_have_value("in:parrots ")
    hits = page.locator(".panel-search .card-link")
    await field.fill("in:parrots parrot from:admin")
    await expect(hits).to_have_count(20, timeout=10_000)
    await expect(hits.first).to_contain_text("parrot 30")
    await page.get_by_role("button", name="Show more").click()
    await expect(hits).to_have_count(30)
    await expect(page.get_by_role("button", name="Show more")).to_have_count(0)
    await field.fill("parrot from:me")
    await expect(page.locator(".card-text")).to_have_text(["a parrot of mine"], timeout=10_000)
    await field.fill("in:parrots phoenix")
    await expect(page.locator("#search-said")).to_have_text(
        "No message contains “in:parrots phoenix” in the rooms you can read."
    )
