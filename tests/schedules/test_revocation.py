"""
Who authenticates, or brings another token, while tokens are revoked: in random orders.

The controllers, the hub and the node's `revoke` are the real ones; the store takes its time
before and after each of its moments. Time never waits: see `hand_time`.
"""

import asyncio
from contextlib import contextmanager
from random import Random
from types import SimpleNamespace
from typing import Any

import pytest
from tests.schedules.hand_time import HandClock, run

from conclave.controllers.dispatch import Hooks, Request
from conclave.controllers.node import Node
from conclave.controllers.sessions import Sessions
from conclave.core.hub import Caps, Hub
from conclave.core.revocations import Revocations, Watch
from conclave.core.session import Rules, Session
from conclave.core.statuses import Statuses
from conclave.model import Identity, Limits, User
from conclave.protocol.errors import Disconnect, Reject
from conclave.protocol.requests import Auth, RefreshAuth

ORDERS = 400
TOKENS = 4


class Peer:
    """A `ports.Connection` that only notes its end."""

    def __init__(self, world: "World") -> None:
        self.session = Session(Rules(), world.clock.monotonic())
        self.world = world
        self.id, self.address, self.user = "p", "192.0.2.1", ""
        self.rooms: frozenset[str] = frozenset()
        self.data: dict[str, Any] = {}
        self.end: int | None = None

    @property
    def identity(self) -> Identity | None:
        return self.session.identity

    def tell(self, event: object) -> None: ...

    def offer(self, packet: object) -> None: ...

    def authenticated(self, identity: Identity) -> None:
        clock = self.world.clock
        self.session.authenticated(identity, clock.monotonic(), clock.wall())
        self.user = identity.user

    def refreshed(self, identity: Identity) -> None:
        clock = self.world.clock
        self.session.refreshed(identity, clock.monotonic(), clock.wall())

    def renamed(self, identity: Identity) -> None:
        self.session.identity = identity

    def disconnect(self, code: int, reason: str = "", *, at_once: bool = False) -> None:
        if self.end is None:
            self.end = int(code)
            self.world.hub.remove(self)


class World:
    """Some tokens of one user, and a store that is slow at random."""

    def __init__(self, seed: int, revocations: Revocations) -> None:
        self.random = Random(seed)
        self.clock = HandClock()
        self.hub = Hub(Caps(0, 0, 0, 0))
        self.worthless: set[str] = set()
        self.peers: list[Peer] = []
        self.caught = 0
        unused: dict[str, Any] = dict.fromkeys(Node.__dataclass_fields__)
        self.node = Node(
            **{
                **unused,
                "doubt": lambda _user: None,
                "store": SimpleNamespace(
                    people=self,
                    user=self.user,
                    public_names=self.rooms,
                    coming_in=self.coming_in,
                ),
                "accounts": SimpleNamespace(note_use=lambda *_: None),
                "audit_log": SimpleNamespace(note=lambda *_: None),
                "tickets": SimpleNamespace(redeem=self.no_ticket),
                "hub": self.hub,
                "clock": self.clock,
                "limits": Limits(),
                "rules": Rules(),
                "statuses": Statuses(),
                "revocations": revocations,
                "authenticators": (self,),
            }
        )
        self.sessions = Sessions(self.node)
        self.sessions.hooks = Hooks([])

    async def pause(self) -> None:
        for _ in range(self.random.randrange(3)):
            await asyncio.sleep(self.random.choice([0, 0.001, 0.01]))

    # ── as the store and an authenticator ──────────────────────────────────────────────

    async def authenticate(self, token: str) -> Identity:
        await self.pause()
        if token in self.worthless:
            raise Reject("auth_failed")
        await self.pause()
        return Identity(user="ada", name="Ada", session=token)

    async def no_ticket(self, *_: object) -> None:
        return None

    async def user(self, user: str) -> User:
        await self.pause()
        return User(id=user, name=user, display_name=user)

    async def coming_in(self, user: str) -> tuple[User, list[Any]]:
        return await self.user(user), await self.rooms(user)

    async def rooms(self, user: str = "") -> list[Any]:
        await self.pause()
        return []

    async def revoke(self, user: str, tokens: Any, *, but: str | None = None) -> list[str]:
        await self.pause()
        # From this moment on nobody is let in; when the caller hears of it is another.
        gone = {f"t{n}" for n in range(TOKENS)} if tokens is None else set(tokens)
        self.worthless |= gone - {but}
        await self.pause()
        return sorted(gone)

    # ── what happens ───────────────────────────────────────────────────────────────────

    async def come(self) -> None:
        await self.pause()
        peer = Peer(self)
        self.peers.append(peer)
        self.hub.add(peer)
        await self._try(peer, Auth(self._token()), self.sessions.auth)
        for _ in range(self.random.randrange(3)):
            await self.pause()
            if peer.end is None and peer.identity is not None:
                event = RefreshAuth(self._token())
                await self._try(peer, event, lambda at, ev, _: self.sessions.refresh(at, ev))

    async def _try(self, peer: Peer, event: Any, handler: Any) -> None:
        try:
            await handler(peer, event, Request(peer, event, "c-1"))
        except Reject:
            pass
        except Disconnect as end:
            self.caught += end.code == 4501
            peer.disconnect(end.code, end.reason)

    def _token(self) -> str:
        return f"t{self.random.randrange(TOKENS)}"

    async def take(self) -> None:
        await self.pause()
        one = self._token()
        tokens, but = self.random.choice([([one], None), (None, one), (None, None)])
        await self.node.revoke("ada", tokens, but=but)
        for peer in self.hub.of("ada"):
            assert peer.identity is not None
            covered = (tokens is None or peer.identity.session in tokens) and (
                peer.identity.session != but
            )
            assert not covered, "it speaks on when it was revoked"

    def check(self) -> None:
        for peer in self.hub.of("ada"):
            assert peer.identity is not None
            assert peer.identity.session not in self.worthless, "one has slipped through"


def play(seed: int, revocations: Revocations) -> World:
    world = World(seed, revocations)

    async def main() -> None:
        async with asyncio.TaskGroup() as tasks:
            for _ in range(6):
                tasks.create_task(world.come())
            for _ in range(3):
                tasks.create_task(world.take())
        world.check()

    run(main())
    return world


def test_nobody_slips_in_while_their_token_is_revoked() -> None:
    caught = living = 0
    first = Random().randrange(2**32)
    print(f"seed {first}")
    for seed in range(first, first + ORDERS):
        world = play(seed, Revocations())
        caught += world.caught
        living += len(world.hub.of("ada"))
        assert not world.node.revocations._watches
    print({"C9": {"orders": ORDERS, "caught in between": caught, "still in": living}})
    assert caught > ORDERS / 20, "the race hardly happens: nothing is tested"
    assert living > ORDERS / 20, "nobody is left in: nothing is tested"


class Blind(Revocations):
    """As if nobody looked again after the look-up."""

    @contextmanager
    def watch(self):
        yield Watch()


class Late(Revocations):
    """As if one watched only what comes after a look-up that takes its time."""

    def note(self, revoked) -> None:
        asyncio.get_running_loop().call_later(0.005, super().note, revoked)


@pytest.mark.parametrize("bug", [Blind, Late])
def test_a_planted_bug_is_found(bug: type[Revocations]) -> None:
    found = 0
    for seed in range(ORDERS):
        try:
            play(seed, bug())
        except* AssertionError:
            found += 1
    assert found, "the orders do not find it"
