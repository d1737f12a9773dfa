"""
Connections that ask for pages over HTTP as fast as they are answered, some even faster.

It runs in the test's process and takes a core for itself.
"""

import re
import selectors
import socket
import time
from collections import Counter
from collections.abc import Sequence

# So many send some requests, wait for the answers and send again …
CONNECTIONS = 50
AT_ONCE = 6
# … and so many send a thousand without waiting.
GREEDY = 5
_STATUS = re.compile(rb"HTTP/1\.1 (\d{3})")


class _Asker:
    """One connection; *requests* are sent again when all of them are answered."""

    def __init__(self, port: int, source: str, requests: bytes, count: int) -> None:
        self.port = port
        self.source = source
        self.requests = requests
        self.count = count
        self.answers = 0
        self.socket = self._connected()

    def _connected(self) -> socket.socket:
        source = (self.source, 0)
        made = socket.create_connection(("127.0.0.1", self.port), source_address=source)
        made.sendall(self.requests)
        made.setblocking(False)
        return made

    def read(self) -> list[int]:
        """Return the statuses of what was answered, and ask again if that is all."""
        data = self.socket.recv(1 << 20)
        if not data:
            raise ConnectionError
        statuses = [int(status) for status in _STATUS.findall(data)]
        self.answers += len(statuses)
        if self.answers >= self.count:
            self.answers = 0
            self.socket.send(self.requests)
        return statuses

    def reconnect(self) -> None:
        self.socket.close()
        self.socket = self._connected()
        self.answers = 0


class HttpFlood:
    """*paths* are asked for in turn, from the addresses *sources*."""

    def __init__(self, port: int, sources: Sequence[str], paths: Sequence[str]) -> None:
        requests = [f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode() for path in paths]
        self._ready = selectors.DefaultSelector()
        self.statuses: Counter[int] = Counter()
        self.refused = 0
        for n in range(CONNECTIONS + GREEDY):
            count = AT_ONCE if n < CONNECTIONS else 1_000
            words = b"".join(requests[at % len(requests)] for at in range(count))
            self._watch(_Asker(port, sources[n % len(sources)], words, count))

    def _watch(self, asker: _Asker) -> None:
        self._ready.register(asker.socket, selectors.EVENT_READ, asker)

    def run(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            for key, _ in self._ready.select(0.1):
                self._turn(key.data)
        for key in list(self._ready.get_map().values()):
            key.data.socket.close()
        self._ready.close()

    def _turn(self, asker: _Asker) -> None:
        try:
            self.statuses.update(asker.read())
        except BlockingIOError:
            return
        except OSError:
            # Refused and hung up on: it comes again at once.
            self.refused += 1
            self._ready.unregister(asker.socket)
            asker.reconnect()
            self._watch(asker)
