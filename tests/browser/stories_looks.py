"""The page in other languages and looks, told as stories: see stories.py."""

from playwright.async_api import expect
from tests.browser.house import Person, Server
from tests.browser.shooting import Shoot, Story, on_phone, to_rooms

# What a person chooses, as the browser keeps it.
CHOOSE = """(looks) => {
    localStorage.setItem("conclave.looks", JSON.stringify(looks));
    dispatchEvent(new Event("looks"));
}"""


async def choose(person: Person, **looks: str) -> None:
    await person.page.evaluate(CHOOSE, looks)


async def speak(person: Person, language: str) -> None:
    """Load the page anew in *language*; who is signed in comes back."""
    await choose(person, language=language)
    await person.page.reload()
    await expect(person.page.locator(".latch")).to_have_attribute("data-link", "connected")


async def _shown(person: Person, shoot: Shoot, language: str, account: str, rooms: str) -> None:
    await speak(person, language)
    await person.page.locator(".line").first.wait_for()
    await shoot(f"{language} room")
    if on_phone(person):
        await person.page.get_by_role("button", name=rooms).click()
        await shoot(f"{language} rooms")
    await person.page.get_by_role("button", name=account, exact=True).click()
    await person.page.get_by_role("dialog").wait_for()
    await shoot(f"{language} account")
    await person.page.keyboard.press("Escape")


async def languages(john: Person, _: Person, __: Server, shoot: Shoot) -> None:
    await john.page.evaluate("location.hash = '#general'")
    await _shown(john, shoot, "de", "Dein Konto", "Zurück zu den Räumen")
    await john.page.evaluate("location.hash = '#general'")
    await _shown(john, shoot, "ar", "حسابك", "العودة إلى الغرف")
    await speak(john, "en")


async def appearance(john: Person, _: Person, __: Server, shoot: Shoot) -> None:
    await to_rooms(john)
    await john.account("Appearance and language")
    await shoot("appearance")
    await choose(john, contrast="more")
    await shoot("appearance in high contrast")
    await john.page.keyboard.press("Escape")
    await john.page.evaluate("location.hash = '#general'")
    await john.page.locator(".line").first.wait_for()
    await shoot("room in high contrast")
    await choose(john)


LOOKS: tuple[Story, ...] = (languages, appearance)
