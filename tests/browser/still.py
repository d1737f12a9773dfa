"""What still moves for who wants less motion: asked of the styles, since it is over soon."""

from playwright.async_api import Page

# What waits before it is shown takes a millisecond: it appears, and does not move.
_MOVING = """() => {
    const wrong = [];
    const longest = (text) => Math.max(...text.split(",").map(parseFloat));
    for (const one of document.querySelectorAll("*")) {
        for (const part of ["", "::before", "::after", "::backdrop"]) {
            const style = getComputedStyle(one, part);
            const plays = style.animationName !== "none"
                && longest(style.animationDuration) > 0.001;
            const changes = longest(style.transitionDuration) > 0;
            const how = plays ? style.animationName : "transition";
            if (plays || changes) wrong.push(`${one.tagName} ${one.className}${part}: ${how}`);
        }
    }
    return wrong;
}"""


async def moving(page: Page) -> list[str]:
    """Return what has an animation or a transition."""
    found: list[str] = await page.evaluate(_MOVING)
    return found
