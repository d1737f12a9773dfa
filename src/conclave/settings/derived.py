"""What follows from the settings: where the data is, and by which names a node is known."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from conclave.settings.addresses import (
    EVERYWHERE,
    LOOPBACK,
    bracketed,
    canonical_origin,
    is_loopback,
)
from conclave.settings.declared import Declared

_LOOPBACK_NETWORKS: Final = ("127.0.0.0/8", "::1")


@dataclass(frozen=True, kw_only=True)
class Settings(Declared):
    """What a node is started with; units are in the names or the help."""

    @property
    def home(self) -> Path:
        """Where this node keeps its data; a demo's is apart from the real."""
        return self.data / "demo" if self.demo else self.data

    @property
    def scheme(self) -> str:
        return "https" if self.tls_cert else "http"

    @property
    def is_https(self) -> bool:
        """Whether people reach this node through TLS, its own or that of a proxy."""
        return self.tls_cert is not None or any(
            url.lower().startswith("https:") for url in self.public_url
        )

    @property
    def proxies(self) -> tuple[str, ...]:
        """The networks of the proxies whose word on their clients counts; none: nobody's."""
        if not self.behind_proxy:
            return ()
        return self.trusted_proxy or _LOOPBACK_NETWORKS

    @property
    def origins(self) -> frozenset[str]:
        """
        The origins whose pages may connect: this node's own, the public and the allowed ones.

        With port 0 the own ones are not among them, as the port is not known yet.
        """
        return self.own_origins(self.port) | frozenset(map(canonical_origin, self.allow_origin))

    def own_origins(self, port: int) -> frozenset[str]:
        """Return the origins of this node's own pages, if it listens on *port*."""
        own = [f"{self.scheme}://{name}:{port}" for name in self._own_names if port]
        return frozenset(map(canonical_origin, (*own, *self.public_url)))

    @property
    def hosts(self) -> frozenset[str]:
        """The names, without port, under which this node answers."""
        public = (urlsplit(url).hostname or "" for url in self.public_url)
        return frozenset(map(bracketed, (*self._own_names, *public)))

    @property
    def _own_names(self) -> tuple[str, ...]:
        if self.host in EVERYWHERE:
            return tuple(map(bracketed, LOOPBACK))
        return tuple(
            map(bracketed, {*LOOPBACK, self.host} if is_loopback(self.host) else [self.host])
        )
