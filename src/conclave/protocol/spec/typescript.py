"""
The protocol as TypeScript declarations: types alone, nothing to run.

`Protocol` holds three tables by the names on the wire: what may be asked and what answers it,
what is told, what a log may keep. The npm package takes it as a type argument.
"""

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any, Final

from conclave.protocol.spec.shapes import Schema
from conclave.protocol.spec.words import bounds, default

_NAME: Final = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]*")
_WIDTH: Final = 96
_FRAMES: Final = ("request", "answer", "event", "entry")
_PLAIN: Final = {
    "string": "string",
    "integer": "number",
    "number": "number",
    "boolean": "boolean",
    "null": "null",
}
_HEAD: Final = """\
/**
 * What goes over a socket of Conclave, as types. Written by `conclave spec --format typescript`
 * of version {version}: change the events, and write it anew.
 *
 * Fields that are not known are ignored on both sides; more may come.
 */
"""
_TAIL: Final = """\
/** The three tables, as one argument for a client. */
export interface Protocol {
  requests: Requests;
  events: Events;
  entries: Entries;
}

/** A frame of a client. */
export type RequestFrame = {
  [T in keyof Requests]: { type: T; data: Requests[T]["data"]; id?: Id | null };
}[keyof Requests];

/** A frame of the server. */
export type EventFrame = {
  [T in keyof Events]: { type: T; data: Events[T]; id?: Id };
}[keyof Events];
"""


def typescript(schema: Schema, version: str) -> str:
    """Return the declarations of what *schema* says."""
    defs: dict[str, Schema] = schema["$defs"]
    shapes = {name: one for name, one in defs.items() if name.partition(".")[0] not in _FRAMES}
    declared = [_declared(name, one) for name, one in shapes.items() if not name.startswith("From")]
    return "\n".join([_HEAD.format(version=version), *declared, *_tables(defs), _TAIL])


def _declared(name: str, schema: Schema) -> str:
    about = _comment([schema.get("description", ""), *_bounds(schema)], "")
    if "properties" not in schema:
        return f"{about}export type {_safe(name)} = {_type(schema)};\n"
    return f"{about}export interface {_safe(name)} {{\n{_fields(schema)}}}\n"


def _safe(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9_$]", "_", name)


def _fields(schema: Schema) -> str:
    needed = schema.get("required", ())
    return "".join(
        _field(name if name in needed else f"{name}?", one)
        for name, one in schema["properties"].items()
    )


def _field(name: str, schema: Schema) -> str:
    return f"{_comment(_about(schema), '  ')}  {_key(name)}: {_type(schema)};\n"


def _about(schema: Schema) -> list[str]:
    said = default(schema)
    otherwise = [f"Default: {said}"] if said else []
    return [schema.get("description", ""), *_bounds(schema), *otherwise]


def _bounds(schema: Schema) -> list[str]:
    words = "; ".join(bounds(schema))
    return [words[:1].upper() + words[1:]] if words else []


def _comment(parts: Iterable[str], indent: str) -> str:
    """Return a comment for editors to show; nothing of *parts* can end it."""
    lines = [line for part in parts if part for line in part.replace("*/", "*\\/").splitlines()]
    if not lines:
        return ""
    if len(lines) == 1 and len(lines[0]) < _WIDTH:
        return f"{indent}/** {lines[0]} */\n"
    body = "".join(f"{indent} * {line}".rstrip() + "\n" for line in lines)
    return f"{indent}/**\n{body}{indent} */\n"


def _key(name: str) -> str:
    """Return how a field is declared; a question mark at its end says that it may be missing."""
    plain = name.removesuffix("?")
    return name if _NAME.fullmatch(plain) else json.dumps(plain) + name[len(plain) :]


def _type(schema: Any) -> str:
    if schema is False:
        return "never"
    if not isinstance(schema, dict):
        return "unknown"
    if "$ref" in schema:
        return _safe(schema["$ref"].rpartition("/")[2])
    if "const" in schema:
        return json.dumps(schema["const"])
    if "enum" in schema:
        return " | ".join(json.dumps(one) for one in schema["enum"])
    for several in ("anyOf", "oneOf"):
        if several in schema:
            return _union(schema[several])
    return _plain(schema)


def _union(schemas: list[Schema]) -> str:
    types = list(dict.fromkeys(_type(one) for one in schemas))
    if "string" in types and any(one.startswith('"') for one in types):
        # Without this an editor would no longer offer the words.
        types[types.index("string")] = "(string & {})"
    return " | ".join(types)


def _plain(schema: Schema) -> str:
    kind = schema.get("type")
    if kind == "array":
        return _array(schema)
    if kind == "object":
        if "properties" in schema:
            inner = _fields(schema).replace("\n", " ").strip()
            return f"{{ {inner} }}"
        return f"Record<string, {_type(schema.get('additionalProperties'))}>"
    return _PLAIN.get(str(kind), "unknown")


def _array(schema: Schema) -> str:
    if "prefixItems" in schema:
        return f"[{', '.join(_type(one) for one in schema['prefixItems'])}]"
    inner = _type(schema.get("items"))
    return f"({inner})[]" if " " in inner else f"{inner}[]"


def _tables(defs: dict[str, Schema]) -> Iterator[str]:
    asked = [
        f"  {_key_of(frame)}: {{ data: {_data(frame)}; answer: {_answer(defs, name)} }};\n"
        for name, frame in _of(defs, "request")
    ]
    yield _table("What may be asked, and what the answer carries.", "Requests", asked)
    told = [f"  {_key_of(frame)}: {_data(frame)};\n" for _, frame in _of(defs, "event")]
    yield _table("What the server tells.", "Events", told)
    kept = [f"  {_key_of(frame)}: {_data(frame)};\n" for _, frame in _of(defs, "entry")]
    yield _table("What an application keeps in a log: the `data` of such lines.", "Entries", kept)


def _of(defs: dict[str, Schema], kind: str) -> Iterator[tuple[str, Schema]]:
    return ((name, one) for name, one in defs.items() if name.startswith(f"{kind}."))


def _table(about: str, name: str, rows: list[str]) -> str:
    body = "".join(["\n", *rows]) if rows else ""
    return f"/** {about} */\nexport interface {name} {{{body}}}\n"


def _key_of(frame: Schema) -> str:
    return json.dumps(frame["properties"]["type"]["const"])


def _data(frame: Schema) -> str:
    return _type(frame["properties"]["data"])


def _answer(defs: dict[str, Schema], request: str) -> str:
    answer = defs[request.replace("request", "answer", 1)]
    types = dict.fromkeys(_data(one) for one in answer.get("anyOf", [answer]))
    return " | ".join(types)
