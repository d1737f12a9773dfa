"""Lists of who looks after things go on beyond their first page: bans, mutes, reports."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect
from tests.browser.house import Person, Server, speaking
from tests.browser.household import Guests

# A page has a hundred sanctions, twenty reports of a room, or fifty in the office.
MANY = 120
NOW = 1_795_374_135_780


@pytest.fixture
def crowded(tmp_path: Path) -> Iterator[Server]:
    server = Server(tmp_path)
    server.start()
    yield server
    server.close()


def crowd(server: Server, data: Path, seq: int) -> None:
    """Let many be muted in «general», and report the same message there; the server rests."""
    server.kill()
    with closing(sqlite3.connect(data / "demo" / "conclave.db")) as rows:
        (room,) = rows.execute("SELECT id FROM rooms WHERE name = 'general'").fetchone()
        for n in range(MANY):
            user = f"user-{n:03}"
            rows.execute(
                "INSERT INTO users (id, name, canonical, display_name, role, active, created_at)"
                " VALUES (?1, ?1, ?1, ?1, 'user', 1, ?2)",
                (user, NOW),
            )
            rows.execute(
                'INSERT INTO sanctions (room, user, kind, "by", "at", until, reason)'
                " VALUES (?, ?, 'mute', 'admin1', ?, NULL, '')",
                (room, user, NOW),
            )
            rows.execute(
                'INSERT INTO reports (id, room, seq, user, reason, "at") VALUES (?, ?, ?, ?, ?, ?)',
                (f"01M829XWF4{n:016}", room, seq, user, f"reason {n:03}", NOW),
            )
        rows.commit()
    server.start()


async def shown(person: Person, what: str, count: int) -> None:
    await expect(person.page.locator(what)).to_have_count(count)


@pytest.mark.slow
async def test_bans_reports_and_the_office_show_more(
    browser: Browser, crowded: Server, tmp_path: Path
):
    async with speaking(crowded, "john", "general") as wire:
        seq = await wire.say("general", "not nice")
    crowd(crowded, tmp_path, seq)
    admin = await Guests(browser, crowded.url)()
    page = admin.page
    await admin.enter("admin")
    await admin.join("general")
    more = page.get_by_role("button", name="Show more")
    await admin.choose("Bans and mutes")
    rows = "dialog .rows .row"
    await shown(admin, rows, 100)
    await more.click()
    await shown(admin, rows, MANY)
    await expect(more).to_have_count(0)
    # What is done to one of the second page leaves both there.
    await page.get_by_role("button", name="Lift: user-119").click()
    await page.get_by_role("dialog", name="user-119").get_by_role("button", name="Lift").click()
    await shown(admin, rows, MANY - 1)
    await page.keyboard.press("Escape")
    await admin.choose(f"Reports ({MANY})")
    cards = page.locator(".report")
    for count in range(20, MANY, 20):
        await expect(cards).to_have_count(count)
        await more.click()
    await expect(cards).to_have_count(MANY)
    await expect(cards.last).to_contain_text("reason 119")
    await cards.last.get_by_role("button", name="Nothing wrong").click()
    await expect(cards).to_have_count(MANY - 1)
    await page.keyboard.press("Escape")
    await page.get_by_role("button", name="Office").click()
    await page.get_by_role("button", name="Reports", exact=True).click()
    await expect(cards).to_have_count(50)
    await more.click()
    await expect(cards).to_have_count(100)
    await more.click()
    await expect(cards).to_have_count(MANY - 1)
    await expect(more).to_have_count(0)
