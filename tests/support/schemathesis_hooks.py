"""
What schemathesis must know of the formats that no schema can say: the rules themselves judge them.

It draws what fits, and takes what it drew for a broken format as broken only if the rule of that
format refuses it: by itself it would take any text for that.
"""

import json
import os
from collections.abc import Callable
from typing import Any

import schemathesis
from hypothesis import strategies as st
from schemathesis.specs.openapi import negative

from conclave.auth.weak import check_new
from conclave.core.names import clean_about, clean_display_name
from conclave.core.text import clean_emoji, clean_line, clean_name, clean_text
from conclave.model import Limits
from conclave.protocol.errors import Reject
from conclave.reach.guard import Guard

# By parameter, what is there: see `test_schemathesis`.
THERE: dict[str, list[str]] = json.loads(os.environ.get("CONCLAVE_THERE", "{}"))

_WORDS = st.text(st.sampled_from("abcdefghijklmnopqrstuvwxyzåßçéñ漢字-_"), min_size=1, max_size=40)
_ODD = st.text(min_size=1, max_size=64).filter(lambda text: "\0" not in text)
_PASSWORDS = st.integers(10**9, 10**12).map(lambda number: f"otter {number} quay")


def _is_title(text: str) -> None:
    if not clean_line(text):
        raise ValueError(text)


def _is_label(text: str) -> None:
    if text.strip():
        clean_display_name(text)


_RULES: dict[str, tuple[st.SearchStrategy[str], Callable[[str], Any]]] = {
    "room-name": (_WORDS, clean_name),
    "text": (_WORDS, lambda text: clean_text(text, Limits())),
    "title": (_WORDS, _is_title),
    "display-name": (_WORDS, clean_display_name),
    "label": (_WORDS | st.just(""), _is_label),
    "about": (_WORDS | st.just(""), clean_about),
    "password": (_PASSWORDS, lambda text: check_new(text, ())),
    "emoji": (st.sampled_from(["👍", "🎉", "🐙"]), clean_emoji),
    # A name that leads nowhere, however it looks.
    "address": (
        st.sampled_from(["https://hooks.invalid/a", "https://hooks.invalid:8443/b?c=d"]),
        Guard(any_port=True, what="").check,
    ),
    "origin": (st.sampled_from(["http://localhost", "http://127.0.0.1"]), lambda text: None),
}
# Whatever stands in a path may be the name of something, and is looked for.
_RULES |= {
    name: (
        st.sampled_from(there) | _WORDS | (_ODD if name == "room" else _WORDS),
        lambda text: None,
    )
    for name, there in THERE.items()
}


def _holds(rule: Callable[[str], Any]) -> Callable[[Any], bool]:
    def judge(value: Any) -> bool:
        if not isinstance(value, str):
            return True
        try:
            rule(value)
        except (Reject, ValueError):
            return False
        return True

    return judge


_JUDGES = {f"conclave-{name}": _holds(rule) for name, (_, rule) in _RULES.items()}
for _name, (_strategy, _) in _RULES.items():
    schemathesis.openapi.format(f"conclave-{_name}", _strategy)

_judge_of_standard = negative._standard_format_check
negative.STANDARD_FORMATS = frozenset(negative.STANDARD_FORMATS) | _JUDGES.keys()
negative._standard_format_check = lambda name: _JUDGES.get(name) or _judge_of_standard(name)
