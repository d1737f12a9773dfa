"""Whom another node doubts is looked at after the doubt, however many come and whatever fails."""

from collections.abc import Collection, Sequence
from types import SimpleNamespace
from typing import Any

import pytest

from conclave.controllers.doubts import (
    ALL_EVERY,
    ALL_IN_A_SECOND,
    AT_ONCE,
    ROOMS_EVERY,
    Doubts,
)
from conclave.core.revocations import Revocations
from conclave.model import Identity, User
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
        self.renamed: set[str] = set()
        self.doubts = Doubts(self.node(), self)

    def node(self) -> Any:
        hub = SimpleNamespace(
            identities=lambda: [peer.identity for peer in self.peers.values()],
            of=lambda user: [self.peers[user]] if user in self.peers else [],
        )
        return SimpleNamespace(
            hub=hub,
            store=SimpleNamespace(user=self.user, users=self.users),
            knows=lambda user: user.id not in self.renamed,
            show=lambda user: self.renamed.discard(user.id),
            news=SimpleNamespace(look=self.look),
            clock=SimpleNamespace(monotonic=lambda: self.now),
            revocations=Revocations(),
        )

    async def still(self, identity: Identity) -> Identity | None:
        self.ask(identity.user)
        return identity if identity.user in self.good else None

    async def suspects(self, identities: Sequence[Identity]) -> list[Identity]:
        self.ask("all")
        return [one for one in identities if one.user not in self.good]

    async def users(self, ids: Collection[str]) -> list[User]:
        return [User(id=one, name=one, display_name=one) for one in ids]

    async def user(self, user: str) -> User | None:
        """There are no accounts, but for who was renamed."""
        return User(id=user, name=user, display_name="New") if user in self.renamed else None

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
    world.doubts = Doubts(world.node(), world)
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
    assert world.looks.count("all") == 1, "not more often than one may"
    world.now += ALL_EVERY / 2
    await world.doubts.tick()
    assert world.peers["ada"].ended == [Close.SESSION_REVOKED]
    world.now += ALL_EVERY
    await world.doubts.tick()
    assert world.looks.count("all") == 2, "nothing was missed since"


async def test_so_many_are_looked_at_in_a_second_and_no_more() -> None:
    world = World(*(f"u{n}" for n in range(3 * ALL_IN_A_SECOND)))
    for passed, looks in ((0.0, 1), (2.9, 1), (0.2, 2)):
        world.now += passed
        world.doubts.doubt_all()
        await world.doubts.tick()
        assert world.looks.count("all") == looks * 3 * ALL_IN_A_SECOND / AT_ONCE


async def test_of_all_who_are_doubted_only_those_are_looked_at_who_are_not_as_they_were() -> None:
    world = World(*(f"u{n}" for n in range(2 * AT_ONCE + 1)))
    world.good.discard("u7")
    world.renamed.add("u8")
    world.doubts.doubt_all()
    await world.doubts.tick()
    assert world.looks.count("all") == 3
    assert {one for one in world.looks if one not in ("all", "rooms")} == {"u7", "u8"}
    assert [user for user, peer in world.peers.items() if peer.ended] == ["u7"]
    assert not world.renamed


async def test_all_are_looked_at_again_when_that_could_not_be() -> None:
    world = World("ada")
    world.fails = {"all"}
    world.doubts.doubt_all()
    with pytest.raises(Reject):
        await world.doubts.tick()
    world.fails.clear()
    world.good.clear()
    await world.doubts.tick()
    assert world.peers["ada"].ended == [Close.SESSION_REVOKED]


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
