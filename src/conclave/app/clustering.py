"""Which engine a node has: its own, or one that hears of other nodes by Redis."""

from functools import partial
from typing import Final

from conclave.auth.secret import Secret
from conclave.engine.local import LocalEngine
from conclave.ports import Engine
from conclave.settings import CannotStart, Settings

# What the key is derived for under which nodes believe each other: all have the same secret.
PURPOSE: Final = "nodes"


def make_engine(settings: Settings, secret: Secret) -> Engine:
    """Return the engine that *settings* ask for; raises `CannotStart` where it is not there."""
    if settings.redis is None:
        return LocalEngine()
    try:
        # Its client is not for everybody to install, nor to load.
        from conclave.engine.redis import RedisBus
    except ImportError as missing:
        raise CannotStart(
            f"Redis needs {missing.name}: pip install 'conclave-chat[redis]'"
        ) from missing
    from conclave.engine.cluster import ClusterEngine
    from conclave.engine.sealing import Seal

    channel = settings.redis_channel
    try:
        bus = RedisBus(settings.redis, channel)
    except ValueError as error:
        # Of a query that the library does not know; what it says may repeat the address.
        raise CannotStart("--redis is no address: write redis://host:6379") from error
    return ClusterEngine(bus, Seal(partial(secret.derive_each, PURPOSE), channel))
