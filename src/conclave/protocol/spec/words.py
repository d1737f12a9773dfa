"""What a schema says beyond its type, in words for people: bounds, defaults, codes."""

import json
from typing import Final

from conclave.protocol.spec.shapes import Schema

_SAFE: Final = 2**53


def bounds(schema: Schema) -> list[str]:
    """Return what a value must keep to, each in a few words."""
    found = [_range(schema, "minLength", "maxLength", "character")]
    found.append(_range(schema, "minItems", "maxItems", "item"))
    found.append(_numbers(schema))
    if "pattern" in schema:
        found.append(f"matches `{schema['pattern']}`")
    for one in schema.get("anyOf", ()):
        found += bounds(one)
    return [words for words in found if words]


def default(schema: Schema) -> str:
    """Return what holds where the field is left away, as JSON; nothing where that is null."""
    value = schema.get("default")
    return "" if value is None else json.dumps(value, ensure_ascii=False)


def _range(schema: Schema, least: str, most: str, what: str) -> str:
    low, high = schema.get(least), schema.get(most)
    if low is None and high is None:
        return ""
    if low == high:
        return f"{low} {what}{'' if low == 1 else 's'}"
    if high is None:
        return f"at least {low} {what}{'' if low == 1 else 's'}"
    return f"{low} to {high:,} {what}s" if low else f"at most {high:,} {what}s"


def _numbers(schema: Schema) -> str:
    low = schema.get("minimum", schema.get("exclusiveMinimum"))
    high = schema.get("maximum", schema.get("exclusiveMaximum"))
    if high == _SAFE:
        # What every number of an entry has.
        high = None
    beyond, below = "exclusiveMinimum" in schema, "exclusiveMaximum" in schema
    if low is not None and high is not None and not beyond:
        return f"{low:,} to {'below ' if below else ''}{high:,}"
    least = "" if low is None else f"more than {low:,}" if beyond else f"{low:,} or more"
    most = "" if high is None else f"below {high:,}" if below else f"at most {high:,}"
    return " and ".join(part for part in (least, most) if part)
