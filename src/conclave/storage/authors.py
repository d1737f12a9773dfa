"""
Who writes to a room in one run of appends, and what each may there.

Everybody is looked up once a run, in the transaction that numbers what they wrote: a kick
or a mute that came first wins.
"""

from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from conclave.model import SYSTEM, Act, Draft, RoomKind, RoomRole
from conclave.protocol.errors import Code, Reject
from conclave.protocol.state import MESSAGE
from conclave.storage.rights import Known, Where, check_act, find_known, first_of, is_shut
from conclave.storage.shapes import act_of


class Authors:
    """What those may in one room who write there now; each is looked up once."""

    def __init__(self, execute: Any, where: Where, now: int, trusted: bool) -> None:
        self.where = where
        self._execute = execute
        self.now = now
        self._trusted = trusted
        self._known: dict[str, Known] = {}
        self._answers: dict[tuple[str, Act], Reject | None] = {}
        # Who has written in this run, where the room is slow.
        self._said: dict[str, int] = {}

    def refuse(self, draft: Draft) -> Reject | None:
        """Return why the author of *draft* may not write it, if they may not."""
        if self._trusted or draft.user == SYSTEM.user:
            return None
        key = (draft.user, act_of(draft))
        if key not in self._answers:
            self._answers[key] = self._ask(draft, key[1])
        no = self._answers[key]
        return no if no is not None or not self._slow(draft) else self._refuse_haste(draft.user)

    def _ask(self, draft: Draft, act: Act) -> Reject | None:
        try:
            # Whose message it is about is looked up when it is known that there is one.
            check_act(act, replace(self._of(draft).standing, own=True))
        except Reject as no:
            return no
        # To take back what one wrote is not to write to anybody.
        direct = self.where.kind is RoomKind.DIRECT and act is not Act.DELETE
        if direct and is_shut(self._execute, self.where.id, draft.user):
            return Reject(Code.FORBIDDEN, "They take no messages from you")
        return None

    def _of(self, draft: Draft) -> Known:
        known = self._known.get(draft.user)
        if known is None:
            known = find_known(self._execute, self.where, draft.user, self.now, draft.role)
            self._known[draft.user] = known
        return known

    def may_with(self, draft: Draft) -> Callable[[bool], None]:
        """Return what raises `forbidden` unless the author may change a message, own or not."""

        def check(own: bool) -> None:
            if not self._trusted and draft.user != SYSTEM.user:
                check_act(act_of(draft), replace(self._of(draft).standing, own=own))

        return check

    def _slow(self, draft: Draft) -> bool:
        if not self.where.slow_mode or draft.type != MESSAGE:
            return False
        return self._of(draft).standing.member is RoomRole.MEMBER

    def _refuse_haste(self, user: str) -> Reject | None:
        last = self._said.get(user, self._known[user].said_at)
        wait = last + self.where.slow_mode * 1_000 - self.now
        if wait <= 0:
            return None
        return Reject(Code.RATE_LIMITED, "This room is slow: wait a moment", retry_after_ms=wait)

    def first(self, draft: Draft) -> int:
        """Return the first number that the author of *draft* may read, and so refer to."""
        if self._trusted or draft.user == SYSTEM.user:
            return 0
        return first_of(self.where, self._of(draft))

    def said(self, draft: Draft) -> None:
        """Remember when the author wrote, if the room is slow for them."""
        if not self._trusted and draft.user != SYSTEM.user and self._slow(draft):
            self._said[draft.user] = self.now

    def note_said(self, cursor: Any) -> None:
        """Store what `said` remembered."""
        if self._said:
            cursor.executemany(
                "UPDATE members SET said_at = ? WHERE room = ? AND user = ?",
                [(at, self.where.id, user) for user, at in self._said.items()],
            )
            self._said.clear()
