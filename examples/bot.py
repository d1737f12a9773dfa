"""A bot of its own process: counts for whoever writes `/count 3`, where it is a member."""

import asyncio
import logging
import os

from conclave import Asked, Client, Reject
from conclave.protocol.commanding import Offer

log = logging.getLogger(__name__)

COUNT = Offer(name="count", about="Counts to a number, for all to see", hint="number up to 20")


def counted(text: str) -> str:
    return ", ".join(map(str, range(1, min(int(text), 20) + 1)))


async def count(url: str, token: str, room: str = "general") -> None:
    async with Client(url, token=token) as client:
        await client.join(room)
        await client.offer(COUNT)
        async for event in client:
            if not isinstance(event, Asked):
                continue
            good = event.text.isdecimal() and event.text.isascii()
            said = f"{event.user_name}: {counted(event.text)}" if good else "That is no number."
            try:
                await client.answer(event, said, to_room=good)
            except Reject as no:
                log.warning("not said: %s", no.message)


if __name__ == "__main__":
    asyncio.run(count(os.environ["CONCLAVE_URL"], os.environ["CONCLAVE_TOKEN"]))
