"""
Build the documentation site into build/site, and check what a reader's browser would find.

`python scripts/docs_site.py` exits 1 when mkdocs warns of anything, when a link or an anchor of
the site leads nowhere, or when a page would fetch anything from another place: it has to be
readable without a network.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

ROOT = Path(__file__).parent.parent
SITE = ROOT / "build" / "site"
# What a browser fetches by itself; where `a` leads is up to the reader.
FETCHED = {"script": "src", "img": "src", "link": "href", "iframe": "src", "source": "src"}


class Read(HTMLParser):
    """Collects the anchors of a page, where it links to, and what it fetches."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.anchors: set[str] = set()
        self.links: list[str] = []
        self.fetched: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.anchors |= {given[name] for name in ("id", "name") if name in given}
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
        if (where := FETCHED.get(tag)) and where in given:
            self.fetched.append(given[where])


def build() -> bool:
    """Return whether mkdocs built the site without a warning; it prints those."""
    command = [sys.executable, "-m", "mkdocs", "build", "--quiet", "--strict", "--clean"]
    # Its theme prints what it thinks of another version of mkdocs.
    return not subprocess.run(
        command, cwd=ROOT, env={**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    ).returncode


def wrong(site: Path) -> Iterator[str]:
    """Yield what is wrong with the site, a line each."""
    pages = {path: Read(path.read_text("utf-8")) for path in sorted(site.rglob("*.html"))}
    for path, page in pages.items():
        # It is served for any address, and names all from the root.
        if path == site / "404.html":
            continue
        name = path.relative_to(site)
        for target in {*page.fetched, *page.links}:
            if problem := _missing(path, target, pages):
                yield f"{name}: {target}: {problem}"
        for target in page.fetched:
            address = urlsplit(target)
            if address.netloc or address.scheme not in ("", "data"):
                yield f"{name}: {target}: fetched from another place"


def _missing(path: Path, target: str, pages: dict[Path, Read]) -> str | None:
    address = urlsplit(target)
    if address.scheme or address.netloc:
        sound = address.scheme in ("http", "https") and "." in (address.hostname or "")
        return None if sound or address.scheme in ("mailto", "data") else "no address"
    aim = (path.parent / unquote(address.path)).resolve() if address.path else path
    if not aim.is_file():
        return "there is no such file"
    anchor = unquote(address.fragment)
    if anchor and aim in pages and anchor not in pages[aim].anchors:
        return "there is no such anchor"
    return None


def main() -> int:
    if not build():
        return 1
    found = list(wrong(SITE))
    print("\n".join(found) or f"The docs are in {SITE.relative_to(ROOT)}/index.html")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
