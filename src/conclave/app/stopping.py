"""
How a node stops: in the reverse order of its start, within five seconds.

Of a process that is told to stop, people have been sent away before: see `draining`.

What is under way is finished, everybody is told goodbye, and the store is closed last: by
whoever opened it, not here.
"""

import asyncio
from typing import Any, Final

from conclave.controllers.node import Node
from conclave.protocol.errors import STOPPED_REASON, Close
from conclave.relay.halls import Halls
from conclave.server.background import Background
from conclave.server.control import ControlSocket
from conclave.server.door import FrontDoor
from conclave.server.listener import Listener
from conclave.server.shell import Shell
from conclave.workers.stop import Stop

# Of the five seconds a stop may take: to finish appends, and for the peers to say goodbye.
_FINISH_WITHIN: Final = 2.0
_CLOSE_WITHIN: Final = 1.0
# For hooks of an application, which may wait for whatever they like, and for its tasks.
_FAREWELL_WITHIN: Final = 0.5
_END_WITHIN: Final = 0.25


async def shut_down(
    node: Node,
    listener: Listener,
    stop: Stop,
    shell: Shell,
    door: FrontDoor,
    halls: Halls,
    background: Background,
    control: ControlSocket,
) -> None:
    """Stop accepting, finish appends, say goodbye, close what was opened, in reverse order."""
    door.shut()
    listener.stop_accepting()
    await background.close()
    await control.close()
    await _unless_hurried(node.relay.finish(), stop.hurry, _FINISH_WITHIN)
    for connection in list(shell.hub.connections):
        connection.disconnect(Close.GOING_AWAY, STOPPED_REASON)
    within = 0.0 if stop.hurry.is_set() else _CLOSE_WITHIN
    await _unless_hurried(listener.stop(within), stop.hurry, within + 1.0)
    await _unless_hurried(shell.farewells.said(), stop.hurry, _FAREWELL_WITHIN)
    shell.farewells.cut()
    # A time of its own: what takes long to end keeps no hook from being told.
    await _unless_hurried(_end_work(node), stop.hurry, _END_WITHIN)
    await _unless_hurried(shell.dispatcher.hooks.stop(), stop.hurry, _FAREWELL_WITHIN)
    await halls.close()
    shell.pulse.stop()


async def _end_work(node: Node) -> None:
    """Cancel what is under way still: tasks of an application, and what its hooks hold up."""
    await asyncio.gather(node.relay.close(), node.tasks.close())


async def _unless_hurried(work: Any, hurry: asyncio.Event, within: float) -> None:
    """Await *work* until it is done, its time is over or somebody is in a hurry."""
    tasks = {asyncio.ensure_future(work), asyncio.ensure_future(hurry.wait())}
    done, late = await asyncio.wait(tasks, timeout=within, return_when=asyncio.FIRST_COMPLETED)
    for task in late:
        task.cancel()
    await asyncio.gather(*late, return_exceptions=True)
    for task in done:
        await task
