"""A client that shares nothing with Conclave but the protocol: it reads a room and writes to it."""

import asyncio
import json
import random
import uuid

import websockets


class Room:
    """One room over any number of connections: each entry once, in order; each text stored once."""

    def __init__(self, url, token, name):
        self.url, self.token, self.name = url, token, name
        self.known = None  # where we are in the log: epoch, seq, id
        self.here = False  # whether this connection is in the room
        self.waiting = {}  # texts that are not acknowledged, by the id they are sent under
        self.rest = 0.2  # seconds to the next attempt to send one

    def say(self, text):
        self.waiting[str(uuid.uuid4())] = text

    async def entries(self):
        """Yield what the log has, now and from now on, unless the server sends us away."""
        longest = 0.5
        while True:
            try:
                # Its pings notice a line that is dead.
                async with websockets.connect(self.url) as socket:
                    async for entry in self.converse(socket):
                        longest = 0.5
                        yield entry
            except (OSError, websockets.WebSocketException) as broken:
                if is_final(getattr(broken, "rcvd", None)):
                    raise
            await asyncio.sleep(random.uniform(0, longest))
            longest = min(longest * 2, 30)

    async def converse(self, socket):
        """Yield the entries of one connection."""
        self.here = False
        await send(socket, "auth", "auth", token=self.token)
        writing = asyncio.create_task(self.write(socket))
        try:
            async for text in socket:
                frame = json.loads(text)
                kind, data = frame["type"], frame.get("data", {})
                for entry in self.told(kind, data, frame.get("id")):
                    yield entry
                if kind == "auth:response" or (kind == "history" and not self.here):
                    since = {"since": self.known} if self.known else {}
                    await send(socket, "join:room", "join", room=self.name, **since)
        finally:
            writing.cancel()

    def told(self, kind, data, answered):
        """Return the entries that a frame brings, and note what it says."""
        self.rest = 0.2
        if kind == "history" and answered == "join":
            # If `reset` is true, what you had of the room is void: begin anew with these.
            self.known = {"epoch": data["epoch"], "seq": data["upto"], "id": data["upto_id"]}
            self.here = not more(data)
            return data["messages"]
        if kind in ("chat", "entry") and data["room"] == self.name and "seq" in data:
            self.known.update(seq=data["seq"], id=data["id"])
            return [data]
        if kind == "error" and answered == "join":
            raise ConnectionError(data["message"])
        if kind == "error" and data["retryable"]:
            self.rest = data.get("retry_after_ms", 1000) / 1000
        elif kind in ("ack", "error"):
            # Stored; or refused, which a real client would tell its user.
            self.waiting.pop(answered, None)
        return []

    async def write(self, socket):
        """Send one text at a time, the oldest first, until it is acknowledged."""
        while True:
            await asyncio.sleep(self.rest)
            if self.here and self.waiting:
                key = next(iter(self.waiting))
                await send(socket, "chat", key, room=self.name, text=self.waiting[key])


async def send(socket, kind, key, **data):
    await socket.send(json.dumps({"type": kind, "id": key, "data": data}))


def more(page):
    """Return whether a page is followed by another one, before what is told live."""
    return page["more"] and not page["reset"]


def is_final(close):
    """Return whether the server does not want us back, or not with this token."""
    return close is not None and (close.code == 1008 or 4500 <= close.code < 5000)


async def main():
    room = Room("ws://localhost:3000/ws", "user-token-123", "general")
    room.say("hello")
    async for entry in room.entries():
        print(entry["seq"], entry["user"], entry["text"])


if __name__ == "__main__":
    asyncio.run(main())
