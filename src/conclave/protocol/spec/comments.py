"""
What the source says of the fields of a struct: the comment above each.

A comment says why for who reads the code; above a field of an event it also says what the
field means, and so it goes into all that is written from the events. Where there is no
source, there are no words.
"""

import ast
import inspect
import re
import sys
from collections.abc import Iterator
from functools import cache
from typing import Final

# «None: for ever», as the wire has it.
_JSON: Final = {"None": "null", "True": "true", "False": "false"}
_PYTHON: Final = re.compile(r"\b(None|True|False)(?=[:,.`])")


def comments_of(cls: type) -> dict[str, str]:
    """Return the comment of each field of *cls* that has one, by the field's name in Python."""
    found: dict[str, str] = {}
    for one in reversed(cls.__mro__):
        found |= _of_module(one.__module__).get(one.__qualname__, {})
    return found


@cache
def _of_module(name: str) -> dict[str, dict[str, str]]:
    """Return the comments of the fields of each class of a module; it is read once."""
    try:
        source = inspect.getsource(sys.modules[name])
    except (OSError, TypeError, KeyError):
        return {}
    return dict(_classes(ast.parse(source), source.splitlines(), ""))


def _classes(
    within: ast.Module | ast.ClassDef, lines: list[str], prefix: str
) -> Iterator[tuple[str, dict[str, str]]]:
    for node in within.body:
        if isinstance(node, ast.ClassDef):
            yield f"{prefix}{node.name}", dict(_fields(node, lines))
            yield from _classes(node, lines, f"{prefix}{node.name}.")


def _fields(body: ast.ClassDef, lines: list[str]) -> Iterator[tuple[str, str]]:
    for node in body.body:
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            words = _above(lines, node.lineno - 1)
            if words:
                yield node.target.id, words


def _above(lines: list[str], at: int) -> str:
    """Return the comment that ends right above line *at*, as one text."""
    begin = at
    while begin > 0 and lines[begin - 1].lstrip().startswith("#"):
        begin -= 1
    text = " ".join(line.lstrip().lstrip("#").strip() for line in lines[begin:at])
    return _PYTHON.sub(lambda m: _JSON[m[1]], text)
