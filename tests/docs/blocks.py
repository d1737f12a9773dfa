"""
The blocks of the docs: what stands between two fences, and who runs it.

| written | what it is | what the tests do |
|---|---|---|
| `sh` | commands | run, page by page, on a machine that pretends to be a server |
| `console` | commands after `$`, and what they print | the commands run |
| `python` | a program | runs |
| `json` | a frame, or an answer of HTTP | must be what the protocol says |
| `toml` | settings | loaded |
| `yaml` | what another program reads | must be YAML |
| `js`, `html` | a module; a page with one | read by Node |
| nothing | frames after `→` and `←` | must be what the protocol says |
| `text` | what is printed or drawn | nothing: there is nothing to run |

What cannot run says why on the line above it, `<!-- not run: … -->`, which readers see, too.
"""

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    path for path in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")] if path.name != "CHANGELOG.md"
)
LANGUAGES = {"", "sh", "console", "python", "json", "toml", "js", "ts", "html", "yaml", "text"}
_FENCE = re.compile(
    r"(?:^<!-- (?P<mark>not run: [^\n]+|show file [^\n]+) -->\n)?"
    r"^```(?P<language>\S*)\n(?P<text>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)


@dataclass(frozen=True)
class Block:
    page: str
    line: int
    language: str
    text: str
    # Why it does not run.
    reason: str | None = None
    # The file that it shows, which has tests of its own.
    shown: str | None = None

    @property
    def name(self) -> str:
        return f"{self.page}:{self.line}"


def blocks(path: Path) -> list[Block]:
    """Return the blocks of a page, in order."""
    text = path.read_text("utf-8")
    return [_block(found, text, str(path.relative_to(ROOT))) for found in _FENCE.finditer(text)]


def _block(found: re.Match[str], text: str, page: str) -> Block:
    kind, _, rest = (found["mark"] or "").partition(
        ": " if "not run" in (found["mark"] or "") else "file "
    )
    return Block(
        page,
        text[: found.start("text")].count("\n"),
        found["language"],
        found["text"],
        reason=rest if kind == "not run" else None,
        shown=rest if kind == "show " else None,
    )


def all_blocks(*languages: str) -> list[Block]:
    """Return those of *languages* that are to be run, of all pages."""
    found = [block for path in PAGES for block in blocks(path)]
    return [b for b in found if b.language in languages and not b.reason and not b.shown]
