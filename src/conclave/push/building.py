"""Makes what pushes, of the settings; or what does not."""

from pathlib import Path
from typing import Final

from conclave.core.hub import Hub
from conclave.core.statuses import Statuses
from conclave.model import Called, Entry
from conclave.model.facts import PushCounts
from conclave.ports import Attention, Clock, Store
from conclave.protocol.errors import Code, Reject
from conclave.push.answers import Service
from conclave.push.pusher import Pusher
from conclave.push.sealing import Sender
from conclave.reach.guard import Guard
from conclave.settings import Settings

# A connection that is due to go is gone a moment later.
_TURN_S: Final = 1.0


class Silent:
    """A `ports.Pushes` that pushes nothing."""

    counts = PushCounts()

    async def key(self) -> str:
        return ""

    def check(self, endpoint: str) -> None:  # noqa: ARG002
        raise Reject(Code.FORBIDDEN, "This server pushes nothing")

    def called(self, entry: Entry, called: Called) -> None: ...

    def read(self, user: str, room: str, seq: int) -> None: ...

    def subscribed(self, user: str) -> None: ...

    async def tick(self) -> None: ...

    async def prune(self) -> None: ...

    async def close(self) -> None: ...


def make_pusher(
    settings: Settings,
    store: Store,
    attention: Attention,
    hub: Hub,
    statuses: Statuses,
    clock: Clock,
    key: bytes,
) -> Pusher | Silent:
    """Return what pushes by the *key* of this server; call it in a running loop."""
    if not settings.push:
        return Silent()
    guard = Guard(settings.push_service)
    sender = Sender(key, _contact(settings), lambda: clock.wall() / 1_000)

    def services() -> Service:
        # Loaded with the first message: it takes half a second and some MiB.
        from conclave.push.service import Services

        return Services(guard, sender)

    return Pusher(
        store,
        attention,
        services,
        guard,
        hub,
        statuses,
        clock,
        key=sender.public,
        grace=settings.push_grace,
        sure_within=settings.heartbeat_interval + settings.heartbeat_timeout + _TURN_S,
    )


def _contact(settings: Settings) -> str:
    public = [url for url in settings.public_url if url.lower().startswith("https:")]
    return settings.push_contact or (public[0] if public else "mailto:nobody@localhost.invalid")


def key_file(data: Path) -> Path:
    return data / "push.key"
