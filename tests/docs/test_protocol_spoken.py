"""A running server speaks the examples: the orders of tests/wire/examples.json, over a socket."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import websockets

from conclave.app import running
from conclave.settings import Settings

ROOT = Path(__file__).parent.parent.parent
EXAMPLES = json.loads((ROOT / "tests/wire/examples.json").read_text(encoding="utf-8"))
REQUESTS = {one["name"]: one["frame"] for one in EXAMPLES["requests"]}
FRAMES = {one["name"]: one["frame"] for one in EXAMPLES["frames"]}

# What must be to the letter; of all else the kind counts, and lists may have other items.
EXACT = {
    "client_id", "code", "member", "member_name", "message", "retryable", "room", "success",
    "text", "type", "user", "user_id",
}  # fmt: skip


def shape(value: Any, key: str = "") -> Any:
    """Return what two frames of one kind have in common."""
    if isinstance(value, dict):
        return [(name, shape(inner, name)) for name, inner in value.items()]
    if key in EXACT:
        return value
    return "number" if type(value) in (int, float) else type(value).__name__


async def receive(socket: Any, expected: str) -> dict[str, Any]:
    """Return the next frame; news of other rooms come when they like."""
    while True:
        frame = json.loads(await asyncio.wait_for(socket.recv(), 5))
        if frame["type"] != "room:changed" or FRAMES[expected]["type"] == "room:changed":
            return frame


def sent(order: dict[str, Any]) -> Iterator[tuple[list[Any], str | None]]:
    """Yield each step with the id of the request before it."""
    last = None
    for step in order["steps"]:
        if step[0] == "client":
            last = REQUESTS[step[1]].get("id")
        yield step, last


@pytest.mark.parametrize("order", EXAMPLES["orders"], ids=lambda one: one["name"])
async def test_a_conversation_goes_as_the_examples_say(order, tmp_path):
    settings = Settings(demo=True, data=tmp_path, port=0)
    async with (
        running(settings) as server,
        websockets.connect(f"ws://127.0.0.1:{server.port}/ws") as socket,
    ):
        for step, last in sent(order):
            if step[0] == "client":
                await socket.send(json.dumps(REQUESTS[step[1]]))
            elif step[0] == "close":
                with pytest.raises(websockets.ConnectionClosed) as closed:
                    await receive(socket, "error")
                assert [closed.value.rcvd.code, closed.value.rcvd.reason] == step[1:]
            else:
                frame = await receive(socket, step[1])
                example = FRAMES[step[1]]
                assert frame.get("id") in ({last} if "id" in example else {None}), frame
                assert shape({**frame, "id": 0}) == shape({**example, "id": 0}), step
