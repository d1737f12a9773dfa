"""Files for the page: picked by its button, or handed to it as a paste or a drop is."""

from typing import Any

from playwright.async_api import Page
from tests.browser.house import Person
from tests.support.media import picture

PHOTO = {"name": "harbour.png", "mimeType": "image/png", "buffer": picture(size=(900, 600))}
NOTES = {"name": "notes.txt", "mimeType": "text/plain", "buffer": b"Paint the door."}
# What a person drops or pastes: a browser lets no script choose files of a disk.
HANDED = """([selector, kind, files]) => {
    const data = new DataTransfer();
    for (const [name, type, bytes] of files) {
        data.items.add(new File([new Uint8Array(bytes)], name, { type }));
    }
    const given = { bubbles: true, cancelable: true };
    const event = kind === "paste"
        ? new ClipboardEvent(kind, { ...given, clipboardData: data })
        : new DragEvent(kind, { ...given, dataTransfer: data });
    document.querySelector(selector).dispatchEvent(event);
    return event.defaultPrevented;
}"""

HELD = """() => {
    const event = new DragEvent("dragover", { bubbles: true, cancelable: true });
    const held = { types: ["Files"], files: [] };
    Object.defineProperty(event, "dataTransfer", { value: held });
    document.body.dispatchEvent(event);
    return event.defaultPrevented;
}"""


async def pick(john: Person, *files: dict[str, Any]) -> str | None:
    """Choose *files* by the button beside the field; return what the picker offered."""
    async with john.page.expect_file_chooser() as opened:
        await john.page.locator(".stage").get_by_role("button", name="Attach files").click()
    chooser = await opened.value
    accept = await chooser.element.get_attribute("accept")
    await chooser.set_files(list(files))
    return accept


async def hand(page: Page, kind: str, *files: dict[str, Any], over: str = "#composer") -> bool:
    listed = [[one["name"], one["mimeType"], list(one["buffer"])] for one in files]
    return bool(await page.evaluate(HANDED, [over, kind, listed]))
