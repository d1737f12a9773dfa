"""Ways in: the first admin, a password, second factors, passkeys, devices."""

import re
from collections.abc import AsyncIterator, Callable, Iterator

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


NewAccount = Callable[[str], Account]


@pytest.fixture(scope="session")
def account(household: Household, ada: Account) -> NewAccount:
    """Make accounts by invitations of the admin's."""

    def make(name: str) -> Account:
        link = ada.ask("POST", "admin/links", {"role": "user", "uses": 1, "days": 1})
        return Account(household, {"token": link["token"]}, name)

    return make


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
    await person.sign_out()
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
    await person.page.get_by_role("dialog").get_by_role("button", name="Remove").last.click()
    await expect(dialog.get_by_text("You have no passkey yet")).to_be_visible()


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


async def test_a_changed_password_signs_the_others_out(guest: Guests, account: NewAccount):
    account("lea")
    here, there = await guest(), await guest()
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


async def test_who_is_deactivated_is_out_at_once_and_reads_why(
    guest: Guests, ada: Account, account: NewAccount
):
    account("mia")
    boss, mia = await guest(), await guest()
    await mia.open()
    await mia.sign_in("mia")
    await mia.connected("mia")
    await boss.open()
    await boss.sign_in("ada")
    await boss.connected("ada")
    await boss.page.get_by_role("button", name="Office").click()
    await boss.page.get_by_role("button", name="Manage mia").click()
    await boss.page.get_by_role("button", name="Deactivate").click()
    confirm = boss.page.get_by_role("dialog", name="Deactivate mia?")
    await confirm.get_by_role("button", name="Deactivate").click()
    seconds = await mia.latch_says("This account is closed", 5)
    print(f"the socket of who was deactivated was closed {seconds:.2f} s after the press")
    await mia.page.get_by_role("button", name="Sign in").click()
    await mia.sign_in("mia")
    await expect(mia.page.get_by_role("alert")).to_contain_text("do not belong together")


async def test_what_devices_call_themselves_shows_as_text(
    browser: Browser, guest: Guests, account: NewAccount
):
    account("nia")
    agent = "<img src=x onerror=alert(1)>"
    context = await browser.new_context(user_agent=agent)
    person = await guest(context)
    await person.open()
    await person.sign_in("nia")
    await person.connected("nia")
    dialog = await person.account("Devices")
    await expect(dialog.locator(".device[data-current=true] .row-name")).to_contain_text(agent)
    assert await person.page.locator("#app img").count() == 0


async def test_a_token_is_shown_once_and_lets_a_program_in(guest: Guests, account: NewAccount):
    account("oda")
    person, program = await guest(), await guest()
    await person.open()
    await person.sign_in("oda")
    await person.connected("oda")
    dialog = await person.account("API tokens")
    await dialog.get_by_label("What it is for").fill("<i>script</i>")
    await dialog.get_by_role("button", name="Make token").click()
    token = await dialog.locator(".secret").inner_text()
    await expect(dialog.locator(".row-name")).to_have_text("<i>script</i>")
    await program.open()
    await program.page.get_by_role("button", name="I have a token").click()
    await program.page.get_by_label("Token", exact=True).fill(token)
    await program.page.get_by_role("button", name="Sign in").click()
    await program.connected("oda")
    await dialog.get_by_role("button", name="Revoke <i>script</i>").click()
    confirm = person.page.get_by_role("dialog", name="Revoke the token")
    await confirm.get_by_role("button", name="Revoke").click()
    await program.latch_says("You were signed out", 5)
    await person.page.reload()
    await person.connected("oda")
    assert token not in await person.page.content()


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
