"""
The one way in which the server asks others: guarded, and without what an HTTP client adds.

No proxy of the environment is used, no cookie kept, and redirects are for the caller not to
follow: where they lead nobody has judged.
"""

import aiohttp

from conclave.reach.guard import Guard
from conclave.reach.resolving import Resolver


def open_session(guard: Guard, *, at_once: int, within: float) -> aiohttp.ClientSession:
    """
    Return a session whose connections go where *guard* lets them; call it in a running loop.

    Check each address with the guard first, and close the session at the end. *within*:
    seconds for a whole request.
    """
    connector = aiohttp.TCPConnector(limit=at_once, resolver=Resolver(guard), use_dns_cache=False)
    return aiohttp.ClientSession(
        connector=connector,
        timeout=aiohttp.ClientTimeout(total=within),
        cookie_jar=aiohttp.DummyCookieJar(),
        trust_env=False,
    )
