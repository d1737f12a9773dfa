"""
Fill what the docs show of other files: examples of the wire, tables of codes, whole examples.

Between `<!-- show KIND NAMES -->` and `<!-- end -->` nothing is written by hand. KIND is one
of `examples`, `order`, `refused` (of tests/wire/examples.json), `errors`, `closes`, `costs`
(of the chat's own handlers), `fields` (of `request/TYPE` or `event/TYPE`), `shapes` (of the
types of the events), `rights`, `may` (of the table of rights), `file`.
`--check` writes nothing and exits 1 when a page is not what it would write.
"""

import json
import re
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from typing import Any

from conclave import App
from conclave.controllers import CHAT
from conclave.controllers.vocabulary import vocabulary
from conclave.core.permissions import RULES, decide
from conclave.core.ratelimit import SHARES, Cost
from conclave.core.words import WORDS
from conclave.model import Act, Role, RoomKind, RoomRole, Standing
from conclave.protocol.spec.definitions import schema_of
from conclave.protocol.spec.markdown import Tables
from conclave.settings import Settings

ROOT = Path(__file__).parent.parent
EXAMPLES = json.loads((ROOT / "tests/wire/examples.json").read_text("utf-8"))
PLACE = re.compile(r"(<!-- show (\w+)((?: [^\n]*)?) -->\n).*?(<!-- end -->)", re.DOTALL)

LANGUAGES = {".py": "python", ".js": "js", ".html": "html", ".toml": "toml"}


def pages() -> list[Path]:
    return [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def filled(text: str) -> str:
    """Return *text* with all its places filled anew."""
    return PLACE.sub(lambda m: f"{m[1]}{SHOW[m[2]](m[3].strip())}\n{m[4]}", text)


def examples(names: str) -> str:
    return fence(line(*find(name)) for name in names.split())


def order(name: str) -> str:
    steps = next(one["steps"] for one in EXAMPLES["orders"] if one["name"] == name)
    return fence(map(step_line, steps))


def step_line(step: list[Any]) -> str:
    if step[0] == "close":
        return f"← close {step[1]} {step[2]}"
    return line(*find(step[1], "requests" if step[0] == "client" else "frames"))


def find(name: str, kind: str | None = None) -> tuple[str, dict[str, Any]]:
    """Return the kind and the frame of the example *name*: `requests/typing` if two have it."""
    if kind is None:
        kind, _, name = name.rpartition("/")
    for where in [kind] if kind else ["requests", "frames"]:
        for one in EXAMPLES[where]:
            if one["name"] == name:
                return where, one["frame"]
    raise SystemExit(f"tests/wire/examples.json has no example {name!r}")


def line(kind: str, frame: dict[str, Any]) -> str:
    arrow = "→" if kind == "requests" else "←"
    return f"{arrow} {json.dumps(frame, separators=(',', ':'), ensure_ascii=False)}"


@cache
def described() -> Tables:
    return Tables(schema_of(vocabulary(App()), ""))


def fields(name: str) -> str:
    return described().fields(*name.split("/"))


def shapes(_: str) -> str:
    names = described().shapes()
    return "\n\n".join(f"### {name}\n\n{described().shape(name)}" for name in names)


def refused(_: str) -> str:
    return fence(f"→ {one['text']}\n← error {one['code']}" for one in EXAMPLES["refused"])


def errors(_: str) -> str:
    rows = [
        (f"`{one['code']}`", one["message"], later(one), "yes" if one["retryable"] else "")
        for one in EXAMPLES["errors"]
    ]
    return table(("code", "message", "when", "retry"), rows)


def closes(_: str) -> str:
    rows = [
        (f"`{one['code']}`", one["reason"], later(one), "yes" if one["come_back"] else "no")
        for one in EXAMPLES["closes"]
    ]
    return table(("code", "reason", "when", "come back"), rows)


def costs(_: str) -> str:
    kinds: defaultdict[Cost, list[str]] = defaultdict(list)
    for controller in CHAT:
        for method in vars(controller).values():
            if handles := getattr(method, "handles", None):
                kinds[next(one for one in handles if isinstance(one, Cost))].append(handles[0].type)
    settings = Settings()
    rows = [
        (
            " ".join(f"`{name}`" for name in sorted(kinds[cost])),
            f"{settings.rate * share.rate:g}",
            f"{settings.burst * share.burst:g}",
        )
        for cost, share in SHARES.items()
    ]
    return table(("requests", "a second", "at once"), rows)


# Who may what in rooms: the columns of the table, and who stands so.
_MEMBER, _MODERATOR, _OWNER = RoomRole.MEMBER, RoomRole.MODERATOR, RoomRole.OWNER
_PEOPLE: tuple[tuple[str, dict[str, Any]], ...] = (
    ("anybody", {"member": None}),
    ("guest", {"role": Role.GUEST, "member": _MEMBER}),
    ("member", {"member": _MEMBER}),
    ("moderator", {"member": _MODERATOR}),
    ("owner", {"member": _OWNER}),
    ("admin", {"role": Role.ADMIN, "member": None}),
)


def rights(kind: str) -> str:
    """Show the acts of rooms of *kind*: who may, with others' messages where that differs."""
    room = RoomKind(kind)
    # All are members of direct rooms.
    ranks = () if room is RoomKind.DIRECT else (_MODERATOR, _OWNER)
    people = [(n, who) for n, who in _PEOPLE if who["member"] in (None, _MEMBER, *ranks)]
    rows = [
        (str(act), *(_may(act, room, stands) for _, stands in people))
        for act, rule in RULES.items()
        if rule.about_room
    ]
    return table(("act", *(name for name, _ in people)), rows)


def _may(act: Act, kind: RoomKind, stands: dict[str, Any]) -> str:
    role = stands.get("role", Role.USER)
    given = {"kind": kind, **stands, "role": role, "other": _MEMBER}
    if decide(act, Standing(**given)).allowed:
        return "yes"
    return "own" if decide(act, Standing(**given, own=True)).allowed else ""


def may(_: str) -> str:
    rows = [(f"`{word}`", str(act), "own" if own else "") for word, act, own in WORDS]
    return table(("word", "act", "message"), rows)


def later(one: dict[str, Any]) -> str:
    return str(one["when"]) if one["today"] else f"*Not sent yet.* {one['when']}"


def table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def file(name: str) -> str:
    path = ROOT / name
    content = path.read_text("utf-8").rstrip()
    return f"```{LANGUAGES.get(path.suffix, '')}\n{content}\n```"


def fence(lines: Iterable[str]) -> str:
    return "\n".join(["```", *lines, "```"])


SHOW: dict[str, Callable[[str], str]] = {
    "examples": examples,
    "order": order,
    "refused": refused,
    "errors": errors,
    "closes": closes,
    "costs": costs,
    "fields": fields,
    "shapes": shapes,
    "rights": rights,
    "may": may,
    "file": file,
}


def main() -> int:
    stale = [path for path in pages() if filled(path.read_text("utf-8")) != path.read_text("utf-8")]
    if "--check" in sys.argv[1:]:
        for path in stale:
            print(f"{path.relative_to(ROOT)} is stale: python scripts/tables.py")
        return 1 if stale else 0
    for path in stale:
        path.write_text(filled(path.read_text("utf-8")), "utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
