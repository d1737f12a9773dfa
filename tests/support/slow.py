"""An application whose requests take as long as one asks for: `--app tests.support.slow:APP`."""

import asyncio

from tests.support.people import app

from conclave import Controller, Cost, Event, Turn, on


class Slow(Event, type="test:slow"):
    ms: int


class Slowly(Controller):
    running = 0

    @on(Slow, turn=Turn.READ, costs=Cost.READ)
    async def slow(self, connection, event: Slow) -> dict[str, int]:
        Slowly.running += 1
        running = Slowly.running
        try:
            await asyncio.sleep(event.ms / 1000)
        finally:
            Slowly.running -= 1
        return {"running": running}


APP = app(Slowly)
