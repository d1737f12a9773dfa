"""A clock to turn: real time, and what a test has added to it."""

import time


class TurnedClock:
    """A `Clock` that runs as the real one does, ahead of it by what `turn` added."""

    def __init__(self) -> None:
        self._ahead = 0.0

    def monotonic(self) -> float:
        return time.monotonic() + self._ahead

    def wall(self) -> int:
        return time.time_ns() // 1_000_000 + round(self._ahead * 1000)

    def turn(self, seconds: float) -> None:
        """Go ahead; whoever waits for a deadline must be told, see `Server.turn`."""
        self._ahead += seconds
