"""
Who comes in, and whom it was looked for meanwhile.

What is changed of a user is told to those who are found. Who comes in at that moment was
looked up too early to know it, and is not found yet: they learn here that they were missed.
"""

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice


class Expected:
    """Somebody who comes in, and whom it was looked for since the store was asked who that is."""

    def __init__(self, looks: "Looks", began: int) -> None:
        self._looks = looks
        self.began = began

    @property
    def everybody(self) -> bool:
        """Whether all were looked for: with all else, what one came in with may be good no more."""
        return None in self._looks.since(self.began)

    def missed(self, user: str) -> bool:
        """
        Return whether *user* may be another by now, or have other rooms.

        Ask without an await before the connection can be found.
        """
        return any(one is None or one == user for one in self._looks.since(self.began))


class Looks:
    """Whom it was looked for while somebody came in, in order; of nobody else's time."""

    def __init__(self) -> None:
        # None: everybody. One list for all who come, as thousands may come at once.
        self._each: deque[str | None] = deque()
        # How many were before the first of them.
        self._gone = 0
        # The oldest first.
        self._expected: dict[Expected, None] = {}

    def __len__(self) -> int:
        """How many looks are kept: none as long as nobody comes in."""
        return len(self._each)

    def note(self, user: str | None) -> None:
        """Note that *user*, None: everybody, was looked for."""
        if self._expected:
            self._each.append(user)

    def since(self, began: int) -> Iterator[str | None]:
        return islice(self._each, max(0, began - self._gone), None)

    @contextmanager
    def expect(self) -> Iterator[Expected]:
        """Expect somebody, from before the store is asked who they are until they are found."""
        expected = Expected(self, self._gone + len(self._each))
        self._expected[expected] = None
        try:
            yield expected
        finally:
            del self._expected[expected]
            self._forget()

    def _forget(self) -> None:
        """Forget what nobody asks for any more."""
        end = self._gone + len(self._each)
        needed = next((one.began for one in self._expected), end)
        while self._gone < needed:
            self._each.popleft()
            self._gone += 1
