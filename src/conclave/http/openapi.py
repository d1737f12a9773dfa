"""
The API described for programs: OpenAPI 3.1, made of the routes themselves.

Litestar says which parameters, bodies and answers there are; the shapes of data come from msgspec,
which checks them when they arrive; what all routes have in common is added here: who may, how
they are refused, which headers go with an answer. It is made once, when it is first asked for.
"""

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final, get_args, get_type_hints

import msgspec
from litestar import Litestar, Response, Router, get
from litestar.handlers import HTTPRouteHandler
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from msgspec import Struct

from conclave.http.openapi_parts import (
    BODIES,
    COMPONENTS,
    CONDITIONS,
    DESCRIPTION,
    EXAMPLES,
    PARAMETERS,
    problems_of,
    secured_by,
)
from conclave.http.segments import PREFIXES
from conclave.model import Limits
from conclave.protocol.fields import SAYS
from conclave.protocol.problems import Problem

_REF: Final = "#/components/schemas/{name}"
_NO_NUL: Final = r"^[^\u0000]*$"
# Where `%2F` is a slash like any other, so that no name has one: see `segments`.
_NO_SLASH: Final = r"^[^\u0000/]*$"
_WITH_SLASHES: Final = "/api/v1/admin/rooms/{room}"
_METHODS: Final = ("get", "put", "post", "patch", "delete")


def openapi_route(
    prefix: str, routes: Sequence[HTTPRouteHandler], version: str
) -> HTTPRouteHandler:
    """Return the route that describes *routes*, which are served below *prefix*."""
    made: list[bytes] = []
    making = asyncio.Lock()

    @get("/openapi.json", opt={"public": True}, include_in_schema=False)
    async def openapi() -> Response[bytes]:
        async with making:
            if not made:
                # It takes its time, and others shall not wait.
                text = await asyncio.to_thread(_text, prefix, routes, version)
                made.append(text)
        return Response(made[0], media_type="application/json")

    return openapi


def _text(prefix: str, routes: Sequence[HTTPRouteHandler], version: str) -> bytes:
    return msgspec.json.encode(document(prefix, routes, version))


def document(prefix: str, routes: Sequence[HTTPRouteHandler], version: str) -> dict[str, Any]:
    """Return the description of *routes*, which are served below *prefix*."""
    config = OpenAPIConfig(
        title="Conclave",
        version=version,
        description=DESCRIPTION,
        operation_id_creator=lambda _handler, method, path: _name(method, path, prefix),
        render_plugins=[JsonRenderPlugin()],
    )
    # An application of its own, which serves nobody and changes nothing, logging least of all.
    app = Litestar(
        [Router(prefix, route_handlers=list(routes))],
        openapi_config=config,
        logging_config=None,
        debug=False,
        pdb_on_exception=False,
    )
    found: dict[str, Any] = app.openapi_schema.to_schema()
    _describe_shapes(found, routes)
    found["components"] |= {name: part for name, part in COMPONENTS.items() if name != "schemas"}
    opts = {(m.lower(), path): route for route in routes for m, path in _places(prefix, route)}
    for path, item in found["paths"].items():
        for method in _METHODS:
            if method in item:
                _complete(item[method], method, path, opts[method, path])
    return found


def _places(prefix: str, route: HTTPRouteHandler) -> Iterator[tuple[str, str]]:
    for path in route.paths:
        plain = "/".join(_plain(segment) for segment in path.split("/"))
        for method in route.http_methods:
            yield method, prefix + plain


def _plain(segment: str) -> str:
    return f"{segment.partition(':')[0]}}}" if segment.startswith("{") else segment


def _name(method: str, path: Any, prefix: str) -> str:
    """Return what programs that are generated call an operation: `getRoomsRoomMembers`."""
    said = [getattr(one, "name", one) for one in path]
    ours = said[len(prefix.strip("/").split("/")) :]
    words = [word for part in ours for word in part.replace("-", "_").split("_")]
    return method.lower() + "".join(word[:1].upper() + word[1:] for word in words)


def _describe_shapes(found: dict[str, Any], routes: Iterable[HTTPRouteHandler]) -> None:
    """Let msgspec say what it checks, in place of what was concluded from the annotations."""
    structs = {one for route in routes for one in _structs(route)} | {Problem}
    ordered = sorted(structs, key=lambda one: one.__name__)
    _, shapes = msgspec.json.schema_components(ordered, ref_template=_REF)
    _say(shapes)
    for name in CONDITIONS.keys() & shapes.keys():
        shapes[name] |= CONDITIONS[name]
    for name in EXAMPLES.keys() & shapes.keys():
        shapes[name]["examples"] = [EXAMPLES[name]]
    kept = found["components"].get("schemas", {})
    found["components"]["schemas"] = dict(sorted((kept | shapes).items()))


def _say(shape: Any) -> None:
    """Put what fields say of themselves in the place of what is checked as they are read."""
    for one in shape.values() if isinstance(shape, dict) else shape:
        if isinstance(one, dict | list):
            _say(one)
    if isinstance(shape, dict):
        shape |= shape.pop(SAYS, {})
        if shape.get("format") == "conclave-text":
            # Longer ones are read, to be answered with what is wrong with them.
            shape["maxLength"] = Limits().text_chars


def _structs(route: HTTPRouteHandler) -> Iterator[type[Struct]]:
    for hint in get_type_hints(route.fn).values():
        yield from _inner(hint)
    for spec in (route.responses or {}).values():
        yield from _inner(spec.data_container)


def _inner(hint: Any) -> Iterator[type[Struct]]:
    if isinstance(hint, type) and issubclass(hint, Struct):
        yield hint
    for one in get_args(hint):
        yield from _inner(one)


def _complete(operation: dict[str, Any], method: str, path: str, route: HTTPRouteHandler) -> None:
    named = operation["operationId"]
    if named in BODIES:
        operation["requestBody"] = BODIES[named]
    if named in PARAMETERS:
        operation["parameters"] = [*operation.get("parameters", ()), *PARAMETERS[named]]
    public = route.opt.get("public") is True
    operation["security"] = secured_by(method, public=public)
    operation["tags"] = [_tag(path)]
    for parameter in operation.get("parameters", ()):
        parameter["schema"] = _said(parameter, path)
    for status, refusal in problems_of(operation, method, path).items():
        operation["responses"][status] = refusal
    for status, answer in operation["responses"].items():
        if status == "204":
            answer.pop("content", None)
        if status.startswith("2"):
            answer["headers"] = {**answer.get("headers", {}), **_headers(status, route)}


def _said(parameter: dict[str, Any], path: str) -> dict[str, Any]:
    """Return what may stand in a URL or a header; no number is below 0, a word is never null."""
    schema, name = parameter["schema"], parameter["name"]
    choices = schema.pop("oneOf", ())
    plain = {**schema, **next((one for one in choices if one != {"type": "null"}), {})}
    if plain.get("type") == "integer":
        # Litestar says no bound that is 0.
        plain.setdefault("minimum", 0)
        if choices:
            # `limit=null` is read as if it were left away.
            plain["type"] = ["integer", "null"]
    if plain.get("type") == "string" and "enum" not in plain:
        # What is refused before it is read: see `server.handshake`.
        plain.setdefault("pattern", _NO_NUL)
        if parameter["in"] == "path" and "format" not in plain:
            # The name or id of such a thing; without it the path would be another.
            plain |= {"format": f"conclave-{name}", "minLength": 1}
            if not path.startswith(PREFIXES) and path != _WITH_SLASHES:
                plain["pattern"] = _NO_SLASH
    return plain


def _headers(status: str, route: HTTPRouteHandler) -> dict[str, Any]:
    names = ["RateLimit", "RateLimit-Policy"]
    if status == "201" and "event" in route.opt and "location" in route.opt:
        names.append("Location")
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def _tag(path: str) -> str:
    return path.split("/")[3]
