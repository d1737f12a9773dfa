"""
Writes docs/settings.md from `conclave.settings`, so that the page cannot lag.

`python scripts/settings_page.py` writes it; tests/docs compares.
"""

from dataclasses import Field
from itertools import groupby
from pathlib import Path
from typing import Any

from conclave.cli.sources import PREFIX, SETTINGS, kind
from conclave.settings import flag
from conclave.settings.live import LIVE

PAGE = Path(__file__).parent.parent / "docs" / "settings.md"

HEAD = """# Settings

`conclave serve --help` shows the same on a terminal. Each setting can be written in three
places; a flag wins over a variable, a variable over the file.

| place | how |
|---|---|
| flag | `conclave serve --auth-timeout 5` |
| variable | `CONCLAVE_AUTH_TIMEOUT=5`; an empty one counts as none |
| file | `auth_timeout = 5`, in the TOML file that `--config` or `CONCLAVE_CONFIG` names |

Several values are several flags (`--allow-origin null --allow-origin https://a.example`), words
with commas or spaces between them in a variable, a list in the file. Paths are relative to the
directory the command is started in. All that is wrong is told at once, with the fix, and nothing
starts: exit code 2. Exit code 1 says that the settings are good but the server could not start,
for instance because the port is in use.

Anybody could be the user of a demo token, so `--demo` refuses every host but loopback, and keeps
its data in `demo` below the data directory. Without `--demo` those tokens are worth nothing.

This page is written by `python scripts/settings_page.py`.
"""

WORDS: dict[type, str] = {
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    str: "a text",
    Path: "a path",
    tuple: "one or several {of}s",
}


def page() -> str:
    parts = [HEAD]
    for group, ones in groupby(SETTINGS.values(), lambda one: one.metadata["group"]):
        parts.append(f"## {group}\n")
        parts += [entry(one) for one in ones]
    return "\n".join(parts)


def entry(one: Field[Any]) -> str:
    return (
        f"### {flag(one.name)}\n\n{one.metadata['help']}\n\n"
        f"`{PREFIX}{one.name.upper()}` · `{one.name}` · {values(one)} · {default(one)}{live(one)}\n"
    )


def live(one: Field[Any]) -> str:
    return " · [reload](operations.md#reloading) takes it" if one.name in LIVE else ""


def values(one: Field[Any]) -> str:
    least, most = one.metadata["least"], one.metadata["most"]
    word = WORDS[kind(one.name)].format(**one.metadata)
    if most is not None:
        return f"{word} from {least:,g} to {most:,}"
    return word if least is None else f"{word}, {least:g} or more"


def default(one: Field[Any]) -> str:
    if one.default in (None, (), ""):
        return "none by default"
    value = str(one.default).lower() if isinstance(one.default, bool) else one.default
    return f"default `{value:g}`" if isinstance(value, float) else f"default `{value}`"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
