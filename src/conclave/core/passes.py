"""Passes of a server that is alone: in its memory, and gone with it."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(slots=True)
class _Pass:
    value: bytes
    group: str
    seconds: float
    ends: float
    uses: int


class MemoryPasses:
    """Keeps the promises of `ports.passes.Passes`; *now* is a clock that never jumps."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._kept: dict[bytes, _Pass] = {}
        # Of each group, and of those that live equally long, the oldest first.
        self._of: defaultdict[str, dict[bytes, None]] = defaultdict(dict)
        self._living: defaultdict[float, dict[bytes, None]] = defaultdict(dict)

    def __len__(self) -> int:
        return len(self._kept)

    async def put(
        self, key: bytes, value: bytes, seconds: float, *, group: str, most: int, uses: int = 1
    ) -> None:
        self._forget_ended()
        self._take(key)
        self._kept[key] = _Pass(value, group, seconds, self._now() + seconds, uses)
        self._living[seconds][key] = None
        own = self._of[group]
        own[key] = None
        if len(own) > most:
            self._take(next(iter(own)))

    async def use(self, key: bytes) -> bytes | None:
        found = self._kept.get(key)
        if found is None or self._now() >= found.ends:
            return None
        found.uses -= 1
        if found.uses == 0:
            self._take(key)
        return found.value

    async def drop(self, key: bytes) -> None:
        self._take(key)

    def _take(self, key: bytes) -> None:
        if (found := self._kept.pop(key, None)) is not None:
            del self._living[found.seconds][key]
            own = self._of[found.group]
            del own[key]
            if not own:
                del self._of[found.group]

    def _forget_ended(self) -> None:
        now = self._now()
        for living in self._living.values():
            while living:
                oldest = next(iter(living))
                if now < self._kept[oldest].ends:
                    break
                self._take(oldest)
