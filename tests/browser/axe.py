"""What axe finds in the page: with all its rules in both themes, and its colours in all looks."""

import json
from pathlib import Path
from typing import Any

from playwright.async_api import Page
from tests.browser.house import settled

AXE = Path(__file__).parent.parent.parent / "node_modules/axe-core/axe.min.js"
# In this order: what it looks like at last is as it was at first.
LOOKS: dict[str, dict[str, Any]] = {
    "more contrast": {"color_scheme": "light", "contrast": "more"},
    "dark, more contrast": {"color_scheme": "dark", "contrast": "more"},
    "dark": {"color_scheme": "dark", "contrast": "no-preference"},
    "light": {"color_scheme": "light", "contrast": "no-preference"},
}
# Where a theme changes nothing but colours, the rest was looked at in another.
_COLOURS = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}
# Off by default: WCAG 2.2 asks for targets of 24 pixels.
_RULES = {"target-size": {"enabled": True}}


async def flaws(page: Page, looks: dict[str, dict[str, Any]] = LOOKS) -> list[str]:
    """Return what axe finds in *looks*, each with the first element that it finds it in."""
    found = []
    for look, media in looks.items():
        await page.emulate_media(**media)
        await settled(page)
        if not await page.evaluate("'axe' in window"):
            await page.evaluate(AXE.read_text("utf-8"))
        options: dict[str, Any] = {"resultTypes": ["violations"], "rules": _RULES}
        if media["contrast"] == "more":
            options = {"resultTypes": ["violations"], "runOnly": _COLOURS}
        result = await page.evaluate("(options) => axe.run(document, options)", options)
        for flaw in result["violations"]:
            nodes = flaw["nodes"]
            found.append(f"{look}: {flaw['id']} ×{len(nodes)}: {json.dumps(nodes[0]['html'])}")
    return found
