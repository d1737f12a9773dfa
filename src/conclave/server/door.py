"""Who may come in, before anything is known of them: counts, and the same for everybody."""

from conclave.core.hub import Hub
from conclave.server.connection import Connection
from conclave.server.shell import Shell
from conclave.server.terms import Receiver, Refusal

# What a refused client is told to wait, in seconds.
RETRY_AFTER_S = 20


class FrontDoor:
    """A `Door`: admits up to the hub's caps."""

    def __init__(self, shell: Shell) -> None:
        self._shell = shell
        self._open = True

    def shut(self) -> None:
        """Let nobody in any more: the node is stopping."""
        self._open = False

    @property
    def _hub(self) -> Hub:
        return self._shell.hub

    def admit(self, address: str) -> Refusal | None:
        if not self._open:
            return Refusal.later(503, "The server is shutting down", RETRY_AFTER_S)
        if self._hub.full():
            return Refusal.later(503, "All places are taken", RETRY_AFTER_S)
        if self._hub.crowded(address):
            return Refusal.later(429, "Too many connections from this address", RETRY_AFTER_S)
        return None

    def receiver(self, address: str, subprotocol: str | None) -> Receiver:  # noqa: ARG002 - one version
        return Connection(self._shell, address)
