"""At 400 % everything is in reach: nothing is cut off, covered, or only there sideways."""

from pathlib import Path

import pytest
from playwright.async_api import Browser, Page
from tests.browser.conftest import Tab
from tests.browser.house import settled
from tests.browser.reach import out_of_reach
from tests.browser.telling import ZOOMED, tell

CUT = """() => {
    const composer = document.querySelector(".composer-box");
    composer.style.overflow = "hidden";
    composer.style.blockSize = "12px";
}"""


async def test_at_400_percent_the_door_and_the_chat_are_in_reach_and_what_is_cut_off_is_found(
    tab: Tab,
):
    john = await tab()
    await john.page.set_viewport_size({"width": ZOOMED[0], "height": ZOOMED[1]})
    await john.open()
    await john.page.get_by_role("button", name="Enter as john").wait_for()
    assert await out_of_reach(john.page) == []
    name = "q" * 64
    await john.in_new_room(name, "unbreakable" * 40)
    await john.say("```\n" + "a long line " * 20 + "\n```")
    await john.page.locator(".fence-code").wait_for()
    await john.page.mouse.move(0, 0)
    assert await out_of_reach(john.page) == []
    await john.page.evaluate(CUT)
    assert "out of reach: textarea" in " ".join(await out_of_reach(john.page))


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("from_right", [False, True])
async def test_at_400_percent_every_state_is_in_reach(
    browser: Browser, tmp_path: Path, from_right: bool
):
    found: dict[str, list[str]] = {}

    async def look(page: Page, state: str) -> None:
        await settled(page)
        # Parts that are fetched when they are first wanted.
        await page.wait_for_timeout(300)
        found[state] = await out_of_reach(page)

    data = tmp_path / "told"
    assert await tell(browser, data, look, size=ZOOMED, from_right=from_right) == []
    assert len(found) > 80
    assert {state: seen for state, seen in found.items() if seen} == {}
