"""Slash commands where one writes: found by keys, asked once, answered to oneself or to all."""

import pytest
from playwright.async_api import expect
from tests.browser.axe import flaws
from tests.browser.conftest import Tab
from tests.browser.house import Server
from tests.browser.robot import robot


async def test_a_command_is_found_by_keys_and_its_answer_is_for_oneself_alone(
    tab: Tab, server: Server
):
    john = await tab()
    page = john.page
    await john.in_new_room("slash")
    field = page.locator("#composer")
    answers = page.get_by_role("status", name="Answers to your commands")
    async with robot(server, "slash", "otto"):
        await field.focus()
        await page.keyboard.type("/d")
        options = page.get_by_role("option")
        await expect(options).to_have_count(2)
        await page.keyboard.press("ArrowDown")
        await page.keyboard.press("ArrowUp")
        await page.keyboard.press("Tab")
        await expect(field).to_have_value("/deploy ")
        await page.keyboard.type("web")
        await page.keyboard.press("Enter")
        await expect(field).to_have_value("")
        await expect(answers.locator("strong")).to_have_text("web")
        await expect(answers).to_contain_text("OTTO · Only you see this.")
        await john.say("/dice 6")
        await john.sees("rolled a 4")
        await expect(answers.get_by_role("article")).to_have_count(1)
        # What is none is said, and can be sent all the same.
        await john.say("/etc/passwd is a file")
        await expect(answers).to_contain_text("There is no command /etc/passwd here.")
        await john.say("//two are a text")
        await expect(page.locator(".line .text", has_text="two are a text")).to_have_text(
            "/two are a text"
        )
        await page.get_by_role("button", name="Send as message").click()
        await john.sees("/etc/passwd is a file")
    await john.say("/deploy")
    await expect(answers).to_contain_text("the bot that answers this is away")


@pytest.mark.slow
async def test_what_was_asked_when_the_connection_broke_is_answered_once(tab: Tab, server: Server):
    john = await tab()
    page = john.page
    await john.in_new_room("broken")
    async with robot(server, "broken", "ute"):
        await john.say("/sleep")
        answers = page.get_by_role("status", name="Answers to your commands")
        await expect(answers).to_contain_text("Asking")
        await page.context.set_offline(True)
        await page.context.set_offline(False)
        await expect(answers).to_contain_text("did not answer in time", timeout=20_000)
        assert await flaws(page) == []
