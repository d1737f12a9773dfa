"""
The protocol as an AsyncAPI 3.0 document: one channel, what is asked there and what is told.

It is written from the definitions of the JSON Schema, and has them under the same names. An
operation says it from the server's side: a request is received, an event is sent.
"""

from collections.abc import Iterator
from typing import Any, Final

from conclave.protocol.spec.shapes import Schema

_ROOT: Final = "#/$defs/"
_HERE: Final = "#/components/schemas/"
_CHANNEL: Final = {"$ref": "#/channels/chat"}
_ABOUT: Final = (
    "What goes over one WebSocket: one JSON object in each text message. A request that has an "
    "`id` is answered once, with the same `id`: by its reply, or by `error`. What is not known is "
    "ignored. Nothing but `auth` and `heartbeat` is taken before the answer to `auth`."
)


def asyncapi(schema: Schema, version: str) -> Schema:
    """Return the document that says what *schema* says."""
    defs: dict[str, Schema] = _moved(schema["$defs"])
    messages = dict(_messages(defs))
    return {
        "asyncapi": "3.0.0",
        "id": "urn:conclave:chat",
        "info": {
            "title": "Conclave",
            "version": version,
            "description": _ABOUT,
            "license": {"name": "MIT", "url": "https://opensource.org/license/mit"},
            "tags": [{"name": "chat"}, {"name": "websocket"}],
        },
        "defaultContentType": "application/json",
        "servers": {
            "demo": {
                "host": "localhost:3000",
                "pathname": "/ws",
                "protocol": "ws",
                "description": "What `conclave serve --demo` starts; `wss` behind a proxy.",
            }
        },
        "channels": {
            "chat": {
                "address": "/ws",
                "description": "The subprotocol is `conclave.v1`.",
                "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in messages},
                "bindings": {"ws": {"method": "GET"}},
            }
        },
        "operations": dict(_operations(defs)),
        "components": {"messages": messages, "schemas": defs},
    }


def _moved(node: Any) -> Any:
    """Return *node* with references to where the definitions are here, as AsyncAPI knows them."""
    if isinstance(node, dict):
        moved = {name: _moved(value) for name, value in node.items()}
        if isinstance(to := moved.get("$ref"), str):
            moved["$ref"] = to.replace(_ROOT, _HERE)
        if "prefixItems" in moved:
            # Schemas of AsyncAPI are those of draft 7.
            moved["items"] = moved.pop("prefixItems")
            moved["additionalItems"] = False
        return moved
    return [_moved(one) for one in node] if isinstance(node, list) else node


def _messages(defs: dict[str, Schema]) -> Iterator[tuple[str, Schema]]:
    for name, frame in defs.items():
        kind, dot, _ = name.partition(".")
        if not dot or kind == "entry":
            continue
        yield (
            name,
            {
                "name": name,
                "title": _title(kind, frame),
                **({"summary": about} if (about := frame.get("description")) else {}),
                "contentType": "application/json",
                "correlationId": {"location": "$message.payload#/id"},
                "payload": {"$ref": f"{_HERE}{name}"},
            },
        )


def _title(kind: str, frame: Schema) -> str:
    types = {one["properties"]["type"]["const"] for one in frame.get("anyOf", [frame])}
    return f"{kind} {' or '.join(sorted(types))}"


def _operations(defs: dict[str, Schema]) -> Iterator[tuple[str, Schema]]:
    for name in defs:
        kind, _, rest = name.partition(".")
        if kind == "request":
            replies = [f"answer.{rest}", "event.error"]
            reply = {"channel": _CHANNEL, "messages": [_message(one) for one in replies]}
            yield name, {**_operation("receive", name), "reply": reply}
        elif kind == "event":
            yield name, _operation("send", name)


def _operation(action: str, name: str) -> Schema:
    return {"action": action, "channel": _CHANNEL, "messages": [_message(name)]}


def _message(name: str) -> Schema:
    return {"$ref": f"#/channels/chat/messages/{name}"}
