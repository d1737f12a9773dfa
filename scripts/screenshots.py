"""
Take a picture of each state of the page, at two widths, in both themes.

Writes docs/screenshots/contact-sheet.png, all of them on one sheet, and
docs/screenshots/page.png, the one of the README. The states are made by the stories that
the tests tell, too: tests/browser/stories.py.
"""

import asyncio
import sys
import tempfile
from pathlib import Path

from playwright.async_api import Browser, Page, async_playwright

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from tests.browser.house import launch, settled  # noqa: E402
from tests.browser.telling import DESKTOP, PHONE, tell  # noqa: E402

OUT = ROOT / "docs/screenshots"
WIDTHS = dict((DESKTOP, PHONE))
SCHEMES = ("light", "dark")
# Pictures on the sheet are drawn at this share of their size.
SCALE = 0.4


async def told(browser: Browser, width: int, scheme: str, folder: Path) -> list[Path]:
    """Tell all stories once; return the pictures in order."""
    pictures: list[Path] = []

    async def look(page: Page, state: str) -> None:
        await settled(page)
        path = folder / f"{width}-{scheme}-{len(pictures):03}-{state.replace(' ', '-')}.png"
        await page.screenshot(path=path)
        pictures.append(path)

    data = folder / f"data-{width}-{scheme}"
    await tell(browser, data, look, size=(width, WIDTHS[width]), color_scheme=scheme)
    return pictures


def name_of(path: Path) -> str:
    width, scheme, _, *name = path.stem.split("-")
    return f"{' '.join(name)} · {width} {scheme}"


async def sheet(page: Page, groups: list[list[Path]]) -> None:
    """Put all pictures on one page, a row of states for each width and theme."""
    rows = []
    for pictures in groups:
        figures = "".join(
            f'<figure><img src="{path.as_uri()}"><figcaption>{name_of(path)}</figcaption></figure>'
            for path in pictures
        )
        rows.append(f"<section>{figures}</section>")
    html = f"""<!doctype html><style>
        body {{ margin: 24px; background: #777; font: 12px system-ui; color: #fff; width: 2600px }}
        section {{ display: flex; flex-wrap: wrap; gap: 16px; margin-bottom: 32px }}
        figure {{ margin: 0 }} img {{ zoom: {SCALE}; display: block }}
        figcaption {{ padding-top: 4px }}</style>{"".join(rows)}"""
    source = groups[0][0].parent / "sheet.html"
    source.write_text(html, "utf-8")
    await page.set_viewport_size({"width": 2650, "height": 1200})
    await page.goto(source.as_uri())
    await page.screenshot(path=OUT / "contact-sheet.png", full_page=True)


async def main() -> None:
    OUT.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(name)
        folder.mkdir(parents=True, exist_ok=True)
        async with async_playwright() as playwright:
            browser = await launch(playwright)
            groups = [
                await told(browser, width, scheme, folder) for width in WIDTHS for scheme in SCHEMES
            ]
            await sheet(await browser.new_page(), groups)
            thread = next(path for path in groups[0] if path.stem.endswith("-thread"))
            (OUT / "page.png").write_bytes(thread.read_bytes())
            await browser.close()
    print(f"{sum(map(len, groups))} pictures: {OUT / 'contact-sheet.png'}")


if __name__ == "__main__":
    asyncio.run(main())
