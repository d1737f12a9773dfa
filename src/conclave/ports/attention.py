"""What people want to know of, and where to reach them: a port of its own."""

from collections.abc import Sequence
from typing import Protocol

from conclave.model import Called, Entry, Identity, Notify, Subscription
from conclave.model.facts import PushCounts


class Attention(Protocol):
    """
    Of what people are notified, which rooms are dear to them, which browsers can be pushed to.

    As with `Store`: what a method that writes returns is durable, failures are `Reject`.
    """

    async def set_notify(self, room: str, who: Identity, notify: Notify) -> bool:
        """
        Notify *who* of that in *room* from now on; return whether it was another.

        It ends with the membership. Raises `not_in_room` and `no_such_room`.
        """

    async def set_favourite(self, room: str, who: Identity, favourite: bool) -> bool:
        """
        Keep *room* among the favourites of *who*, or not; return whether it was otherwise.

        It ends with the membership. Raises `not_in_room` and `no_such_room`.
        """

    async def audience(self, entries: Sequence[Entry]) -> list[list[Called]]:
        """
        Return, for each of *entries*, messages that are stored, who wants to be notified of it.

        Nobody of what they wrote themselves, of what is deleted by now, of what the system
        says, or of somebody whom they ignore; and nobody who is deactivated.
        """

    async def subscribe(self, who: Identity, wanted: Subscription) -> None:
        """
        Push to the browser *wanted* for *who*, as long as the token they are in with is good.

        A browser is one person's: it is nobody else's any more. Its id is made here. Of one
        person there are twenty at most, the oldest goes.
        """

    async def unsubscribe(self, user: str, endpoint: str) -> bool: ...

    async def drop(self, subscription: str) -> bool:
        """Forget one that its push service knows no more; return whether there was one."""

    async def prune(self) -> int:
        """Forget those whose token or user is not good any more; return how many."""

    async def subscriptions(self, user: str) -> list[Subscription]:
        """Return the browsers of *user* that are good at this moment."""

    async def subscribers(self) -> set[str]:
        """Return who has one."""


class Pushes(Protocol):
    """Brings messages to browsers whose page is not open; never waits."""

    async def key(self) -> str:
        """Return the public key of this server, as browsers want it; "" if it pushes nothing."""

    @property
    def counts(self) -> PushCounts:
        """What became of pushes since the start; it goes on to change."""

    def check(self, endpoint: str) -> None:
        """Raise `bad_request` for what is no address of a push service."""

    def called(self, entry: Entry, called: Called) -> None:
        """Push *entry* soon, unless its reader comes or has read it by then."""

    def read(self, user: str, room: str, seq: int) -> None:
        """Push nothing up to *seq* that waits."""

    def subscribed(self, user: str) -> None:
        """Remember that *user* has a browser to push to."""

    async def tick(self) -> None:
        """Push what has waited long enough; call it every second."""

    async def prune(self) -> None:
        """Forget browsers that are not good any more; call it at the start and every minute."""

    async def close(self) -> None:
        """End what is under way."""
