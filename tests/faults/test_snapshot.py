"""
Snapshot and stream agree (G9): what a client has and is told is what the server shows anew.

state(after) = apply(state(before), entries), for every type of entry and for random orders of
them; the state is the messages as they are now, the members and the room's own words.
"""

import asyncio
import random

import pytest
from tests.support.people import app
from tests.support.view import View, as_shown

from conclave import Reject, testing
from conclave.protocol import state

ROOM = "hall"
PEOPLE = ["ann", "bob", "eve", "kim"]
EMOJI = ["👍", "❤️", "🎉", "🇫🇷"]
TYPES = {
    state.MESSAGE, state.EDITED, state.DELETED, state.PINNED, state.UNPINNED, state.REACTED,
    state.UNREACTED, state.UPDATED, state.MEMBER_ADDED, state.MEMBER_REMOVED, state.MEMBER_ROLE,
}  # fmt: skip


class World:
    """People who do anything at random; one who watches and applies; a server to ask."""

    def __init__(self, people: dict[str, testing.Client], seed: int) -> None:
        self.people = people
        self.watcher = people["watcher"]
        self.view = View("watcher")
        self.chance = random.Random(seed)
        self.refusals: set[str] = set()
        self.number = 0

    async def do_something(self) -> None:
        name = self.chance.choice(PEOPLE)
        request, data = self._aimed() or self._anything()
        if request == "reaction:remove":
            name = data.pop("by", name)
        if request == "room:update" and self.chance.random() < 0.7:
            owners = [who for who, role in self.view.state.members.items() if role == "owner"]
            # The watcher is one when all others have quit.
            name = self.chance.choice([who for who in owners if who in self.people] or [name])
        self.number += 1
        try:
            answer = await self.people[name].ask(request, room=ROOM, id=f"w-{self.number}", **data)
        except Reject as no:
            self.refusals.add(str(no.code))
            return
        await self.catch_up(answer.get("seq", answer.get("upto", 0)))

    def _anything(self) -> tuple[str, dict]:
        chance, target = self.chance, self._target()
        about = {"target": target}
        return chance.choice(
            [
                ("chat", {"text": f"text {self.number}", **self._references()}),
                ("chat", {"text": f"text {self.number}", **self._references()}),
                ("message:edit", {**about, "text": f"edited {self.number}"}),
                ("message:edit", {**about, "text": f"edited {self.number}"}),
                ("message:delete", about),
                ("message:pin", about),
                ("message:unpin", about),
                ("reaction:add", {**about, "emoji": chance.choice(EMOJI)}),
                ("reaction:add", {**about, "emoji": chance.choice(EMOJI)}),
                ("reaction:remove", {**about, "emoji": chance.choice(EMOJI)}),
                ("room:update", {"title": f"title {self.number}"}),
                ("room:update", {"topic": chance.choice(["", f"topic {self.number}"])}),
                ("room:quit", {}),
                ("join:room", {}),
                ("join:room", {}),
            ]
        )

    def _aimed(self) -> tuple[str, dict] | None:
        """Return at times what takes something back that is there."""
        there = [
            ("reaction:remove", {"target": seq, "emoji": emoji, "by": by})
            for seq, revision in self.view.state.revisions.items()
            for emoji, by in revision.reactions
        ] + [
            ("message:unpin", {"target": seq})
            for seq, revision in self.view.state.revisions.items()
            if revision.pinned_seq is not None
        ]
        return self.chance.choice(there) if there and self.chance.random() < 0.15 else None

    def _target(self) -> int:
        """Return a message's number, or at times one of something else."""
        if self.chance.random() < 0.1 or not self.view.state.messages:
            return self.chance.randrange(1, self.view.seq + 3)
        latest = sorted(self.view.state.messages)[-8:]
        return self.chance.choice(latest)

    def _references(self) -> dict:
        found = {
            "reply_to": self._target(),
            "thread": self._target(),
            "mentions": self.chance.sample(PEOPLE, 2),
        }
        return {name: value for name, value in found.items() if self.chance.random() < 0.3}

    async def catch_up(self, seq: int) -> None:
        """Apply what the watcher was told, up to *seq*."""
        while self.view.seq < seq:
            await self._apply_next()

    async def _apply_next(self) -> None:
        async with asyncio.timeout(20):
            while (told := self._told(self.view.seq + 1)) is None:
                await asyncio.sleep(0.001)
        self.view.apply(told)

    def _told(self, seq: int) -> dict | None:
        for event in reversed(self.watcher.events):
            if event.type in ("chat", "entry") and event.data.get("seq") == seq:
                return event.data
        return None

    async def agree(self) -> None:
        """Ask the server for everything anew, and compare."""
        page = await self.watcher.ask("get:history", room=ROOM, limit=100)
        await self.catch_up(page["last_seq"])
        shown = [as_shown(message) for message in page["messages"]]
        assert self.view.messages()[-len(shown) :] == shown
        assert len(shown) == min(100, len(self.view.state.messages))
        members = await self.watcher.ask("room:members", room=ROOM)
        assert {m["id"]: m["role"] for m in members["members"]} == self.view.state.members
        rooms = (await self.watcher.ask("room:list", scope="mine"))["rooms"]
        (room,) = [room for room in rooms if room["room"] == ROOM]
        assert room["title"] == (self.view.state.title or ROOM)
        assert room["topic"] == (self.view.state.topic or "")
        assert room["members"] == len(self.view.state.members)
        assert room["last_seq"] == self.view.seq


@pytest.mark.parametrize(
    ("steps", "worlds"),
    [
        pytest.param(200, 1, id="200 changes"),
        pytest.param(
            400, 10, id="4000 changes", marks=[pytest.mark.slow, pytest.mark.timeout(600)]
        ),
    ],
)
async def test_what_is_told_makes_of_what_was_known_what_the_server_shows(steps, worlds):
    for _ in range(worlds):
        seed = random.randrange(2**32)
        print(f"seed {seed}")
        async with (
            testing.serve(app(), rate=0) as server,
            server.client("i-am-ann") as ann,
            server.client("i-am-bob") as bob,
            server.client("i-am-eve") as eve,
            server.client("i-am-kim") as kim,
            server.client("i-am-watcher") as watcher,
        ):
            await ann.ask("room:create", room=ROOM)
            people = {"ann": ann, "bob": bob, "eve": eve, "kim": kim}
            world = World({**people, "watcher": watcher}, seed)
            page = await watcher.ask("join:room", room=ROOM)
            since = {"epoch": page["epoch"], "seq": 0}
            # Everything from the first entry on, then live.
            for entry in (await watcher.ask("join:room", room=ROOM, since=since))["messages"]:
                world.view.apply(entry)
            for name in PEOPLE:
                await world.people[name].ask("join:room", room=ROOM)
            done = 0
            while done < steps or not world.view.types >= TYPES:
                await world.do_something()
                await world.agree()
                done += 1
            # `conflict`: of a thread that would begin in a thread.
            assert world.refusals <= {
                "forbidden", "no_such_message", "not_in_room", "conflict"
            }  # fmt: skip
