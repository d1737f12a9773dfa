"""Someone who asks a running server the same small things again and again, from outside."""

import asyncio
import json
import statistics
import time
import urllib.error
import urllib.request

from conclave.client.wire import Wire, connect


def ready(port: int) -> tuple[int, list[str]]:
    """Return the status of `/ready`, and why not."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/ready", timeout=30) as answer:
            return answer.status, []
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)["because"]


class Pulse:
    """
    Sends a heartbeat every 20 ms and takes the time until it is answered.

    It waits for nothing but the server's event loop: what blocks that one shows here.
    """

    def __init__(self, url: str, token: str) -> None:
        self._url = url
        self._token = token
        self.took: list[float] = []
        self._task = asyncio.create_task(self._run())

    @property
    def p99(self) -> float:
        """Seconds."""
        return statistics.quantiles(self.took, n=100)[98]

    async def stop(self) -> None:
        self._task.cancel()
        await asyncio.wait([self._task])

    async def _run(self) -> None:
        async with connect(self._url) as wire:
            wire.send("auth", token=self._token)
            while True:
                self.took.append(await self._beat(wire))
                await asyncio.sleep(0.02)

    async def _beat(self, wire: Wire) -> float:
        began = time.monotonic()
        wire.send("heartbeat", id="beat", timestamp=1)
        while (await wire.receive()).id != "beat":
            pass
        return time.monotonic() - began
