"""What of the page a person cannot get at: what is cut off, covered, or only there sideways."""

from pathlib import Path

from playwright.async_api import Page

_SCRIPT = (Path(__file__).parent / "reach.js").read_text("utf-8").replace("export ", "")


async def out_of_reach(page: Page) -> list[str]:
    """Return what cannot be reached of what is on top, after which all is scrolled as it was."""
    found: list[str] = await page.evaluate(f"() => {{ {_SCRIPT} return outOfReach(); }}")
    return found
