"""
What is asked of a socket and of a request by its address alone, before all else.

A socket is judged when it is accepted, TLS and HTTP still to come: how many of its address
came of late, how many of them are not yet a WebSocket, and whether there are descriptors
left. Caps on WebSockets are the door's, and what users may do is the rules'.
"""

from collections import defaultdict
from collections.abc import Callable, Hashable
from math import ceil
from typing import Final

from conclave.core.address import network_of
from conclave.core.ratelimit import Buckets
from conclave.model.meters import Tally
from conclave.server import descriptors
from conclave.server.terms import Refusal, Terms

# Refused sockets that may stay for a moment, so that their peers can read why.
LINGERING: Final = 64
# In seconds of the rate. Everybody of an office comes back at once when the server was away …
ARRIVALS_AT_ONCE: Final = 2.0
# … and loads the page, which has a hundred files.
REQUESTS_AT_ONCE: Final = 4.0
# When to try again where nobody knows.
_AGAIN_S: Final = 20
# How far ahead turns are given to those who come too often from one address.
_QUEUE_S: Final = 20.0


class Admission:
    """Judges by address; `now` is a monotonic clock, *refused* counts by the limit."""

    def __init__(
        self, terms: Terms, now: Callable[[], float], refused: Tally | None = None
    ) -> None:
        self._refused = Tally() if refused is None else refused
        self._terms = terms
        self._now = now
        rate = terms.arrivals_per_second
        self._arrivals: Buckets[str] = Buckets(rate, max(1.0, rate * ARRIVALS_AT_ONCE))
        self._queue: Buckets[str] = Buckets(rate, max(1.0, rate * _QUEUE_S))
        rate = terms.requests_per_second
        self._requests: Buckets[str] = Buckets(rate, max(1.0, rate * REQUESTS_AT_ONCE))
        # Sockets that speak HTTP; counted from the sets, so that no count can drift.
        self._plain: dict[Hashable, str] = {}
        self._by_network: defaultdict[str, set[Hashable]] = defaultdict(set)
        self._last_descriptor = descriptors.limit() - descriptors.RESERVED

    def renew(self, terms: Terms) -> None:
        """Let the limits of *terms* count for who comes from now on."""
        arrivals, requests = terms.arrivals_per_second, terms.requests_per_second
        if arrivals != self._terms.arrivals_per_second:
            self._arrivals = Buckets(arrivals, max(1.0, arrivals * ARRIVALS_AT_ONCE))
            self._queue = Buckets(arrivals, max(1.0, arrivals * _QUEUE_S))
        if requests != self._terms.requests_per_second:
            self._requests = Buckets(requests, max(1.0, requests * REQUESTS_AT_ONCE))
        self._terms = terms

    def socket(self, address: str, descriptor: int) -> Refusal | None:
        """
        Judge a socket that was just accepted.

        The system gives the lowest *descriptor* that is free, so a high one says how many
        are taken, whoever took them.
        """
        if descriptor >= self._last_descriptor - LINGERING:
            self._refused.add("max_files")
            return Refusal.later(503, "All places are taken", _AGAIN_S)
        if self._terms.proxies.is_proxy(address):
            # Whom it speaks for is known when the request is there.
            return self._examine_plain(None)
        return self.arrival(address) or self._examine_plain(network_of(address))

    def has_room(self, descriptor: int) -> bool:
        """Return whether a refused socket may stay for a moment."""
        return descriptor < self._last_descriptor

    def arrival(self, address: str) -> Refusal | None:
        """Count one who comes: a socket, or an upgrade that a proxy hands on."""
        network, now = network_of(address), self._now()
        wait = self._arrivals.take(network, now)
        if wait:
            # Behind those who were sent away before: else all of them come again together.
            wait = max(wait, self._queue.behind(network, now))
        return self._later(wait, "Too many new connections from this address", "connection_rate")

    def request(self, address: str) -> Refusal | None:
        """Count a request over HTTP."""
        wait = self._requests.take(network_of(address), self._now())
        return self._later(wait, "Too many requests from this address", "http_rate")

    def _later(self, wait: float, text: str, limit: str) -> Refusal | None:
        if not wait:
            return None
        self._refused.add(limit)
        return Refusal.later(429, text, ceil(wait))

    def _examine_plain(self, network: str | None) -> Refusal | None:
        all_, each = self._terms.max_plain, self._terms.max_plain_per_address
        if network is not None and 0 < each <= len(self._by_network.get(network, ())):
            text = "Too many connections from this address without a WebSocket"
            self._refused.add("max_http_per_address")
            return Refusal.later(429, text, _AGAIN_S)
        if 0 < all_ <= len(self._plain):
            self._refused.add("max_http")
            return Refusal.later(503, "Too many connections without a WebSocket", _AGAIN_S)
        return None

    def add(self, plain: Hashable, address: str) -> None:
        """Count *plain*, a socket that speaks HTTP, until it is discarded."""
        network = self._plain[plain] = network_of(address)
        self._by_network[network].add(plain)

    def discard(self, plain: Hashable) -> None:
        """Forget *plain*: it has ended, or become a WebSocket. Idempotent."""
        network = self._plain.pop(plain, None)
        if network is not None:
            own = self._by_network[network]
            own.discard(plain)
            if not own:
                del self._by_network[network]
