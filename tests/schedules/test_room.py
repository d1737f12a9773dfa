"""Whatever is lost, doubled or reordered: each member is told every entry once, in order."""

import pytest
from tests.schedules.room_world import World

from conclave.core.room import MAX_EARLY, Room, Ticket, Told
from conclave.ports import Member

SCHEDULES = 3_000
BATCH = 300


def broken_by(seed: int, make: type[Room]) -> str | None:
    """Return what went wrong in the schedule of *seed*, if anything did."""
    try:
        World(seed, make).run()
    except Exception as error:
        return f"seed {seed}: {type(error).__name__}: {error}"
    return None


@pytest.mark.parametrize("first", range(0, SCHEDULES, BATCH))
def test_every_member_is_told_every_entry_once_in_order(first: int) -> None:
    wrong = [w for seed in range(first, first + BATCH) if (w := broken_by(seed, Room))]
    assert not wrong, wrong[:5]


@pytest.mark.slow
@pytest.mark.parametrize("first", range(SCHEDULES, 20 * SCHEDULES, SCHEDULES))
def test_many_more_schedules_tell_every_entry_once_in_order(first: int) -> None:
    wrong = [w for seed in range(first, first + SCHEDULES) if (w := broken_by(seed, Room))]
    assert not wrong, wrong[:5]


# What must not go unnoticed: each takes one rule out of the room.


class HoldsNothingBack(Room):
    def offer(self, told: Told) -> bool:
        if self.head < told.seq <= self.head + MAX_EARLY:
            self._tell(told)
        return told.seq <= self.head


class TellsTwice(Room):
    def offer(self, told: Told) -> bool:
        if told.seq == self.head:
            self._tell(told)
        return super().offer(told)


class HoldsNothingWhileReading(Room):
    def _hold(self, told: Told) -> None:
        pass


class KnowsNobodyAhead(Room):
    def finish_join(self, ticket: Ticket, known: int) -> None:
        super().finish_join(ticket, known)
        self._leading.pop(ticket.member, None)
        self._live[ticket.member] = None


class EveryTicketStands(Room):
    def stands(self, ticket: Ticket) -> bool:
        return True

    def give_up(self, ticket: Ticket) -> None:
        self._reading.pop(ticket.member, None)

    def finish_join(self, ticket: Ticket, known: int) -> None:
        self._reading.setdefault(ticket.member, ticket)
        super().finish_join(ticket, known)


class RemovesNobody(Room):
    def _remove(self, user: str) -> None:
        pass


class RemovesWhoIsBack(Room):
    """Throws out who was removed and added again before this node heard of either."""

    def _remove(self, user: str) -> None:
        for member in [m for m in (*self._live, *self._reading, *self._leading) if m.user == user]:
            self.leave(member)
            self.removed.append(member)


class LosesNobody(Room):
    def restart(self, head: int) -> None:
        self.head = max(self.head, head)
        self._early = {seq: told for seq, told in self._early.items() if seq > self.head}
        self._catch_up()
        self._tell_early()


class LosesWhoIsOwedNothing(Room):
    def restart(self, head: int) -> None:
        for member in [*self._live, *self._reading, *self._leading]:
            self.leave(member)
            member.lose()
        super().restart(head)


class StaysLiveWhileJoiningAgain(Room):
    def begin_join(self, member: Member) -> Ticket:
        live = member in self._live
        ticket = super().begin_join(member)
        if live:
            self._live[member] = None
        return ticket


class TellsWhatThePageHad(Room):
    def finish_join(self, ticket: Ticket, known: int) -> None:
        for told in ticket.held:
            if told.seq <= known:
                ticket.member.offer(told.for_(ticket.member))
        super().finish_join(ticket, known)


@pytest.mark.parametrize(
    "make",
    [
        HoldsNothingBack,
        TellsTwice,
        HoldsNothingWhileReading,
        KnowsNobodyAhead,
        EveryTicketStands,
        RemovesNobody,
        RemovesWhoIsBack,
        LosesNobody,
        LosesWhoIsOwedNothing,
        StaysLiveWhileJoiningAgain,
        TellsWhatThePageHad,
    ],
)
def test_a_planted_bug_is_found(make: type[Room]) -> None:
    assert any(broken_by(seed, make) for seed in range(SCHEDULES)), f"{make.__name__} went unseen"
