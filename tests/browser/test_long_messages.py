"""Long messages fold, open by hand and by a jump, and what is read holds still meanwhile."""

import pytest
from playwright.async_api import Locator, expect
from tests.browser.conftest import Tab
from tests.browser.house import Server, fill

LONG = "\n".join(f"line {n} of a long message" for n in range(60))
TALK = [f"before {n}" for n in range(12)] + [LONG] + [f"after {n}" for n in range(12)]
TOP = "line => line.getBoundingClientRect().top"


async def still(line: Locator) -> float:
    return round(float(await line.evaluate(TOP)))


@pytest.mark.slow
async def test_a_long_message_opens_downwards_and_closes_again(tab: Tab, server: Server):
    john = await tab()
    await john.in_new_room("long-folded")
    await fill(server, "long-folded", TALK)
    await john.sees("after 11")
    line = john.page.locator(".stage .line", has_text="line 0 of")
    more = line.get_by_role("button", name="Show more")
    await expect(more).to_have_attribute("aria-expanded", "false")
    await expect(line.locator(".text")).not_to_contain_text("line 30 of")
    await line.scroll_into_view_if_needed()
    await line.hover()
    before = await still(line)
    await more.click()
    await expect(line.locator(".text")).to_contain_text("line 59 of")
    less = line.get_by_role("button", name="Show less")
    await expect(less).to_have_attribute("aria-expanded", "true")
    assert await still(line) == before
    # Somebody writes: the view stays where it is.
    await fill(server, "long-folded", ["meanwhile"])
    await expect(john.page.locator(".jump")).to_be_visible()
    assert await still(line) == before
    await less.click()
    await expect(line.locator(".text")).not_to_contain_text("line 59 of")
    await expect(line).to_be_in_viewport()


@pytest.mark.slow
async def test_the_last_message_opens_without_a_jump_and_by_keys(tab: Tab, server: Server):
    john = await tab()
    await john.page.set_viewport_size({"width": 390, "height": 700})
    await john.in_new_room("long-last")
    await fill(server, "long-last", [*TALK[:12], LONG])
    line = john.page.locator(".stage .line", has_text="line 0 of")
    await line.focus()
    await john.page.keyboard.press("Tab")
    while not await line.locator(".fold").evaluate("one => one === document.activeElement"):
        await john.page.keyboard.press("Tab")
    before = await still(line)
    await john.page.keyboard.press("Enter")
    await expect(line.locator(".text")).to_contain_text("line 59 of")
    await expect(line.locator(".fold")).to_be_focused()
    assert await still(line) == before
    await fill(server, "long-last", ["meanwhile"])
    await expect(john.page.locator(".jump")).to_be_visible()
    assert await still(line) == before


@pytest.mark.slow
async def test_a_jump_and_a_search_unfold_what_they_lead_to(tab: Tab, server: Server):
    john = await tab()
    await john.in_new_room("long-found")
    await fill(server, "long-found", [LONG.replace("line 50", "the needle"), "short"])
    await john.sees("short")
    line = john.page.locator(".stage .line", has_text="line 0 of")
    await expect(line.locator(".text")).not_to_contain_text("needle")
    await john.page.get_by_role("log").press("/")
    await john.page.locator("#search").fill("needle in:long-found")
    await john.page.locator(".card-link").first.click()
    await expect(line.locator(".text")).to_contain_text("the needle")
    await expect(line).to_be_focused()
    await line.get_by_role("button", name="Show less").click()
    await expect(line.locator(".text")).not_to_contain_text("needle")


@pytest.mark.slow
async def test_ones_own_long_message_folds_at_once(tab: Tab):
    john = await tab()
    await john.in_new_room("long-own")
    await john.say(LONG)
    await expect(john.page.locator(".line .fold")).to_have_text("Show more")
    await john.stored()
    await expect(john.page.locator(".line .fold")).to_have_text("Show more")
