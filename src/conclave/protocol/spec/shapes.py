"""
Types to JSON Schema: msgspec says what it accepts, and here is said what it cannot know.

That is what the comments above the fields say, that the patterns are those of ECMAScript, and
which fields of what is only told are always there. The names of the chat's own shapes do not
depend on what an application adds.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any, Final

import msgspec
from msgspec import UNSET
from msgspec import inspect as kinds

from conclave.protocol.spec.comments import comments_of

Schema = dict[str, Any]
REF: Final = "#/$defs/{name}"
# What is called so in what is written from the schemas.
_RESERVED: Final = frozenset(
    {
        "CloseCode",
        "Entries",
        "ErrorCode",
        "EventFrame",
        "Events",
        "FromClient",
        "FromServer",
        "Id",
        "Protocol",
        "Record",
        "RequestFrame",
        "Requests",
    }
)
_NOT_OF_A_NAME: Final = re.compile(r"[^a-zA-Z0-9.\-_]")


class Shapes:
    """Schemas by name, of all types that were added."""

    def __init__(self) -> None:
        self.named: dict[str, Schema] = {}

    def add(self, types: Iterable[Any], asked: Iterable[Any] = ()) -> list[Schema]:
        """
        Return the schema of each of *types*, and keep what they refer to.

        What can be reached from one of *asked* a client sends: there a default may be left
        away. In all else the server says every field, unless the type leaves it away.
        """
        types = list(types)
        schemas, components = msgspec.json.schema_components(types, ref_template=REF)
        structs = {_name(cls, components): cls for cls in _structs(types)}
        sent = set(_structs(list(asked)))
        for name, cls in structs.items():
            _complete(components[name], cls, always=cls not in sent)
        schemas, components = _walked(list(schemas), {}), _walked(components, {})
        names = {name: self._free(name, schema) for name, schema in components.items()}
        for name, schema in components.items():
            self.named[names[name]] = _walked(schema, names)
        return [_walked(schema, names) for schema in schemas]

    def _free(self, name: str, schema: Schema) -> str:
        """Return *name*, or another where it is that of a shape that is not *schema*."""
        while name in _RESERVED or self.named.get(name, schema) != schema:
            name = f"App{name}"
        return name


def _structs(types: list[Any]) -> list[type]:
    """Return all structs within *types*, each once."""
    found: dict[type, None] = {}
    for info in kinds.multi_type_info(types):
        _collect(info, found)
    return list(found)


def _collect(node: Any, found: dict[type, None]) -> None:
    if isinstance(node, kinds.StructType):
        if node.cls in found:
            return
        found[node.cls] = None
    if isinstance(node, tuple):
        for one in node:
            _collect(one, found)
    elif isinstance(node, kinds.Type | kinds.Field):
        for name in node.__struct_fields__:
            _collect(getattr(node, name), found)


def _name(cls: type, components: dict[str, Schema]) -> str:
    """Return the name that msgspec gave *cls*: a long one, where two are called the same."""
    short = _NOT_OF_A_NAME.sub("_", cls.__name__)
    if short in components:
        return short
    return _NOT_OF_A_NAME.sub("_", f"{cls.__module__}.{cls.__qualname__}")


def _complete(schema: Schema, cls: type, *, always: bool) -> None:
    words = comments_of(cls)
    left_away = cls.__struct_config__.omit_defaults  # type: ignore[attr-defined]  # of a struct
    for field in msgspec.structs.fields(cls):
        shown = schema["properties"][field.encode_name]
        if field.name in words:
            shown["description"] = words[field.name]
        if always and not left_away and not field.required and field.default is not UNSET:
            shown.pop("default", None)
            schema["required"].append(field.encode_name)
    schema["required"].sort(key=list(schema["properties"]).index)


def _walked(node: Any, names: dict[str, str]) -> Any:
    """Return *node* with patterns as browsers know them, and names as they are called here."""
    if isinstance(node, dict):
        return dict(_walked_items(node, names))
    if isinstance(node, list):
        return [_walked(one, names) for one in node]
    return node


def _walked_items(node: Schema, names: dict[str, str]) -> Iterator[tuple[str, Any]]:
    for key, value in node.items():
        if key == "$ref":
            name = value.removeprefix(REF.format(name=""))
            yield key, REF.format(name=names.get(name, name))
        elif key == "pattern" and isinstance(value, str):
            yield key, value.replace(r"\A", "^").replace(r"\Z", "$")
        elif key == "required" and value == []:
            continue
        else:
            yield key, _walked(value, names)
