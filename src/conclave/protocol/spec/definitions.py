"""
The whole protocol as one JSON Schema (2020-12), from which all else is written.

Each frame has a definition: `request.TYPE` and `answer.TYPE`, `event.TYPE` for what is told,
`entry.TYPE` for what an application keeps in a log; the colons of a type are dots there.
Beside them stand the shapes of data by the names of their classes, and the codes.
"""

from collections.abc import Iterator, Mapping
from types import NoneType, UnionType
from typing import Any, Final, Union, get_args, get_origin

from conclave.protocol.errors import (
    AUTH_TIMEOUT_REASON,
    CLOSES,
    MESSAGES,
    RETRYABLE,
    Close,
    Code,
    may_come_back,
)
from conclave.protocol.event import Event, Id
from conclave.protocol.events import AuthResponse, Error, NotJoined
from conclave.protocol.spec.shapes import REF, Schema, Shapes
from conclave.protocol.spec.vocabulary import Asked, Vocabulary

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
# The shape of an entry: what is in its `data` depends on its `type`.
LINE: Final = "Line"
# Where a code of the table stands.
_CODED: Final = (AuthResponse, Error, NotJoined)


def key(kind: str, type_: str) -> str:
    """Return the name of a definition; a type has no dot, so that no two are one."""
    return f"{kind}.{type_.replace(':', '.')}"


def schema_of(words: Vocabulary, version: str) -> Schema:
    """Return the JSON Schema of all frames that *words* allow; *version* is the program's."""
    return {
        "$schema": DIALECT,
        "$id": "urn:conclave:protocol:1",
        "title": "The protocol of Conclave",
        "description": "One frame, whoever sends it: the JSON object of one text message.",
        "$comment": f"Written by conclave spec {version}",
        "anyOf": [ref("FromClient"), ref("FromServer")],
        "$defs": definitions(words),
    }


def ref(name: str) -> Schema:
    return {"$ref": REF.format(name=name)}


def definitions(words: Vocabulary) -> dict[str, Schema]:
    """Return all definitions: frames first, then shapes and codes, each by its name."""
    chat, own = _parted(words)
    shapes = Shapes()
    frames = {**_frames(chat, shapes), **_frames(own, shapes)}
    for cls in _CODED:
        _be_coded(shapes.named[cls.__name__])
    kept = {name: schema for name, schema in frames.items() if name.startswith("entry.")}
    if kept:
        shapes.named[LINE]["allOf"] = [_where(schema) for schema in kept.values()]
    return {
        "FromClient": _any_of(frames, "request."),
        "FromServer": _any_of(frames, "event."),
        **frames,
        "Id": shapes.add([Id])[0],
        **_codes(),
        **dict(sorted(shapes.named.items())),
    }


def _parted(words: Vocabulary) -> tuple[Vocabulary, Vocabulary]:
    """Return what is the chat's, and what an application has added: named after it."""
    own = words.own

    def part(ours: bool) -> Vocabulary:
        return Vocabulary(
            asked=tuple(one for one in words.asked if (one.event.type in own) != ours),
            told={name: data for name, data in words.told.items() if (name in own) != ours},
            kept={} if ours else words.kept,
        )

    return part(True), part(False)


def _frames(words: Vocabulary, shapes: Shapes) -> dict[str, Schema]:
    events = [one.event for one in words.asked]
    answers = [list(_alternatives(one.answer)) for one in words.asked]
    # What a handler says of an ack is told by what is answered.
    told = [dict[str, Any] if name == "ack" else data for name, data in words.told.items()]
    types = [*events, *(data for many in answers for _, data in many), *told]
    schemas = iter(shapes.add([*types, *words.kept.values()], events))
    found = {key("request", one.event.type): _request(one, next(schemas)) for one in words.asked}
    for one, many in zip(words.asked, answers, strict=True):
        frames = [_frame(name, next(schemas), answers=True) for name, _ in many]
        found[key("answer", one.event.type)] = frames[0] if len(frames) == 1 else {"anyOf": frames}
    for name, data in words.told.items():
        found[key("event", name)] = {**_about(data), **_frame(name, next(schemas))}
    for name, data in words.kept.items():
        found[key("entry", name)] = _entry(name, data, next(schemas))
    return found


def _alternatives(answer: Any) -> Iterator[tuple[str, Any]]:
    """Yield name and data of each frame that may answer."""
    if get_origin(answer) in (Union, UnionType):
        for one in get_args(answer):
            yield from _alternatives(one)
    elif isinstance(answer, type) and issubclass(answer, Event):
        yield answer.type, answer
    else:
        yield "ack", dict[str, Any] if answer in (None, NoneType) else answer


def _request(one: Asked, data: Schema) -> Schema:
    frame = _frame(one.event.type, data, id_={"anyOf": [ref("Id"), {"type": "null"}]})
    if not _wants_data(one.event):
        frame["required"].remove("data")
    return {**_about(one.event), **frame, "x-needs": one.needs}


def _wants_data(event: type[Event]) -> bool:
    return len(event.__struct_defaults__) < len(event.__struct_fields__)


def _frame(type_: str, data: Schema, *, answers: bool = False, id_: Schema | None = None) -> Schema:
    return {
        "type": "object",
        "properties": {"type": {"const": type_}, "id": id_ or ref("Id"), "data": data},
        "required": ["type", "id", "data"] if answers else ["type", "data"],
    }


def _entry(type_: str, data: Any, schema: Schema) -> Schema:
    return {
        **_about(data),
        "type": "object",
        "properties": {"type": {"const": type_}, "data": schema},
        "required": ["type"],
    }


def _where(entry: Schema) -> Schema:
    """Return what holds for the lines of one kind; one that was erased has no data."""
    kind, data = entry["properties"]["type"], entry["properties"]["data"]
    return {
        "if": {"properties": {"type": kind}, "required": ["type"]},
        "then": {"properties": {"data": data}},
    }


def _about(cls: Any) -> Schema:
    words = " ".join((cls.__doc__ or "").split())
    return {"description": words} if words else {}


def _any_of(frames: Mapping[str, Schema], begins: str) -> Schema:
    return {"anyOf": [ref(name) for name in frames if name.startswith(begins)]}


def _be_coded(schema: Schema) -> None:
    shown = schema["properties"]["code"]
    schema["properties"]["code"] = {
        **ref("ErrorCode"),
        **{name: value for name, value in shown.items() if name == "description"},
    }


def _codes() -> dict[str, Schema]:
    known = [
        {"const": str(code), "description": MESSAGES[code], "x-retryable": code in RETRYABLE}
        for code in Code
    ]
    own = {"type": "string", "description": "One of an application's own"}
    return {
        "ErrorCode": {"description": "Why one request was refused.", "anyOf": [*known, own]},
        "CloseCode": {
            "description": "Why a connection ended.",
            "oneOf": [_close(code) for code in Close],
        },
    }


def _close(code: Close) -> Schema:
    late = {"x-come-back-after": AUTH_TIMEOUT_REASON} if code is Close.POLICY else {}
    return {
        "const": int(code),
        "title": code.name,
        "description": CLOSES[code],
        "x-come-back": may_come_back(code),
        **late,
    }
