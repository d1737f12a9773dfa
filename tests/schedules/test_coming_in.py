"""
Who comes in while they are renamed, and rooms become theirs or are no more: in random orders.

They are looked up once, by a store that takes its time before and after that moment. Whatever was
told meanwhile to those who could be found, they must be or hear as well.
"""

import asyncio
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from random import Random
from types import SimpleNamespace
from typing import Any

import pytest
from tests.schedules.hand_time import run
from tests.schedules.test_revocation import ORDERS, World

from conclave.controllers.dispatch import Hooks
from conclave.controllers.sessions import Sessions
from conclave.controllers.telling import tell_changed
from conclave.core.expecting import Expected, Looks
from conclave.core.hub import Caps, Hub
from conclave.core.revocations import Revocations
from conclave.model import Identity, RoomInfo, RoomKind, RoomRole, User
from conclave.ports import ComingIn
from conclave.relay import News

ROOMS = ("den", "hall", "yard")


class Changing(World):
    """A user who is called otherwise now and then, and has other rooms."""

    def __init__(self, seed: int, hub: Hub) -> None:
        super().__init__(seed, Revocations())
        self.hub, self.called, self.theirs = hub, "Ada", {"den"}
        around = SimpleNamespace(renamed=lambda *_: None, tell_around=lambda *_: None)
        self.node = replace(
            self.node,
            hub=hub,
            attendance=around,
            news=News(self.node.store, hub),
            renew=lambda _user, _room: None,
        )
        self.node.store.room_for = self.room_for
        if self.random.random() < 0.5:
            self.introduce = self._introduce
        self.sessions = Sessions(self.node)
        self.sessions.hooks = Hooks([])

    async def coming_in(self, user: str) -> tuple[User, list[Any]]:
        await self.pause()
        found = self._user(), sorted(self.theirs)
        await self.pause()
        return found

    async def _introduce(self, token: str) -> ComingIn:
        identity = await self.authenticate(token)
        await self.pause()
        called = Identity(user=identity.user, name=self.called, session=identity.session)
        found = ComingIn(called, sorted(self.theirs))
        await self.pause()
        return found

    async def room_for(self, room: str, _user: str) -> RoomInfo | None:
        await self.pause()
        if room not in self.theirs:
            return None
        numbers = dict.fromkeys(("members", "last_seq", "read_seq", "unread", "mentions"), 1)
        words = {"title": room, "topic": "", "kind": RoomKind.PUBLIC}
        return RoomInfo(room=room, role=RoomRole.MEMBER, **words, **numbers)

    def _user(self) -> User:
        return User(id="ada", name="ada", display_name=self.called)

    async def change(self) -> None:
        for n in range(3):
            await self.pause()
            self.called = f"Ada {n}"
            await self.pause()
            self.node.changed(self._user())
            room = self.random.choice(ROOMS)
            await self.pause()
            self.theirs ^= {room}
            await self.pause()
            await tell_changed(self.node, "ada", room)

    def check(self) -> None:
        for peer in self.hub.of("ada"):
            assert peer.identity is not None
            assert peer.identity.name == self.called, "it is called as before"
            for room in self.theirs:
                assert peer in self.hub.watchers(room), "it does not hear of a room"


def play(seed: int, hub: type[Hub]) -> Changing:
    world = Changing(seed, hub(Caps(0, 0, 0, 0)))

    async def main() -> None:
        async with asyncio.TaskGroup() as tasks:
            for _ in range(6):
                tasks.create_task(world.come())
            tasks.create_task(world.change())
        world.check()

    run(main())
    return world


def test_nobody_comes_in_as_who_they_were_or_without_a_room_that_is_theirs() -> None:
    living = 0
    first = Random().randrange(2**32)
    print(f"seed {first}")
    for seed in range(first, first + ORDERS):
        world = play(seed, Hub)
        living += len(world.hub.of("ada"))
        assert len(world.hub._looks) == 0
    assert living > ORDERS / 20, "nobody is left in: nothing is tested"


class Blind(Hub):
    """As if nobody looked again."""

    @contextmanager
    def expect(self):
        yield Expected(Looks(), 0)


class Late(Hub):
    """As if one was expected only when the store has been asked for some time."""

    @contextmanager
    def expect(self):
        late: list[Expected] = []
        with ExitStack() as stack:
            expect = self._looks.expect
            begin = asyncio.get_running_loop().call_later(
                0.005, lambda: late.append(stack.enter_context(expect()))
            )
            yield SimpleNamespace(
                everybody=False, missed=lambda user: any(one.missed(user) for one in late)
            )
            begin.cancel()


@pytest.mark.parametrize("bug", [Blind, Late])
def test_a_planted_bug_is_found(bug: type[Hub]) -> None:
    found = 0
    for seed in range(ORDERS):
        try:
            play(seed, bug)
        except* AssertionError:
            found += 1
    print({"found": found})
    assert found, "the orders do not find it"
