"""
What mkdocs does not do by itself: the order of the pages, and links out of `docs/`.

The order is that of docs/index.md, so that a page is listed in one place. Pages at the root of
the repository join the site. A link to another file of it goes to where `CONCLAVE_REPOSITORY`
says that it can be read, else it is text that shows the path.
"""

import posixpath
import re
from html import escape
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).parent.parent
# Pages of the root, and what they are called on the site.
ROOTED = {
    "CHANGELOG.md": "changelog.md",
    "CONTRIBUTING.md": "contributing.md",
    "SECURITY.md": "security-policy.md",
}
ROW = re.compile(r"^\| \[([^\]]+)\]\(([^)#]+\.md)\) \|", re.MULTILINE)
LINK = re.compile(r"(!?)\[((?:[^\[\]]|\[[^\]]*\])*)\]\(([^)\s]+)\)")
FENCE = re.compile(r"(^```.*?^```$)", re.MULTILINE | re.DOTALL)
NOT_RUN = re.compile(r"^<!-- not run: (.*?) -->$", re.MULTILINE)
CELL = re.compile(r"<td[^>]*>.*?</td>", re.DOTALL)
CODE = re.compile(r"<code>([^<]*)</code>")
MARKS = re.compile(r"(?<=[\w}][/_.:=])(?=[\w{])(?!py\b)")
MARK = re.compile(r"^<!-- (?:show .*|end) -->$", re.MULTILINE)

Nav = list[dict[str, Any]]


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    config.nav = nav((Path(config.docs_dir) / "index.md").read_text("utf-8"))
    return config


def nav(index: str) -> Nav:
    """Return the sections of *index*, each with the pages of its table, in their order."""
    found: Nav = [{"Conclave": "index.md"}]
    for part in re.split(r"^## ", index, flags=re.MULTILINE)[1:]:
        heading = part.partition("\n")[0]
        found.append({heading: [_listed(title, name) for title, name in ROW.findall(part)]})
    return found


def _listed(title: str, name: str) -> dict[str, Any]:
    if name == "decisions/README.md":
        pages = sorted((ROOT / "docs/decisions").glob("0*.md"))
        return {title: [name, *(f"decisions/{page.name}" for page in pages)]}
    return {title: ROOTED.get(name.removeprefix("../"), name)}


def on_files(files: Files, config: MkDocsConfig) -> Files:
    for name, here in ROOTED.items():
        files.append(File.generated(config, here, content=(ROOT / name).read_text("utf-8")))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, **_: Any) -> str:
    here = page.file.src_uri
    rooted = {value: key for key, value in ROOTED.items()}
    source = rooted.get(here) or f"docs/{here}"
    parts = FENCE.split(markdown)
    parts[::2] = [prose(part, source, here, config.repo_url or "") for part in parts[::2]]
    return "".join(parts)


def on_page_content(html: str, **_: Any) -> str:
    return CELL.sub(lambda cell: CODE.sub(_breakable, cell[0]), html)


def _breakable(code: re.Match[str]) -> str:
    """Let a path in a narrow column be broken after its marks, and not within its words."""
    return f"<code>{MARKS.sub('<wbr>', code[1])}</code>"


def prose(text: str, source: str, here: str, repository: str) -> str:
    """Return *text* of the file *source* as it has to be at *here* on the site."""
    text = MARK.sub("", NOT_RUN.sub(_said, text))
    return LINK.sub(lambda link: _link(link, source, here, repository), text)


def _said(found: re.Match[str]) -> str:
    return f'<p class="not-run">Not run by the tests: {escape(found[1])}</p>\n'


def _link(found: re.Match[str], source: str, here: str, repository: str) -> str:
    image, text, target = found.groups()
    name, hash_, heading = target.partition("#")
    if not name or re.match(r"[a-z]+:", name):
        return found[0]
    # Relative to the root of the repository.
    path = posixpath.normpath(posixpath.join(posixpath.dirname(source), name))
    if path.startswith("docs/") or path in ROOTED:
        aim = ROOTED.get(path) or path.removeprefix("docs/")
        aim = posixpath.relpath(aim, posixpath.dirname(here) or ".")
        return f"{image}[{text}]({aim}{hash_}{heading})"
    if repository:
        return f"[{text}]({repository.rstrip('/')}/blob/main/{path})"
    return f'<span class="of-the-repository" title="{escape(path)}">{text}</span>'
