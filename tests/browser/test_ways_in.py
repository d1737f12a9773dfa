"""Ways in: the first admin, a password, second factors, passkeys, devices."""

import re
from collections.abc import AsyncIterator, Iterator

import pyotp
import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, expect
from tests.browser.house import PASSWORD, Account, Household, Person


@pytest.fixture(scope="session")
def household(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Household]:
    server = Household(tmp_path_factory.mktemp("household"), "--rate", "0")
    server.start()
    yield server
    server.close()


@pytest.fixture(scope="session")
def ada(household: Household) -> Account:
    """The first admin."""
    return household.settle("ada")


class Guests:
    """Browsers of their own, each with one tab; what went wrong in them is told at the end."""

    def __init__(self, browser: Browser, url: str) -> None:
        self.browser = browser
        self.url = url
        self.people: list[Person] = []

    async def __call__(self, context: BrowserContext | None = None) -> Person:
        context = context or await self.browser.new_context(viewport={"width": 1280, "height": 800})
        person = Person(await context.new_page(), self.url)
        self.people.append(person)
        return person


@pytest_asyncio.fixture(loop_scope="session")
async def guest(browser: Browser, household: Household) -> AsyncIterator[Guests]:
    guests = Guests(browser, household.url)
    yield guests
    for person in guests.people:
        assert person.wrong == []
        await person.page.context.close()


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
    await person.page.get_by_label("Details").click()
    await person.page.get_by_role("button", name="Sign out").click()
    await expect(person.page.get_by_label("Password", exact=True)).to_be_visible()
    await expect(another.page.locator(".latch-text")).to_contain_text("You were signed out")
    assert "ada" not in await kept(person)


async def test_a_page_in_the_browsers_session_gets_in_again_when_the_server_was_away(
    guest: Guests, household: Household, ada: Account
):
    person = await guest()
    await person.open()
    await person.sign_in("ada")
    await person.connected("ada")
    household.kill()
    await person.latch_says("Trying again", 10)
    household.start()
    await person.connected("ada", within=30)
    # That nobody answered is said once for each attempt.
    person.wrong = [wrong for wrong in person.wrong if "ERR_CONNECTION_REFUSED" not in wrong]


async def totp_of(person: Person) -> tuple[pyotp.TOTP, list[str]]:
    """Set up an app; return it and the recovery codes."""
    dialog = await person.account("Second factors")
    await dialog.get_by_role("button", name="Set up app").click()
    drawing = dialog.get_by_role("img", name="QR code")
    await expect(drawing.locator("path")).to_have_count(1)
    app = pyotp.TOTP(await dialog.locator(".secret").inner_text())
    await dialog.get_by_label("Code", exact=True).fill("000000")
    await dialog.get_by_role("button", name="Confirm").click()
    await expect(dialog.get_by_role("alert")).to_contain_text("not the code")
    await dialog.get_by_label("Code", exact=True).fill(app.now())
    await dialog.get_by_role("button", name="Confirm").click()
    await expect(dialog.get_by_text("An app is set up.")).to_be_visible()
    codes = (await dialog.locator(".secret").inner_text()).split()
    return app, codes


async def test_after_the_password_a_code_is_asked_for_or_one_of_recovery(
    browser: Browser, tmp_path_factory: pytest.TempPathFactory
):
    server = Household(tmp_path_factory.mktemp("factors"), "--rate", "0")
    server.start()
    try:
        server.settle("eve")
        person = await Guests(browser, server.url)()
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

        other = await Guests(browser, server.url)()
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
        await other.page.context.close()
        await person.page.context.close()
        assert app.secret not in server.log
    finally:
        server.close()


async def with_authenticator(person: Person) -> None:
    """Give the tab an authenticator that says yes."""
    session = await person.page.context.new_cdp_session(person.page)
    await session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    await session.send("WebAuthn.addVirtualAuthenticator", {"options": options})


async def test_a_passkey_lets_one_in_without_a_password(
    browser: Browser, tmp_path_factory: pytest.TempPathFactory
):
    server = Household(tmp_path_factory.mktemp("passkeys"), "--rate", "0")
    server.start()
    try:
        server.settle("kim")
        person = await Guests(browser, server.url)()
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
        await person.page.get_by_label("Details").click()
        await person.page.get_by_role("button", name="Sign out").click()

        await person.page.get_by_role("button", name="Use a passkey").click()
        await person.connected("kim")
        # After the password it is asked for, too.
        await person.page.get_by_label("Details").click()
        await person.page.get_by_role("button", name="Sign out").click()
        await person.sign_in("kim")
        await expect(person.page.get_by_text("Your account has a passkey")).to_be_visible()
        await person.page.get_by_role("button", name="Use a passkey").click()
        await person.connected("kim")

        dialog = await person.account("Second factors")
        await dialog.get_by_role("button", name="Remove <b>laptop</b>").click()
        await person.page.get_by_role("dialog").get_by_role("button", name="Remove").last.click()
        await expect(dialog.get_by_text("You have no passkey yet")).to_be_visible()
        await person.page.context.close()
    finally:
        server.close()


async def test_log_out_that_one_ends_the_other_browser_at_once(guest: Guests, ada: Account):
    here, there = await guest(), await guest()
    for person in (here, there):
        await person.open()
        await person.sign_in("ada")
        await person.connected("ada")
    dialog = await here.account("Devices")
    mine = dialog.locator(".device[data-current=true]")
    await expect(mine).to_contain_text("this one")
    others = dialog.locator(".device[data-current=false]")
    newest = others.first
    await newest.get_by_role("button", name="Log out").click()
    confirm = here.page.get_by_role("dialog", name="Log out")
    await confirm.get_by_role("button", name="Log out").click()
    seconds = await there.latch_says("You were signed out on another device", 5)
    print(f"the other socket was closed {seconds:.2f} s after the press")
    assert seconds < 2
    await there.page.reload()
    await expect(there.page.get_by_label("Password", exact=True)).to_be_visible()
    await expect(here.page.locator(".latch-text")).to_contain_text("Connected")


async def test_a_changed_password_signs_the_others_out(
    browser: Browser, tmp_path_factory: pytest.TempPathFactory
):
    server = Household(tmp_path_factory.mktemp("changing"), "--rate", "0")
    server.start()
    try:
        server.settle("lea")
        guests = Guests(browser, server.url)
        here, there = await guests(), await guests()
        for person in (here, there):
            await person.open()
            await person.sign_in("lea")
            await person.connected("lea")
        dialog = await here.account("Password")
        await dialog.get_by_label("Current password", exact=True).fill("something else")
        await dialog.get_by_label("New password", exact=True).fill("another horse battery")
        await dialog.get_by_role("button", name="Change password").click()
        await expect(dialog.get_by_role("alert")).to_contain_text("not your password")
        await dialog.get_by_label("Current password", exact=True).fill(PASSWORD)
        await dialog.get_by_role("button", name="Change password").click()
        await expect(dialog.get_by_role("status")).to_contain_text("is changed")
        await there.latch_says("You were signed out", 5)
        await there.page.get_by_role("button", name="Sign in").click()
        await there.sign_in("lea", "another horse battery")
        await there.connected("lea")
        for person in (here, there):
            await person.page.context.close()
    finally:
        server.close()
