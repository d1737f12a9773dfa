"""What stories are: they take two people through states, and call `shoot` with each one's name."""

from collections.abc import Awaitable, Callable
from contextlib import suppress

from playwright.async_api import TimeoutError as TooLate
from playwright.async_api import expect
from tests.browser.house import Person, Server

Shoot = Callable[[str], Awaitable[None]]
Story = Callable[[Person, Person, Server, Shoot], Awaitable[None]]

# Below this width rooms, log and panels are screens of their own.
PHONE = 720


def on_phone(person: Person) -> bool:
    size = person.page.viewport_size
    return size is not None and size["width"] < PHONE


async def to_rooms(person: Person) -> None:
    """On a phone the rooms are a screen of their own."""
    back = person.page.get_by_role("button", name="Back to the rooms")
    if await back.is_visible():
        # Who was let out of a room may be on the way there already.
        with suppress(TooLate):
            await back.click(timeout=2_000)
        await expect(back).to_be_hidden()
