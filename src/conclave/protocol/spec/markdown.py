"""
The protocol as tables for people: the fields of each request, event and shape, and the codes.

`conclave spec --format markdown` writes a whole page; `docs/protocol.md` shows single tables
of it between its prose.
"""

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any, Final

from conclave.protocol.spec.shapes import Schema
from conclave.protocol.spec.words import bounds, default

_HEAD: Final = ("field", "type", "meaning")
_ABOUT: Final = (
    "Written by `conclave spec --format markdown`. Fields that are not known are ignored on both "
    "sides. A field in *italics* may be left away."
)
_REF: Final = re.compile(r'"#/\$defs/([^"]+)"')
# These have tables of another kind, or none.
_CODES: Final = frozenset({"ErrorCode", "CloseCode", "Id"})
_WORDS: Final = {"string": "text", "integer": "whole number", "object": "object"}
_NEEDS: Final = {
    "anyone": "Anybody may ask it, also before `auth`.",
    "user": "For who has authenticated.",
    "room": "For who is in the room.",
}


class Tables:
    """Writes the tables of one *schema*; *links* is the page where the shapes are."""

    def __init__(self, schema: Schema, links: str = "#") -> None:
        self._defs: dict[str, Schema] = schema["$defs"]
        self._links = links

    def page(self, version: str) -> str:
        """Return everything, each request, event and shape under a heading."""
        parts = [
            f"# The protocol of Conclave {version}",
            _ABOUT,
            "## Requests",
            *self._sections("request"),
            "## Events",
            *self._sections("event"),
            *(["## Entries", *entries] if (entries := list(self._sections("entry"))) else []),
            "## Shapes",
            *(f"### {name}\n\n{self.shape(name)}" for name in self.shapes()),
            "## Error codes",
            self.codes("ErrorCode", "anyOf", "x-retryable", "retry"),
            "## Close codes",
            self.codes("CloseCode", "oneOf", "x-come-back", "come back"),
        ]
        return "\n\n".join(parts) + "\n"

    def _sections(self, kind: str) -> Iterator[str]:
        for name, frame in self._defs.items():
            if not name.startswith(f"{kind}."):
                continue
            type_ = frame["properties"]["type"]["const"]
            about = [frame.get("description", ""), _NEEDS.get(frame.get("x-needs", ""), "")]
            words = " ".join(one for one in about if one)
            answer = f"\n\nAnswered by {self.answer(type_)}." if kind == "request" else ""
            text = f"{words}\n\n" if words else ""
            yield f"### `{type_}`\n\n{text}{self.fields(kind, type_)}{answer}"

    def fields(self, kind: str, type_: str) -> str:
        """Return the fields of what is sent as *type_*: a `request`, an `event` or an `entry`."""
        frame = self._defs[f"{kind}.{type_.replace(':', '.')}"]
        return self._table(frame["properties"]["data"])

    def shape(self, name: str) -> str:
        """Return what a shape holds: its fields, or the values it may have."""
        schema = self._defs[name]
        about = " ".join(schema.get("description", "").split())
        return "\n\n".join(part for part in (about, self._table(schema)) if part)

    def shapes(self) -> list[str]:
        """Return the names of the shapes that stand in others or in an `ack`, in order."""
        shapes = [one for name, one in self._defs.items() if "." not in name]
        answers = [one for name, one in self._defs.items() if name.startswith("answer.")]
        acks = [
            frame
            for answer in answers
            for frame in answer.get("anyOf", [answer])
            if frame["properties"]["type"]["const"] == "ack"
        ]
        found = _REF.findall(json.dumps([*shapes, *acks]))
        return sorted({name for name in found if name not in _CODES and "." not in name})

    def answer(self, type_: str) -> str:
        """Return what answers *type_*, and what it carries, in a few words."""
        frame = self._defs[f"answer.{type_.replace(':', '.')}"]
        return " or ".join(dict.fromkeys(map(self._answering, frame.get("anyOf", [frame]))))

    def _answering(self, frame: Schema) -> str:
        type_, data = frame["properties"]["type"]["const"], frame["properties"]["data"]
        carries = self._type(data)
        return f"`{type_}`" if type_ != "ack" or carries == "object" else f"`ack` with {carries}"

    def codes(self, table: str, choices: str, advice: str, head: str) -> str:
        """Return the table of codes, and what each advises."""
        rows = [
            (f"`{one['const']}`", one.get("description", ""), "yes" if one[advice] else "no")
            for one in self._defs[table][choices]
            if "const" in one
        ]
        return _table(("code", "meaning", head), rows)

    def _table(self, schema: Schema) -> str:
        seen = self._seen(schema)
        if "enum" in seen:
            return "One of " + ", ".join(f"`{one}`" for one in seen["enum"]) + "."
        needed = seen.get("required", ())
        rows = [
            (_called(name, name in needed), self._type(one), self._meaning(one))
            for name, one in seen.get("properties", {}).items()
        ]
        return _table(_HEAD, rows) if rows else "No fields."

    def _seen(self, schema: Schema) -> Schema:
        while "$ref" in schema:
            schema = self._defs[_name(schema)]
        return schema

    def _meaning(self, schema: Schema) -> str:
        said, otherwise = "; ".join(bounds(schema)), default(schema)
        about = " ".join(schema.get("description", "").split())
        parts = [about.rstrip("."), said, f"default `{otherwise}`" if otherwise else ""]
        return "; ".join(part for part in parts if part).replace("|", "\\|")

    def _type(self, schema: Any) -> str:
        if not isinstance(schema, dict):
            return "anything"
        if "$ref" in schema:
            return self._linked(_name(schema))
        if "const" in schema or "enum" in schema:
            values = schema.get("enum", [schema.get("const")])
            return " or ".join(f"`{json.dumps(one)}`" for one in values)
        if choices := schema.get("anyOf") or schema.get("oneOf"):
            return " or ".join(dict.fromkeys(map(self._type, choices)))
        if schema.get("type") == "array":
            return f"list of {self._type(schema.get('items'))}"
        if isinstance(schema.get("additionalProperties"), dict):
            return f"object of {self._type(schema['additionalProperties'])}"
        kind = str(schema.get("type", "anything"))
        return _WORDS.get(kind, kind)

    def _linked(self, name: str) -> str:
        if name == "ErrorCode":
            return f"[code]({self._links}error-codes)"
        schema = self._defs[name]
        if "enum" in schema:
            return self._type(schema)
        return f"[{name}]({self._links}{name.lower()})"


def _called(name: str, needed: bool) -> str:
    return f"`{name}`" if needed else f"*`{name}`*"


def _name(schema: Schema) -> str:
    return str(schema.get("$ref", "")).rpartition("/")[2]


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
