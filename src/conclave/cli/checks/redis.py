"""Whether nodes can hear each other by Redis."""

from conclave.cli.checks.finding import Finding, good, problem
from conclave.settings import Settings


def check_redis(settings: Settings) -> list[Finding]:
    """Look at the Redis of *settings*, if they name one; nothing there is changed."""
    if settings.redis is None:
        return []
    try:
        # Its client is not for everybody to install, nor to load.
        from conclave.engine.looking import look
    except ImportError as missing:
        advice = "pip install 'conclave-chat[redis]'"
        return [problem("redis", f"Redis needs {missing.name}", advice)]
    seen = look(settings.redis, settings.redis_channel)
    if seen.fault:
        advice = "nodes look into the database each second meanwhile: see --redis"
        return [problem("redis", f"{settings.redis_channel}: {seen.fault}", advice)]
    version = f"Redis {seen.version}" if seen.version else "Redis"
    return [good("redis", f"{version} carries {settings.redis_channel}")]
