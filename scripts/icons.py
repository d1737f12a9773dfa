"""
Draws the PNG icons of the page from its SVG, in Chromium: `python scripts/icons.py`.

Systems cut the maskable one to their own shape, so its ground reaches all edges; what is on it
stays within the inner four fifths.
"""

import asyncio
import shutil
from pathlib import Path

from playwright.async_api import Page, async_playwright

APP = Path(__file__).parent.parent / "src/conclave/web/app"
# What it is called, its side in pixels, and whether its ground reaches all edges.
ICONS = (("icon-192", 192, False), ("icon-512", 512, False), ("maskable-512", 512, True))


async def draw(page: Page, name: str, side: int, whole: bool) -> None:
    svg = (APP / "icon.svg").read_text("utf-8")
    if whole:
        svg = svg.replace(' rx="7"', "")
    await page.set_viewport_size({"width": side, "height": side})
    style = "<style>*{margin:0}svg{display:block;width:100vw;height:100vh}</style>"
    await page.set_content(style + svg)
    await page.screenshot(path=APP / f"icons/{name}.png", omit_background=True)


async def main() -> None:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        page = await browser.new_page()
        for name, side, whole in ICONS:
            await draw(page, name, side, whole)
        await browser.close()


if __name__ == "__main__":
    asyncio.run(main())
