"""What was written while nothing could be sent survives its tab, and is sent exactly once."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import BrowserContext, expect
from tests.browser.conftest import Tab, new_window
from tests.browser.house import KEPT, Person, Server


@pytest_asyncio.fixture(loop_scope="session")
async def mortal(tmp_path: Path) -> AsyncIterator[Server]:
    server = Server(
        tmp_path, "--rate", "0", "--heartbeat-interval", "1", "--heartbeat-timeout", "1"
    )
    server.start()
    yield server
    server.close()


async def go(person: Person, room: str) -> None:
    await person.page.locator(".room-link", has_text=room).click()
    await person.in_room(room)


async def waits(person: Person, texts: list[str]) -> None:
    """Wait until *texts* are on disk and nothing else is."""
    for _ in range(100):
        kept = await person.page.evaluate(KEPT)
        # They lie by their ids, which are random.
        rows = sorted(kept.get("items", []), key=lambda row: row["order"])
        if [row["text"] for row in rows] == texts:
            return
        await asyncio.sleep(0.05)
    raise AssertionError(kept)


async def test_what_was_written_offline_survives_its_tab_and_is_sent_once_in_order(
    tab: Tab, mortal: Server, context: BrowserContext
):
    admin = await tab(mortal.url)
    await admin.enter("admin")
    john = await tab(mortal.url)
    await john.enter("john")
    for room in ("one", "two"):
        await john.create(room)
        await john.in_room(room)
        await admin.join(room)
    await john.say("before")
    await john.stored()

    mortal.kill()
    await john.latch_says("Connection lost")
    for room, text in (("one", "first"), ("two", "second"), ("one", "third")):
        await go(john, room)
        await john.say(text)
    await waits(john, ["first", "second", "third"])
    await john.page.close()
    # Not before: it tries again and again.
    john.nobody_answered()
    mortal.start()
    await admin.connected("admin", within=40)

    again = Person(await new_window(context), mortal.url)
    await again.enter("john")
    await go(again, "one")
    await again.sees("third", within=20)
    await again.stored()
    for person in (again, admin):
        await go(person, "two")
        await person.sees("second", within=20)
        assert await person.texts() == ["before", "second"]
        await go(person, "one")
        await person.sees("third")
        assert await person.texts() == ["first", "third"]
        person.nobody_answered()
    await waits(again, [])
    assert again.wrong == []


@pytest.mark.slow
async def test_rooms_show_from_what_was_kept_before_any_server_answers(tab: Tab, mortal: Server):
    john = await tab(mortal.url)
    await john.enter("john")
    await john.create("kept")
    await john.in_room("kept")
    for text in ("one", "two"):
        await john.say(text)
    await john.stored()
    await john.page.wait_for_timeout(2_500)
    # The page itself comes from the browser's memory here; its socket finds nobody.
    await john.page.route_web_socket("**/ws", lambda socket: None)
    await john.page.reload()
    await john.sees("two", within=5)
    assert await john.texts() == ["one", "two"]
    await expect(john.page.locator(".latch-text")).not_to_contain_text("Connected")
    await john.say("three")
    await expect(john.page.locator(".line[data-state]")).to_have_count(1)
    await john.page.reload()
    await john.sees("three", within=5)
    await john.page.unroute_all()


async def test_signing_out_erases_what_was_kept(tab: Tab, mortal: Server):
    john = await tab(mortal.url)
    await john.enter("john")
    await john.create("secret")
    await john.in_room("secret")
    await john.say("for nobody else")
    await john.stored()
    await john.page.wait_for_timeout(2_500)
    kept = await john.page.evaluate(KEPT)
    assert "for nobody else" in json.dumps(kept)
    assert "user-token-123" not in json.dumps(kept)
    await john.page.get_by_label("Details").click()
    await john.page.get_by_role("button", name="Sign out").click()
    await expect(john.page.get_by_role("button", name="Enter as john")).to_be_visible()
    for _ in range(40):
        if await john.page.evaluate("indexedDB.databases()") == []:
            break
        await asyncio.sleep(0.05)
    else:
        raise AssertionError("the database is still there")
    assert await john.page.evaluate("[sessionStorage.length, localStorage.length]") == [0, 0]


@pytest.mark.slow
async def test_a_browser_that_keeps_nothing_says_so_and_goes_on(tab: Tab, mortal: Server):
    john = await tab(mortal.url)
    await john.page.add_init_script(
        "IDBFactory.prototype.open = () => { throw new DOMException('', 'SecurityError'); };"
    )
    await john.enter("john")
    await john.create("memory")
    await john.in_room("memory")
    await john.say("goes on")
    await john.stored()
    await john.page.get_by_label("Details").click()
    await expect(john.page.locator(".facts")).to_contain_text("in this tab only")
