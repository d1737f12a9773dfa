"""
To and fro: what changes often is told rarely, and how it ended is always told.

Somebody who starts and stops typing a hundred times a second would be told to a whole room as
often. It knows no rooms and tells nobody: its owner does.
"""

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

# Seconds between two changes of one thing that others are told of, unless said otherwise.
EVERY: Final = 1.0

K = TypeVar("K", bound=Hashable)
S = TypeVar("S")


@dataclass(slots=True)
class _Flip(Generic[S]):
    told: S
    told_at: float
    now: S


class Flips(Generic[K, S]):
    """Say each change to `change`; while there are some left, call `tick` now and then."""

    __slots__ = ("_every", "_flips")

    def __init__(self, every: float = EVERY) -> None:
        self._every = every
        self._flips: dict[K, _Flip[S]] = {}

    def __len__(self) -> int:
        return len(self._flips)

    def change(self, key: K, state: S, now: float) -> bool:
        """Return whether *state* is to be told now; if not, `tick` brings it, if it lasts."""
        flip = self._flips.get(key)
        if flip is None or now - flip.told_at >= self._every:
            self._flips[key] = _Flip(state, now, state)
            return True
        flip.now = state
        return False

    def told(self, key: K) -> S | None:
        """Return what was told of *key* last; None when that is long ago."""
        flip = self._flips.get(key)
        return None if flip is None else flip.told

    def settle(self, key: K, state: S) -> None:
        """Note that others know by other news that *key* is *state* now."""
        if (flip := self._flips.get(key)) is not None:
            flip.told = flip.now = state

    def tick(self, now: float) -> list[tuple[K, S]]:
        """Return what is to be told now of what was held back; forget what is long quiet."""
        late = []
        for key, flip in list(self._flips.items()):
            if now - flip.told_at < self._every:
                continue
            if flip.now == flip.told:
                del self._flips[key]
            else:
                flip.told, flip.told_at = flip.now, now
                late.append((key, flip.now))
        return late
