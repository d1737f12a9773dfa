"""The `ports.Attention` of one SQLite file: each method is one job of its store."""

from collections.abc import Callable, Sequence

from conclave.model import Called, Entry, Identity, Notify, Subscription
from conclave.storage import policies, subscriptions
from conclave.storage.audience import audience
from conclave.storage.lines import now_ms
from conclave.storage.sqlstore import SqlStore


class SqlAttention:
    """Keeps what people want to know of, in *store*, by *clock* in milliseconds since 1970."""

    def __init__(self, store: SqlStore, clock: Callable[[], int] = now_ms) -> None:
        self._store = store
        self._clock = clock

    async def set_notify(self, room: str, who: Identity, notify: Notify) -> bool:
        asked = (room, who, notify, self._clock())
        return await self._store.write(lambda c, log: policies.set_notify(c, log, *asked))

    async def set_favourite(self, room: str, who: Identity, favourite: bool) -> bool:
        asked = (room, who, favourite, self._clock())
        return await self._store.write(lambda c, log: policies.set_favourite(c, log, *asked))

    async def audience(self, entries: Sequence[Entry]) -> list[list[Called]]:
        return await self._store.read(lambda connection: audience(connection, entries))

    async def subscribe(self, who: Identity, wanted: Subscription) -> None:
        now = self._clock()
        await self._store.write(lambda c, _: subscriptions.subscribe(c, who, wanted, now))

    async def unsubscribe(self, user: str, endpoint: str) -> bool:
        return await self._store.write(lambda c, _: subscriptions.unsubscribe(c, user, endpoint))

    async def drop(self, subscription: str) -> bool:
        return await self._store.write(lambda c, _: subscriptions.drop(c, subscription))

    async def prune(self) -> int:
        now = self._clock()
        return await self._store.write(lambda c, _: subscriptions.prune(c, now))

    async def subscriptions(self, user: str) -> list[Subscription]:
        now = self._clock()
        return await self._store.read(lambda c: subscriptions.subscriptions_of(c, user, now))

    async def subscribers(self) -> set[str]:
        now = self._clock()
        return await self._store.read(lambda c: subscriptions.subscribers(c, now))
