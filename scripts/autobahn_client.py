"""Meet every case of an Autobahn fuzzing server with the client's socket: it echoes."""

import argparse
import asyncio
from contextlib import suppress

from conclave.client.websocket import WebSocket, open_websocket

_AGENT = "conclave"
# A case that says nothing for so long is judged as it stands.
_CASE_WITHIN = 30.0
# Before it agrees to the last connection the suite writes all its reports.
_OPEN_WITHIN = 60.0
# Conformance suites send messages of 16 MiB.
_MAX_MESSAGE_BYTES = 32 * 1024 * 1024


class Echo:
    """Sends every message back as it came."""

    def __init__(self) -> None:
        self.socket: WebSocket
        self.texts: list[bytes] = []
        self.over = asyncio.Event()

    def received(self, text: bytes) -> None:
        self.texts.append(text)
        self.socket.send(text)

    def received_binary(self, data: bytes) -> None:
        self.socket.send_binary(data)

    def heard(self) -> None: ...

    def ended(self, *_: object) -> None:
        self.over.set()


async def meet(url: str) -> Echo:
    echo = Echo()
    socket = await open_websocket(
        echo, url, within=_OPEN_WITHIN, max_message_bytes=_MAX_MESSAGE_BYTES
    )
    echo.socket = socket
    with suppress(TimeoutError):
        await asyncio.wait_for(echo.over.wait(), _CASE_WITHIN)
    await socket.closed()
    return echo


async def main(url: str) -> None:
    count = int((await meet(f"{url}/getCaseCount")).texts[0])
    for case in range(1, count + 1):
        await meet(f"{url}/runCase?case={case}&agent={_AGENT}")
    await meet(f"{url}/updateReports?agent={_AGENT}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url", help="where `wstest --mode fuzzingserver` listens")
    asyncio.run(main(parser.parse_args().url))
