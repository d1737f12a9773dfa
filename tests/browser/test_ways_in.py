"""Ways in: the first admin, a password, second factors, passkeys, devices."""

import asyncio
import re

import pyotp
import pytest
from playwright.async_api import Browser, expect
from tests.browser.conftest import NewAccount
from tests.browser.house import PASSWORD, Person
from tests.browser.household import Account, Guests, Household, with_authenticator


async def kept(person: Person) -> str:
    """Return all that a script can find in the browser."""
    return await person.page.evaluate(
        """() => JSON.stringify([
            { ...sessionStorage }, { ...localStorage }, document.cookie, location.href,
            history.state, document.title,
        ])"""
    )


async def test_the_first_admin_is_made_by_the_link_of_the_first_start(
    browser: Browser, tmp_path_factory: pytest.TempPathFactory
):
    server = Household(tmp_path_factory.mktemp("new"), "--rate", "0")
    server.start()
    ada = await Guests(browser, server.url)()
    try:
        link = server.setup_link()
        await ada.open(f"/{link}")
        await expect(ada.page.get_by_text("Create the first account")).to_be_visible()
        assert link not in ada.page.url
        await ada.page.get_by_label("Name", exact=True).fill("ada")
        await ada.page.get_by_label("Shown name").fill("Ada L.")
        await ada.page.get_by_label("Password", exact=True).fill("short")
        await ada.page.get_by_role("button", name="Create account").click()
        await expect(ada.page.get_by_role("alert")).to_contain_text("at least")
        await ada.page.get_by_label("Password", exact=True).fill(PASSWORD)
        await ada.page.get_by_role("button", name="Create account").click()
        await ada.connected("Ada L.")
        await expect(ada.page.get_by_role("button", name="Office")).to_be_visible()
        again = await Guests(browser, server.url)()
        await again.open(f"/{link}")
        await expect(again.page.get_by_role("alert")).to_contain_text("not good any more")
        await again.page.context.close()
    finally:
        await ada.page.context.close()
        server.close()


async def test_a_password_lets_one_in_and_nothing_of_it_stays_in_the_browser(
    guest: Guests, ada: Account
):
    person = await guest()
    await person.open()
    await person.sign_in("ada", "not it at all")
    await expect(person.page.get_by_role("alert")).to_contain_text("do not belong together")
    await expect(person.page.get_by_label("Name", exact=True)).to_have_value("ada")
    await person.sign_in("ada")
    await person.connected("ada")
    cookies = await person.page.context.cookies()
    session = next(cookie for cookie in cookies if "session" in cookie["name"])
    assert session["httpOnly"]
    assert session["sameSite"] == "Strict"
    found = await kept(person)
    assert session["value"] not in found
    assert not re.search(r"cv[a-z]_|correct horse", found)
    await person.page.reload()
    await person.connected("ada")
    another = await guest(person.page.context)
    await another.open()
    await another.connected("ada")
    await person.sign_out()
    await expect(person.page.get_by_label("Password", exact=True)).to_be_visible()
    await expect(another.page.locator(".latch-text")).to_contain_text("You were signed out")
    assert "ada" not in await kept(person)


@pytest.mark.slow
async def test_a_page_in_the_browsers_session_gets_in_again_when_the_server_was_away(
    guest: Guests, household: Household, ada: Account
):
    person = await guest()
    await person.open()
    await person.sign_in("ada")
    await person.connected("ada")
    household.kill()
    await person.latch_says("Trying again")
    household.start()
    await person.connected("ada", within=30)
    # That nobody answered is said once for each attempt.
    person.nobody_answered()


@pytest.mark.slow
async def test_a_sign_out_that_the_server_did_not_hear_is_told_to_it_later(
    guest: Guests, household: Household, account: NewAccount
):
    uma = account("uma")
    person = await guest()
    await person.open()
    await person.sign_in("uma")
    await person.connected("uma")
    assert len(uma.ask("GET", "sessions")["sessions"]) == 2
    household.kill()
    await person.latch_says("Trying again")
    await person.sign_out()
    await expect(person.page.get_by_label("Password", exact=True)).to_be_visible()
    household.start()
    await person.open()
    await expect(person.page.get_by_label("Password", exact=True)).to_be_visible()
    for _ in range(100):
        if len(uma.ask("GET", "sessions")["sessions"]) == 1:
            break
        await asyncio.sleep(0.1)
    assert [one["current"] for one in uma.ask("GET", "sessions")["sessions"]] == [True]
    assert "leaving" not in await kept(person)
    person.nobody_answered()


async def totp_of(person: Person) -> tuple[pyotp.TOTP, list[str]]:
    """Set up an app; return it and the recovery codes."""
    dialog = await person.account("Second factors")
    await dialog.get_by_role("button", name="Set up app").click()
    drawing = dialog.get_by_role("img", name="QR code")
    await expect(drawing.locator("path")).to_have_count(1)
    app = pyotp.TOTP(await dialog.locator(".secret").inner_text())
    await dialog.get_by_label("Code", exact=True).fill("000000")
    await dialog.get_by_role("button", name="Confirm").click()
    await expect(dialog.get_by_role("alert")).to_contain_text("This code is not good")
    await dialog.get_by_label("Code", exact=True).fill(app.now())
    await dialog.get_by_role("button", name="Confirm").click()
    await expect(dialog.get_by_text("An app is set up.")).to_be_visible()
    codes = (await dialog.locator(".secret").inner_text()).split()
    return app, codes


async def test_after_the_password_a_code_is_asked_for_or_one_of_recovery(
    guest: Guests, household: Household, account: NewAccount
):
    account("eve")
    person, other = await guest(), await guest()
    await person.open()
    await person.sign_in("eve")
    await person.connected("eve")
    app, codes = await totp_of(person)
    assert len(codes) == 10
    await person.page.reload()
    await person.connected("eve")
    # Shown once: not after a reload.
    dialog = await person.account("Second factors")
    await expect(dialog.get_by_text("10 recovery codes are left")).to_be_visible()
    assert codes[0] not in await person.page.content()

    await other.open()
    await other.sign_in("eve")
    await expect(other.page.get_by_label("Code", exact=True)).to_be_focused()
    await other.page.get_by_label("Code", exact=True).fill("123456")
    await other.page.keyboard.press("Enter")
    await expect(other.page.get_by_role("alert")).to_contain_text("not good")
    await other.page.get_by_role("button", name="Use a recovery code").click()
    await other.page.get_by_label("Recovery code").fill(codes[0].upper())
    await other.page.keyboard.press("Enter")
    await other.connected("eve")
    assert app.secret not in household.log


async def test_a_passkey_lets_one_in_without_a_password(guest: Guests, account: NewAccount):
    account("kim")
    person = await guest()
    await person.open()
    await with_authenticator(person)
    await person.sign_in("kim")
    await person.connected("kim")
    dialog = await person.account("Second factors")
    await dialog.get_by_label("What to call it").fill("<b>laptop</b>")
    await dialog.get_by_role("button", name="Add passkey").click()
    await expect(dialog.locator(".row-name")).to_have_text("<b>laptop</b>")
    await expect(dialog.locator(".secret")).to_be_visible()
    await person.page.keyboard.press("Escape")
    await person.sign_out()

    await person.page.get_by_role("button", name="Use a passkey").click()
    await person.connected("kim")
    # After the password it is asked for, too.
    await person.sign_out()
    await person.sign_in("kim")
    await expect(person.page.get_by_text("Your account has a passkey")).to_be_visible()
    await person.page.get_by_role("button", name="Use a passkey").click()
    await person.connected("kim")

    dialog = await person.account("Second factors")
    await dialog.get_by_role("button", name="Remove <b>laptop</b>").click()
    await person.page.get_by_role("dialog").get_by_role("button", name="Remove", exact=True).click()
    await expect(dialog.get_by_text("You have no passkey yet")).to_be_visible()


async def test_an_invitation_makes_an_account_and_a_reset_link_a_new_password(
    guest: Guests, ada: Account
):
    boss, bob = await guest(), await guest()
    await boss.open()
    await boss.sign_in("ada")
    await boss.connected("ada")
    await boss.page.get_by_role("button", name="Office").click()
    await boss.page.get_by_role("button", name="Invitations", exact=True).click()
    await boss.page.get_by_label("What it is for").fill("<b>for bob</b>")
    await boss.page.get_by_role("button", name="Make link").click()
    link = await boss.page.locator(".secret").inner_text()
    await expect(boss.page.locator(".row-name", has_text="<b>for bob</b>")).to_be_visible()

    await bob.page.goto(link)
    await expect(bob.page.get_by_text("You are invited")).to_be_visible()
    assert link.split("=")[1] not in bob.page.url
    await bob.page.get_by_label("Name", exact=True).fill("ada")
    await bob.page.get_by_label("Password", exact=True).fill(PASSWORD)
    await bob.page.get_by_role("button", name="Create account").click()
    await expect(bob.page.get_by_role("alert")).to_contain_text("Somebody has this name")
    await bob.page.get_by_label("Name", exact=True).fill("bob")
    await bob.page.get_by_role("button", name="Create account").click()
    await bob.connected("bob")
    await expect(bob.page.get_by_role("button", name="Office")).to_have_count(0)
    assert link.split("=")[1] not in await kept(bob)

    await boss.page.get_by_role("button", name="People", exact=True).click()
    await boss.page.get_by_label("Find a person").fill("bob")
    await boss.page.get_by_role("button", name="Manage bob").click()
    person = boss.page.get_by_role("dialog", name="bob")
    await person.get_by_role("button", name="Reset password").click()
    reset = await person.locator(".secret").inner_text()
    await bob.page.goto(reset)
    await expect(bob.page.get_by_text("For the account bob")).to_be_visible()
    await bob.page.get_by_label("New password", exact=True).fill("quite another horse")
    await bob.page.get_by_role("button", name="Set password").click()
    await bob.connected("bob")


@pytest.mark.slow
async def test_guests_come_in_with_a_name_where_the_operator_lets_them(
    browser: Browser, tmp_path_factory: pytest.TempPathFactory
):
    server = Household(tmp_path_factory.mktemp("open"), "--guests")
    server.start()
    zoe = await Guests(browser, server.url)()
    try:
        await zoe.open()
        await zoe.page.get_by_role("button", name="Enter as a guest").click()
        await zoe.page.get_by_label("Shown name").fill("Zoe <b>")
        await zoe.page.get_by_role("button", name="Enter", exact=True).click()
        await zoe.connected("Zoe <b>")
        await expect(zoe.page.get_by_role("button", name="New room")).to_have_count(0)
        dialog = await zoe.account("Devices")
        await expect(dialog.get_by_role("button", name="API tokens")).to_have_count(0)
    finally:
        await zoe.page.context.close()
        server.close()


@pytest.mark.slow
async def test_who_must_have_a_second_factor_is_led_to_it_first(
    browser: Browser, tmp_path_factory: pytest.TempPathFactory
):
    server = Household(tmp_path_factory.mktemp("strict"), "--require-second-factor", "admin")
    server.start()
    ivy = await Guests(browser, server.url)()
    try:
        server.settle("ivy")
        await ivy.open()
        await ivy.sign_in("ivy")
        dialog = ivy.page.get_by_role("dialog", name="Your account")
        await expect(dialog.get_by_text("An admin asks for a second factor")).to_be_visible()
        await dialog.get_by_role("button", name="Set up app").click()
        app = pyotp.TOTP(await dialog.locator(".secret").inner_text())
        await dialog.get_by_label("Code", exact=True).fill(app.now())
        await dialog.get_by_role("button", name="Confirm").click()
        await expect(dialog.get_by_role("group", name="Recovery codes")).to_be_visible()
        # On paper there are the codes, and nothing of the page around them.
        await ivy.page.emulate_media(media="print")
        await expect(dialog.locator(".printing .secret")).to_be_visible()
        await expect(ivy.page.locator(".rooms .brand")).to_be_hidden()
        await ivy.page.emulate_media(media="screen")
        await ivy.page.keyboard.press("Escape")
        await ivy.connected("ivy")
        await ivy.create("after all")
        await ivy.in_room("after all")
    finally:
        await ivy.page.context.close()
        server.close()
