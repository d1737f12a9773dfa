"""What connected people hear of what is done in the office; nothing where no server runs."""

from collections.abc import Collection, Coroutine, Iterable
from typing import Any, Protocol, TypeVar

from conclave.controllers.node import Node
from conclave.controllers.telling import empty, tell_all_changed, tell_changed, tell_members
from conclave.model import Draft, Entry, Receipt, User
from conclave.ports import Store
from conclave.protocol.errors import Close
from conclave.protocol.events import RoomGone

T = TypeVar("T")


class Live(Protocol):
    """A server that runs, or none."""

    async def guarded(self, work: Coroutine[Any, Any, T]) -> T:
        """Return what *work* returns; cancelling the caller cancels none of it."""

    async def send(self, draft: Draft) -> Receipt:
        """Store *draft* and tell the room."""

    async def told(self, entries: Iterable[Entry]) -> None:
        """Tell entries that the store has just written, and whom they are about."""

    def part(self, user: str, tokens: Collection[str] | None, close: Close, reason: str) -> None:
        """Close the connections of *user*, or those that came in with one of *tokens*."""

    def changed(self, user: User) -> None:
        """Let the connections of *user* speak for who they are now."""

    def gone(self, user: str, event: RoomGone) -> None:
        """Tell *user* that a room is not theirs any more."""

    async def shut(self, room: str, people: Iterable[str]) -> None:
        """Empty a room that is deleted, and tell its *people*."""

    async def refresh(self, room: str, users: Iterable[str] | None = None) -> None:
        """Tell *users*, or all who are in it, what the room is to them now."""


class AtRest:
    """No server runs: what is stored is all there is."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def guarded(self, work: Coroutine[Any, Any, T]) -> T:
        return await work

    async def send(self, draft: Draft) -> Receipt:
        return await self._store.append(draft)

    async def told(self, entries: Iterable[Entry]) -> None: ...

    def part(self, *_: Any) -> None: ...

    def changed(self, user: User) -> None: ...

    def gone(self, user: str, event: RoomGone) -> None: ...

    async def shut(self, room: str, people: Iterable[str]) -> None: ...

    async def refresh(self, room: str, users: Iterable[str] | None = None) -> None: ...


class OnNode:
    """A node that runs in this process."""

    def __init__(self, node: Node) -> None:
        self._node = node

    async def guarded(self, work: Coroutine[Any, Any, T]) -> T:
        return await self._node.relay.guarded(work)

    async def send(self, draft: Draft) -> Receipt:
        return await self._node.relay.send(draft)

    async def told(self, entries: Iterable[Entry]) -> None:
        written = list(entries)
        self._node.relay.tell(written)
        await tell_members(self._node, written)

    def part(self, user: str, tokens: Collection[str] | None, close: Close, reason: str) -> None:
        self._node.part(user, tokens, code=close, reason=reason)

    def changed(self, user: User) -> None:
        self._node.changed(user)

    def gone(self, user: str, event: RoomGone) -> None:
        self._node.tell_user(user, event)

    async def shut(self, room: str, people: Iterable[str]) -> None:
        await empty(self._node, room, people)

    async def refresh(self, room: str, users: Iterable[str] | None = None) -> None:
        if users is None:
            await tell_all_changed(self._node, room)
            return
        for user in users:
            await tell_changed(self._node, user, room)
