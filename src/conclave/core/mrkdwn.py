"""
Slack's own markup as Markdown: what its payloads and exports have in them.

What stands in code is only unescaped. Names of people and channels are said by who asks;
addresses of other kinds than those a page links to become plain text.
"""

import re
from collections.abc import Callable
from typing import Final

_CODE: Final = re.compile(r"(```.*?```|`[^`\n]+`)", re.DOTALL)
# `<what>` or `<what|label>`: Slack escapes every other `<`.
_LINK: Final = re.compile(r"<([^<>|\n]+)(?:\|([^<>\n]*))?>")
_URL: Final = re.compile(r"(?:https?://|mailto:)\S+", re.IGNORECASE)
# A mark counts at the borders of words only.
_BOLD: Final = re.compile(r"(?<![\w*])\*(?=\S)([^*\n]+?)(?<=\S)\*(?![\w*])")
_STRUCK: Final = re.compile(r"(?<![\w~])~(?=\S)([^~\n]+?)(?<=\S)~(?![\w~])")
_ENTITIES: Final = (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"))
_BRACKETS: Final = re.compile(r"([\[\]\\])")

# Says what the person or channel with an id is called; None: nobody knows.
Named = Callable[[str], str | None]


def nobody(_: str) -> str | None:
    return None


def to_markdown(text: str, person: Named = nobody, channel: Named = nobody) -> str:
    """Return *text*, which is Slack's, as Markdown."""
    parts = _CODE.split(text)
    return "".join(
        _fenced(_plain(part)) if at % 2 else _marked(part, person, channel)
        for at, part in enumerate(parts)
    )


def _fenced(code: str) -> str:
    if not code.startswith("```"):
        return code
    # Slack lets code begin on the line of its fence, where Markdown has a language.
    inner = code[3:-3].strip("\n")
    return f"\n```\n{inner}\n```\n"


def _marked(text: str, person: Named, channel: Named) -> str:
    # What is a link is put aside: its address may have marks in it.
    aside: list[str] = []

    def put_aside(found: re.Match[str]) -> str:
        aside.append(_linked(found[1], found[2] or "", person, channel))
        return f"\0{len(aside) - 1}\0"

    text = _LINK.sub(put_aside, text.replace("\0", ""))
    text = _STRUCK.sub(r"~~\1~~", _BOLD.sub(r"**\1**", text))
    return re.sub(r"\0(\d+)\0", lambda found: aside[int(found[1])], _plain(text))


def _linked(what: str, label: str, person: Named, channel: Named) -> str:
    if what.startswith("@"):
        return f"@{person(what[1:]) or _plain(label).lstrip('@') or what[1:]}"
    if what.startswith("#"):
        return f"#{channel(what[1:]) or _plain(label).lstrip('#') or what[1:]}"
    if what.startswith("!"):
        word = what[1:].partition("^")[0]
        return _plain(label) or (f"@{word}" if word in ("here", "channel", "everyone") else word)
    url = _plain(what)
    if not _URL.fullmatch(url):
        return _plain(label) or url
    if not label or _plain(label) == url:
        return url
    shown = _BRACKETS.sub(r"\\\1", _plain(label))
    return f"[{shown}]({_address(url)})"


def _address(url: str) -> str:
    """Return *url* as it may stand in parentheses."""
    return url.replace("(", "%28").replace(")", "%29")


def _plain(text: str) -> str:
    for entity, char in _ENTITIES:
        text = text.replace(entity, char)
    return text
