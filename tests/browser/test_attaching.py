"""Files on the page: picked, pasted, dropped, sent, seen; and those that are not taken."""

import asyncio
import re

import pytest
from playwright.async_api import Locator, Page, Route, expect
from tests.browser.conftest import Guests, NewAccount, Tab
from tests.browser.handing import HELD, NOTES, PHOTO, hand, pick
from tests.browser.house import Person, Server
from tests.browser.stories_files import tone
from tests.support.media import picture, placed

DATABASES = """async () => (await indexedDB.databases())
    .map(({ name }) => name).filter((name) => name.startsWith("conclave files"))"""


def chosen(page: Page, state: str = "sent") -> Locator:
    return page.locator(f".filed[data-state={state}]")


async def send(john: Person, text: str = "") -> None:
    await john.page.locator("#composer").fill(text)
    await john.page.locator("#composer").press("Enter")
    await expect(john.page.locator(".filed")).to_have_count(0)


async def test_a_picture_that_is_picked_is_sent_with_its_words_and_opens(tab: Tab):
    john = await tab()
    await john.in_new_room("harbour")
    assert await pick(john, PHOTO, NOTES) == ""
    await expect(chosen(john.page)).to_have_count(2)
    await john.page.get_by_label("What is to be seen in harbour.png").fill("Boats at noon")
    await send(john, "Here it is")
    line = await john.line_of("Here it is")
    small = line.get_by_role("img", name="Boats at noon")
    await expect(small).to_have_js_property("complete", True)
    assert await small.evaluate("(img) => img.naturalWidth") == 640
    await expect(line.locator(".saved")).to_contain_text("notes.txt")
    async with john.page.expect_download() as download:
        await line.get_by_role("button", name="Download notes.txt").click()
    saved = await download.value
    assert saved.suggested_filename == "notes.txt"
    await small.click()
    viewer = john.page.get_by_role("dialog", name="harbour.png")
    large = viewer.get_by_role("img", name="Boats at noon")
    await expect(large).to_have_js_property("naturalWidth", 900)
    await john.page.keyboard.press("Escape")
    await expect(viewer).to_have_count(0)


async def test_what_is_not_taken_says_why_and_nothing_is_sent_without_it(tab: Tab):
    john = await tab()
    await john.in_new_room("refused")
    damaged = {**PHOTO, "name": "cut.png", "buffer": PHOTO["buffer"][:300]}
    await pick(john, damaged, {**NOTES, "name": "empty.txt", "buffer": b""})
    failed = chosen(john.page, "failed")
    await expect(failed).to_have_count(2)
    await expect(failed.first).to_contain_text("Not attached: it is damaged")
    await john.page.locator("#composer").fill("With it, please")
    await john.page.locator("#composer").press("Enter")
    await expect(john.page.get_by_role("alert")).to_contain_text("cut.png: Not attached")
    await expect(john.page.locator("#composer")).to_have_value("With it, please")
    for name in ("cut.png", "empty.txt"):
        await john.page.get_by_role("button", name=f"Remove {name}").click()
    await john.page.locator("#composer").press("Enter")
    await john.line_of("With it, please")


@pytest.mark.slow
async def test_files_are_pasted_and_dropped_and_show_where_they_may_be_let_go(tab: Tab):
    john = await tab()
    await john.in_new_room("handed")
    assert await hand(john.page, "paste", PHOTO)
    await expect(chosen(john.page)).to_have_count(1)
    # Held over the page it is not known yet what they are.
    assert await john.page.evaluate(HELD)
    await expect(john.page.locator(".drop-target")).to_contain_text("your message to handed")
    await expect(john.page.locator(".drop-target")).to_have_count(0)
    assert await hand(john.page, "drop", NOTES, over=".log")
    await expect(chosen(john.page)).to_have_count(2)
    await send(john)
    line = john.page.locator(".line", has=john.page.locator(".picture"))
    await expect(line.locator(".number")).to_have_count(1)
    await expect(line.locator(".saved")).to_have_count(1)
    await expect(line.locator(".text")).to_have_count(0)
    # In a thread they are the thread's.
    await line.hover()
    await line.press("t")
    thread = john.page.locator(".panel")
    await thread.locator("textarea").wait_for()
    await hand(john.page, "drop", NOTES, over=".panel .log")
    await expect(thread.locator(".filed")).to_have_count(1)
    await expect(john.page.locator(".stage .filed")).to_have_count(0)


class Gate:
    """Holds uploads back, and lets them go, or breaks them off."""

    def __init__(self) -> None:
        self.held: list[Route] = []

    @classmethod
    async def before(cls, page: Page) -> "Gate":
        gate = cls()
        await page.route(re.compile("/attachments\\?name="), gate._hold)
        return gate

    async def _hold(self, route: Route) -> None:
        self.held.append(route)

    async def holds(self, count: int) -> None:
        async with asyncio.timeout(10):
            while len(self.held) < count:
                await asyncio.sleep(0.02)

    async def open(self, page: Page) -> None:
        for route in self.held:
            await route.continue_()
        await page.unroute_all()


@pytest.mark.slow
async def test_one_on_its_way_is_cancelled_and_the_rest_goes(tab: Tab):
    john = await tab()
    await john.in_new_room("cancelled")
    gate = await Gate.before(john.page)
    await pick(john, PHOTO, NOTES)
    await gate.holds(2)
    bar = john.page.get_by_role("progressbar", name="Sending notes.txt")
    await expect(bar).to_be_visible()
    await john.page.get_by_role("button", name="Cancel notes.txt").click()
    await expect(john.page.locator(".filed")).to_have_count(1)
    gate.held.pop()
    await gate.open(john.page)
    await expect(chosen(john.page)).to_have_count(1)
    await send(john)
    await expect(john.page.locator(".picture img")).to_have_count(1)
    await expect(john.page.locator(".saved")).to_have_count(0)


@pytest.mark.slow
async def test_a_message_waits_for_its_files_over_a_broken_line_and_a_reload_and_comes_once(
    tab: Tab,
):
    john, admin = await tab(), await tab()
    await john.in_new_room("waits")
    await john.page.route(re.compile("/attachments\\?name="), lambda route: route.abort())
    await pick(john, PHOTO, NOTES)
    await john.page.locator("#composer").fill("Both of them")
    await john.page.locator("#composer").press("Enter")
    parcel = john.page.get_by_role("region", name="Goes when its files have arrived")
    await expect(parcel).to_contain_text("Both of them")
    await expect(parcel.locator(".filed")).to_have_count(2)
    await john.say("Meanwhile")
    await john.line_of("Meanwhile")
    await john.page.reload()
    await expect(parcel.locator(".filed")).to_have_count(2)
    await expect(parcel).to_contain_text("Both of them")
    await john.page.unroute_all()
    await john.line_of("Both of them")
    await expect(john.page.locator(".picture img")).to_have_count(1)
    await expect(parcel).to_have_count(0)
    await john.page.reload()
    await john.line_of("Both of them")
    await expect(john.page.locator(".picture img")).to_have_count(1)
    await admin.enter("admin")
    await admin.join("waits")
    await admin.line_of("Both of them")
    await expect(admin.page.locator(".saved")).to_have_count(1)
    await expect(admin.page.locator(".picture img")).to_have_js_property("naturalWidth", 640)
    john.wrong = [wrong for wrong in john.wrong if "ERR_FAILED" not in wrong]


@pytest.mark.slow
async def test_what_waits_is_taken_back_and_what_is_in_the_tray_outlives_a_reload(tab: Tab):
    john = await tab()
    await john.in_new_room("back")
    await pick(john, PHOTO)
    await expect(chosen(john.page)).to_have_count(1)
    await john.page.locator(".filed-alt").fill("Boats")
    await john.page.reload()
    await expect(chosen(john.page)).to_have_count(1)
    await expect(john.page.locator(".filed-alt")).to_have_value("Boats")
    gate = await Gate.before(john.page)
    await pick(john, NOTES)
    await gate.holds(1)
    await john.page.locator("#composer").fill("Too early")
    await john.page.locator("#composer").press("Enter")
    await john.page.get_by_role("button", name="Take back").click()
    await expect(john.page.locator("#composer")).to_have_value("Too early")
    await expect(john.page.locator(".filed")).to_have_count(2)
    await gate.open(john.page)
    await expect(chosen(john.page)).to_have_count(2)
    await send(john, "Now")
    await john.line_of("Now")


@pytest.mark.slow
async def test_pictures_are_gone_through_by_keys_and_told(tab: Tab):
    john = await tab()
    await john.in_new_room("gallery")
    colours = [
        {**PHOTO, "name": f"{n}.png", "buffer": picture(size=(500 + n, 400))} for n in (1, 2, 3)
    ]
    await pick(john, *colours)
    await expect(chosen(john.page)).to_have_count(3)
    await send(john, "Three")
    line = await john.line_of("Three")
    await expect(line.locator(".picture img")).to_have_count(3)
    await line.focus()
    await john.page.keyboard.press("Tab")
    while not await john.page.evaluate("document.activeElement.matches('.picture')"):
        await john.page.keyboard.press("Tab")
    await john.page.keyboard.press("Enter")
    viewer = john.page.get_by_role("dialog")
    status = viewer.get_by_role("status")
    await expect(status).to_have_text("1.png. 1 of 3")
    await john.page.keyboard.press("ArrowRight")
    await expect(status).to_have_text("2.png. 2 of 3")
    await expect(viewer.get_by_role("img")).to_have_js_property("naturalWidth", 502)
    await john.page.keyboard.press("ArrowRight")
    await john.page.keyboard.press("ArrowRight")
    await expect(status).to_have_text("3.png. 3 of 3")
    await expect(viewer.get_by_role("button", name="Next picture")).to_have_attribute(
        "aria-disabled", "true"
    )
    await john.page.keyboard.press("ArrowLeft")
    await expect(status).to_have_text("2.png. 2 of 3")
    full = viewer.get_by_role("button", name="Show it in its own size")
    await full.click()
    await expect(full).to_have_attribute("aria-pressed", "true")
    await john.page.keyboard.press("Escape")
    await expect(viewer).to_have_count(0)
    assert await john.page.evaluate("document.activeElement.matches('.picture')")


HOSTILE = '"><img src=x onerror=alert(1)>\u202egnp.exe.png'


@pytest.mark.slow
async def test_hostile_names_and_words_are_text_and_no_policy_is_broken(tab: Tab, server: Server):
    john = await tab()
    await john.in_new_room("hostile")
    await john.page.evaluate(
        """() => {
            window.broken = [];
            const heard = ({ violatedDirective }) => window.broken.push(violatedDirective);
            document.addEventListener("securitypolicyviolation", heard);
        }"""
    )
    page_of = {"name": "page.png", "mimeType": "image/png", "buffer": b"<script>alert(1)</script>"}
    await hand(john.page, "drop", {**PHOTO, "name": HOSTILE}, page_of)
    await expect(chosen(john.page)).to_have_count(2)
    await john.page.locator(".filed-alt").first.fill('<b onclick="alert(1)">x</b>')
    await send(john, "Look")
    line = await john.line_of("Look")
    await expect(line.locator(".picture img")).to_have_attribute(
        "alt", '<b onclick="alert(1)">x</b>'
    )
    # The page that calls itself a picture can only be saved.
    await expect(line.locator(".saved")).to_contain_text("page.png")
    assert await line.locator("b, script, img[onerror]").count() == 0
    await line.locator(".picture").click()
    await expect(john.page.get_by_role("dialog")).to_contain_text("_img src=x onerror=alert(1)_")
    assert "\u202e" not in await john.page.get_by_role("dialog").inner_text()
    assert await john.page.evaluate("window.broken") == []


@pytest.mark.slow
async def test_the_log_keeps_the_place_of_a_picture_before_it_comes(tab: Tab):
    john = await tab()
    await john.in_new_room("steady")
    await pick(john, {**PHOTO, "buffer": placed(), "name": "tall.jpg", "mimeType": "image/jpeg"})
    await expect(chosen(john.page)).to_have_count(1)
    await send(john, "Tall")
    box = john.page.locator(".picture")
    await expect(box.locator("img")).to_have_js_property("complete", True)
    was = await box.bounding_box()
    await john.page.route(re.compile("/thumbnail$"), lambda route: route.abort())
    await john.page.reload()
    # It never comes: the place is as large, and says so.
    await expect(john.page.locator(".picture-none")).to_contain_text("tall.jpg")
    now = await john.page.locator(".picture-none").bounding_box()
    assert (was["width"], was["height"]) == (now["width"], now["height"])
    await john.page.unroute_all()
    await john.page.get_by_role("button", name="Try again").click()
    await expect(john.page.locator(".picture img")).to_have_js_property("complete", True)
    john.wrong = [wrong for wrong in john.wrong if "ERR_FAILED" not in wrong]


@pytest.mark.slow
async def test_by_a_session_the_browser_asks_by_itself_and_nothing_stays_after_signing_out(
    guest: Guests, account: NewAccount
):
    account("ona")
    ona = await guest()
    await ona.open()
    await ona.sign_in("ona")
    await ona.connected("ona")
    await ona.create("by-session")
    await ona.in_room("by-session")
    sound = {"name": "foghorn.wav", "mimeType": "audio/wav", "buffer": tone()}
    await pick(ona, PHOTO, sound, NOTES)
    await expect(chosen(ona.page)).to_have_count(3)
    await send(ona, "From ona")
    line = await ona.line_of("From ona")
    small = line.locator(".picture img")
    await expect(small).to_have_js_property("naturalWidth", 640)
    assert re.fullmatch(
        r"/api/v1/attachments/[0-9a-f]{32}/thumbnail", await small.get_attribute("src") or ""
    )
    audio = line.locator("audio")
    await expect(audio).to_have_js_property("duration", 1)
    assert await audio.evaluate("(one) => one.paused")
    async with ona.page.expect_download() as download:
        await line.get_by_role("link", name="Download notes.txt").click()
    assert (await download.value).suggested_filename == "notes.txt"
    # What was chosen and not sent is nobody's to find.
    await pick(ona, NOTES)
    await expect(chosen(ona.page)).to_have_count(1)
    await ona.sign_out()
    await ona.page.get_by_role("button", name="Sign in", exact=True).wait_for()
    async with asyncio.timeout(10):
        while await ona.page.evaluate(DATABASES):
            await asyncio.sleep(0.05)
    assert "notes.txt" not in await ona.page.evaluate("JSON.stringify(sessionStorage)")
