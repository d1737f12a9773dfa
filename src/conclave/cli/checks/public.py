"""
Do people reach this server by its public address, and does it see who they are?

The server that runs is asked through whatever stands in front of it, as a browser would:
a WebSocket, whose welcome says that it is a Conclave. Whom the server took that for, it
says over its control socket.
"""

import asyncio
import ssl
from collections.abc import Mapping, Sequence
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any, Final

from conclave.cli.checks.finding import Finding, good, problem, warning
from conclave.cli.control import NotRunning, Refused, ask
from conclave.client.upgrade import NoUpgrade
from conclave.client.upgrade import Refused as NotLetIn
from conclave.client.wire import Closed, connect
from conclave.settings import Settings

_WITHIN_S: Final = 10.0
_UPGRADE: Final = "let the proxy hand on Upgrade and Connection: see deploy/nginx and deploy/caddy"


def check_public(settings: Settings) -> list[Finding]:
    """Ask the server that runs through each of its public addresses, if it has any."""
    if not settings.public_url:
        return []
    try:
        ask(settings.home, "connection list")
    except NotRunning:
        return []
    except Refused as why:
        return [problem("public", str(why), "see the server's log, or start it anew")]
    return [asyncio.run(_look(settings, url.rstrip("/"))) for url in settings.public_url]


async def _look(settings: Settings, url: str) -> Finding:
    try:
        async with asyncio.timeout(_WITHIN_S):
            return await _visit(settings, url)
    except NotLetIn as no:
        return problem("public", f"{url} answers a WebSocket with {no.status}", _advice(no.status))
    except (NoUpgrade, Closed) as error:
        return problem("public", f"behind {url} no WebSocket opens: {error}", _UPGRADE)
    except ssl.SSLError as error:
        advice = "give the proxy, or this server, a certificate that browsers trust"
        return problem("public", f"{url} cannot be trusted: {error.reason}", advice)
    except TimeoutError:
        advice = "is the name the right one, and is the port open?"
        return problem("public", f"{url} does not answer within {_WITHIN_S:g} s", advice)
    except OSError as error:
        advice = "is the name the right one, and does the proxy run?"
        return problem("public", f"{url} cannot be reached: {error.strerror or error}", advice)


async def _visit(settings: Settings, url: str) -> Finding:
    known = await _ids(settings.home)
    async with connect(f"ws{url[4:]}/ws", Origin=url) as wire:
        while (event := await wire.receive()).type != "hello":
            pass
        server_ms = int(event.data["server_time"])
        came = [
            one
            for one in await _list(settings.home)
            if one["id"] not in known and not one["user"] and one["since"] <= server_ms
        ]
    return _judge(settings, url, came)


def _judge(settings: Settings, url: str, came: Sequence[Mapping[str, Any]]) -> Finding:
    if not came:
        says = f"what answers behind {url} is another server than that of {settings.home}"
        return problem("public", says, "see where the proxy hands requests on to")
    addresses = sorted({str(one["address"]) for one in came})
    proxies = [ip_network(text, strict=False) for text in settings.proxies]
    if all(any(ip_address(one) in net for net in proxies) for one in addresses) and proxies:
        says = f"behind {url} this server sees {addresses[0]}, its proxy, for who comes"
        advice = (
            "let the proxy set X-Forwarded-For: else all people share one address, and its limits; "
            "right if this was asked from the proxy's own address"
        )
        return warning("public", says, advice)
    return good("public", f"{url} leads here, and who comes is seen: {', '.join(addresses)}")


async def _list(home: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = await asyncio.to_thread(ask, home, "connection list")
    return found


async def _ids(home: Path) -> set[str]:
    return {one["id"] for one in await _list(home)}


def _advice(status: int) -> str:
    if status == 403:
        return "give --public-url as browsers see it: scheme, name and port"
    if status == 421:
        return "let the proxy hand on the Host of the request, as it came"
    return _UPGRADE if status in (400, 404, 426) else "see the logs of the proxy and the server"
