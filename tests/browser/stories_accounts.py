"""
What only people with accounts see, told for pictures and for axe: see stories.py.

The server of these stories is another one, with accounts and guests and without a demo; the tab
that goes there comes back.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import pyotp
from tests.browser.house import Person, Server
from tests.browser.household import Account, Household, with_authenticator
from tests.browser.shooting import Shoot, Story, to_rooms
from tests.browser.stories_company import company


@contextmanager
def at_a_household(person: Person, server: Server) -> Iterator[Household]:
    """Take *person* to a server with accounts, which begins here and ends here."""
    data = server.data / "household"
    data.mkdir()
    house = data / "house.toml"
    # Nobody asks it: its button stands at the door, and in the account.
    house.write_text('issuer = "https://id.example.org"\nclient_id = "c"\nname = "House"\n')
    household = Household(data, "--guests", "--rate", "0", "--oidc", str(house))
    household.start()
    home, person.url = person.url, household.url
    try:
        yield household
    finally:
        person.url = home
        household.close()


async def follow(person: Person, address: str) -> None:
    """Open *address* as a link that was sent to one: the page begins anew."""
    await person.page.goto("about:blank")
    await person.open(address)


async def links(john: Person, household: Household, shoot: Shoot) -> Account:
    """The three links that let somebody in; return the first admin."""
    page = john.page
    await follow(john, f"/{household.setup_link()}")
    await page.get_by_text("Create the first account").wait_for()
    await page.get_by_label("Password", exact=True).fill("short")
    await page.get_by_role("button", name="Create account").click()
    await page.get_by_role("alert").wait_for()
    await shoot("the first account")
    ada = household.settle("ada")
    invitation = ada.ask("POST", "admin/links", {"role": "user", "uses": 1, "days": 1})
    await follow(john, f"/#invite={invitation['token']}")
    await page.get_by_text("You are invited").wait_for()
    await shoot("an invitation")
    bob = Account(household, {"token": invitation["token"]}, "bob")
    reset = ada.ask("POST", f"admin/users/{bob.ask('GET', 'me')['user']['id']}/reset")
    await follow(john, f"/#reset={reset['token']}")
    await page.get_by_text("For the account bob").wait_for()
    await shoot("a new password")
    return ada


async def factors(john: Person, shoot: Shoot) -> None:
    """Ada sets up an app and a passkey, and is asked for them."""
    page = john.page
    await follow(john, "/")
    await page.get_by_role("button", name="Sign in with House").wait_for()
    await shoot("the door with a provider")
    await page.get_by_role("button", name="Enter as a guest").click()
    await page.get_by_label("Shown name").wait_for()
    await shoot("as a guest")
    await page.get_by_role("button", name="Back").click()
    await john.sign_in("ada")
    await john.connected("ada")
    await to_rooms(john)
    dialog = await john.account("Second factors")
    await dialog.get_by_role("button", name="Set up app").click()
    await dialog.get_by_role("img", name="QR code").locator("path").wait_for()
    await shoot("setting up an app")
    app = pyotp.TOTP(await dialog.locator(".secret").inner_text())
    await dialog.get_by_label("Code", exact=True).fill(app.now())
    await dialog.get_by_role("button", name="Confirm").click()
    await dialog.get_by_role("group", name="Recovery codes").wait_for()
    await dialog.get_by_label("What to call it").fill("This laptop")
    await dialog.get_by_role("button", name="Add passkey").click()
    await dialog.locator(".row-name", has_text="This laptop").wait_for()
    await dialog.get_by_role("button", name="Link with House").wait_for()
    await shoot("second factors")
    await dialog.get_by_role("button", name="API tokens").click()
    await dialog.get_by_label("What it is for").fill("A script that tells of releases")
    await dialog.get_by_role("button", name="Make token").click()
    await dialog.locator(".row-name", has_text="releases").wait_for()
    await shoot("a token that was made")
    await dialog.get_by_role("button", name="Devices").click()
    await dialog.locator(".device").first.wait_for()
    await shoot("devices")
    await dialog.get_by_role("button", name="Password").click()
    await dialog.get_by_label("New password", exact=True).wait_for()
    await shoot("changing the password")
    await page.keyboard.press("Escape")
    await john.sign_out()
    await john.sign_in("ada")
    await page.get_by_label("Code", exact=True).fill("000000")
    await page.keyboard.press("Enter")
    await page.get_by_role("alert").wait_for()
    await shoot("asked for a code")
    await page.get_by_role("button", name="Use a passkey").click()
    await page.get_by_text("Your account has a passkey").wait_for()
    await shoot("asked for a passkey")
    await page.get_by_role("button", name="Use a passkey").click()
    await john.connected("ada")


async def accounts(john: Person, _: Person, server: Server, shoot: Shoot) -> None:
    with at_a_household(john, server) as household:
        await with_authenticator(john)
        ada = await links(john, household, shoot)
        await factors(john, shoot)
        await company(john, ada, shoot)
        await john.page.goto("about:blank")


ACCOUNTS: tuple[Story, ...] = (accounts,)
