"""What can be wrong with settings, all at once, each with its fix; and what is unwise."""

import math
import re
from collections.abc import Callable
from dataclasses import fields
from typing import Any

from conclave.settings.addresses import is_loopback, is_network, is_origin, place_of
from conclave.settings.attachments import wrong_kinds
from conclave.settings.database import wrong_database, wrong_redis
from conclave.settings.declared import LOG_LEVELS
from conclave.settings.derived import Settings
from conclave.settings.entry import wrong_claims, wrong_jwks, wrong_jwt, wrong_roles
from conclave.settings.mounts import wrong_embedders, wrong_mounts
from conclave.settings.setting import flag
from conclave.settings.workers import wrong_workers

_APP = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_]\w*")

Named = Callable[[str], str]


def problems(settings: Settings, named: Named = flag) -> list[str]:
    """
    Return all that is wrong with *settings*, each line with its fix; empty: nothing is.

    `named` says what the person who wrote a setting calls it: a flag, a variable, a key.
    """
    found: list[str] = []
    for one in fields(Settings):
        found += _out_of_bounds(named(one.name), getattr(settings, one.name), one.metadata)
    found += _wrong_address(settings, named) + _wrong_proxy(settings, named)
    found += wrong_roles(settings.require_second_factor, named)
    keys = (*settings.jwt_key, *_given(settings.jwt_jwks))
    found += wrong_jwt(keys, settings.jwt_issuer, settings.jwt_audience, named)
    found += wrong_jwks(settings.jwt_jwks, named)
    found += wrong_claims(settings.jwt_claim, named)
    found += wrong_mounts(settings.mount, named)
    found += wrong_embedders(settings.embed_origins, named)
    found += wrong_kinds(settings.attachment_kind, named)
    found += wrong_database(settings.database, named, demo=settings.demo)
    has_database = settings.database is not None
    found += wrong_redis(settings.redis, settings.redis_channel, named, has_database=has_database)
    found += wrong_workers(settings, named)
    return found + _wrong_choice(settings, named) + _wrong_metrics(settings, named)


def _given(text: str | None) -> tuple[str, ...]:
    return () if text is None else (text,)


def _out_of_bounds(name: str, value: object, bounds: Any) -> list[str]:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return []
    least, most = bounds["least"], bounds["most"]
    if not math.isfinite(value):
        return [f"{name} is {value}: give a finite number"]
    if most is not None and not least <= value <= most:
        return [f"{name} is {value:g}: choose from {least:g} to {most:g}"]
    if value < least:
        return [f"{name} is {value:g}: choose {least:g} or more"]
    return []


def _wrong_address(settings: Settings, named: Named) -> list[str]:
    found = []
    if not settings.host or not settings.host.isprintable() or " " in settings.host:
        found.append(f"{named('host')} is {settings.host!r}: give an address, such as 127.0.0.1")
    elif settings.demo and not is_loopback(settings.host):
        found.append(
            f"{named('host')} is {settings.host}: demo tokens are public, so --demo listens on "
            f"loopback only; leave {named('host')} away, or leave --demo away"
        )
    elif not (is_loopback(settings.host) or settings.tls_cert or settings.behind_proxy):
        found.append(
            f"{named('host')} is {settings.host}, which others reach without TLS, so that tokens "
            f"and passwords can be read on the way: give {named('tls_cert')} and "
            f"{named('tls_key')}, or {named('behind_proxy')} where a proxy in front speaks TLS, "
            f"or leave {named('host')} away"
        )
    found += [
        f"{named('public_url')} is {url!r}: give http:// or https://, a host, perhaps a port, "
        "and no path, such as https://chat.example.org"
        for url in settings.public_url
        if url == "null" or not is_origin(url)
    ]
    found += [
        f"{named('push_service')} is {origin!r}: give one origin, such as https://push.example.org"
        for origin in settings.push_service
        if origin == "null" or not is_origin(origin)
    ]
    found += [
        f"{named('webhook_origin')} is {origin!r}: give one origin, such as http://ci.intranet:8080"
        for origin in settings.webhook_origin
        if origin == "null" or not is_origin(origin)
    ]
    if settings.push_contact and not settings.push_contact.startswith(("mailto:", "https://")):
        found.append(
            f"{named('push_contact')} is {settings.push_contact!r}: give mailto: and an address, "
            "or an https:// one"
        )
    return found + [
        f"{named('allow_origin')} is {origin!r}: give one origin, "
        "such as https://www.example.org, or null for pages opened from disk"
        for origin in settings.allow_origin
        if not is_origin(origin)
    ]


def _wrong_proxy(settings: Settings, named: Named) -> list[str]:
    found = [
        f"{named('trusted_proxy')} is {text!r}: give an address or a network, such as 10.0.0.0/8"
        for text in settings.trusted_proxy
        if not is_network(text)
    ]
    if settings.trusted_proxy and not settings.behind_proxy:
        found.append(
            f"{named('trusted_proxy')} is there without {named('behind_proxy')}: give both, or "
            "neither"
        )
    return found


def _wrong_metrics(settings: Settings, named: Named) -> list[str]:
    if not settings.metrics_listen:
        return []
    called = f"{named('metrics_listen')} is {settings.metrics_listen!r}"
    place = place_of(settings.metrics_listen)
    if place is None:
        return [f"{called}: give an address and a port, such as 127.0.0.1:9464"]
    if not is_loopback(place[0]) and settings.metrics_token is None:
        wish = f"give {named('metrics_token')} too, or an address of this machine alone"
        return [f"{called}, which others reach: {wish}, such as 127.0.0.1:9464"]
    return []


def _wrong_choice(settings: Settings, named: Named) -> list[str]:
    found = []
    for have, lack in (("tls_cert", "tls_key"), ("tls_key", "tls_cert")):
        if getattr(settings, have) and not getattr(settings, lack):
            found.append(f"{named(have)} is there without {named(lack)}: give both or neither")
    if settings.app is not None and not _APP.fullmatch(settings.app):
        found.append(f"{named('app')} is {settings.app!r}: write it as package.module:app")
    if settings.log_level not in LOG_LEVELS:
        found.append(
            f"{named('log_level')} is {settings.log_level!r}: choose {', '.join(LOG_LEVELS)}"
        )
    if settings.rate and not settings.burst:
        found.append(f"{named('burst')} is 0 while {named('rate')} is not: choose 1 or more")
    return found


def warnings(settings: Settings) -> list[str]:
    """Return what is allowed but unwise, each line with what to do about it."""
    found = []
    if settings.behind_proxy and not settings.public_url:
        found.append(
            "browsers behind the proxy are refused until this server knows under which name they "
            "see it: give --public-url https://…"
        )
    if settings.behind_proxy and not (is_loopback(settings.host) or settings.tls_cert):
        found.append(
            f"whoever reaches {settings.host} gets past the proxy, without TLS: let a firewall or "
            "the network of the containers keep all others away"
        )
    return found
