"""Reading a long room: what is drawn, where the reader stays, how one gets elsewhere."""

import asyncio

import pytest
from playwright.async_api import expect
from tests.browser.conftest import Tab
from tests.browser.house import Person, Server, fill, read_by_john, speaking
from tests.browser.long_room import DRAWN, EMPTY, FIRST_SEEN, fill_long, load, scroll, still

SIZES = {"desktop": (1280, 800), "phone": (390, 800)}


@pytest.fixture(params=["desktop", pytest.param("phone", marks=pytest.mark.slow)])
def size(request: pytest.FixtureRequest) -> tuple[int, int]:
    found: tuple[int, int] = SIZES[request.param]
    return found


async def in_long_room(
    john: Person, server: Server, room: str, count: int, size: tuple[int, int] = (1280, 800)
) -> None:
    """Be john in *room*, at its end, with *count* messages of admin's that he has read."""
    await john.page.set_viewport_size({"width": size[0], "height": size[1]})
    async with speaking(server, "john", room) as wire:
        await fill_long(server, room, count)
        last = (await wire.ask("get:history", {"room": room}))["last_seq"]
        await wire.ask("read", {"room": room, "seq": last})
    await john.enter("john")
    await john.open(f"/#{room}")
    await john.sees(f"line {count}.")


async def test_only_what_is_near_is_drawn_and_nothing_in_sight_is_missing(
    tab: Tab, server: Server, size: tuple[int, int]
):
    john = await tab()
    room = f"long-{size[0]}"
    await in_long_room(john, server, room, 1500, size)
    await load(john, 1)
    page = john.page
    whole = await page.evaluate("() => document.querySelector('.stage .log').scrollHeight")
    assert whole > 1500 * 24
    for part in (0.5, 0.1, 0.9, 0.52):
        await scroll(page, whole * part)
        await still(page)
        assert not await page.evaluate(EMPTY)
        assert await page.evaluate(DRAWN) < 400


@pytest.mark.slow
async def test_the_reader_stays_while_others_write_and_heights_change(
    tab: Tab, server: Server, size: tuple[int, int]
):
    john = await tab()
    room = f"stays-{size[0]}"
    await in_long_room(john, server, room, 800, size)
    await load(john, 1)
    page = john.page
    await scroll(page, 9000)
    await still(page)
    seen = await page.evaluate(FIRST_SEEN)
    await fill(server, room, ["news"] * 30)
    await expect(page.locator(".jump")).to_contain_text("30 new")
    assert await page.evaluate(FIRST_SEEN) == seen
    # Something above and below grows after it was drawn, as an image or a fold does.
    await page.evaluate(
        """() => {
            const rule = '.stage .log .line:nth-of-type(3n) { padding-block-end: 40px }';
            const sheet = new CSSStyleSheet();
            sheet.replaceSync(rule);
            document.adoptedStyleSheets = [sheet];
        }"""
    )
    await still(page)
    now = await page.evaluate(FIRST_SEEN)
    assert (now["text"], round(now["top"])) == (seen["text"], round(seen["top"]))
    await page.set_viewport_size({"width": size[0] - 60, "height": size[1] - 100})
    await still(page)
    assert (await page.evaluate(FIRST_SEEN))["text"] == seen["text"]


@pytest.mark.slow
async def test_scrolled_up_step_by_step_every_line_comes_once_and_in_order(
    tab: Tab, server: Server
):
    john = await tab()
    await in_long_room(john, server, "steps", 600)
    await load(john, 1)
    page = john.page
    await page.keyboard.press("Escape")
    await expect(john.line("line 600.")).to_be_in_viewport()
    found = await page.evaluate(
        """async () => {
            const log = document.querySelector('.stage .log');
            const frame = () => new Promise(
                (done) => requestAnimationFrame(() => setTimeout(done)));
            const found = new Set();
            let last = null;
            for (let done = false; !done; log.scrollTop -= 500) {
                await frame();
                done = log.scrollTop === 0;
                const edge = log.getBoundingClientRect();
                const lines = [...log.querySelectorAll('.line')].filter((line) => {
                    const { top, bottom } = line.getBoundingClientRect();
                    return bottom > edge.top && top < edge.bottom;
                });
                const numbers = lines.map((line) => line.querySelector('.text').innerText)
                    .map((text) => Number(/^line (\\d+)\\./.exec(text)[1]));
                numbers.forEach((n, at) => {
                    if (at > 0 && n !== numbers[at - 1] + 1) throw new Error(`${numbers}`);
                    found.add(n);
                });
                if (last !== null && numbers[0] > last) throw new Error(`${numbers[0]} > ${last}`);
                last = numbers[0];
            }
            return found.size;
        }"""
    )
    assert found == 600


@pytest.mark.slow
async def test_lines_that_pass_under_a_pointer_at_rest_offer_nothing(tab: Tab):
    john = await tab()
    await john.in_new_room("passing", *[f"{n} of\n" + "tall\n" * 12 for n in range(4)])
    page = john.page
    pointed, tools = page.locator(".stage .line:hover"), page.locator(".stage .tools")
    await (await john.line_of("3 of")).hover()
    await expect(tools).to_have_count(1)
    await page.mouse.wheel(0, -400)
    await expect(pointed).to_contain_text("2 of")
    await expect(tools).to_have_count(0)
    await expect(pointed.locator(".number")).to_have_css("opacity", "0")
    box = await pointed.bounding_box()
    assert box is not None
    await page.mouse.move(box["x"] + 200, box["y"] + 40)
    await expect(pointed.locator(".tools")).to_be_visible()
    await expect(pointed.locator(".number")).to_have_css("opacity", "1")


@pytest.mark.slow
async def test_keys_go_over_the_whole_log_and_the_focus_outlives_its_place(
    tab: Tab, server: Server
):
    john = await tab()
    await in_long_room(john, server, "over-all", 600)
    await load(john, 1)
    page = john.page
    focused = page.locator(".stage .line:focus .text")
    await page.keyboard.press("Escape")
    await expect(focused).to_have_text("line 600.")
    await page.keyboard.press("Home")
    await expect(focused).to_have_text("line 1.")
    await expect(focused).to_be_in_viewport()
    for _ in range(3):
        await page.keyboard.press("ArrowDown")
    await expect(focused).to_have_text("line 4.")
    await scroll(page, 20_000)
    await still(page)
    await expect(focused).to_have_text("line 4.")
    await expect(focused).not_to_be_in_viewport()
    await page.keyboard.press("ArrowDown")
    await expect(focused).to_have_text("line 5.")
    await expect(focused).to_be_in_viewport()
    await page.keyboard.press("End")
    await expect(focused).to_have_text("line 600.")
    stops = "() => document.querySelectorAll('.log .line:not(:focus) [tabindex=\"0\"]').length"
    assert await page.evaluate(stops) == 0


@pytest.mark.slow
async def test_text_that_is_selected_is_copied_whole_though_one_scrolled_on(
    tab: Tab, server: Server
):
    john = await tab()
    await in_long_room(john, server, "selected", 400)
    await load(john, 1)
    page = john.page
    focused = page.locator(".stage .line:focus .text")
    await page.keyboard.press("Escape")
    await expect(focused).to_have_text("line 400.")
    await page.keyboard.press("Home")
    await expect(focused).to_have_text("line 1.")
    await page.evaluate(
        """() => {
            let text = document.querySelector('.stage .line .text');
            while (text.firstChild) text = text.firstChild;
            getSelection().setBaseAndExtent(text, 0, text, 3);
        }"""
    )
    await scroll(page, 6000)
    await still(page)
    await page.evaluate(
        """() => {
            const edge = document.querySelector('.stage .log').getBoundingClientRect();
            let text = [...document.querySelectorAll('.stage .line .text')].find(
                (text) => text.getBoundingClientRect().top > edge.top);
            while (text.firstChild) text = text.firstChild;
            getSelection().extend(text, 4);
        }"""
    )
    await scroll(page, 6100)
    await still(page)
    copied = await page.evaluate("() => getSelection().toString()")
    numbers = [n for n in range(1, 400) if f"line {n}." in copied]
    assert len(numbers) > 60
    assert numbers == list(range(1, len(numbers) + 1))


@pytest.mark.slow
async def test_everything_that_is_loaded_is_printed(tab: Tab, server: Server):
    john = await tab()
    await in_long_room(john, server, "printed", 400)
    await load(john, 1)
    page = john.page
    await page.evaluate(
        "() => addEventListener('beforeprint', () => setTimeout(() => {"
        " window.printed = document.querySelectorAll('.stage .line').length; }))"
    )
    await page.evaluate("() => dispatchEvent(new Event('beforeprint'))")
    await expect(page.locator(".stage .line")).to_have_count(400)
    await page.emulate_media(media="print")
    tall = await page.evaluate("() => document.documentElement.scrollHeight")
    assert tall > 400 * 24
    await expect(page.locator("#composer")).to_be_hidden()
    await page.emulate_media(media="screen")
    await page.evaluate("() => dispatchEvent(new Event('afterprint'))")
    await expect(page.locator(".stage .line")).not_to_have_count(400)


async def test_a_long_room_opens_at_the_first_unread_and_what_one_says_leads_to_the_end(
    tab: Tab, server: Server, size: tuple[int, int]
):
    john = await tab()
    room = f"unread-{size[0]}"
    await in_long_room(john, server, room, 300, size)
    await read_by_john(server, room)
    await john.page.goto("about:blank")
    await fill(server, room, [f"later {n}." for n in range(1, 91)])
    await john.open(f"/#{room}")
    await expect(john.page.locator(".new-rule")).to_be_in_viewport()
    await expect(john.line("later 1.")).to_be_in_viewport()
    await expect(john.line("line 300.")).to_be_in_viewport()
    await fill(server, room, ["the very last"])
    await expect(john.page.locator(".jump")).to_be_visible()
    await john.say("I have read enough")
    await expect(john.line("I have read enough")).to_be_in_viewport()
    await expect(john.page.locator("#composer")).to_be_focused()
    await expect(john.page.locator(".jump")).to_have_count(0)


async def test_a_jump_leads_to_the_end_of_what_came_meanwhile(
    tab: Tab, server: Server, size: tuple[int, int]
):
    john = await tab()
    room = f"jump-{size[0]}"
    await in_long_room(john, server, room, 100, size)
    await john.page.locator(".stage .log").evaluate("(log) => log.scrollTo(0, 0)")
    await fill(server, room, ["the very last"])
    await john.page.locator(".jump").click()
    await expect(john.line("the very last")).to_be_in_viewport()
    await expect(john.page.locator(".jump")).to_have_count(0)


async def test_what_is_read_in_one_browser_is_read_in_the_other(
    tab: Tab, server: Server, browser: object
):
    john = await tab()
    await john.in_new_room("both")
    await john.create("aside")
    await john.in_room("aside")
    other = await browser.new_context()  # type: ignore[attr-defined]
    try:
        second = Person(await other.new_page(), server.url)
        await second.enter("john")
        await second.open("/#aside")
        await second.in_room("aside")
        await fill(server, "both", ["one", "two", "three"])
        for person in (john, second):
            link = person.page.locator(".room-link", has_text="both")
            await expect(link.locator(".unread > span").first).to_have_text("3")
        await john.page.locator(".room-link", has_text="both").click()
        await john.sees("three")
        for person in (john, second):
            link = person.page.locator(".room-link", has_text="both")
            await expect(link.locator(".unread")).to_have_count(0)
        await john.page.locator(".room-link", has_text="aside").click()
        await john.in_room("aside")
        await fill(server, "both", ["four"])
        await asyncio.sleep(0)
        for person in (john, second):
            link = person.page.locator(".room-link", has_text="both")
            await expect(link.locator(".unread > span").first).to_have_text("1")
        assert second.wrong == []
    finally:
        await other.close()


@pytest.mark.slow
async def test_one_goes_to_a_number_and_to_a_day(tab: Tab, server: Server, size: tuple[int, int]):
    john = await tab()
    room = f"go-{size[0]}"
    await in_long_room(john, server, room, 300, size)
    page = john.page
    await john.choose("Go to a message or day")
    dialog = page.get_by_role("dialog", name="Go to")
    await dialog.get_by_role("button", name="Go", exact=True).click()
    await expect(dialog.get_by_role("alert")).to_contain_text("Give a message’s number")
    await dialog.get_by_label("Number of a message").fill("60")
    await dialog.get_by_role("button", name="Go", exact=True).click()
    marked = page.locator(".line[data-marked=true]")
    await expect(marked.locator(".number")).to_have_text("60")
    await expect(marked).to_be_in_viewport()
    await expect(marked).to_be_focused()
    today = await page.evaluate("new Date(Date.now()).toLocaleDateString('sv')")
    await john.choose("Go to a message or day")
    await dialog.get_by_label("Or a day").fill(today)
    await dialog.get_by_role("button", name="Go", exact=True).click()
    # All was said today, so that its beginning is the room's.
    await expect(marked.locator(".text")).to_have_text("line 1.")
    await expect(marked).to_be_in_viewport()
    await john.choose("Go to a message or day")
    await dialog.get_by_label("Or a day").fill("2999-01-01")
    await dialog.get_by_label("Or a day").press("Enter")
    await expect(marked.locator(".text")).to_have_text("line 300.")


@pytest.mark.slow
async def test_the_browsers_search_key_searches_a_long_room(tab: Tab, server: Server):
    john = await tab()
    await in_long_room(john, server, "find", 150)
    page = john.page
    await page.locator("#composer").press("Control+f")
    field = page.locator("#search")
    await expect(field).to_be_focused()
    await expect(field).to_have_value("in:find ")
    await field.press_sequentially("line")
    await expect(page.locator(".panel-search .card-link").first).to_be_visible()
    # Pressed again it is the browser's own, and nobody prevents that.
    kept = "(event) => { window.prevented = event.defaultPrevented; }"
    await page.evaluate(f"() => window.addEventListener('keydown', {kept})")
    await field.press("Control+f")
    assert await page.evaluate("window.prevented") is False
