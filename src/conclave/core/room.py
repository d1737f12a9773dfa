"""
One room, as this node sees it: who is told what, in which order.

Entries may reach a node late, twice, out of order or not at all. What a member is told is
each entry once, in order: the room holds back what came early and leaves what never came
to the relay, which reads it from the store. It knows connections; who counts as present is
`presence`.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from msgspec import Struct

from conclave.core.live import Live
from conclave.model.meters import Meters
from conclave.ports import Member
from conclave.protocol.codec import Packet

# Entries that came before an earlier one; beyond it the store is asked.
MAX_EARLY: Final = 256
# Entries held for one member whose history is being read: a store that stalls fills no memory.
MAX_HELD: Final = 1_024


class Told(Struct, frozen=True):
    """One entry, ready to be told: encoded for everybody and for its author."""

    seq: int
    author: str
    packet: Packet
    # The author's connections learn the request's id besides.
    own: Packet
    # The user this entry takes out of the room, after being told so.
    removes: str | None = None
    # The message whose text this entry has, and the entry without it: for those who may not
    # read that message.
    about: int | None = None
    blank: Packet | None = None
    # Whether the room hides from now on what was said before one's joining; None: as before.
    hides: bool | None = None

    def for_(self, member: Member, first: int = 0) -> Packet:
        """Return what *member* is told, who may read what was said from *first* on."""
        if self.blank is not None and self.about is not None and self.about < first:
            return self.blank
        return self.own if member.user == self.author else self.packet


@dataclass(slots=True, eq=False)
class Ticket:
    """One join in flight: what to tell its member after the history."""

    member: Member
    held: list[Told] = field(default_factory=list)


# Offers a packet to many at once, given by their `Member.ear`, but not to some few of them,
# who were offered another just now; like `offer` it never waits, never raises and never calls
# back. The same sequence means the same ears, in the same order.
Tell = Callable[[Sequence[Any], Packet, Collection[Any]], None]


def tell_each(ears: Sequence[Any], packet: Packet, but: Collection[Any] = ()) -> None:
    for ear in ears:
        if ear not in but:
            ear.offer(packet)


class Room:
    """Tells each member every entry after its own position, once, in order."""

    __slots__ = (
        "_early",
        "_hides",
        "_hides_since",
        "_joined",
        "_leading",
        "_live",
        "_meters",
        "_reading",
        "_tell_all",
        "head",
        "name",
        "removed",
    )

    def __init__(
        self, name: str, head: int, tell: Tell = tell_each, meters: Meters | None = None
    ) -> None:
        self.name = name
        self._meters = Meters() if meters is None else meters
        self._tell_all = tell
        # Number of the last entry told to members.
        self.head = head
        # Members who are told everything.
        self._live = Live()
        # Members whose history is being read.
        self._reading: dict[Member, Ticket] = {}
        # Members who know more than this node does, and up to where.
        self._leading: dict[Member, int] = {}
        self._early: dict[int, Told] = {}
        # The number of the entry that made each a member.
        self._joined: dict[Member, int] = {}
        # Whether they may not read what was said before it, and which entry said so last.
        self._hides = False
        self._hides_since = 0
        # Members that an entry took out; the relay takes them from here.
        self.removed: list[Member] = []

    @property
    def empty(self) -> bool:
        return not (self._live or self._leading or self._reading)

    @property
    def behind(self) -> bool:
        """Whether something is missing that only the store can tell."""
        return bool(self._early or self._leading)

    @property
    def early(self) -> list[int]:
        """The numbers that came before an earlier one; see `forget`."""
        return list(self._early)

    def holds(self, member: Member) -> bool:
        """Return whether *member* is told everything: now, or after its history."""
        return member in self._live or member in self._reading or member in self._leading

    def offer(self, told: Told) -> bool:
        """
        Tell members about an entry, now or when those before it have come.

        Returns False if it was too far ahead to be kept: read the store.
        """
        if told.seq == self.head + 1 and not self._early:
            self._tell(told)
            return True
        if told.seq <= self.head:
            return True
        if told.seq > self.head + MAX_EARLY:
            return False
        self._early[told.seq] = told
        self._tell_early()
        return True

    def forget(self, early: Iterable[int], last_seq: int) -> None:
        """
        Drop those of *early* that are beyond *last_seq*: nobody ever stored them.

        News comes after the commit. So what waited when the store was asked, and is beyond
        the last number that it gave, was forged.
        """
        for seq in early:
            if seq > last_seq:
                self._early.pop(seq, None)

    def _tell_early(self) -> None:
        while (next_ := self._early.pop(self.head + 1, None)) is not None:
            self._tell(next_)

    def _tell(self, told: Told) -> None:
        self.head = told.seq
        # Once for all of them: a count for each member would be the dearest of their costs.
        self._meters.deliveries += len(self._live)
        if told.hides is not None:
            self._hides, self._hides_since = told.hides, told.seq
        if told.about is not None and self._hides:
            self._tell_each(told)
        elif told.own is told.packet:
            self._tell_all(self._live.ears, told.packet, ())
        else:
            self._tell_but_author(told)
        if self._reading:
            self._hold(told)
        if told.removes is not None:
            self._remove(told.removes)
        if self._leading:
            self._catch_up()

    def _tell_each(self, told: Told) -> None:
        for member in self._live:
            member.offer(told.for_(member, self._first(member)))

    def _first(self, member: Member) -> int:
        return self._joined.get(member, 0) if self._hides else 0

    def _tell_but_author(self, told: Told) -> None:
        own = self._live.of(told.author)
        for member in own:
            member.offer(told.own)
        if len(self._live) > len(own):
            self._tell_all(self._live.ears, told.packet, [member.ear for member in own])

    def _hold(self, told: Told) -> None:
        for ticket in list(self._reading.values()):
            ticket.held.append(told)
            if len(ticket.held) > MAX_HELD:
                del self._reading[ticket.member]
                ticket.member.lose()

    def _catch_up(self) -> None:
        for member in [m for m, known in self._leading.items() if known <= self.head]:
            # Told by history already; the next entry is the first new one.
            del self._leading[member]
            self._live.add(member)

    def _remove(self, user: str) -> None:
        # Who is leading read its history after this entry was stored, and may read it only as
        # a member: it is back already, and this is old news about it.
        for member in [m for m in (*self._live, *self._reading) if m.user == user]:
            self.leave(member)
            self.removed.append(member)

    def begin_join(self, member: Member) -> Ticket:
        """
        Hold entries back for *member* while its history is read.

        One who is attached already is told nothing until the join is finished or given up.
        An earlier ticket of the same member does not stand any more. The read itself must
        check membership: of a removal that was told before, or that the page has, the room
        will say nothing.
        """
        self._live.drop(member)
        self._leading.pop(member, None)
        ticket = self._reading[member] = Ticket(member)
        return ticket

    def stands(self, ticket: Ticket) -> bool:
        """Return whether *ticket* is still good: its member neither left nor joined again."""
        return self._reading.get(ticket.member) is ticket

    def finish_join(
        self, ticket: Ticket, known: int, joined: int = 0, *, hides: bool = False
    ) -> None:
        """
        Go live after the history up to *known* has been sent; the ticket must stand.

        *joined* is the number of the entry that made the member one. *hides*: at *known* the
        room hid what was said before it.

        Between sending the history and this call there may be no await.
        """
        del self._reading[ticket.member]
        self._joined[ticket.member] = joined
        if known >= self._hides_since:
            self._hides = hides
        first = self._first(ticket.member)
        for told in ticket.held:
            if told.seq > known:
                self._meters.deliveries += 1
                ticket.member.offer(told.for_(ticket.member, first))
        if known > self.head:
            self._leading[ticket.member] = known
        else:
            self._live.add(ticket.member)

    def give_up(self, ticket: Ticket) -> None:
        """End a join that will not be finished; its member is not attached."""
        if self.stands(ticket):
            del self._reading[ticket.member]

    def leave(self, member: Member) -> None:
        self._live.drop(member)
        self._reading.pop(member, None)
        self._leading.pop(member, None)
        self._joined.pop(member, None)

    def dismiss(self) -> None:
        """Take everybody out: the room is no more, and no join that is under way will stand."""
        for member in [*self._live, *self._reading, *self._leading]:
            self.leave(member)

    def restart(self, head: int) -> None:
        """
        Go on from *head* without the entries before it, which are purged.

        Everybody who was owed one of them is lost, and resumes from the store.
        """
        self.head = max(self.head, head)
        owed = [m for m, known in self._leading.items() if known < self.head]
        for member in [*self._live, *self._reading, *owed]:
            self.leave(member)
            member.lose()
        self._catch_up()
        self._early = {seq: told for seq, told in self._early.items() if seq > self.head}
        self._tell_early()

    def replace(self, head: int) -> None:
        """
        Go on from *head*: another room has this name now, and what was known is of the one before.

        Everybody is lost, and comes back if the store lets them.
        """
        for member in [*self._live, *self._reading, *self._leading]:
            self.leave(member)
            member.lose()
        self._early.clear()
        self._hides, self._hides_since = False, 0
        self.head = head
