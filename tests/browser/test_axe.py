"""axe finds nothing in any part of the page, in any look; and no part of the page is left out."""

from pathlib import Path

import pytest
from playwright.async_api import Browser, Page
from tests.browser.axe import AXE, LOOKS, flaws
from tests.browser.conftest import Tab
from tests.browser.drawn import Drawn
from tests.browser.house import Server, settled
from tests.browser.still import moving
from tests.browser.telling import DESKTOP, PHONE, tell

PALE = """() => {
    const text = document.createElement("p");
    text.textContent = "hardly to be read";
    text.style.opacity = "0.3";
    document.querySelector("main").append(text);
}"""
THEMES = {name: LOOKS[name] for name in ("dark", "light")}


@pytest.fixture(autouse=True, scope="module")
def axe() -> None:
    if not AXE.exists():
        pytest.skip("axe-core is not installed: npm ci")


async def test_axe_finds_nothing_at_the_door_and_in_the_chat_and_something_where_it_is(
    tab: Tab, server: Server
):
    john, drawn = await tab(), Drawn()
    await john.open()
    await john.page.get_by_role("button", name="Enter as john").wait_for()
    await drawn.look(john.page, "door")
    assert await flaws(john.page, THEMES) == []
    assert "SignIn.js: SignIn" in drawn.seen
    assert "Composer.js: Composer" in drawn.missing
    await john.in_new_room("looked at", "Hello everybody", "👋")
    await drawn.look(john.page, "chat")
    assert await flaws(john.page, THEMES) == []
    assert drawn.seen["Composer.js: Composer"] == "chat"
    # It is there and not to be seen until one opens it.
    assert "Latch.js: Details" in drawn.missing
    await john.page.evaluate(PALE)
    assert "color-contrast" in (await flaws(john.page, THEMES))[0]


@pytest.mark.slow
@pytest.mark.timeout(1200)
async def test_axe_finds_nothing_in_any_part_of_the_page_and_nothing_moves(
    browser: Browser, tmp_path: Path
):
    drawn = Drawn()
    found: dict[str, list[str]] = {}
    for width, size in {"desktop": DESKTOP, "phone": PHONE}.items():

        async def look(page: Page, state: str, width: str = width) -> None:
            await settled(page)
            await drawn.look(page, state)
            found[f"{state}, {width}"] = await moving(page) + await flaws(page)

        assert await tell(browser, tmp_path / width, look, size=size) == []
    assert {state: seen for state, seen in found.items() if seen} == {}
    # A part that is new has to be shown by a story: see stories.py.
    assert drawn.missing == []
