"""Whom another node doubts is looked at after the doubt, however many come and whatever fails."""

from types import SimpleNamespace
from typing import Any

import pytest

from conclave.controllers.doubts import ALL_EVERY, ROOMS_EVERY, Doubts
from conclave.core.revocations import Revocations
from conclave.model import Identity
from conclave.protocol.errors import Close, Code, Reject


class Peer:
    """A connection that notes how it was ended."""

    def __init__(self, user: str) -> None:
        self.identity = Identity(user=user, name=user)
        self.ended: list[int] = []

    def disconnect(self, code: int, _why: str, *, at_once: bool) -> None:
        assert at_once
        self.ended.append(code)


class World:
    """A node, and a store in which some are good and that now and then fails."""

    def __init__(self, *users: str) -> None:
        self.now = 100.0
        self.peers = {user: Peer(user) for user in users}
        self.good = set(users)
        self.fails: set[str] = set()
        self.looks: list[str] = []
        self.doubts = Doubts(self.node(), self.still)

    def node(self) -> Any:
        hub = SimpleNamespace(
            connections=list(self.peers.values()),
            of=lambda user: [self.peers[user]] if user in self.peers else [],
        )
        return SimpleNamespace(
            hub=hub,
            store=SimpleNamespace(user=self.user),
            news=SimpleNamespace(look=self.look),
            clock=SimpleNamespace(monotonic=lambda: self.now),
            revocations=Revocations(),
        )

    async def still(self, identity: Identity) -> Identity | None:
        self.ask(identity.user)
        return identity if identity.user in self.good else None

    async def user(self, _user: str) -> None:
        """There are no accounts."""

    async def look(self) -> list[str]:
        self.ask("rooms")
        return []

    def ask(self, what: str) -> None:
        self.looks.append(what)
        if what in self.fails:
            raise Reject(Code.UNAVAILABLE)

    async def revoke_elsewhere(self, user: str) -> None:
        self.good.discard(user)
        self.doubts.doubted(user)


async def test_who_is_doubted_while_they_are_looked_at_is_looked_at_once_more() -> None:
    world = World("ada")

    async def revoked_meanwhile(_user: str) -> None:
        if world.good:
            await world.revoke_elsewhere("ada")

    world.user = revoked_meanwhile  # type: ignore[method-assign]
    world.doubts = Doubts(world.node(), world.still)
    world.doubts.doubted("ada")
    await world.doubts.tick()
    await world.doubts.tick()
    assert world.peers["ada"].ended == [Close.SESSION_REVOKED]


async def test_what_is_missed_soon_after_all_were_looked_at_is_found_when_one_may_look() -> None:
    world = World("ada")
    world.doubts.doubt_all()
    await world.doubts.tick()
    world.good.clear()
    world.now += ALL_EVERY / 2
    world.doubts.doubt_all()
    await world.doubts.tick()
    assert world.looks.count("ada") == 1, "not more often than one may"
    world.now += ALL_EVERY / 2
    await world.doubts.tick()
    assert world.peers["ada"].ended == [Close.SESSION_REVOKED]
    world.now += ALL_EVERY
    await world.doubts.tick()
    assert world.looks.count("ada") == 2, "nothing was missed since"


async def test_one_who_cannot_be_looked_at_keeps_nobody_else_in() -> None:
    world = World("ada", "bob")
    world.fails = {"ada"}
    world.doubts.doubted("ada")
    await world.revoke_elsewhere("bob")
    with pytest.raises(Reject):
        await world.doubts.tick()
    with pytest.raises(Reject):
        await world.doubts.tick()
    assert world.peers["bob"].ended == [Close.SESSION_REVOKED]
    world.fails.clear()
    await world.doubts.tick()
    assert world.looks == ["ada", "bob", "ada", "ada"]


async def test_rooms_that_could_not_be_looked_at_are_looked_at_again() -> None:
    world = World()
    world.fails = {"rooms"}
    world.doubts.doubt_all()
    with pytest.raises(Reject):
        await world.doubts.tick()
    world.fails.clear()
    world.now += ROOMS_EVERY
    await world.doubts.tick()
    assert world.looks == ["rooms", "rooms"]
