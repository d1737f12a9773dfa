"""Tells stories by a server and two tabs of their own, at a size, to whoever looks."""

from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, Page
from tests.browser.house import Person, Server
from tests.browser.shooting import Story
from tests.browser.stories import ALL, OPTIONS

# What looks at the page in each state, called with its name.
Look = Callable[[Page, str], Awaitable[None]]
DESKTOP = (1280, 800)
PHONE = (390, 780)
# Of 1280 by 1024 pixels, at 400 %.
ZOOMED = (320, 256)
# What the browser itself says of what the stories play: a file that is not there, no network.
PLAYED = ("status of 404", "ERR_INTERNET_DISCONNECTED")
# Every language in the direction of Arabic: before anything is drawn, and after early.js.
FROM_RIGHT = """document.addEventListener("DOMContentLoaded", () => {
    document.documentElement.dir = "rtl";
});"""


async def tell(
    browser: Browser,
    data: Path,
    look: Look,
    *,
    size: tuple[int, int] = DESKTOP,
    stories: Iterable[Story] = ALL,
    from_right: bool = False,
    **media: Any,
) -> list[str]:
    """
    Tell *stories* in a browser of *size*; return what went wrong in it and was not played.

    *data* must not be there yet. *media* is what the browser says of itself, such as
    `color_scheme`; nothing moves, unless it says that it may.
    """
    data.mkdir(parents=True)
    server = Server(data, *OPTIONS, "--presence-grace", "0.3")
    server.start()
    contexts = [await browser.new_context() for _ in range(2)]
    john, admin = [Person(await context.new_page(), server.url) for context in contexts]
    if from_right:
        await john.page.add_init_script(FROM_RIGHT)
    await john.page.emulate_media(**{"reduced_motion": "reduce", **media})
    await john.page.set_viewport_size({"width": size[0], "height": size[1]})

    async def shoot(state: str) -> None:
        await look(john.page, state)

    try:
        for story in stories:
            await story(john, admin, server, shoot)
    finally:
        for context in contexts:
            await context.close()
        server.close()
    wrong = [*john.wrong, *admin.wrong]
    return [said for said in wrong if not any(played in said for played in PLAYED)]
