"""A bot of its own process: counts for whoever writes `!count 3`."""

import asyncio
import logging
import os

from conclave import Client, Reject

log = logging.getLogger(__name__)


async def count(url: str, token: str, room: str = "general") -> None:
    async with Client(url, token=token) as client:
        me = await client.connected()
        async for line in client.room(room):
            word, _, number = line.text.partition(" ")
            if line.user_id == me.id or word != "!count" or not number.isdecimal():
                continue
            counted = ", ".join(map(str, range(1, min(int(number), 20) + 1)))
            try:
                await client.room(room).send(f"{line.user}: {counted}")
            except Reject as no:
                log.warning("not said: %s", no.message)


if __name__ == "__main__":
    asyncio.run(count(os.environ["CONCLAVE_URL"], os.environ["CONCLAVE_TOKEN"]))
