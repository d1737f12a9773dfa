"""
Who may read metrics of this node, and where: made from the settings.

On an address of its own there is `/metrics`, and the two paths of health, and no chat. With
a token `/metrics` is also where the chat is.
"""

import asyncio
from collections.abc import Sequence
from functools import partial

from litestar.handlers import HTTPRouteHandler

from conclave.app.metrics import METRICS, Watched, scrape
from conclave.auth.metrics_token import read_metrics_token
from conclave.http.health import Readiness
from conclave.http.metrics import MetricsKey, metrics_routes
from conclave.http.site import asgi_app
from conclave.server.heart import Pulse
from conclave.server.listener import Listener
from conclave.server.origin import HostRule, OriginRule
from conclave.server.terms import Receiver, Refusal, Terms
from conclave.settings import CannotStart, Settings, place_of
from conclave.telemetry.exposition import CONTENT_TYPE

# Sockets of those who watch: some Prometheus and a person.
_MOST_SOCKETS = 32


class Watching:
    """Start it with `start`, end it with `stop`; `routes` are for where the chat is."""

    def __init__(
        self, settings: Settings, key: MetricsKey, watched: Watched, ready: Readiness
    ) -> None:
        self._settings = settings
        self._key = key
        self._ready = ready
        self._read = partial(scrape, watched, METRICS)
        self._listener: Listener | None = None

    @property
    def port(self) -> int | None:
        """The port of its own; None: it has none."""
        return None if self._listener is None else self._listener.port

    async def renew_key(self) -> None:
        """Take the token as its file is now; raises `CannotStart` and changes nothing then."""
        self._key.renew(await read_key(self._settings))

    async def start(self, pulse: Pulse) -> None:
        """Listen, if the settings say where; raises `CannotStart` where that is taken."""
        at = place_of(self._settings.metrics_listen)
        if at is None:
            return
        terms = Terms(
            host=at[0],
            port=at[1],
            origins=OriginRule(()),
            # Where others reach it there is a token, which no page of theirs knows.
            hosts=HostRule((), any_name=self._settings.metrics_token is not None),
            max_plain=_MOST_SOCKETS,
        )
        listener = Listener(asgi_app(self._ready, self._routes()), _NoChat(), terms, pulse)
        try:
            await listener.start()
        except OSError as error:
            where = self._settings.metrics_listen
            raise CannotStart(f"--metrics-listen {where}: {error.strerror}") from error
        self._listener = listener

    async def stop(self, within: float) -> None:
        if self._listener is not None:
            await self._listener.stop(within)

    def routes(self) -> Sequence[HTTPRouteHandler]:
        return self._routes() if self._settings.metrics_token is not None else ()

    def _routes(self) -> list[HTTPRouteHandler]:
        return metrics_routes(self._read, self._key, CONTENT_TYPE)


async def read_key(settings: Settings) -> str | None:
    """Return the token of who reads metrics, if there must be one; raises `CannotStart`."""
    path = settings.metrics_token
    return None if path is None else await asyncio.to_thread(read_metrics_token, path)


class _NoChat:
    """A `Door` that lets nobody in."""

    def admit(self, _address: str) -> Refusal | None:
        return Refusal(404, "There is no chat here")

    def receiver(self, _address: str, _subprotocol: str | None) -> Receiver:
        raise AssertionError("Nobody was admitted")
