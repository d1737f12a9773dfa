"""
Frames made of a schema: some that are of its shape, and some that are a little off.

All chance comes from one `random.Random`, so that a seed makes the same frames again. What a
value means it does not know: rooms and people are taken from *known* for most of the time,
so that requests get further than the first look-up.
"""

import copy
import json
import re
import string
from collections.abc import Callable, Iterator, Sequence
from random import Random
from typing import Any

Schema = dict[str, Any]

# Classes of characters one after the other, and how many of each: all that patterns of the
# protocol are.
_PART = r"(\[[^\]]+\])(\+|\{(\d+)(?:,(\d+))?\})?"
_SIMPLE = re.compile(rf"\^(?:{_PART})+\$")
_LETTERS = string.ascii_letters + string.digits + "äßéжλ日本-_"
_ASCII = [chr(code) for code in range(33, 127)]
_LARGEST = 2**53 - 1


class Shaped:
    """Makes frames of the definitions *defs*; *known* are values of fields, by name."""

    def __init__(
        self, defs: dict[str, Schema], random: Random, known: dict[str, list[Any]]
    ) -> None:
        self._defs = defs
        self._random = random
        self._known = known

    def frame(self, name: str) -> dict[str, Any]:
        """Return a frame that is of the shape *name*."""
        found = self._of(self._defs[name])
        assert isinstance(found, dict)
        return found

    def _of(self, schema: Schema, name: str = "") -> Any:
        known = self._known.get(name)
        if known and self._random.random() < 0.8:
            return self._random.choice(known)
        while "$ref" in schema:
            schema = self._defs[schema["$ref"].rpartition("/")[2]]
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return self._random.choice(schema["enum"])
        for several in ("anyOf", "oneOf"):
            if several in schema:
                return self._of(self._random.choice(schema[several]))
        return _MAKERS[schema["type"]](self, schema)

    def _object(self, schema: Schema) -> dict[str, Any]:
        needed = schema.get("required", ())
        return {
            name: self._of(one, name)
            for name, one in schema.get("properties", {}).items()
            if name in needed or self._random.random() < 0.4
        }

    def _array(self, schema: Schema) -> list[Any]:
        least = schema.get("minItems", 0)
        count = self._random.randint(least, min(schema.get("maxItems", 4), least + 3))
        return [self._of(schema["items"]) for _ in range(count)]

    def _string(self, schema: Schema) -> str:
        if (pattern := schema.get("pattern")) is not None:
            return self._patterned(pattern, schema)
        least, most = max(schema.get("minLength", 0), 1), schema.get("maxLength", 200)
        short = self._random.randint(least, min(most, 12))
        length = self._random.choice([short, short, short, min(most, 300)])
        return "".join(self._random.choices(_LETTERS, k=length))

    def _patterned(self, pattern: str, schema: Schema) -> str:
        assert _SIMPLE.fullmatch(pattern), f"teach the generator the pattern {pattern}"
        return "".join(self._part(*part, schema) for part in re.findall(_PART, pattern))

    def _part(self, kind: str, how: str, least: str, most: str, schema: Schema) -> str:
        fitting = [one for one in _ASCII if re.fullmatch(kind, one)]
        low = high = int(least or 1)
        if how == "+":
            low, high = schema.get("minLength", 1), schema.get("maxLength", 16)
        elif most:
            high = int(most)
        return "".join(self._random.choices(fitting, k=self._random.randint(low, high)))

    def _integer(self, schema: Schema) -> int:
        low = schema.get("minimum", -_LARGEST)
        high = schema.get("maximum", schema.get("exclusiveMaximum", _LARGEST + 1) - 1)
        small = self._random.randint(low, min(high, max(low, 0) + 10))
        return self._random.choice([small, small, low, high])

    def _number(self, _schema: Schema) -> float:
        return self._random.uniform(-1e9, 1e9)

    def _boolean(self, _schema: Schema) -> bool:
        return self._random.random() < 0.5

    def _null(self, _schema: Schema) -> None:
        return None


_MAKERS: dict[str, Callable[[Shaped, Schema], Any]] = {
    "object": Shaped._object,
    "array": Shaped._array,
    "string": Shaped._string,
    "integer": Shaped._integer,
    "number": Shaped._number,
    "boolean": Shaped._boolean,
    "null": Shaped._null,
}

# What stands where something else should.
_ODD: Sequence[Any] = (
    None,
    True,
    0,
    -1,
    1.5,
    2**53,
    2**64,
    -(2**63) - 1,
    "",
    "x" * 70_000,
    "\u0000",
    "\u202e",
    [],
    {},
    [[]],
    {"type": "chat"},
    ["a", 1],
)


def off(frame: dict[str, Any], random: Random) -> str:
    """Return the text of *frame* with one thing changed, which may still be of its shape."""
    changed = copy.deepcopy(frame)
    places = list(_places(changed))
    holder, name = random.choice(places)
    way = random.random()
    if way < 0.15:
        return _broken(json.dumps(frame), random)
    if way < 0.35:
        del holder[name]
    elif way < 0.45 and isinstance(holder, dict):
        holder[random.choice(["extra", "__proto__", "", "Type"])] = random.choice(_ODD)
    else:
        holder[name] = random.choice(_ODD)
    return json.dumps(changed)


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Yield each place within *value*, as what holds it and its name or number there."""
    inside = list(value.items()) if isinstance(value, dict) else list(enumerate(value))
    for name, one in inside:
        yield value, name
        if isinstance(one, dict | list):
            yield from _places(one)


def _broken(text: str, random: Random) -> str:
    at = random.randrange(len(text))
    return random.choice(
        [
            text[:at],
            text[at:],
            text[:at] + random.choice('{}[]",:\\\n0') + text[at + 1 :],
            text + random.choice("}]x"),
        ]
    )
