"""Who may come in, before anything is known of them: counts, and the same for everybody."""

from collections.abc import Callable
from typing import Final

from conclave.core.hub import Hub
from conclave.protocol.account import DoorInfo, Shut
from conclave.server.connection import Connection
from conclave.server.shell import Shell
from conclave.server.terms import Receiver, Refusal

# What a refused client is told to wait, in seconds.
RETRY_AFTER_S: Final = 20

_REFUSALS: Final = {
    Shut.STOPPING: Refusal.later(503, "The server is shutting down", RETRY_AFTER_S),
    Shut.FULL: Refusal.later(503, "All places are taken", RETRY_AFTER_S),
    Shut.CROWDED: Refusal.later(429, "Too many connections from this address", RETRY_AFTER_S),
}
_LIMITS: Final = {Shut.FULL: "max_connections", Shut.CROWDED: "max_connections_per_address"}


class FrontDoor:
    """A `Door`: admits up to the hub's caps."""

    def __init__(self, shell: Shell, make: Callable[[Shell, str], Connection] = Connection) -> None:
        self._shell = shell
        self._make = make
        self._open = True

    def shut(self) -> None:
        """Let nobody in any more: the node is stopping."""
        self._open = False

    @property
    def is_open(self) -> bool:
        return self._open

    @property
    def _hub(self) -> Hub:
        return self._shell.hub

    def admit(self, address: str) -> Refusal | None:
        shut = self._shut(address)
        if shut is None:
            return None
        if (limit := _LIMITS.get(shut)) is not None:
            self._shell.meters.limits.add(limit)
        return _REFUSALS[shut]

    def info(self, address: str) -> DoorInfo:
        """Say the same over HTTP: a page is not told why its upgrade was refused."""
        shut = self._shut(address)
        if shut is None:
            return DoorInfo(open=True)
        places = self._hub.places if shut is Shut.FULL else None
        return DoorInfo(open=False, why=shut, places=places, retry_after_ms=RETRY_AFTER_S * 1000)

    def _shut(self, address: str) -> Shut | None:
        if not self._open:
            return Shut.STOPPING
        if self._hub.full():
            return Shut.FULL
        return Shut.CROWDED if self._hub.crowded(address) else None

    def receiver(self, address: str, subprotocol: str | None) -> Receiver:  # noqa: ARG002 - one version
        return self._make(self._shell, address)
