"""
A node as a service of its machine: signals stop it and reload its files, systemd is told.

What a node is and how it starts and stops is `lifecycle`'s; where the words for people go
is the command's.
"""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Final

import structlog

from conclave.app.collecting import Collecting
from conclave.app.draining import drain
from conclave.app.lifecycle import Running, running
from conclave.auth.demo import TOKENS as DEMO_TOKENS
from conclave.settings import CannotStart, Settings
from conclave.workers.post import READY, STOPPING, Post
from conclave.workers.stop import Stop
from conclave.workers.systemd import Manager, Supervisor, Systemd

log = structlog.get_logger(__name__)

# Seconds that one thread may keep others from the interpreter. By default 5 ms, ten times for a
# commit: under a flood of requests one in a hundred took 220 ms instead of 130.
_SWITCH_EVERY: Final = 0.001

# The address, the rooms, (user, token) of a demo, and where the first admin is made, or "".
Announce = Callable[[str, Sequence[str], Sequence[tuple[str, str]], str], None]


# The settings as they are written now; raises `CannotStart` for what is wrong with them.
Reread = Callable[[], Settings]


async def serve(
    settings: Settings, announce: Announce, reread: Reread | None = None, post: Post | None = None
) -> int:
    """
    Serve until SIGTERM or SIGINT; a second one hurries. Return the exit code.

    SIGHUP reads the settings by *reread*, the secret, the certificate and the keys of another
    system anew; on a terminal, which has gone away then, it stops like the others. One of
    several workers, at its *post*, stops by SIGUSR2, too, when the others stay.
    """
    stop, hangup = Stop(), asyncio.Event()
    manager = _manager(post, stop, hangup)
    async with running(settings, stop=stop, post=post) as server:
        rooms = await server.node.store.public_names()
        people = [(name, token) for token, name in DEMO_TOKENS] if settings.demo else []
        collecting = Collecting(server.node.hub)
        collecting.begin()
        await server.ways_in.reseal()
        _share_the_interpreter()
        # Only the newest of such links is good.
        setup = await server.setup_url() if post is None or post.first else ""
        async with _reloading(server, reread, hangup), manager.kept_alive():
            announce(server.address, rooms, people, setup)
            manager.tell(READY)
            await stop.asked.wait()
            manager.tell(STOPPING)
            collecting.end()
            log.info("stopping", connections=len(server.node.hub))
            if stop.elsewhere:
                server.listener.send_elsewhere()
            # Workers that stop together know each other, and none of them stays.
            others = stop.elsewhere or (post is None and bool(server.engine.nodes))
            await drain(server.door, server.node.hub, stop.hurry, elsewhere=others)
    return 0


def _manager(post: Post | None, stop: Stop, hangup: asyncio.Event) -> Manager:
    """
    Let signals, or a supervisor that is gone, ask for the *stop*; return whom to tell of it.

    SIGHUP has its handler from here to the end: its default would end a server that is starting
    or stopping. One that comes before all stands is kept until then.
    """
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.ask)
    loop.add_signal_handler(signal.SIGHUP, stop.ask if sys.stdin.isatty() else hangup.set)
    if post is None:
        return Systemd(os.environ, os.getpid())
    loop.add_signal_handler(signal.SIGUSR2, stop.retire)
    post.when_deserted(stop.ask)
    return Supervisor(post)


@asynccontextmanager
async def _reloading(
    server: Running, reread: Reread | None, hangup: asyncio.Event
) -> AsyncIterator[None]:
    """Read what was changed on disk anew at each *hangup*, for as long as the context lasts."""
    waiting = asyncio.create_task(_reload_at(hangup, server, reread), name="reload")
    try:
        yield
    finally:
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)


async def _reload_at(hangup: asyncio.Event, server: Running, reread: Reread | None) -> None:
    while True:
        await hangup.wait()
        hangup.clear()
        await reload(server, reread)


async def reload(server: Running, reread: Reread | None = None) -> None:
    """
    Take settings, secret, certificate and keys as their files are now; connections do not notice.

    What is wrong is logged, and stays as it was: a server that runs is not to be ended by
    a file that is half written.
    """

    async def settings() -> None:
        if reread is not None:
            server.renewing.take(await asyncio.to_thread(reread))

    renewals: list[tuple[str, Callable[[], Awaitable[None]]]] = [
        ("settings", settings),
        ("secret", server.ways_in.renew_secret),
        ("certificate", server.listener.renew_certificate),
        ("jwt_key", server.ways_in.renew_jwt_keys),
        ("metrics_token", server.watching.renew_key),
    ]
    for name, renew in renewals:
        try:
            await renew()
        except (CannotStart, OSError) as error:
            log.error("reload_failed", of=name, because=str(error))
        except Exception:
            # Such as a store that takes nothing now: the next one is heard all the same.
            log.exception("reload_failed", of=name)
        else:
            log.info("reloaded", of=name)


def _share_the_interpreter() -> None:
    """Let the thread that writes run soon while the loop is busy: each commit waits for it."""
    sys.setswitchinterval(_SWITCH_EVERY)
