"""
Anything in any order, against a model in memory (G14).

Hypothesis chooses what three people do in a room: write, lose an acknowledgement, change, react,
read, come back, leave, quit; what is old is purged, and the server restarted. After each step
the server shows what the model holds, and everybody in the room was told every entry once.
"""

import asyncio
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from tests.support.people import app

from conclave import Reject, testing
from conclave.storage.purge import Keep, Purge

PEOPLE = ["ann", "bob", "eve"]
EMOJI = ["👍", "🎉"]
WHO = st.sampled_from(PEOPLE)
# How many messages ago; a little further than there are at times.
AGO = st.integers(0, 6)


@dataclass
class Message:
    """What the model holds of one message."""

    user: str
    text: str
    deleted: bool = False
    edited: bool = False
    pinned: bool = False
    reactions: list[tuple[str, str]] = field(default_factory=list)

    def shown(self) -> dict[str, Any]:
        if self.deleted:
            return {"user_id": self.user, "text": "", "deleted": True}
        given: dict[str, set[str]] = {}
        for emoji, user in self.reactions:
            given.setdefault(emoji, set()).add(user)
        return {
            "user_id": self.user,
            "text": self.text,
            "edited": self.edited,
            "pinned": self.pinned,
            "reactions": given,
        }


def _shown(line: dict[str, Any]) -> dict[str, Any]:
    """Return of a message on the wire what the model knows, too."""
    if line.get("deleted"):
        return {name: line[name] for name in ("user_id", "text", "deleted")}
    return {
        "user_id": line["user_id"],
        "text": line["text"],
        "edited": "edited_at" in line,
        "pinned": line.get("pinned", False),
        "reactions": {r["emoji"]: set(r["users"]) for r in line.get("reactions", [])},
    }


class Device:
    """One person's connection, and what it knows of the room."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.stack = AsyncExitStack()
        self.client: testing.Client | None = None
        self.position: dict[str, Any] | None = None
        self.attached = False

    async def connect(self, server: testing.Server) -> testing.Client:
        if self.client is None:
            context = server.client(f"i-am-{self.name}")
            self.client = await self.stack.enter_async_context(context)
        return self.client

    async def part(self) -> None:
        await self.stack.aclose()
        self.client, self.attached = None, False

    def hear(self) -> list[int]:
        """Take what was told since; return the numbers."""
        assert self.client is not None
        told = [
            event.data["seq"]
            for event in self.client.events
            if event.type in ("chat", "entry") and "seq" in event.data
        ]
        self.client.forget()
        return told


class House:
    """One server for all runs, each in a room of its own; restarted on its data."""

    def __init__(self, data: Path) -> None:
        self.runner = asyncio.Runner()
        self.rooms = 0
        self._data = data
        self.restart()

    def restart(self) -> None:
        self.runner.run(self._restart())

    async def _restart(self) -> None:
        await self.close()
        self._stack = AsyncExitStack()
        context = testing.serve(app(), rate=0, max_rooms_per_user=0, data=self._data)
        self.server = await self._stack.enter_async_context(context)

    async def close(self) -> None:
        if hasattr(self, "_stack"):
            await self._stack.aclose()


class Machine(RuleBasedStateMachine):
    house: House

    def __init__(self) -> None:
        super().__init__()
        self.house.rooms += 1
        self.room = f"room {self.house.rooms}"
        self.devices = {name: Device(name) for name in PEOPLE}
        self.members: list[str] = []
        self.owner = "ann"
        self.first, self.last = 1, 0
        self.messages: dict[int, Message] = {}
        # Up to where each is known to have read.
        self.marks: dict[str, int] = {}
        self.ids = 0
        self._run(self._begin())

    def _run(self, work: Any) -> Any:
        return self.house.runner.run(work)

    async def _begin(self) -> None:
        client = await self.devices["ann"].connect(self.house.server)
        await client.ask("room:create", room=self.room)
        self.members, self.last = ["ann"], 1
        for name in PEOPLE:
            await self._join(name)

    def teardown(self) -> None:
        for device in self.devices.values():
            self._run(device.part())

    # ── what people do ─────────────────────────────────────────────────────────────────

    @rule(who=WHO)
    def join(self, who: str) -> None:
        self._run(self._join(who))

    async def _join(self, who: str) -> None:
        device = self.devices[who]
        client = await device.connect(self.house.server)
        if who not in self.members:
            self.last += 1
            self.members.append(who)
            self.marks.pop(who, None)
            # Who comes into a room that everybody had quit owns it.
            self.owner = self.owner or who
        if device.attached:
            assert device.hear() == list(range(device.position["seq"] + 1, self.last + 1))
        since = {} if device.position is None else {"since": device.position}
        page = await client.ask("join:room", room=self.room, **since)
        seqs = [line["seq"] for line in page["messages"]]
        if since and self.first - 1 <= device.position["seq"]:
            assert page["reset"] is False
            assert seqs == list(range(device.position["seq"] + 1, self.last + 1))
        else:
            assert page["reset"] is bool(since)
            assert seqs == sorted(self.messages)[-100:]
        numbers = (page["first_seq"], page["last_seq"], page["upto"])
        assert numbers == (self.first, self.last, self.last), numbers
        device.position = {"epoch": page["epoch"], "seq": self.last}
        device.attached = True
        # The longest-standing member inherits a room: no two join in one millisecond.
        await asyncio.sleep(0.002)

    @rule(who=WHO)
    def leave(self, who: str) -> None:
        device = self.devices[who]
        self._hear_all()
        client = self._run(device.connect(self.house.server))
        self._run(client.ask("leave:room", room=self.room))
        device.attached = False

    @rule(who=WHO)
    def break_off(self, who: str) -> None:
        self._hear_all()
        self._run(self.devices[who].part())

    @rule(who=WHO)
    def quit(self, who: str) -> None:
        device = self.devices[who]
        self._hear_all()
        client = self._run(device.connect(self.house.server))
        self._run(client.ask("room:quit", room=self.room))
        if who in self.members:
            self.last += 1
            self.members.remove(who)
            device.attached = False
            # It hears its own removal, at most.
            client.forget()
            if who == self.owner and self.members:
                self.owner = self.members[0]
                self.last += 1
            elif who == self.owner:
                self.owner = ""

    @rule(who=WHO, lost=st.booleans(), again=st.booleans())
    def write(self, who: str, lost: bool, again: bool) -> None:
        self.ids += 1
        id_, text = f"{self.house.rooms}-{self.ids}", f"text {self.ids}"
        if lost and self.devices[who].attached:
            self._run(self._lose_ack(who, id_, text))
        answer = self._ask(who, "chat", id=id_, text=text)
        if answer is None:
            return
        assert answer["seq"] == self.last + 1
        self._entry()
        self.messages[self.last] = Message(who, text)
        self.marks[who] = self.last
        if again:
            assert self._ask(who, "chat", id=id_, text=text) == answer

    async def _lose_ack(self, who: str, id_: str, text: str) -> None:
        """Send, and break off before the answer: it may be stored, or not."""
        device = self.devices[who]
        position = {**device.position, "seq": self.last}
        assert device.hear() == list(range(device.position["seq"] + 1, self.last + 1))
        device.client.send("chat", id=id_, room=self.room, text=text)
        await device.part()
        client = await device.connect(self.house.server)
        page = await client.ask("join:room", room=self.room, since=position)
        assert [line["text"] for line in page["messages"]] in ([], [text])
        device.position = {**position, "seq": page["upto"]}
        device.attached = True

    @rule(who=WHO, ago=AGO)
    def edit(self, who: str, ago: int) -> None:
        target, message = self._message(ago)
        may = message is not None and message.user == who and not message.deleted
        self.ids += 1
        text = f"edited {self.ids}"
        if self._change(who, may, "message:edit", target=target, text=text):
            self._entry()
            message.text, message.edited = text, True

    @rule(who=WHO, ago=AGO)
    def delete(self, who: str, ago: int) -> None:
        target, message = self._message(ago)
        may = message is not None and who in (message.user, self.owner)
        if self._change(who, may, "message:delete", target=target) and not message.deleted:
            self._entry()
            message.deleted = True

    @rule(who=WHO, ago=AGO, on=st.booleans())
    def pin(self, who: str, ago: int, on: bool) -> None:
        target, message = self._message(ago)
        may = message is not None and not message.deleted
        request = "message:pin" if on else "message:unpin"
        if self._change(who, may, request, target=target) and message.pinned != on:
            self._entry()
            message.pinned = on

    @rule(who=WHO, ago=AGO, emoji=st.sampled_from(EMOJI), on=st.booleans())
    def react(self, who: str, ago: int, emoji: str, on: bool) -> None:
        target, message = self._message(ago)
        may = message is not None and not message.deleted
        request = "reaction:add" if on else "reaction:remove"
        if not self._change(who, may, request, target=target, emoji=emoji):
            return
        if on != ((emoji, who) in message.reactions):
            self._entry()
            (message.reactions.append if on else message.reactions.remove)((emoji, who))

    @rule(who=WHO, ago=AGO)
    def read(self, who: str, ago: int) -> None:
        if who not in self.members:
            return
        seq = max(self.last - ago, 0)
        client = self._run(self.devices[who].connect(self.house.server))
        self._run(client.ask("read", room=self.room, seq=seq))
        if who in self.marks or ago == 0:
            self.marks[who] = max(seq, self.marks.get(who, 0))

    # ── what happens to the server ─────────────────────────────────────────────────────

    @rule(kept=st.integers(1, 8))
    def purge(self, kept: int) -> None:
        self._run(Purge(self.house.server.node.store, Keep(messages=kept)).run())
        # What comes before the oldest one that is kept goes, too.
        if len(self.messages) >= kept:
            self.first = sorted(self.messages)[-kept]
            self.messages = {seq: m for seq, m in self.messages.items() if seq >= self.first}

    @rule()
    def restart(self) -> None:
        self._hear_all()
        for device in self.devices.values():
            self._run(device.part())
        self.house.restart()

    # ── how it is asked ────────────────────────────────────────────────────────────────

    def _ask(self, who: str, request: str, **data: Any) -> dict[str, Any] | None:
        """Return the answer; None where who is not in the room, and is told so."""
        device = self.devices[who]
        client = self._run(device.connect(self.house.server))
        if device.attached:
            return self._run(client.ask(request, room=self.room, **data))
        with pytest.raises(Reject, match="not_in_room"):
            self._run(client.ask(request, room=self.room, **data))
        return None

    def _change(self, who: str, may: bool, request: str, **data: Any) -> bool:
        if may or not self.devices[who].attached:
            return self._ask(who, request, **data) is not None
        with pytest.raises(Reject, match=r"no_such_message|forbidden"):
            self._ask(who, request, **data)
        return False

    def _message(self, ago: int) -> tuple[int, Any]:
        """Return a message's number and the message; beyond the first one there is none."""
        seqs = sorted(self.messages)
        if ago >= len(seqs):
            return self.last + 1, None
        return seqs[-1 - ago], self.messages[seqs[-1 - ago]]

    def _entry(self) -> None:
        self.last += 1

    def _hear_all(self) -> None:
        """Everybody attached was told every entry once, in order."""
        self._run(self._heard_all())

    async def _heard_all(self) -> None:
        for device in self.devices.values():
            if not device.attached:
                continue
            expected = list(range(device.position["seq"] + 1, self.last + 1))
            told: list[int] = []
            async with asyncio.timeout(20):
                while len(told) < len(expected):
                    told += device.hear()
                    await asyncio.sleep(0)
            assert told == expected, device.name
            device.position = {**device.position, "seq": self.last}

    @invariant()
    def the_server_shows_what_the_model_holds(self) -> None:
        self._hear_all()
        self._run(self._compare())

    async def _compare(self) -> None:
        for device in self.devices.values():
            if device.attached:
                await self._compare_as(device)

    async def _compare_as(self, device: Device) -> None:
        page = await device.client.ask("get:history", room=self.room)
        assert (page["first_seq"], page["last_seq"]) == (self.first, self.last)
        shown = {line["seq"]: _shown(line) for line in page["messages"]}
        assert shown == {seq: message.shown() for seq, message in self.messages.items()}
        members = await device.client.ask("room:members", room=self.room)
        assert {m["id"] for m in members["members"]} == set(self.members)
        owners = [m["id"] for m in members["members"] if m["role"] == "owner"]
        assert owners == ([self.owner] if self.owner else [])
        rooms = (await device.client.ask("room:list"))["rooms"]
        (room,) = [room for room in rooms if room["room"] == self.room]
        if device.name in self.marks:
            mark = self.marks[device.name]
            after = [m for seq, m in self.messages.items() if seq > mark and not m.deleted]
            assert (room["read_seq"], room["unread"]) == (mark, len(after))


@pytest.mark.parametrize(
    ("runs", "steps"),
    [
        pytest.param(3, 25, id="3 runs of 25", marks=pytest.mark.timeout(240)),
        pytest.param(
            300, 50, id="300 runs of 50", marks=[pytest.mark.slow, pytest.mark.timeout(2_400)]
        ),
    ],
)
def test_whatever_happens_the_server_holds_what_the_model_holds(runs, steps):
    with TemporaryDirectory() as data:
        house = Machine.house = House(Path(data))
        try:
            run_state_machine_as_test(
                Machine,
                settings=settings(
                    max_examples=runs,
                    stateful_step_count=steps,
                    deadline=None,
                    database=None,
                    print_blob=True,
                    suppress_health_check=list(HealthCheck),
                ),
            )
        finally:
            house.runner.run(house.close())
            house.runner.close()
