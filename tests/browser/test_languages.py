"""The page in other languages, and from right to left; what a person chose is kept."""

import re

import pytest
from playwright.async_api import Browser, expect
from tests.browser.conftest import Tab
from tests.browser.house import Person, Server, settled
from tests.browser.stories_looks import speak


@pytest.mark.parametrize(
    ("wanted", "language", "direction", "lead"),
    [
        ("de-AT", "de", "ltr", "Räume, die man mit einem Schlüssel abschließt."),
        ("ar-EG", "ar", "rtl", "غرف تُقفل بمفتاح."),
        pytest.param(
            *("fr-FR", "en", "ltr", "Rooms that lock with a key."), marks=pytest.mark.slow
        ),
    ],
)
async def test_the_page_speaks_the_browsers_language(
    browser: Browser, server: Server, wanted: str, language: str, direction: str, lead: str
):
    context = await browser.new_context(locale=wanted)
    page = await context.new_page()
    person = Person(page, server.url)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    await page.goto(server.url)
    await expect(page.get_by_text(lead).first).to_be_visible()
    await expect(page.locator("html")).to_have_attribute("lang", language)
    await expect(page.locator("html")).to_have_attribute("dir", direction)
    sentences = [url for url in asked if "/words/" in url and not url.endswith("speech.js")]
    assert len(sentences) > 8
    assert [url for url in sentences if f"/words/{language}/" not in url] == []
    assert len(set(sentences)) == len(sentences)
    assert person.wrong == []
    await context.close()


@pytest.mark.slow
@pytest.mark.parametrize(
    "kept",
    [
        '{"language":"tlh"}',
        "nonsense",
        *(pytest.param(kept, marks=pytest.mark.slow) for kept in ("[1]", '"x"', "null", "{}")),
    ],
)
async def test_a_choice_that_cannot_be_read_is_none(browser: Browser, server: Server, kept: str):
    context = await browser.new_context(locale="de-DE")
    page = await context.new_page()
    person = Person(page, server.url)
    await page.add_init_script(f"localStorage.setItem('conclave.looks', {kept!r})")
    await page.goto(server.url)
    await expect(page.get_by_text("Räume, die man")).to_be_visible()
    assert person.wrong == []
    await context.close()


OVERFLOW = """() => [document.documentElement, ...document.querySelectorAll(
    "dialog[open], .popover, [role=log], .rooms, .panel"
)].filter((one) => one.scrollWidth > one.clientWidth + 1).map((one) => one.className)"""


async def box(person: Person, what: str) -> dict[str, float]:
    found = await person.page.locator(what).first.bounding_box()
    assert found is not None, what
    return {"start": found["x"], "end": found["x"] + found["width"]}


@pytest.mark.parametrize(
    "width", [390, *(pytest.param(n, marks=pytest.mark.slow) for n in (1280, 900, 320))]
)
async def test_in_arabic_all_is_on_the_other_side_and_nothing_scrolls_sideways(
    tab: Tab, width: int
):
    john = await tab()
    await john.page.set_viewport_size({"width": width, "height": 780})
    await john.in_new_room(f"from-right-{width}", "An English sentence.", "جملة عربية.")
    await speak(john, "ar")
    page = john.page
    await page.locator(".line", has_text="جملة").wait_for()
    assert await page.evaluate(OVERFLOW) == []
    sides = "(line) => getComputedStyle(line).direction"
    assert await page.get_by_text("An English sentence.").last.evaluate(sides) == "ltr"
    assert await page.get_by_text("جملة عربية.").last.evaluate(sides) == "rtl"
    gutter, line = await box(john, ".line .avatar"), await box(john, ".line")
    assert line["end"] - gutter["end"] < gutter["start"] - line["start"]
    if width >= 720:
        rooms, stage = await box(john, ".rooms"), await box(john, ".stage")
        assert rooms["start"] >= stage["end"] - 1
    if not await page.locator(".panel").is_visible():
        await page.locator(".people-count").last.click()
    await settled(page)
    panel, whole = await box(john, ".panel"), await box(john, "body")
    assert panel["start"] == whole["start"]
    assert await page.evaluate(OVERFLOW) == []
    if width < 720:
        await page.get_by_role("button", name="العودة إلى الرسائل").click()
        await page.get_by_role("button", name="العودة إلى الغرف").click()
        assert await page.evaluate(OVERFLOW) == []
    await page.get_by_role("button", name="حسابك", exact=True).click()
    await expect(page.get_by_role("dialog")).to_be_visible()
    for part in await page.locator("dialog nav button").all():
        await part.click()
        assert await page.evaluate(OVERFLOW) == []


@pytest.mark.slow
async def test_what_points_along_the_line_is_turned_and_the_rest_is_not(tab: Tab):
    john = await tab()
    await john.page.set_viewport_size({"width": 390, "height": 780})
    await john.in_new_room("turned", "One")
    turned = "(icon) => getComputedStyle(icon).transform"
    back, send = john.page.locator(".icon-back").first, john.page.locator(".icon-send").first
    assert await back.evaluate(turned) == "none"
    await speak(john, "ar")
    assert re.match(r"matrix\(-1,", await back.evaluate(turned))
    assert await send.evaluate(turned) == "none"


@pytest.mark.slow
async def test_another_language_is_chosen_and_no_draft_is_lost(tab: Tab):
    john = await tab()
    await john.in_new_room("translated", "One")
    field = john.page.locator("#composer")
    await field.fill("half a sentence")
    part = await john.account("Appearance and language")
    await part.locator("#language").select_option(label="Deutsch")
    await expect(john.page.locator(".latch")).to_contain_text("Verbunden")
    await expect(field).to_have_value("half a sentence")
    await expect(john.page.locator("html")).to_have_attribute("lang", "de")
    await john.page.reload()
    await expect(john.page.locator(".latch")).to_contain_text("Verbunden")


@pytest.mark.slow
async def test_at_the_door_one_chooses_a_language_too(tab: Tab):
    john = await tab()
    await john.open()
    await john.page.get_by_label("Language").select_option(label="العربية")
    await expect(john.page.get_by_text("غرف تُقفل بمفتاح.")).to_be_visible()
    await john.page.get_by_label("اللغة").select_option("")
    await expect(john.page.get_by_text("Rooms that lock with a key.")).to_be_visible()
