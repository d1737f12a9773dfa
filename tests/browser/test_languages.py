"""The page in other languages, and from right to left; what a person chose is kept."""

import pytest
from playwright.async_api import Browser, expect
from tests.browser.house import Person, Server


@pytest.mark.parametrize(
    ("wanted", "language", "direction", "lead"),
    [
        ("de-AT", "de", "ltr", "Räume, die man mit einem Schlüssel abschließt."),
        ("ar-EG", "ar", "rtl", "غرف تُقفل بمفتاح."),
        ("fr-FR", "en", "ltr", "Rooms that lock with a key."),
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


@pytest.mark.parametrize("kept", ['{"language":"tlh"}', "[1]", "nonsense", '"x"', "null", "{}"])
async def test_a_choice_that_cannot_be_read_is_none(browser: Browser, server: Server, kept: str):
    context = await browser.new_context(locale="de-DE")
    page = await context.new_page()
    person = Person(page, server.url)
    await page.add_init_script(f"localStorage.setItem('conclave.looks', {kept!r})")
    await page.goto(server.url)
    await expect(page.get_by_text("Räume, die man")).to_be_visible()
    assert person.wrong == []
    await context.close()
