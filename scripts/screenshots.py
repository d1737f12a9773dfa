"""
Take a picture of each state of the page, at two widths, in both themes.

All of them go to artifacts/screenshots. The main ones stand on one sheet,
docs/screenshots/contact-sheet.png, and one of them is the README's: docs/screenshots/page.png.
The states are made by the stories that tests tell, too: tests/browser/stories.py.
"""

import asyncio
import shutil
import sys
from pathlib import Path

from PIL import Image
from playwright.async_api import Browser, Page, async_playwright

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from tests.browser.house import launch, settled  # noqa: E402
from tests.browser.telling import DESKTOP, PHONE, tell  # noqa: E402

OUT = ROOT / "docs/screenshots"
ALL = ROOT / "artifacts/screenshots"
SIZES = (DESKTOP, PHONE)
SCHEMES = ("light", "dark")
# Pictures on the sheet are drawn at this share of their size, on a sheet so wide.
SCALE = 0.4
SHEET_PX = 2672
COLOURS = 192
README = "a company and a thread"
# What stands on the sheet, in this order; on a phone and on a desktop not all of it is there.
MAIN = (
    *("a company", README, "a company's rooms", "door", "refused token", "the first account"),
    *("asked for a code", "no rooms yet", "new room", "browse", "empty room", "menu", "details"),
    *("markdown", "code", "folded", "naming an emoji", "choosing an emoji", "editing"),
    *("files to send", "waiting for a file", "pictures and files", "a picture"),
    *("message menu", "reacting", "replying and naming", "deleting", "pinned", "palette"),
    *("shortcuts", "search", "found", "marked", "unread", "new since", "new below"),
    *("sending", "connection lost", "offline", "not sent", "muted", "banned", "archived"),
    *("members", "person menu", "banning", "room settings", "a link that was made", "reports"),
    *("account profile", "setting up an app", "devices", "a token that was made", "appearance"),
    *("room in high contrast", "de room", "ar room", "filtering rooms", "a newer page"),
    *("office people", "office rooms", "office audit log", "office server", "office bots"),
    *("choosing a command", "answers for oneself", "what was given up", "office connections"),
)


async def told(browser: Browser, size: tuple[int, int], scheme: str) -> dict[str, Path]:
    """Tell all stories once; return the pictures by their states."""
    pictures: dict[str, Path] = {}
    folder = ALL / f"{size[0]}-{scheme}"
    folder.mkdir(parents=True)

    async def look(page: Page, state: str) -> None:
        await settled(page)
        pictures[state] = folder / f"{len(pictures):03}-{state.replace(' ', '-')}.png"
        await page.screenshot(path=pictures[state])

    await tell(browser, ALL / f"data-{size[0]}-{scheme}", look, size=size, color_scheme=scheme)
    return pictures


def section(pictures: dict[str, Path]) -> str:
    figures = "".join(
        f'<figure><img src="{pictures[state].as_uri()}"><figcaption>{state}</figcaption></figure>'
        for state in MAIN
        if state in pictures
    )
    return f"<section>{figures}</section>"


async def sheet(page: Page, groups: list[dict[str, Path]]) -> None:
    """Put the main pictures on one page, a block of them for each width and theme."""
    html = f"""<!doctype html><meta charset="utf-8"><style>
        body {{ margin: 24px; background: #777; font: 12px system-ui; color: #fff }}
        section {{ display: flex; flex-wrap: wrap; gap: 16px; margin-bottom: 40px }}
        figure {{ margin: 0 }} img {{ zoom: {SCALE}; display: block }}
        figcaption {{ padding-top: 4px }}</style>{"".join(map(section, groups))}"""
    source = ALL / "sheet.html"
    source.write_text(html, "utf-8")
    await page.set_viewport_size({"width": SHEET_PX, "height": 1200})
    await page.goto(source.as_uri())
    whole = ALL / "contact-sheet.png"
    await page.screenshot(path=whole, full_page=True)
    # With few colours it weighs a third, and looks the same at this size.
    Image.open(whole).convert("RGB").quantize(COLOURS).save(OUT / whole.name, optimize=True)


async def main() -> None:
    OUT.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(ALL, ignore_errors=True)
    async with async_playwright() as playwright:
        browser = await launch(playwright)
        groups = [await told(browser, size, scheme) for size in SIZES for scheme in SCHEMES]
        if unknown := [state for state in MAIN if not any(state in group for group in groups)]:
            raise SystemExit(f"No story tells of {', '.join(unknown)}")
        await sheet(await browser.new_page(), groups)
        shutil.copy(groups[0][README], OUT / "page.png")
        await browser.close()
    print(f"{sum(map(len, groups))} pictures in {ALL}, and {OUT / 'contact-sheet.png'}")


if __name__ == "__main__":
    asyncio.run(main())
