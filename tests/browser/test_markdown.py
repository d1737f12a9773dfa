"""Messages as Markdown, for two people: one at a desk, one with a phone."""

import pytest
from playwright.async_api import expect
from tests.browser.conftest import Tab
from tests.browser.house import Person, Server, fill

MARKED = """**Plans** for *today*, not ~~yesterday~~: `make run`
and a second line

1. first
2. second
   - inner

> said before

| what | when |
|:--|--:|
| a ledger | soon |

[the docs](https://docs.example/a), https://long.example/%s, ada@docs.example
![a picture](https://elsewhere.invalid/p.png) <b>no tag</b>

# A line that stands out
---""" % ("a" * 300)
CODE = "```python\ndef roll(sides: int) -> int:\n    return sides  # always%s\n```" % (" long" * 60)
BARE = "```\nno language\n```"
SIDEWAYS = "document.scrollingElement.scrollWidth > document.scrollingElement.clientWidth"


async def a_phone(person: Person, width: int = 320) -> Person:
    await person.page.set_viewport_size({"width": width, "height": 640})
    return person


async def shows_the_markdown(person: Person) -> None:
    text = person.page.locator(".stage .line .text").last
    await expect(text.locator("strong").first).to_have_text("Plans")
    await expect(text.locator("em")).to_have_text("today")
    await expect(text.locator("s")).to_have_text("yesterday")
    await expect(text.locator("p code")).to_have_text("make run")
    await expect(text.locator("ol > li")).to_have_count(2)
    await expect(text.locator("ol ul > li")).to_have_text("inner")
    await expect(text.locator("blockquote")).to_have_text("said before")
    await expect(text.locator("td")).to_have_text(["a ledger", "soon"])
    await expect(text.locator(".text-heading")).to_have_text("A line that stands out")
    await expect(text.locator("hr")).to_have_count(1)
    await expect(text).to_contain_text("<b>no tag</b>")
    assert await text.locator("h1, h2, h3, h4, h5, h6, img").count() == 0
    links = await text.locator("a").evaluate_all(
        "links => links.map(({ href, target, rel }) => [href, target, rel])"
    )
    rel = "noopener noreferrer nofollow ugc"
    assert [(href[:26], *rest) for href, *rest in links] == [
        ("https://docs.example/a", "_blank", rel),
        ("https://long.example/aaaaa", "_blank", rel),
        ("mailto:ada@docs.example", "_blank", rel),
        ("https://elsewhere.invalid/", "_blank", rel),
    ]
    assert await person.page.evaluate(SIDEWAYS) is False


async def test_two_people_see_the_same_markdown_at_a_desk_and_on_a_phone(tab: Tab, server: Server):
    john, admin = await tab(), await a_phone(await tab())
    await john.in_new_room("markdown")
    await admin.enter("admin")
    await admin.join("markdown")
    await john.say(MARKED)
    await john.stored()
    await shows_the_markdown(john)
    await shows_the_markdown(admin)
    await john.press("Plans", "r")
    await expect(john.page.locator("#composer-about")).to_contain_text("Plans for today")
    await expect(john.page.locator("#composer-about")).not_to_contain_text("**")
    # What is stored, and changed, is what was typed.
    await john.page.keyboard.press("Escape")
    await john.page.locator("#composer").press("ArrowUp")
    await expect(john.page.locator("#composer")).to_have_value(MARKED)


async def test_code_gets_colours_in_sight_scrolls_by_itself_and_is_copied(tab: Tab, server: Server):
    john = await a_phone(await tab(), 390)
    await john.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await john.in_new_room("code")
    await fill(server, "code", [BARE, CODE])
    fences = john.page.locator(".stage .fence")
    await expect(fences).to_have_count(2)
    await expect(fences.last.locator(".code-keyword").first).to_have_text("def")
    await expect(fences.last.locator(".code-comment")).to_contain_text("# always")
    await expect(fences.first.locator("[class^=code-]")).to_have_count(0)
    wide, narrow = fences.last.locator(".fence-code"), fences.first.locator(".fence-code")
    assert await wide.evaluate("box => box.scrollWidth > box.clientWidth")
    await expect(wide).to_have_attribute("tabindex", "0")
    await expect(narrow).not_to_have_attribute("tabindex", "0")
    assert await john.page.evaluate(SIDEWAYS) is False
    await fences.last.get_by_role("button", name="Copy code").click()
    await expect(fences.last.get_by_role("status")).to_have_text("Copied.")
    copied = await john.page.evaluate("navigator.clipboard.readText()")
    assert copied == CODE.removeprefix("```python\n").removesuffix("\n```")


@pytest.mark.slow
async def test_a_link_of_this_chat_opens_in_this_page(tab: Tab, server: Server):
    john = await tab()
    await john.in_new_room("here", "the first")
    seq = str(await (await john.line_of("the first")).get_attribute("id")).removeprefix("line-")
    await john.say(f"see [that one]({server.url}/#here/{seq})")
    link = (await john.line_of("see that one")).locator("a.text-link")
    assert await link.get_attribute("target") is None
    await link.click()
    await expect(await john.line_of("the first")).to_have_attribute("data-marked", "true")


@pytest.mark.slow
async def test_a_few_emoji_alone_are_drawn_larger(tab: Tab):
    john = await tab()
    await john.in_new_room("large", "🎉 👩‍🚀 👍🏽", "🎉 well", "1 2 3", "🎉🎉🎉🎉🎉🎉🎉")
    large = john.page.locator(".line .text")
    assert await large.evaluate_all("all => all.map(({ dataset }) => dataset.large)") == [
        "true",
        "false",
        "false",
        "false",
    ]
