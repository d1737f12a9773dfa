"""What an application subclasses: handlers and hooks, and the way into the logs of rooms."""

from collections.abc import AsyncIterator, Mapping
from typing import ClassVar, Final, TypeVar

import msgspec

from conclave.controllers.hooks import Hooks
from conclave.controllers.node import Node
from conclave.controllers.request import Request
from conclave.controllers.sending import send
from conclave.controllers.serving import Served
from conclave.model import SYSTEM, Draft, Entry, Identity, Receipt
from conclave.ports import Connection
from conclave.protocol.durable import Durable
from conclave.protocol.errors import Code, Reject
from conclave.protocol.event import Event

K = TypeVar("K", bound=Durable)

_PAGE: Final = 500


class Controller:
    """
    Subclass it, mark methods with `on` and the hooks; `self.node` is the running server.

    What its constructor takes after the node is what the `App` provides for these types.
    """

    # The kinds of entries that it publishes, and the events that it tells: named, so that
    # the start finds two of one name, and `conclave spec` knows them.
    entries: ClassVar[tuple[type[Durable], ...]] = ()
    tells: ClassVar[tuple[type[Event], ...]] = ()

    def __init__(self, node: Node) -> None:
        self.node = node
        # Filled in by the dispatcher, so that handlers may run hooks, and answer commands.
        self.hooks: Hooks
        self.commands: Mapping[str, Served]

    async def publish(
        self,
        room: str,
        entry: Durable,
        by: Request | Connection | None = None,
        *,
        id: str | None = None,  # noqa: A002 - the wire's word
    ) -> Receipt:
        """
        Store *entry* in the log of *room*, tell everybody there, and return its numbers.

        *by* a request it is its sender's, stored once however often it is sent, and
        acknowledged before anybody is told; by a connection its user's; else the system's.
        *id* makes what has no request be stored once, too. Raises `Reject`: `not_in_room`,
        `muted` and what else holds for messages, and `too_long`.
        """
        draft = self._draft(room, entry, by, id)
        if isinstance(by, Request):
            return await send(self.node, draft, by.stored, may=room in by.connection.rooms)
        return await self.node.relay.send(draft)

    def _draft(
        self, room: str, entry: Durable, by: Request | Connection | None, id_: str | None
    ) -> Draft:
        kind = type(entry)
        if kind not in self.entries:
            where = type(self).__name__
            raise TypeError(f"{where} publishes {kind.__name__}: name it in {where}.entries")
        connection = by.connection if isinstance(by, Request) else by
        who = _author(connection)
        draft = Draft(
            room=room,
            user=who.user,
            name=who.name,
            role=who.role,
            type=kind.type,
            text=entry.words(),
            extra=entry.extra(),
            client_id=by.id if isinstance(by, Request) else id_,
            address=None if connection is None else connection.address,
        )
        self._measure(draft)
        return draft

    def _measure(self, draft: Draft) -> None:
        """Refuse what is larger than any message: each reader of the log is sent all of it."""
        if len(msgspec.json.encode((draft.text, draft.extra))) > self.node.limits.message_bytes:
            raise Reject(Code.TOO_LONG)

    async def replay(
        self, room: str, *kinds: type[K], after: int = 0
    ) -> AsyncIterator[tuple[Entry, K]]:
        """
        Give the entries of these *kinds* in the log of *room*, in order, with what they say.

        Only those after the number *after*. It reads the whole log: at start, say, and not
        for each request. What was erased or purged is not there.
        """
        known: dict[str, type[K]] = {kind.type: kind for kind in kinds}
        while True:
            page = await self.node.store.after(room, after, _PAGE)
            for entry in page.entries:
                kind = known.get(entry.type)
                said = None if kind is None else kind.read(entry)
                if said is not None:
                    yield entry, said
                after = entry.seq
            if not page.more:
                return


def _author(connection: Connection | None) -> Identity:
    if connection is None:
        return SYSTEM
    if connection.identity is None:
        raise Reject(Code.AUTH_REQUIRED)
    return connection.identity
