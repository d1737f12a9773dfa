"""
The members of a room who are told everything, and which of them are somebody's.

Each message goes to all of them: here one finds its author's own devices without looking at
the others, since of a thousand members a look at each is what costs.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from conclave.ports import Member


class Live:
    """A set of members in the order in which they came."""

    __slots__ = ("_ears", "_of", "_sequence")

    def __init__(self) -> None:
        # Kept with their ears, to look at as little as possible for each.
        self._ears: dict[Member, Any] = {}
        # A user is mostly there once, and then without a tuple around it.
        self._of: dict[str, Member | tuple[Member, ...]] = {}
        # Made when it is asked for: many may come before something is told.
        self._sequence: tuple[Any, ...] | None = None

    def __len__(self) -> int:
        return len(self._ears)

    def __contains__(self, member: object) -> bool:
        return member in self._ears

    def __iter__(self) -> Iterator[Member]:
        return iter(self._ears)

    def add(self, member: Member) -> None:
        self.drop(member)
        own = self.of(member.user)
        self._ears[member] = member.ear
        self._sequence = None
        self._of[member.user] = (*own, member) if own else member

    def drop(self, member: Member) -> None:
        """Forget *member*, if it is here."""
        if member not in self._ears:
            return
        del self._ears[member]
        self._sequence = None
        left = tuple(one for one in self.of(member.user) if one is not member)
        if left:
            self._of[member.user] = left if len(left) > 1 else left[0]
        else:
            del self._of[member.user]

    def of(self, user: str) -> tuple[Member, ...]:
        own = self._of.get(user, ())
        return own if isinstance(own, tuple) else (own,)

    @property
    def ears(self) -> Sequence[Any]:
        """The ears of all: the same sequence until somebody comes or goes."""
        if self._sequence is None:
            self._sequence = tuple(self._ears.values())
        return self._sequence
