"""
What cannot be told from the rest where the system has few colours of its own.

There grounds and shadows are gone. What is chosen, pressed or wrong has to differ in what is left:
lines, rings, and colours that the system has for it.
"""

from playwright.async_api import Page

# What it looks like with and without what it is; and text in the colour of its ground, which it
# has where only one of the two was forced.
_ALIKE = """() => {
    const STATES = ["current", "selected", "pressed", "checked", "invalid"];
    const SHOWS = ["outlineStyle", "outlineWidth", "borderInlineStartColor",
        "borderBlockEndColor", "borderBlockStartStyle", "borderBlockStartWidth"];
    const said = (one) => (one.ariaLabel ?? one.textContent).trim().slice(0, 40);
    const named = (one) => `${one.tagName.toLowerCase()}.${one.className} «${said(one)}»`;
    const looks = (one) => SHOWS.map((name) => getComputedStyle(one)[name]).join();
    const seen = (one) => one.checkVisibility({ visibilityProperty: true });
    const wrong = [];
    for (const state of STATES.map((name) => `aria-${name}`)) {
        for (const one of document.querySelectorAll(`[${state}]:not([${state}=false])`)) {
            if (!seen(one) || one === document.activeElement) continue;
            const value = one.getAttribute(state);
            const chosen = looks(one);
            one.removeAttribute(state);
            if (looks(one) === chosen) wrong.push(`${state} is not seen: ${named(one)}`);
            one.setAttribute(state, value);
        }
    }
    const isText = (node) => node.nodeType === 3 && node.data.trim() !== "";
    for (const one of document.querySelectorAll("mark, .unread, .avatar, .button.strong")) {
        const { color, backgroundColor } = getComputedStyle(one);
        const reads = ![...one.childNodes].some(isText) || color !== backgroundColor;
        if (!reads) wrong.push(`not to be read: ${named(one)}`);
    }
    return wrong;
}"""


async def alike(page: Page) -> list[str]:
    """Return what looks as if it were not what it is."""
    found: list[str] = await page.evaluate(_ALIKE)
    return found
