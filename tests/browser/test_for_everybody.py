"""Keyboard, screen reader and small screens; what axe finds is asked in test_axe.py."""

import asyncio
import urllib.request

import pytest
from playwright.async_api import expect
from tests.browser.conftest import Tab
from tests.browser.house import Person, Server, fill


async def test_others_new_messages_are_announced_and_nothing_else(tab: Tab, server: Server):
    john, admin = await tab(), await tab()
    await john.enter("john")
    await john.create("announced")
    await john.in_room("announced")
    await john.page.evaluate(
        """() => {
            window.heard = [];
            const region = document.getElementById("announcements");
            new MutationObserver(() => window.heard.push(region.textContent)).observe(region, {
                childList: true, characterData: true, subtree: true,
            });
        }"""
    )
    await john.say("my own")
    await admin.enter("admin")
    await admin.join("announced")
    await admin.say("hello")
    await john.sees("hello")
    assert await john.page.evaluate("window.heard") == ["admin: hello"]
    await fill(server, "announced", [f"burst {n}" for n in range(5)])
    await john.sees("burst 4")
    await expect(john.page.locator("#announcements")).to_have_text("5 new messages")
    heard = await john.page.evaluate("window.heard")
    assert len(heard) <= 4, heard
    log = john.page.get_by_role("log")
    await expect(log).to_have_attribute("aria-live", "off")
    await expect(log).to_have_attribute("tabindex", "0")


async def focused(person: Person, what: str) -> None:
    """Wait until the element of this id or text has the focus, also behind other windows."""
    has_it = """(what) => {
        const active = document.activeElement;
        return active.id === what || active.textContent.trim() === what;
    }"""
    for _ in range(50):
        if await person.page.evaluate(has_it, what):
            return
        await asyncio.sleep(0.1)
    raise AssertionError(f"{what} never had the focus")


async def test_the_log_is_one_tab_stop_with_arrows_inside(tab: Tab):
    john = await tab()
    await john.enter("john")
    await john.create("arrows")
    await john.in_room("arrows")
    for text in ("first", "second", "third"):
        await john.say(text)
    await john.stored()
    stops = """(log) => log.querySelectorAll(
        'a:not([tabindex="-1"]), button:not([tabindex="-1"]), [tabindex="0"]'
    ).length"""
    assert await john.page.get_by_role("log").evaluate(stops) == 0
    await john.page.get_by_role("log").focus()
    await john.page.keyboard.press("ArrowUp")
    await expect(john.page.locator(".line", has_text="third")).to_be_focused()
    await john.page.keyboard.press("ArrowUp")
    await expect(john.page.locator(".line", has_text="second")).to_be_focused()
    await john.page.keyboard.press("Home")
    await expect(john.page.locator(".line", has_text="first")).to_be_focused()
    await john.page.keyboard.press("End")
    await expect(john.page.locator(".line", has_text="third")).to_be_focused()


async def test_the_skip_link_leads_to_the_message_field(tab: Tab):
    john = await tab()
    await john.enter("john")
    await john.create("skipping")
    await john.in_room("skipping")
    first = "document.querySelector('a[href], button, input, textarea, summary').textContent"
    assert await john.page.evaluate(first) == "Skip to the message field"
    await john.page.get_by_role("link", name="Skip to").focus()
    await focused(john, "Skip to the message field")
    await john.page.keyboard.press("Enter")
    await focused(john, "composer")
    assert john.page.url.endswith("#skipping")


@pytest.mark.slow
async def test_a_dialog_gives_the_focus_back(tab: Tab):
    john = await tab()
    await john.enter("john")
    button = john.page.get_by_role("button", name="New room").first
    await button.focus()
    await john.page.keyboard.press("Enter")
    await focused(john, "new-room-name")
    await john.page.keyboard.press("Escape")
    await focused(john, "New room")


async def overflow(person: Person) -> int:
    return await person.page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )


@pytest.mark.slow
async def test_nothing_scrolls_sideways_at_320_pixels(tab: Tab):
    john = await tab()
    await john.page.set_viewport_size({"width": 320, "height": 640})
    await john.open()
    assert await overflow(john) == 0
    await john.enter("john")
    name = "w" * 64
    await john.create(name, "topic " * 20)
    await john.in_room(name)
    await john.say("unbreakable" * 40)
    await john.say("https://example.invalid/" + "a" * 300)
    await john.stored()
    assert await overflow(john) == 0
    log = john.page.get_by_role("log")
    assert await log.evaluate("(log) => log.scrollWidth - log.clientWidth") == 0
    await john.page.get_by_role("button", name="person here").click()
    assert await overflow(john) == 0
    await john.page.get_by_role("button", name="Back to the messages").click()
    await john.page.get_by_role("button", name="Back to the rooms").click()
    assert await overflow(john) == 0
    await john.page.get_by_role("button", name="Browse").first.click()
    await expect(john.page.locator(".public-name").first).to_be_visible()
    assert await overflow(john) == 0


async def test_on_a_phone_three_screens_follow_each_other(tab: Tab):
    john = await tab()
    await john.page.set_viewport_size({"width": 390, "height": 780})
    await john.enter("john")
    await john.create("pocket")
    await john.in_room("pocket")
    await expect(john.page.get_by_role("navigation", name="Rooms")).to_be_hidden()
    await expect(john.page.locator(".latch-text")).to_be_visible()
    await john.page.go_back()
    await expect(john.page.get_by_role("navigation", name="Rooms")).to_be_visible()
    await expect(john.page.locator(".latch-text")).to_be_visible()


def test_without_javascript_a_sentence_says_so(server: Server):
    with urllib.request.urlopen(server.url) as answer:
        page = answer.read().decode()
    assert "<noscript><p" in page
    assert "This page needs JavaScript" in page
