"""Light, dark, high contrast, size and motion: as the system has it, or as a person chose."""

import pytest
from playwright.async_api import Page, expect
from tests.browser.conftest import Tab
from tests.browser.house import Server

GROUND = "getComputedStyle(document.documentElement).backgroundColor"
INK = "getComputedStyle(document.documentElement).color"
SIZE = "getComputedStyle(document.documentElement).fontSize"
PAPER = {"light": "rgb(250, 248, 243)", "dark": "rgb(21, 24, 27)"}


async def becomes(page: Page, expression: str, wanted: str) -> None:
    await page.wait_for_function(f"(wanted) => {expression} === wanted", arg=wanted)


@pytest.mark.slow
async def test_the_looks_are_the_systems_until_one_chooses(tab: Tab):
    john = await tab()
    await john.enter("john")
    for scheme in ("dark", "light"):
        await john.page.emulate_media(color_scheme=scheme)
        await becomes(john.page, GROUND, PAPER[scheme])
    await john.page.emulate_media(contrast="more")
    await becomes(john.page, INK, "rgb(0, 0, 0)")
    await john.page.emulate_media(contrast="no-preference", reduced_motion="reduce")
    await becomes(john.page, INK, "rgb(30, 34, 38)")
    await becomes(john.page, "document.documentElement.dataset.motion", "less")


async def test_a_person_chooses_each_of_the_looks_and_they_stay(tab: Tab):
    john = await tab()
    await john.enter("john")
    page = john.page
    await page.emulate_media(color_scheme="light")
    part = await john.account("Appearance and language")
    await part.get_by_label("Theme").select_option(label="Dark")
    await becomes(page, GROUND, PAPER["dark"])
    await part.get_by_label("Contrast").select_option(label="More")
    await becomes(page, INK, "rgb(255, 255, 255)")
    await part.get_by_label("Size of text").select_option(label="Largest")
    await becomes(page, SIZE, "24px")
    await part.get_by_label("Motion").select_option(label="Less")
    await page.reload()
    await john.connected("john")
    root = page.locator("html")
    for name, value in {
        "theme": "dark",
        "contrast": "more",
        "size": "largest",
        "motion": "less",
    }.items():
        await expect(root).to_have_attribute(f"data-{name}", value)
    part = await john.account("Appearance and language")
    for label in ("Theme", "Contrast", "Motion"):
        await part.get_by_label(label).select_option(label="As the system")
    await part.get_by_label("Size of text").select_option(label="Normal")
    await becomes(page, GROUND, PAPER["light"])
    await becomes(page, SIZE, "16px")


@pytest.mark.slow
async def test_another_tab_of_the_browser_follows(tab: Tab):
    john, admin = await tab(), await tab()
    await john.enter("john")
    await admin.enter("admin")
    await admin.page.emulate_media(color_scheme="light")
    part = await john.account("Appearance and language")
    await part.get_by_label("Theme").select_option(label="Dark")
    await becomes(admin.page, GROUND, PAPER["dark"])


@pytest.mark.slow
async def test_what_was_chosen_stands_before_any_module_runs(tab: Tab, server: Server):
    john = await tab()
    await john.open()
    await john.page.evaluate("""localStorage.setItem("conclave.looks", '{"theme":"dark"}')""")
    await john.page.route("**/main.js", lambda route: route.abort())
    await john.page.emulate_media(color_scheme="light")
    await john.page.goto(server.url)
    assert await john.page.evaluate(GROUND) == PAPER["dark"]
    assert await john.page.locator("#app").inner_text() == ""
    john.wrong = [
        wrong for wrong in john.wrong if "main.js" not in wrong and "ERR_FAILED" not in wrong
    ]
