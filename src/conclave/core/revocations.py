"""
What was revoked, told to those who are just authenticating: they passed too early.

Whoever authenticates was looked up before it speaks for anybody. What is revoked in between
finds no connection to close, so each watch keeps what it must still be held against.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from conclave.model import Identity


@dataclass(frozen=True, slots=True)
class Revoked:
    """An end to some connections of a user, and what each is closed with."""

    user: str
    # Those that came in with one of these tokens; None: all of the user.
    tokens: frozenset[str] | None
    # Except those that came in with this one.
    but: str | None
    code: int
    reason: str

    def covers(self, identity: Identity) -> bool:
        if identity.user != self.user:
            return False
        if self.but is not None and identity.session == self.but:
            return False
        return self.tokens is None or identity.session in self.tokens


class Watch:
    """What was revoked since it began."""

    def __init__(self) -> None:
        self.seen: list[Revoked] = []

    def finds(self, identity: Identity) -> Revoked | None:
        """Return what *identity* was caught by; ask without an await before it is let in."""
        return next((one for one in self.seen if one.covers(identity)), None)


class Revocations:
    """Those who watch now; nothing is kept for anybody else."""

    def __init__(self) -> None:
        self._watches: set[Watch] = set()

    @contextmanager
    def watch(self) -> Iterator[Watch]:
        """Watch from before the token is looked up until its connection can be found."""
        watch = Watch()
        self._watches.add(watch)
        try:
            yield watch
        finally:
            self._watches.discard(watch)

    def note(self, revoked: Revoked) -> None:
        """Tell all who watch; call it once the store has it, and close in the same turn."""
        for watch in self._watches:
            watch.seen.append(revoked)
