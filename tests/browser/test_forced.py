"""With colours of the system's alone: what is chosen, pressed, wrong or has the focus is seen."""

from pathlib import Path

import pytest
from playwright.async_api import Browser, Page
from tests.browser.axe import AXE, flaws
from tests.browser.conftest import Tab
from tests.browser.forced import alike
from tests.browser.house import settled
from tests.browser.telling import tell

LOOKS = {
    f"forced, {scheme}": {"color_scheme": scheme, "contrast": "no-preference"}
    for scheme in ("dark", "light")
}
RING = "(box) => getComputedStyle(box).outlineStyle"
OWN_LINE = "(line) => getComputedStyle(line).borderInlineStartColor"
FLAT = """() => {
    const room = document.querySelector(".room-link[aria-current]");
    room.style.cssText = "outline: none; border-color: Canvas";
}"""


async def test_in_forced_colours_the_open_room_ones_own_lines_and_the_focus_are_seen(tab: Tab):
    john = await tab()
    await john.page.emulate_media(forced_colors="active")
    await john.in_new_room("few colours", "mine")
    box, log = john.page.locator(".composer-box"), john.page.get_by_role("log")
    await john.page.locator("#composer").focus()
    assert await box.evaluate(RING) == "solid"
    await log.focus()
    assert await box.evaluate(RING) == "none"
    assert await john.page.locator(".line[data-own=true]").evaluate(OWN_LINE) == (
        await john.page.locator("html").evaluate("(root) => getComputedStyle(root).color")
    )
    assert await alike(john.page) == []
    await john.page.evaluate(FLAT)
    assert "aria-current is not seen" in (await alike(john.page))[0]


@pytest.mark.slow
@pytest.mark.timeout(600)
async def test_in_forced_colours_every_state_can_be_told_from_the_others(
    browser: Browser, tmp_path: Path
):
    if not AXE.exists():
        pytest.skip("axe-core is not installed: npm ci")
    found: dict[str, list[str]] = {}

    async def look(page: Page, state: str) -> None:
        await settled(page)
        found[state] = await alike(page) + await flaws(page, LOOKS)

    assert await tell(browser, tmp_path / "told", look, forced_colors="active") == []
    assert len(found) > 80
    assert {state: seen for state, seen in found.items() if seen} == {}
