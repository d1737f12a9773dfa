"""
What changed between two descriptions of the protocol, and what of it breaks somebody.

What clients send may become more and never less: what was taken must be taken. What they get
may become less and never more: they meet nothing they were not told of, but fields and
events, which they ignore. What was there must stay. An AsyncAPI document serves as well as
a JSON Schema: the definitions are the same.
"""

from collections.abc import Iterator
from typing import Any, Final

from msgspec import Struct

from conclave.protocol.spec.narrowing import Gap, Narrowing
from conclave.protocol.spec.shapes import Schema

# What each kind of definition is called, and whether a client sends it.
_KINDS: Final = {
    "request": ("request", True),
    "answer": ("answer to", False),
    "event": ("event", False),
    "entry": ("entry", False),
}
# What a code advises, and in which words.
_ADVICE: Final = {"x-retryable": "may be retried", "x-come-back": "invites back"}


class NotADescription(ValueError):
    """The document has no definitions of the protocol."""


class Change(Struct, frozen=True):
    """One change, in words; whether programs that were right before may fail by it."""

    breaking: bool
    words: str


def changes(old: Any, new: Any) -> list[Change]:
    """
    Return what is different in *new*: what breaks first, each in the order of the documents.

    Raises `NotADescription`.
    """
    before, after = _definitions(old), _definitions(new)
    found = [
        *_gone(before, after),
        *_altered(before, after),
        *_codes(before, after),
        *_added(before, after),
    ]
    return sorted(dict.fromkeys(found), key=lambda change: not change.breaking)


def _definitions(document: Any) -> dict[str, Schema]:
    if not isinstance(document, dict):
        raise NotADescription("it is no JSON object")
    found = document.get("$defs") or document.get("components", {}).get("schemas")
    if not isinstance(found, dict) or "FromClient" not in found:
        raise NotADescription("it has no definitions of Conclave's protocol")
    return found


def _frames(defs: dict[str, Schema]) -> Iterator[str]:
    return (name for name in defs if name.partition(".")[0] in _KINDS and "." in name)


def _named(name: str, defs: dict[str, Schema]) -> str:
    """Return what the frame *name* is called: an answer by what was asked."""
    kind, _, rest = name.partition(".")
    frame = defs[f"request.{rest}" if kind == "answer" else name]
    return f"{_KINDS[kind][0]} {frame['properties']['type']['const']}"


def _gone(before: dict[str, Schema], after: dict[str, Schema]) -> Iterator[Change]:
    for name in _frames(before):
        if name not in after and not name.startswith("answer."):
            yield Change(True, f"{_named(name, before)}: removed")


def _added(before: dict[str, Schema], after: dict[str, Schema]) -> Iterator[Change]:
    for name in _frames(after):
        if name not in before and not name.startswith("answer."):
            yield Change(False, f"{_named(name, after)}: added")


def _altered(before: dict[str, Schema], after: dict[str, Schema]) -> Iterator[Change]:
    for name in _frames(before):
        if name in after:
            kind = _KINDS[name.partition(".")[0]]
            called = _named(name, before)
            for where, words, breaks in _Comparison(before, after, asks=kind[1]).of(name):
                place = where.replace(".data", "", 1).removeprefix(".")
                yield Change(breaks, f"{called}{f', {place}' if place else ''}: {words}")


class _Comparison:
    """Compares one frame before and after; *asks*: clients send it."""

    def __init__(self, before: dict[str, Schema], after: dict[str, Schema], *, asks: bool) -> None:
        self._before = before
        self._after = after
        self._asks = asks

    def of(self, name: str) -> Iterator[tuple[str, str, bool]]:
        """Yield where, in which words, and whether it breaks."""
        told = set()
        for gap in self._gaps(name):
            told.add(gap.where)
            yield gap.where, self._words(gap), True
        for where, words, breaks in self._fields(self._before[name], self._after[name]):
            if where not in told:
                yield where, words, breaks

    def _gaps(self, name: str) -> Iterator[Gap]:
        old, new = self._before, self._after
        inner, outer = (old, new) if self._asks else (new, old)
        narrowing = Narrowing(inner.__getitem__, outer.__getitem__)
        return narrowing.gaps(inner[name], outer[name])

    def _words(self, gap: Gap) -> str:
        asks = self._asks
        if gap.what == "missing":
            return "required, and was not there" if asks else "removed"
        if gap.what == "optional":
            return "required now" if asks else "may be missing now"
        if gap.what == "value":
            return f"{gap.inner} is no longer taken" if asks else f"may be {gap.inner} now"
        was, now = (gap.inner, gap.outer) if asks else (gap.outer, gap.inner)
        return f"{gap.what} was {was}, is {now}"

    def _fields(
        self, old: Schema, new: Schema, where: str = "", within: frozenset[str] = frozenset()
    ) -> Iterator[tuple[str, str, bool]]:
        """Yield the fields that only one of both has, at any depth."""
        name = old.get("$ref", "")
        if name in within:
            return
        old, new = _seen(old, self._before), _seen(new, self._after)
        there, here = old.get("properties"), new.get("properties")
        if there is not None and here is not None:
            for field in (one for one in there if one not in here):
                yield f"{where}.{field}", "removed", True
            for field in (one for one in here if one not in there):
                yield f"{where}.{field}", "added", False
        for place, one, other in _inner(old, new):
            yield from self._fields(one, other, f"{where}{place}", within | {name} - {""})


def _seen(schema: Schema, defs: dict[str, Schema]) -> Schema:
    while "$ref" in schema:
        schema = defs[schema["$ref"].rpartition("/")[2]]
    return schema


def _inner(old: Schema, new: Schema) -> Iterator[tuple[str, Schema, Schema]]:
    """Yield what both have within them: fields, items, and choices in the same place."""
    for field, one in old.get("properties", {}).items():
        if field in new.get("properties", {}):
            yield f".{field}", one, new["properties"][field]
    if isinstance(old.get("items"), dict) and isinstance(new.get("items"), dict):
        yield "[]", old["items"], new["items"]
    for one, other in zip(old.get("anyOf", ()), new.get("anyOf", ()), strict=False):
        yield "", one, other


def _codes(before: dict[str, Schema], after: dict[str, Schema]) -> Iterator[Change]:
    for table, choices, word in (("ErrorCode", "anyOf", "error"), ("CloseCode", "oneOf", "close")):
        old, new = _rows(before, table, choices), _rows(after, table, choices)
        for code, row in old.items():
            if code not in new:
                yield Change(True, f"{word} {code}: removed")
                continue
            for advice, words in _ADVICE.items():
                if row.get(advice) != new[code].get(advice):
                    no = "" if new[code].get(advice) else "no longer "
                    yield Change(True, f"{word} {code}: {no}{words}")
        for code in new.keys() - old.keys():
            yield Change(False, f"{word} {code}: added")


def _rows(defs: dict[str, Schema], table: str, choices: str) -> dict[Any, Schema]:
    return {one["const"]: one for one in defs.get(table, {}).get(choices, ()) if "const" in one}
