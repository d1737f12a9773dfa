"""A server that is told to read its files anew before it has started."""

import os
import signal

from tests.support.people import app

from conclave import Controller, on_start


class HungUp(Controller):
    """Sends the signal itself, in the middle of the start: nobody else could hit it each time."""

    @on_start
    async def hang_up(self) -> None:
        os.kill(os.getpid(), signal.SIGHUP)


# For `conclave serve --app tests.support.hung_up:APP`.
APP = app(HungUp)
