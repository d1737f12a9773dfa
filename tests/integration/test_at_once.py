"""A message begun without a task and one that has a task: who sends cannot tell them apart."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from conclave import App, Controller, Request, around, testing
from conclave.client.wire import Received

# What differs each time, and says nothing of how it was answered.
_EACH_TIME = ("id", "message_id", "timestamp", "trace")


class Around(Controller):
    """Changes nothing; with it in the way every request has a task."""

    @around
    async def through(self, request: Request, proceed: Callable[[], Awaitable[Any]]) -> Any:
        return await proceed()


def chat(id_: str, text: str, room: str = "general", **more: Any) -> str:
    data = {"text": text, "room": room, **more}
    return json.dumps({"type": "chat", "data": data, "id": id_})


SAID = [
    chat("m-1", "Hello"),
    chat("m-1", "Hello"),
    chat("m-1", "Something else"),
    chat("m-2", "e\u0301 \x07", reply_to=1),
    chat("m-3", "   "),
    chat("m-4", "x" * 65_000),
    chat("m-5", "Nobody is here", room="no-such-room"),
    chat("m-6", "Named", mentions=["admin1"]),
    chat("m-7", "To what nobody said", reply_to=4_000),
    chat("m-8", "", attachments=[{"id": "01HZZZZZZZZZZZZZZZZZZZZZZZ"}]),
    json.dumps({"type": "chat", "data": {"text": "Without an id", "room": "general"}}),
    json.dumps({"type": "message:edit", "id": "m-9", "data": {"room": "general", "target": 1}}),
    chat("m-10", "The last"),
]


def is_over(request: dict[str, Any], before: int, events: list[Received]) -> bool:
    """Whether *request* is answered and, if it was stored, told."""
    texts = {event.data.get("text") for event in events[before:]}
    if "id" not in request:
        return request["data"]["text"] in texts
    told = {event.data.get("seq") for event in events if event.type == "chat"}
    return any(
        event.type == "error" or (event.id == request["id"] and event.data.get("seq") in told)
        for event in events[before:]
    )


async def answers(app: App) -> list[Any]:
    async with testing.serve(app) as server, server.client() as john:
        await john.ask("join:room", room="general")
        john.forget()
        for text in SAID:
            before = len(john.events)
            john.wire.send_text(text)
            # One after the other: how many share a commit, or a turn, is chance.
            while not is_over(json.loads(text), before, john.events):
                await asyncio.sleep(0.01)
        await john.expect("chat", text="The last")
        found = [(event.type, event.id, event.data) for event in john.events]
    return [
        (type_, id_, {name: value for name, value in data.items() if name not in _EACH_TIME})
        for type_, id_, data in found
        if type_ in ("ack", "error", "chat")
    ]


async def test_a_request_has_the_same_answers_with_a_task_and_without():
    without, with_one = await answers(App()), await answers(App(Around))
    assert without == with_one
    assert {"ack", "error", "chat"} == {type_ for type_, _, _ in without}


@pytest.mark.parametrize("n", [1, 30])
async def test_what_one_sends_at_once_is_stored_in_that_order(n: int):
    async with testing.serve(rate=0) as server, server.client() as john:
        await john.ask("join:room", room="general")
        first = (await john.ask("chat", room="general", text="first"))["seq"]
        for at in range(n):
            # The first has a task, the second none: it must not overtake.
            john.send("message:edit", room="general", target=first, text=f"first, {at}")
            john.send("chat", room="general", text=f"message {at}")
        await john.expect("chat", text=f"message {n - 1}")
        told = [event.data for event in john.events if event.type in ("chat", "entry")]
        said = [one["text"] for one in told if one.get("seq", 0) > first]
        assert said == [text for at in range(n) for text in (f"first, {at}", f"message {at}")]


async def test_who_leaves_after_a_message_has_sent_it_before():
    async with testing.serve(rate=0) as server, server.client() as john:
        await john.ask("join:room", room="general")
        for _ in range(20):
            john.send("chat", room="general", text="word")
        await john.ask("leave:room", room="general")
        assert len(john.told("chat", text="word")) == 20


async def test_a_message_whose_sender_goes_at_once_is_told_to_the_others():
    async with (
        testing.serve() as server,
        server.client() as john,
        server.client("admin-token-456") as jane,
    ):
        await john.ask("join:room", room="general")
        await jane.ask("join:room", room="general")
        john.send("chat", room="general", text="farewell")
        await john.close()
        assert (await jane.expect("chat", text="farewell"))["user_id"] == "user1"


async def test_what_is_stored_is_acknowledged_though_its_receipt_fails(
    monkeypatch: pytest.MonkeyPatch,
):
    def fail(*_: Any) -> None:
        raise RuntimeError("on purpose")

    async with testing.serve() as server, server.client() as john:
        await john.ask("join:room", room="general")
        monkeypatch.setattr(server.node.typists, "spoke", fail)
        await john.ask("chat", room="general", text="word")
        await john.expect("chat", text="word")
