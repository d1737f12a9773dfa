"""The palette, the sheet of shortcuts, and a whole visit by keys alone."""

import pytest
from playwright.async_api import Page, expect
from tests.browser.conftest import Tab
from tests.browser.house import Person, Server, fill, speaking

PHONE = {"width": 390, "height": 780}

# Keyboards make clicks, but never one of these. When what is under a pointer changes, a browser
# says that it moved, by nothing.
POINTED = """() => {
    window.pointed = [];
    const kinds = ["pointerdown", "pointermove", "mousedown", "mousemove", "touchstart", "wheel"];
    for (const kind of kinds) {
        const note = (event) => {
            if (!kind.endsWith("move") || event.movementX || event.movementY)
                window.pointed.push(kind);
        };
        addEventListener(kind, note, { capture: true, passive: true });
    }
}"""


def option(page: Page, name: str) -> object:
    return page.get_by_role("option").filter(has_text=name)


async def palette(person: Person, text: str) -> None:
    """Open the palette and type *text* there."""
    await person.page.keyboard.press("Control+k")
    await expect(person.page.locator("#palette-field")).to_be_focused()
    await person.page.keyboard.type(text)


async def chosen(person: Person, name: str) -> None:
    """Wait until *name* is what Enter would take."""
    line = person.page.locator("[role=option][aria-selected=true] .palette-name")
    await expect(line).to_have_text(name)


@pytest.mark.slow
async def test_the_palette_finds_rooms_people_and_deeds(tab: Tab, fresh: Server):
    john, admin = await tab(fresh.url), await tab(fresh.url)
    await admin.enter("admin")
    await john.in_new_room("ledger of plans")
    await john.create("kitchen")
    await john.in_room("kitchen")
    await palette(john, "pla led")
    await chosen(john, "ledger of plans")
    await john.page.keyboard.press("Enter")
    await john.in_room("ledger of plans")
    await palette(john, "adm")
    await expect(option(john.page, "admin").filter(has_text="Person")).to_have_count(1)
    await john.page.keyboard.press("Enter")
    await john.in_room("admin")
    await palette(john, "account devices")
    await chosen(john, "Your account: Devices")
    await john.page.keyboard.press("Enter")
    await expect(john.page.get_by_role("dialog", name="Your account")).to_be_visible()
    await john.page.keyboard.press("Escape")
    await palette(john, "")
    await expect(john.page.get_by_role("option").first).to_contain_text("Your account: Devices")
    names = await john.page.locator(".palette-name").all_inner_texts()
    assert names[:3] == ["Your account: Devices", "admin", "ledger of plans"]
    await john.page.keyboard.press("Control+k")
    await expect(john.page.get_by_role("dialog")).to_have_count(0)


@pytest.mark.slow
async def test_the_last_line_of_the_palette_searches_messages(tab: Tab, server: Server):
    john = await tab()
    await john.in_new_room("palette-search", "where the owls are")
    await palette(john, "owls")
    await expect(john.page.get_by_role("option").last).to_have_text(
        "Search messages for “owls”Action/"
    )
    await john.page.keyboard.press("ArrowUp")
    await john.page.keyboard.press("Enter")
    await expect(john.page.locator("#search")).to_be_focused()
    await expect(john.page.locator("#search")).to_have_value("owls")
    await expect(john.page.locator("mark").first).to_have_text("owls")


@pytest.mark.slow
async def test_alt_and_arrows_go_from_room_to_room_also_while_writing(tab: Tab, fresh: Server):
    john = await tab(fresh.url)
    for room in ("one", "two", "three"):
        await (john.in_new_room(room) if room == "one" else john.create(room))
        await john.in_room(room)
    await fill(fresh, "one", ["something new"])
    await expect(john.page.locator(".room-link", has_text="one").locator(".unread")).to_be_visible()
    rooms = await john.page.locator(".rooms-list .room-name").all_inner_texts()
    at = rooms.index("three")
    await john.page.locator("#composer").focus()
    await john.page.keyboard.press("Alt+ArrowDown")
    await john.in_room(rooms[(at + 1) % 3])
    await john.page.keyboard.press("Alt+ArrowUp")
    await john.in_room("three")
    await john.page.keyboard.press("Alt+Shift+ArrowUp")
    await john.in_room("one")
    await expect(john.page.locator(".room-link .unread")).to_have_count(0)
    await john.page.keyboard.press("Alt+Shift+ArrowDown")
    await john.in_room("one")


@pytest.mark.slow
async def test_a_question_mark_shows_all_keys_and_is_written_where_one_writes(tab: Tab):
    john = await tab()
    await john.in_new_room("keyboard-sheet")
    await john.page.locator("#composer").focus()
    await john.page.keyboard.type("why? and/or")
    await expect(john.page.locator("#composer")).to_have_value("why? and/or")
    await john.page.get_by_role("log").focus()
    await john.page.keyboard.press("?")
    sheet = john.page.get_by_role("dialog", name="Keyboard")
    await expect(sheet.locator("kbd", has_text="Ctrl+K")).to_be_visible()
    await john.page.keyboard.press("Escape")
    await expect(sheet).to_have_count(0)


@pytest.mark.slow
async def test_on_a_phone_the_palette_is_reached_by_touch(tab: Tab):
    john = await tab()
    await john.page.set_viewport_size(PHONE)
    await john.in_new_room("palette-by-touch")
    await john.page.get_by_role("button", name="Back to the rooms").click()
    await john.page.get_by_role("button", name="Go to").click()
    await john.page.locator("#palette-field").fill("palette-by-touch")
    await john.page.get_by_role("option").first.click()
    await john.in_room("palette-by-touch")


async def tab_to(person: Person, name: str) -> None:
    """Press Tab until what has the focus is called *name*."""
    called = """() => {
        const at = document.activeElement;
        return (at.getAttribute("aria-label") ?? at.textContent).trim();
    }"""
    for _ in range(60):
        if (await person.page.evaluate(called)).startswith(name):
            return
        await person.page.keyboard.press("Tab")
    raise AssertionError(f"Tab does not lead to {name}")


@pytest.mark.timeout(300)
async def test_a_whole_visit_needs_no_pointer(tab: Tab, fresh: Server):
    async with speaking(fresh, "admin") as wire:
        await wire.ask("room:create", {"room": "harbour", "kind": "public"})
    await fill(fresh, "harbour", [f"ship {n}" for n in range(1, 4)])
    john = await tab(fresh.url)
    page = john.page
    await page.add_init_script(f"({POINTED})()")
    await john.open()
    await page.get_by_role("button", name="Enter as john").wait_for()
    await tab_to(john, "Enter as john")
    await page.keyboard.press("Enter")
    await john.connected("john")
    await find_a_room(john)
    await read_what_is_unread(john, fresh)
    await answer_react_and_edit(john)
    await page.keyboard.press("Escape")
    await page.keyboard.press("/")
    await page.keyboard.type("ship 2")
    await expect(page.locator("mark").first).to_be_visible(timeout=15_000)
    await page.keyboard.press("Tab")
    await expect(page.locator(".card-link").first).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.locator(".stage .line[data-marked=true]")).to_contain_text("ship 2")
    await palette(john, "sign out")
    await chosen(john, "Sign out")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("button", name="Enter as john")).to_be_visible()
    assert await page.evaluate("window.pointed") == []


async def find_a_room(john: Person) -> None:
    await palette(john, "browse")
    await chosen(john, "Browse")
    await john.page.keyboard.press("Enter")
    await john.page.locator("dialog .public-room").first.wait_for()
    await tab_to(john, "Join harbour")
    await john.page.keyboard.press("Enter")
    await john.in_room("harbour")


async def read_what_is_unread(john: Person, server: Server) -> None:
    """Another room gets news; its messages are walked through."""
    await palette(john, "new room")
    await chosen(john, "New room")
    await john.page.keyboard.press("Enter")
    await john.page.keyboard.type("quay")
    await john.page.keyboard.press("Enter")
    await john.in_room("quay")
    await fill(server, "harbour", ["ship 4"])
    await expect(john.page.locator(".room-link .unread")).to_have_count(1)
    await john.page.keyboard.press("Alt+Shift+ArrowDown")
    await john.in_room("harbour")
    await expect(john.page.locator(".room-link .unread")).to_have_count(0)


async def answer_react_and_edit(john: Person) -> None:
    page = john.page
    # One who presses it before the room stands has left nothing yet.
    await expect(page.locator("#composer")).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(page.locator(".stage .line", has_text="ship 4")).to_be_focused()
    await page.keyboard.press("r")
    await page.keyboard.type("welcome, ship 4")
    await page.keyboard.press("Enter")
    await john.stored()
    await expect(page.locator(".stage .line").last.locator(".quote-text")).to_have_text("ship 4")
    await page.keyboard.press("ArrowUp")
    await expect(page.locator("#composer")).to_have_value("welcome, ship 4")
    await page.keyboard.type(", and its crew")
    await page.keyboard.press("Enter")
    await expect(page.locator(".stage .line").last.locator(".marks")).to_contain_text("edited")
    await page.keyboard.press("Escape")
    await page.keyboard.press("+")
    await page.locator(".popover").wait_for()
    await expect(page.get_by_role("button", name="thumbs up")).to_be_focused()
    await page.keyboard.press("ArrowRight")
    await page.keyboard.press("Enter")
    await expect(page.locator(".stage .line").last.locator(".chip-emoji")).to_have_text("❤️")


async def strike(person: Person, key: str, code: str, *, ctrl: bool = False) -> None:
    """Strike a key as a keyboard of another script does, which playwright has none of."""
    session = await person.page.context.new_cdp_session(person.page)
    struck = {"key": key, "code": code, "modifiers": 2 if ctrl else 0}
    await session.send("Input.dispatchKeyEvent", {"type": "rawKeyDown", **struck})
    await session.send("Input.dispatchKeyEvent", {"type": "keyUp", **struck})
    await session.detach()


async def test_shortcuts_of_letters_work_on_an_arabic_keyboard(tab: Tab):
    john = await tab()
    await john.in_new_room("keyboards", "a line")
    field = john.page.locator("#composer")
    await field.fill("clear")
    await field.select_text()
    # One key of it writes two letters.
    await strike(john, "لا", "KeyB", ctrl=True)
    await expect(field).to_have_value("**clear**")
    await field.fill("")
    await strike(john, "ن", "KeyK", ctrl=True)
    await expect(john.page.locator("#palette-field")).to_be_focused()
    await john.page.keyboard.press("Escape")
    await (await john.line_of("a line")).focus()
    await strike(john, "ق", "KeyR")
    await expect(john.page.locator(".about")).to_contain_text("a line")
    await expect(field).to_be_focused()
    await (await john.line_of("a line")).focus()
    await strike(john, "ظ", "Slash")
    await expect(john.page.locator("#search")).to_be_focused()
