"""Servers die, freeze and return; people keep writing, and nothing is lost or doubled."""

import asyncio
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import expect
from tests.browser.conftest import Tab
from tests.browser.house import Person, Server

# Seconds; the page reads them from `hello`.
INTERVAL = 1.0
TIMEOUT = 1.0
# A hidden tab waits at least 75 s. Here the page is told 4, so that a test can wait for it;
# that it is 75 where nothing is told, and how it is armed, tests/web turns the clock for.
HIDDEN_PATIENCE = 4.0
# What drawing, polling and a busy machine may add.
SLACK = 2.5


@pytest_asyncio.fixture(loop_scope="session")
async def mortal(tmp_path: Path) -> AsyncIterator[Server]:
    server = Server(
        tmp_path,
        "--heartbeat-interval",
        str(INTERVAL),
        "--heartbeat-timeout",
        str(TIMEOUT),
    )
    server.start()
    yield server
    server.close()


async def test_both_come_back_by_themselves_when_the_server_was_killed(tab: Tab, mortal: Server):
    john, admin = await tab(mortal.url), await tab(mortal.url)
    await john.enter("john")
    await john.join("general")
    await admin.enter("admin")
    await admin.join("general")
    for n in range(3):
        await john.say(f"before {n}")
    await admin.sees("before 2")
    # That others were told says not that john was: the server may die between the two.
    await john.stored()
    mortal.kill()
    await john.latch_says("Connection lost")
    for n in range(3):
        await john.say(f"meanwhile {n}")
    kept = "Kept on this device until you are connected"
    await expect(john.page.locator(".sending")).to_have_text([kept] * 3)
    await john.press("before 0", "p")
    pinned = (await john.line_of("before 0")).locator(".marks")
    await expect(pinned).to_have_text("Pinned")
    mortal.start()
    await john.connected("john", within=35)
    await admin.connected("admin", within=35)
    await john.say("after")
    expected = ["Welcome to the general chat room!"]
    expected += [f"before {n}" for n in range(3)] + [f"meanwhile {n}" for n in range(3)]
    expected += ["after"]
    for person in (john, admin):
        await person.sees("after", within=20)
        assert await person.texts() == expected
        person.nobody_answered()
    await john.stored()
    await expect(admin.page.locator(".stage .marks")).to_have_text(["Pinned"])


async def test_a_server_that_freezes_is_noticed_and_said_in_time(tab: Tab, mortal: Server):
    john = await tab(mortal.url)
    await john.enter("john")
    await john.join("general")
    mortal.signal(signal.SIGSTOP)
    try:
        await john.say("into the silence")
        took = await john.latch_says("Connection lost", INTERVAL + TIMEOUT + SLACK)
        assert took < INTERVAL + TIMEOUT + SLACK
    finally:
        mortal.signal(signal.SIGCONT)
    await john.connected("john", within=35)
    await john.stored()
    assert (await john.texts()).count("into the silence") == 1
    john.nobody_answered()


@pytest.mark.slow
async def test_a_hidden_tab_notices_it_too(tab: Tab, mortal: Server):
    john = await tab(mortal.url)
    await john.page.add_init_script(
        f"""new MutationObserver(() => {{
            document.documentElement.dataset.hiddenPatience = "{HIDDEN_PATIENCE * 1000}";
        }}).observe(document, {{ childList: true }});"""
    )
    await john.enter("john")
    await john.join("general")
    await hide(john)
    # Hidden and alive: the heartbeats go on, and it is believed.
    await asyncio.sleep(INTERVAL + TIMEOUT + 1)
    assert "Connected" in await john.page.locator(".latch-text").inner_text()
    mortal.signal(signal.SIGSTOP)
    try:
        took = await john.latch_says("Connection lost", HIDDEN_PATIENCE + SLACK)
        assert took > INTERVAL + TIMEOUT
    finally:
        mortal.signal(signal.SIGCONT)
    await john.connected("john", within=35)
    john.nobody_answered()


async def hide(person: Person) -> None:
    """
    Tell the page that it is hidden, as a browser does when another tab covers it.

    A headless browser shows all its tabs at once, so the fact is made here; the timers of
    the page run as they do in sight.
    """
    await person.page.evaluate(
        """() => {
            Object.defineProperty(document, "visibilityState", { value: "hidden" });
            document.dispatchEvent(new Event("visibilitychange"));
        }"""
    )


async def test_a_stopped_server_says_goodbye_and_the_page_says_so(tab: Tab, mortal: Server):
    john = await tab(mortal.url)
    await john.enter("john")
    mortal.signal(signal.SIGTERM)
    await john.latch_says("The server is restarting. Back in about")
    await expect(john.page.get_by_role("button", name="Now")).to_be_visible()
    mortal.kill()
    mortal.start()
    # In one step: the page may come back by itself between a look and a click.
    await john.page.evaluate("document.querySelector('.latch button.strong')?.click()")
    await john.connected("john", within=35)
    john.nobody_answered()
