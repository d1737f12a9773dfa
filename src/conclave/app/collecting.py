"""
When Python's garbage collector looks at what: seldom at all connections at once.

A full collection looks at every container there is, in one turn of the loop: with some
thousand connections that took 70 ms, and the more there are the longer. Here what has outlived
one is put aside, and the next one looks only at what came since. What is put aside is still
freed with its last reference; only rings among it would stay, so all of it is looked at again
when half as many connections have gone as there are. It starts no collection by itself.
"""

import gc
from collections.abc import Mapping
from typing import Any, Final

from conclave.core.hub import Hub

# New containers between two collections: more than a busy tick makes. A full one is every
# thirtieth, since it looks at little: that is what some thousand new connections have.
_THRESHOLDS: Final = (20_000, 10, 3)
_FULL: Final = 2


class Collecting:
    """Is so from `begin` to `end`; one a process, as the collector is."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._parted = 0
        self._thresholds = gc.get_threshold()

    def begin(self) -> None:
        """Put aside what stands at start: it stays for ever."""
        gc.collect()
        gc.freeze()
        self._parted = self._hub.parted
        gc.set_threshold(*_THRESHOLDS)
        gc.callbacks.append(self._collected)

    def end(self) -> None:
        """Let the collector be as it was."""
        gc.callbacks.remove(self._collected)
        gc.set_threshold(*self._thresholds)
        gc.unfreeze()

    def _collected(self, phase: str, info: Mapping[str, Any]) -> None:
        if phase == "stop" and info["generation"] == _FULL:
            self._put_aside()

    def _put_aside(self) -> None:
        parted = self._hub.parted
        if 2 * (parted - self._parted) > len(self._hub):
            # The next full one looks at all; what is left after it is put aside again.
            self._parted = parted
            gc.unfreeze()
        else:
            gc.freeze()
