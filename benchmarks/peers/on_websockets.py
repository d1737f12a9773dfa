"""The room server on `websockets`: its own `broadcast`, uvloop, no compression."""

import asyncio
import json
import sys
from collections import defaultdict
from importlib.metadata import version

import uvloop
from told import told
from websockets.asyncio.server import ServerConnection, broadcast, serve

rooms: dict[str, set[ServerConnection]] = defaultdict(set)


async def talk(socket: ServerConnection) -> None:
    user, joined = None, set()
    try:
        async for text in socket:
            event = json.loads(text)
            data = event["data"]
            if event["type"] == "auth":
                user = data["token"]
                await socket.send('{"type":"auth:response"}')
            elif event["type"] == "join:room" and user is not None:
                rooms[data["room"]].add(socket)
                joined.add(data["room"])
                await socket.send('{"type":"history"}')
            elif event["type"] == "chat" and data["room"] in joined:
                broadcast(rooms[data["room"]], told(data["text"], data["room"], user))
    finally:
        for room in joined:
            rooms[room].discard(socket)


async def main() -> None:
    at = ("127.0.0.1", int(sys.argv[1]))
    async with serve(talk, *at, compression=None, backlog=2048, ping_interval=None) as server:
        port = server.sockets[0].getsockname()[1]
        print(
            f"port {port} websockets {version('websockets')} uvloop {uvloop.__version__}",
            flush=True,
        )
        await asyncio.get_running_loop().create_future()


uvloop.run(main())
