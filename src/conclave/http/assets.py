"""
The files of the page, read once in the life of a process, and what of them it needs first.

They lie under one folder named after the hash of all of them, with relative imports: so they
may be kept for ever. How they are answered is not decided here. Requests look names up in a
table; no path is ever opened for one.
"""

import hashlib
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path, PurePosixPath
from posixpath import normpath
from typing import Final, NamedTuple

from conclave.http.lean import lean

WEB: Final = Path(__file__).parent.parent / "web"
TYPES: Final = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".webmanifest": "application/manifest+json",
}
_PAGE: Final = "app/index.html"
_EMBED: Final = "embed/index.html"
# One script of two parts: a worker is compared byte by byte, so it imports nothing.
_WORKER: Final = ("app/service-worker.js", "app/service-worker-push.js")
_MAIN: Final = "app/main.js"
# Its words are fetched before anything is drawn, by what main.js imports.
_LANGUAGE: Final = re.compile(r'<html lang="([a-z]+)"')
_COMMENTED: Final = (".js", ".css")
# All style sheets that the page names, in its order, as one: together they are packed better.
STYLES: Final = "app/css/all.css"
_STYLE_LINE: Final = re.compile(r'<link rel="stylesheet" href="{{assets}}/[^"]+">\n')
_STYLE: Final = re.compile(r'rel="stylesheet" href="{{assets}}/([^"]+)"')
# An import or export at the beginning of a line, up to the string that names the module. Calls
# of `import()`, and comments, begin otherwise.
_IMPORT: Final = re.compile(
    r"^(?:import|export)\b(?:[^;\"']*?\bfrom)?\s*\"(\.[^\"]+)\"", re.MULTILINE
)


class Assets(NamedTuple):
    """
    All of them, and two templates: the *page* that they are for, and the *worker* that keeps them.

    *folder* is the name of the place they are at, *first* are the modules that main.js imports,
    *words* are the names of the files of sentences, the same in the folder of each language.
    """

    folder: str
    contents: Mapping[str, bytes]
    first: tuple[str, ...]
    words: tuple[str, ...]
    page: str
    worker: str
    # The template of the page that others show inside of theirs.
    embed: str


@cache
def read_assets(root: Path = WEB) -> Assets:
    """Read all files below *root*; this waits for the disk the first time it is called."""
    contents = dict(_contents(root))
    text = (root / _PAGE).read_text("utf-8")
    embed = (root / _EMBED).read_text("utf-8")
    contents[STYLES] = b"".join(contents[name] for name in _STYLE.findall(text))
    worker = b"\n".join(contents.pop(name) for name in _WORKER)
    said = _LANGUAGE.findall(text)[0]
    sentences = f"app/words/{said}/"
    first = imported(_MAIN, contents) | imported(f"{sentences}index.js", contents)
    # Which language it is only the browser knows: early.js asks for its files.
    words = [PurePosixPath(name).stem for name in first if name.startswith(sentences)]
    common = [name for name in first if not name.startswith(sentences)]
    folder = _folder_of({**contents, _WORKER[0]: worker, _PAGE: text.encode()})
    page = _with_one_sheet(text)
    return Assets(folder, contents, tuple(common), tuple(words), page, worker.decode(), embed)


def _with_one_sheet(page: str) -> str:
    """Return *page* with a link to all style sheets in the place of those to each."""
    first, *others = _STYLE_LINE.findall(page)
    for line in others:
        page = page.replace(line, "")
    return page.replace(
        first, _STYLE.sub(f'rel="stylesheet" href="{{{{assets}}}}/{STYLES}"', first)
    )


def imported(name: str, contents: Mapping[str, bytes]) -> dict[str, None]:
    """Return the module *name* and all that it imports statically, nearest first."""
    found: dict[str, None] = {name: None}
    todo = [name]
    while todo:
        module = todo.pop(0)
        for path in _IMPORT.findall(contents[module].decode()):
            other = normpath(PurePosixPath(module).parent / path)
            if other not in found:
                found[other] = None
                todo.append(other)
    return found


def _contents(root: Path) -> Iterator[tuple[str, bytes]]:
    for path in sorted(root.rglob("*")):
        if path.suffix in TYPES and path.is_file():
            content = path.read_bytes()
            name = path.relative_to(root).as_posix()
            yield name, lean(content) if path.suffix in _COMMENTED else content


def _folder_of(contents: Mapping[str, bytes]) -> str:
    digest = hashlib.sha256()
    for name, content in contents.items():
        digest.update(f"{name}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()[:16]
