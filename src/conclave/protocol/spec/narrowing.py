"""
Whether all that one schema allows, another allows too; and if not, where and why not.

It knows what events are made of: objects with fields, lists, texts and numbers with bounds,
choices. A field that only one of both names is not its matter: unknown fields are ignored.
Where it cannot tell, such as between two patterns, it says that they differ.
"""

import json
from collections.abc import Callable, Iterator
from typing import Any, Final

from msgspec import Struct

from conclave.protocol.spec.shapes import Schema

# How a schema that a reference names is found: in another document others stand under it.
Find = Callable[[str], Schema]

_LOWER: Final = ("minLength", "minItems", "minimum", "exclusiveMinimum", "minProperties")
_UPPER: Final = ("maxLength", "maxItems", "maximum", "exclusiveMaximum", "maxProperties")
_SAME: Final = ("pattern", "format", "multipleOf", "uniqueItems")


class Gap(Struct, frozen=True):
    """
    A place, what is amiss there, and how it is in the inner and in the outer schema.

    *what*: `missing` and `optional`, of a field that the outer one requires; `type`; `value`,
    of one that the outer one has not; or the name of a bound.
    """

    where: str
    what: str
    inner: str = ""
    outer: str = ""


class Narrowing:
    """Compares schemas of two documents; *inner* is found in the first, *outer* in the second."""

    def __init__(self, inner: Find, outer: Find) -> None:
        self._inner = inner
        self._outer = outer
        # Shapes may hold themselves: what is being compared is taken for well.
        self._open: set[tuple[str, str]] = set()

    def gaps(self, inner: Schema, outer: Schema, where: str = "") -> Iterator[Gap]:
        """Yield each place where a value of *inner* need not be one of *outer*."""
        pair = (json.dumps(inner, sort_keys=True), json.dumps(outer, sort_keys=True))
        if pair in self._open:
            return
        self._open.add(pair)
        yield from self._found(_seen(inner, self._inner), _seen(outer, self._outer), where)
        self._open.discard(pair)

    def _found(self, inner: Schema, outer: Schema, where: str) -> Iterator[Gap]:
        if _is_anything(outer):
            return
        choices = inner.get("anyOf") or inner.get("oneOf")
        if choices:
            for one in choices:
                yield from self.gaps(one, outer, where)
        elif several := outer.get("anyOf") or outer.get("oneOf"):
            yield from self._nearest(inner, several, where)
        elif "enum" in outer or "const" in outer:
            yield from _chosen(inner, outer, where)
        elif (kind := _kind(inner)) not in _fitting(_kind(outer)):
            yield Gap(where, "type", kind, _kind(outer))
        else:
            yield from self._within(inner, outer, where)

    def _nearest(self, inner: Schema, choices: list[Schema], where: str) -> Iterator[Gap]:
        """Yield what is amiss with the choice that *inner* has the least amiss with."""
        tried = [list(self.gaps(inner, one, where)) for one in choices]
        alike = [
            found
            for found, one in zip(tried, choices, strict=True)
            if _kind(_seen(one, self._outer)) == _kind(inner)
        ]
        if alike and all(tried):
            yield from min(alike, key=len)
        elif all(tried):
            kinds = dict.fromkeys(_kind(_seen(one, self._outer)) for one in choices)
            yield Gap(where, "type", _kind(inner), " or ".join(kinds))

    def _within(self, inner: Schema, outer: Schema, where: str) -> Iterator[Gap]:
        yield from _bounds(inner, outer, where)
        if "properties" in outer or "properties" in inner:
            yield from self._fields(inner, outer, where)
        for name, place in (("items", "[]"), ("additionalProperties", ".*")):
            if isinstance(outer.get(name), dict):
                yield from self.gaps(_inner_of(inner, name), outer[name], f"{where}{place}")
        for at, (one, other) in enumerate(
            zip(inner.get("prefixItems", ()), outer.get("prefixItems", ()), strict=False)
        ):
            yield from self.gaps(one, other, f"{where}[{at}]")

    def _fields(self, inner: Schema, outer: Schema, where: str) -> Iterator[Gap]:
        there = inner.get("properties", {})
        for name in outer.get("required", ()):
            if name not in inner.get("required", ()):
                yield Gap(f"{where}.{name}", "optional" if name in there else "missing")
        for name, schema in outer.get("properties", {}).items():
            if name in there:
                yield from self.gaps(there[name], schema, f"{where}.{name}")


def _seen(schema: Any, find: Find) -> Schema:
    """Return the schema that *schema* is, itself or by reference."""
    seen: Schema = schema if isinstance(schema, dict) else {}
    while "$ref" in seen:
        seen = find(seen["$ref"].rpartition("/")[2])
    return seen


def _is_anything(schema: Schema) -> bool:
    return not schema.keys() - {"title", "description", "default"}


def _inner_of(schema: Schema, name: str) -> Schema:
    found: Schema | bool = schema.get(name, {})
    return found if isinstance(found, dict) else {}


def _kind(schema: Schema) -> str:
    """Return what a value of *schema* is, in the words of JSON."""
    if "type" in schema:
        return str(schema["type"])
    values = schema.get("enum", [schema["const"]] if "const" in schema else [])
    names = {bool: "boolean", int: "integer", float: "number", str: "string", type(None): "null"}
    kinds = dict.fromkeys(names.get(type(one), "anything") for one in values)
    return " or ".join(kinds) or "anything"


def _fitting(kind: str) -> set[str]:
    return {"number", "integer"} if kind == "number" else {kind}


def _chosen(inner: Schema, outer: Schema, where: str) -> Iterator[Gap]:
    allowed = outer.get("enum", [outer.get("const")])
    given = inner.get("enum", [inner["const"]] if "const" in inner else None)
    if given is None:
        words = " or ".join(map(json.dumps, allowed))
        yield Gap(where, "type", _kind(inner), words)
        return
    for one in given:
        if one not in allowed:
            yield Gap(where, "value", json.dumps(one))


def _bounds(inner: Schema, outer: Schema, where: str) -> Iterator[Gap]:
    for name in (*_LOWER, *_UPPER):
        if name not in outer:
            continue
        told, least = inner.get(name), outer[name]
        if told is None or (told < least if name in _LOWER else told > least):
            yield Gap(where, name, _shown(told), _shown(least))
    for name in _SAME:
        if name in outer and inner.get(name) != outer[name]:
            yield Gap(where, name, _shown(inner.get(name)), _shown(outer[name]))


def _shown(value: Any) -> str:
    return "none" if value is None else json.dumps(value, ensure_ascii=False)
