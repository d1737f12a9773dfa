"""
Which parts of the page are in sight: the list of them comes from the page itself.

A part is a component, which is a function in capitals below `app/parts`. It is in sight when
something that it drew is. So a dialog that nobody tells a story of is found to be missing.
"""

import re

from playwright.async_api import Page

from conclave.http.assets import read_assets

_PART = re.compile(r"^(?:export )?function ([A-Z]\w*)\(", re.MULTILINE)
# Preact keeps its tree at the root: of each node what it is made of, its children, its element.
_IN_SIGHT = """() => {
    const found = new Set();
    const isSeen = (node) => {
        if (node === null || typeof node !== "object") return false;
        let seen = node.__e instanceof Element && typeof node.type === "string"
            && node.__e.checkVisibility({ visibilityProperty: true });
        for (const child of node.__k ?? []) seen = isSeen(child) || seen;
        if (seen && typeof node.type === "function") found.add(node.type.toString());
        return seen;
    };
    isSeen(document.getElementById("app")?.__k);
    return [...found];
}"""


def parts() -> dict[str, str]:
    """Return each part by the text of its function, as it begins in the file that is served."""
    found = {}
    for name, content in read_assets().contents.items():
        if name.startswith("app/parts/") and name.endswith(".js"):
            text = content.decode()
            for part in _PART.finditer(text):
                begin = text.index("function", part.start())
                found[text[begin:]] = f"{name.removeprefix('app/parts/')}: {part[1]}"
    return found


class Drawn:
    """What of all parts was in sight, and in which state first."""

    def __init__(self) -> None:
        self._parts = parts()
        self.seen: dict[str, str] = {}

    async def look(self, page: Page, state: str) -> None:
        for function in await page.evaluate(_IN_SIGHT):
            for text, part in self._parts.items():
                if text.startswith(function):
                    self.seen.setdefault(part, state)

    @property
    def missing(self) -> list[str]:
        return sorted({*self._parts.values()} - self.seen.keys())
