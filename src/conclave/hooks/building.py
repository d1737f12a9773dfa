"""Makes what tells outgoing webhooks, of the settings and the key beside the database."""

from collections.abc import Callable, Collection
from pathlib import Path
from typing import Final

from conclave.hooks.answers import Poster
from conclave.hooks.commands import Asker
from conclave.hooks.courier import Courier
from conclave.hooks.signing import Signer
from conclave.model.meters import HookMeters
from conclave.ports import Clock, Hooks
from conclave.reach.guard import Guard

_WHAT: Final = "address that a webhook may be sent to"


class Outside:
    """Where outgoing webhooks may go, and their secrets; *key* is asked for when it is needed."""

    def __init__(self, origins: Collection[str], key: Callable[[], bytes]) -> None:
        self.guard = Guard(also=origins, any_port=True, what=_WHAT)
        self._key = key

    def check(self, address: str) -> None:
        """Raise `bad_request` for what may not be asked."""
        self.guard.check(address)

    def secret(self, hook: str) -> str:
        """Return the secret of the webhook with this id, for who checks signatures."""
        return self.signer.secret(hook)

    @property
    def signer(self) -> Signer:
        return Signer(self._key())


def make_courier(hooks: Hooks, outside: Outside, clock: Clock, meters: HookMeters) -> Courier:
    """Return what tells webhooks; call it in a running loop."""

    return Courier(hooks, _posts(outside), outside.signer, clock, meters)


def make_asker(hooks: Hooks, outside: Outside, clock: Clock) -> Asker:
    """Return what asks the addresses that answer commands."""
    return Asker(hooks, _posts(outside), outside.signer, clock)


def _posts(outside: Outside) -> Callable[[], Poster]:
    def make() -> Poster:
        # Loaded with the first message: it takes its time and some MiB.
        from conclave.hooks.posting import Posts

        return Posts(outside.guard)

    return make


def key_file(data: Path) -> Path:
    return data / "webhooks.key"
