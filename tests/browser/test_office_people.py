"""People in the office: who looks after them is asked who they are, and erases whom they must."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect
from tests.browser.house import PASSWORD, Person
from tests.browser.household import Account, Guests, Household


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Household]:
    server = Household(tmp_path)
    server.start()
    yield server
    server.close()


def invited(boss: Account, name: str) -> Account:
    link = boss.ask("POST", "admin/links", {"uses": 1})
    return Account(boss.server, {"token": link["token"]}, name)


def grown_old(home: Household, data: Path) -> None:
    """Let all sessions be an hour old: the server is stopped for it."""
    home.kill()
    with closing(sqlite3.connect(data / "conclave.db")) as rows:
        changed = rows.execute("UPDATE tokens SET created_at = created_at - 3600000")
        assert changed.rowcount
        rows.commit()
    home.start()


async def office(person: Person, part: str) -> None:
    await person.page.get_by_role("button", name="Office").click()
    await person.page.get_by_role("button", name=part, exact=True).click()


@pytest.mark.slow
async def test_an_admin_says_the_password_before_somebody_is_let_in_for_good(
    browser: Browser, home: Household, tmp_path: Path
):
    invited(home.settle("ada"), "bob")
    boss = await Guests(browser, home.url)()
    page = boss.page
    await boss.open()
    await boss.sign_in("ada")
    await boss.connected("ada")
    grown_old(home, tmp_path)
    await page.reload()
    await boss.connected("ada")
    await office(boss, "People")
    await page.get_by_role("button", name="Manage bob").click()
    person = page.get_by_role("dialog", name="bob")
    await person.get_by_role("button", name="Reset password").click()
    asked = page.get_by_role("dialog", name="Your password, once more")
    await expect(asked).to_contain_text("let somebody in for good")
    await asked.get_by_label("Password", exact=True).fill("not it at all")
    await asked.get_by_role("button", name="Go on").click()
    await expect(asked.get_by_role("alert")).to_contain_text("not your password")
    await expect(person.locator(".secret")).to_have_count(0)
    await asked.get_by_label("Password", exact=True).fill(PASSWORD)
    await asked.get_by_role("button", name="Go on").click()
    await expect(person.locator(".secret")).to_contain_text("#reset=")
    # For the next minutes it is believed.
    await person.get_by_label("Role").select_option("admin")
    await person.get_by_role("button", name="Save role").click()
    sure = page.get_by_role("dialog", name="Make bob admin?")
    await sure.get_by_role("button", name="Save role").click()
    await expect(person.get_by_text("Done.", exact=True)).to_be_visible()
    await expect(asked).to_have_count(0)


@pytest.mark.slow
async def test_an_admin_erases_somebody_and_makes_an_owner(browser: Browser, home: Household):
    ada = home.settle("ada")
    invited(ada, "bob")
    boss, bob = Guests(browser, home.url), Guests(browser, home.url)
    root, gone = await boss(), await bob()
    for person, name in ((root, "ada"), (gone, "bob")):
        await person.open()
        await person.sign_in(name)
        await person.connected(name)
    await gone.create("lab")
    await gone.in_room("lab")
    await gone.say("what is to be forgotten")
    await gone.stored()
    await root.join("lab")
    await root.sees("what is to be forgotten")
    await office(root, "Rooms")
    await root.page.get_by_role("button", name="Manage lab").click()
    room = root.page.get_by_role("dialog", name="lab")
    await room.get_by_label("Name of the new owner").fill("ada")
    await room.get_by_role("button", name="Make owner").click()
    await expect(room.get_by_text("Owners: bob, ada")).to_be_visible()
    await root.page.keyboard.press("Escape")
    await root.page.get_by_role("button", name="People", exact=True).click()
    await root.page.get_by_role("button", name="Manage bob").click()
    person = root.page.get_by_role("dialog", name="bob")
    await person.get_by_role("button", name="Erase").click()
    sure = root.page.get_by_role("dialog", name="Erase bob?")
    await expect(sure).to_contain_text("cannot be undone")
    await sure.get_by_role("button", name="Erase").click()
    await expect(person.get_by_text("Erased, with 1 message.")).to_be_visible(timeout=20_000)
    await gone.latch_says("This account is closed")
    await root.page.keyboard.press("Escape")
    await expect(root.page.get_by_role("button", name="Manage bob")).to_have_count(0)
    await root.connected("ada", within=35)
    await root.page.locator(".room-link", has_text="lab").click()
    await root.in_room("lab")
    await expect(root.page.get_by_text("what is to be forgotten")).to_have_count(0)


@pytest.mark.slow
async def test_who_is_invited_into_a_private_room_is_in_it_with_their_account(
    browser: Browser, home: Household
):
    home.settle("ada")
    boss, eve = await Guests(browser, home.url)(), await Guests(browser, home.url)()
    page = boss.page
    await boss.open()
    await boss.sign_in("ada")
    await boss.connected("ada")
    await page.get_by_role("button", name="New room").first.click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("Name").fill("den")
    await dialog.get_by_label("Private").check()
    await dialog.get_by_role("button", name="Create").click()
    await boss.in_room("den")
    await boss.say("what only we read")
    await office(boss, "Invitations")
    await page.get_by_label("Leads into").select_option("den")
    await page.get_by_role("button", name="Make link").click()
    link = await page.locator(".secret").inner_text()
    await expect(page.locator(".row-name .tag")).to_contain_text("den")
    await eve.page.goto(link)
    await expect(eve.page.get_by_text("You are invited to den.")).to_be_visible()
    await eve.page.get_by_label("Name", exact=True).fill("eve")
    await eve.page.get_by_label("Password", exact=True).fill(PASSWORD)
    await eve.page.get_by_role("button", name="Create account").click()
    await eve.connected("eve")
    await eve.in_room("den")
    await eve.sees("what only we read")
