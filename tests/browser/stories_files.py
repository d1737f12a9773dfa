"""The states of files: above the field, in the log, and one as large as the window."""

import asyncio
import io
import wave

from PIL import Image, ImageDraw
from playwright.async_api import Route
from tests.browser.handing import HELD, NOTES, pick
from tests.browser.house import Person, Server
from tests.browser.shooting import Shoot, Story, to_rooms


def drawing(width: int, height: int, sky: str, sea: str) -> bytes:
    image = Image.new("RGB", (width, height), sky)
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, height * 0.6, width, height), fill=sea)
    draw.ellipse((width * 0.62, height * 0.2, width * 0.74, height * 0.2 + width * 0.12), "#F4D58D")
    draw.polygon(
        [(width * 0.3, height * 0.62), (width * 0.5, height * 0.62), (width * 0.4, height * 0.25)],
        fill="#FAF8F3",
    )
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def tone() -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(1)
        file.setframerate(8_000)
        file.writeframes(bytes(128 for _ in range(8_000)))
    return out.getvalue()


def photo(name: str, data: bytes) -> dict[str, object]:
    return {"name": name, "mimeType": "image/png", "buffer": data}


HARBOUR = photo("harbour.png", drawing(1200, 800, "#9CC9C2", "#2E6F75"))
TALL = photo("mast.png", drawing(500, 900, "#D9C7A7", "#35606B"))
SOUND = {"name": "foghorn.wav", "mimeType": "audio/wav", "buffer": tone()}
FILM = {"name": "crossing.webm", "mimeType": "video/webm", "buffer": b"\x1a\x45\xdf\xa3webm" * 9}
BROKEN = photo("damaged.png", b"\x89PNG\r\n\x1a\n" + b"x" * 400)


async def files(john: Person, _: Person, __: Server, shoot: Shoot) -> None:
    page = john.page
    await to_rooms(john)
    await john.create("files", "What a message can carry")
    await john.in_room("files")
    held: list[Route] = []

    async def hold(route: Route) -> None:
        held.append(route)

    await page.route("**/attachments?name=slow*", hold)
    await pick(john, HARBOUR, BROKEN, {**NOTES, "name": "slow.txt"})
    await page.locator(".filed[data-state=failed]").wait_for()
    await page.locator(".filed-alt").first.fill("A boat at noon")
    await page.locator(".filed[data-state=sent]").wait_for()
    await page.get_by_role("progressbar", name="Sending slow.txt").wait_for()
    await shoot("files to send")
    await page.locator("#composer").fill("All of them")
    await page.locator("#composer").press("Enter")
    await page.get_by_role("alert").wait_for()
    await shoot("a file that is not taken")
    await page.get_by_role("button", name="Remove damaged.png").click()
    await page.locator("#composer").press("Enter")
    await page.locator(".parcel").wait_for()
    await shoot("waiting for a file")
    async with asyncio.timeout(10):
        while not held:
            await asyncio.sleep(0.05)
    for route in held:
        await route.continue_()
    await page.unroute("**/attachments?name=slow*")
    await page.locator(".picture img").first.wait_for()
    await pick(john, TALL, SOUND, FILM)
    await page.locator(".filed[data-state=sent]").nth(2).wait_for()
    await page.locator("#composer").press("Enter")
    await page.locator(".played-begin").nth(1).wait_for()
    await page.locator(".picture img").nth(1).wait_for()
    await shoot("pictures and files")
    await page.get_by_role("button", name="Play foghorn.wav").click()
    await page.locator("audio").wait_for()
    await shoot("a sound")
    await page.locator(".picture").first.click()
    await page.locator(".viewer img").wait_for()
    await shoot("a picture")
    await page.get_by_role("button", name="Show it in its own size").click()
    await shoot("a picture in its own size")
    await page.keyboard.press("Escape")
    await page.locator(".viewer").wait_for(state="detached")
    await page.evaluate(f"() => void setInterval({HELD}, 100)")
    await page.locator(".drop-target").wait_for()
    await shoot("files held over the page")
    await page.route("**/thumbnail", lambda route: route.fulfill(status=404, body="{}"))
    await page.reload()
    await john.connected("john")
    await page.locator(".picture-none").first.wait_for()
    await shoot("a picture that does not come")
    await page.unroute_all()


FILES: tuple[Story, ...] = (files,)
