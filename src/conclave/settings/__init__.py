"""
Every setting once: its name, type, default, bounds and what it is for.

From this one dataclass come the flags, the environment (`CONCLAVE_…`), the TOML keys and
the help; `conclave.cli.sources` reads those. `problems` says all that is wrong at once,
each with its fix. Nothing here reads a file, a variable or a clock.
"""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from ipaddress import ip_network
from pathlib import Path
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit

from conclave.settings.entry import wrong_claims, wrong_jwt, wrong_roles

T = TypeVar("T")

LISTENING: Final = "Where it listens"
ENTRY: Final = "Who may come in"
LIVENESS: Final = "Liveness (seconds)"
LIMITS: Final = "Limits (0: no limit)"
SIZES: Final = "Sizes (bytes)"
STORAGE: Final = "Storage"
LOGS: Final = "Logs"

LOG_LEVELS: Final = ("debug", "info", "warning", "error")
LOOPBACK: Final = ("127.0.0.1", "::1", "localhost")
EVERYWHERE: Final = ("", "0.0.0.0", "::")  # noqa: S104 - names what is asked for, binds nothing

_LOOPBACK_NETWORKS: Final = ("127.0.0.0/8", "::1")

_APP = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_]\w*")


class CannotStart(Exception):
    """The server cannot start; the message is one line for a person and names the fix."""


def setting(
    default: T,
    group: str,
    help: str,  # noqa: A002 - the word of every command line
    *,
    of: str = "origin",
    least: float | None = None,
    most: float | None = None,
) -> T:
    """
    Declare one setting; numbers outside `least` and `most` are problems.

    `of` is what several texts are of, as the help calls one.
    """
    declared: T = field(
        default=default,
        metadata={"group": group, "help": help, "of": of, "least": least, "most": most},
    )
    return declared


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What a node is started with; units are in the names or the help."""

    host: str = setting("127.0.0.1", LISTENING, "The address to listen on.")
    port: int = setting(
        3000, LISTENING, "The port; 0 takes a free one. $PORT counts too.", least=0, most=65_535
    )
    public_url: tuple[str, ...] = setting(
        (), LISTENING, "How browsers reach it, such as https://chat.example.org; may be repeated."
    )
    behind_proxy: bool = setting(
        False, LISTENING, "A proxy in front speaks TLS and says whose requests it hands on."
    )
    trusted_proxy: tuple[str, ...] = setting(
        (),
        LISTENING,
        "An address or network whose X-Forwarded-For counts, with --behind-proxy; loopback "
        "unless given; may be repeated.",
        of="network",
    )
    tls_cert: Path | None = setting(None, LISTENING, "The certificate chain, a PEM file.")
    tls_key: Path | None = setting(None, LISTENING, "The certificate's key, a PEM file.")
    app: str | None = setting(
        None, LISTENING, "Your controllers, as package.module:app or package.module:Class."
    )

    demo: bool = setting(
        False, ENTRY, "Two users with public tokens, three rooms; loopback only, data apart."
    )
    allow_origin: tuple[str, ...] = setting(
        (), ENTRY, "Another page that may connect: an origin, or null for files; may be repeated."
    )

    guests: bool = setting(False, ENTRY, "Anybody may come in with a name alone, for a day.")
    session_days: int = setting(
        30, ENTRY, "Days until a page has to sign in again.", least=1, most=365
    )
    require_second_factor: tuple[str, ...] = setting(
        (), ENTRY, "A role that must have one, such as admin; may be repeated.", of="role"
    )
    jwt_key: tuple[str, ...] = setting(
        (),
        ENTRY,
        "A file with a key of another system whose tokens count here; may be repeated.",
        of="path",
    )
    jwt_issuer: str | None = setting(None, ENTRY, "Who those tokens must be from (iss).")
    jwt_audience: str | None = setting(None, ENTRY, "Whom those tokens must be for (aud).")
    jwt_claim: tuple[str, ...] = setting(
        (),
        ENTRY,
        "Where those tokens say who it is: user=sub, name=name, role=role unless given; "
        "may be repeated.",
        of="claim",
    )

    handshake_timeout: float = setting(
        10.0, LIVENESS, "From the first byte to the end of the handshake.", least=0.1, most=3_600
    )
    auth_timeout: float = setting(
        10.0, LIVENESS, "From the handshake to a good token.", least=0.1, most=3_600
    )
    heartbeat_interval: float = setting(
        30.0,
        LIVENESS,
        "A peer silent for so long is asked for a sign of life.",
        least=0.1,
        most=3_600,
    )
    heartbeat_timeout: float = setting(
        10.0, LIVENESS, "How long it has to answer.", least=0.1, most=3_600
    )
    message_timeout: float = setting(
        30.0, LIVENESS, "How long one message may take to arrive.", least=0.1, most=3_600
    )
    presence_grace: float = setting(
        5.0, LIVENESS, "An absence shorter than this is told to nobody.", least=0, most=3_600
    )

    max_connections: int = setting(10_000, LIMITS, "Connections in all.", least=0)
    max_connections_per_user: int = setting(
        20, LIMITS, "Connections of one user; then the oldest goes.", least=0
    )
    max_connections_per_address: int = setting(
        1_000, LIMITS, "Connections of one network address.", least=0
    )
    max_unauthenticated_per_address: int = setting(
        50, LIMITS, "Connections of one address that have not said who they are.", least=0
    )
    connection_rate: float = setting(
        100.0, LIMITS, "New connections per second of one network address.", least=0
    )
    max_http: int = setting(
        2_000, LIMITS, "Connections in all that are no WebSocket, or not yet.", least=0
    )
    max_http_per_address: int = setting(
        200, LIMITS, "Connections of one address that are no WebSocket, or not yet.", least=0
    )
    http_rate: float = setting(
        500.0, LIMITS, "Requests over HTTP per second of one network address.", least=0
    )
    max_room_members: int = setting(1_000, LIMITS, "People present in one room.", least=0)
    max_rooms_per_connection: int = setting(128, LIMITS, "Rooms one connection is in.", least=0)
    rate: float = setting(10.0, LIMITS, "Messages per second and user, in the long run.", least=0)
    burst: int = setting(30, LIMITS, "Messages at once, before the rate counts.", least=0)
    users_per_address: int = setting(
        50, LIMITS, "One network address may do as much as so many users.", least=0
    )
    max_message_bytes: int = setting(
        65_536, SIZES, "Bytes of one message as it arrives.", least=1_024, most=16_777_216
    )
    max_queue_bytes: int = setting(
        1_048_576,
        SIZES,
        "Bytes that may wait for one connection; then it is closed and resumes.",
        least=262_144,  # two pages of history
        most=1_073_741_824,
    )

    data: Path = setting(
        Path("conclave-data"), STORAGE, "The directory for all that is kept; made if missing."
    )

    retention_days: int = setting(
        0, STORAGE, "Days for which rooms keep what is said; 0: for ever.", least=0, most=36_500
    )
    retention_messages: int = setting(
        0,
        STORAGE,
        "How many messages each room keeps, the last ones; 0: all.",
        least=0,
        most=1_000_000_000,
    )

    audit_days: int = setting(
        365,
        STORAGE,
        "Days for which the audit log keeps who did what; 0: for ever.",
        least=0,
        most=36_500,
    )

    log_level: str = setting("info", LOGS, f"{', '.join(LOG_LEVELS[:-1])} or {LOG_LEVELS[-1]}.")

    @property
    def home(self) -> Path:
        """Where this node keeps its data; a demo's is apart from the real."""
        return self.data / "demo" if self.demo else self.data

    @property
    def scheme(self) -> str:
        return "https" if self.tls_cert else "http"

    @property
    def is_https(self) -> bool:
        """Whether people reach this node through TLS, its own or that of a proxy."""
        return self.tls_cert is not None or any(
            url.lower().startswith("https:") for url in self.public_url
        )

    @property
    def proxies(self) -> tuple[str, ...]:
        """The networks of the proxies whose word on their clients counts; none: nobody's."""
        if not self.behind_proxy:
            return ()
        return self.trusted_proxy or _LOOPBACK_NETWORKS

    @property
    def origins(self) -> frozenset[str]:
        """
        The origins whose pages may connect: this node's own, the public and the allowed ones.

        With port 0 the own ones are not among them, as the port is not known yet.
        """
        return self.own_origins(self.port) | frozenset(map(canonical_origin, self.allow_origin))

    def own_origins(self, port: int) -> frozenset[str]:
        """Return the origins of this node's own pages, if it listens on *port*."""
        own = [f"{self.scheme}://{name}:{port}" for name in self._own_names if port]
        return frozenset(map(canonical_origin, (*own, *self.public_url)))

    @property
    def hosts(self) -> frozenset[str]:
        """The names, without port, under which this node answers."""
        public = (urlsplit(url).hostname or "" for url in self.public_url)
        return frozenset(map(_bracketed, (*self._own_names, *public)))

    @property
    def _own_names(self) -> tuple[str, ...]:
        if self.host in EVERYWHERE:
            return tuple(map(_bracketed, LOOPBACK))
        return tuple(
            map(_bracketed, {*LOOPBACK, self.host} if is_loopback(self.host) else [self.host])
        )


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host and not host.startswith("[") else host.lower()


def flag(name: str) -> str:
    """Return the flag of the setting *name*."""
    return "--" + name.replace("_", "-")


def is_loopback(host: str) -> bool:
    """Return whether only this machine can reach *host*."""
    return host in LOOPBACK or re.fullmatch(r"127(\.\d{1,3}){3}", host) is not None


def canonical_origin(text: str) -> str:
    """
    Return the one spelling of an origin: lower case, no default port, no trailing slash.

    `null` stays `null`. Raises ValueError for what is no http(s) origin (RFC 6454).
    """
    if text == "null":
        return text
    url = urlsplit(text)
    more = url.path.strip("/") or any(sign in text for sign in "?#@* ") or not text.isprintable()
    if url.scheme not in ("http", "https") or not url.hostname or more:
        raise ValueError(text)
    port = "" if url.port in (None, {"http": 80, "https": 443}[url.scheme]) else f":{url.port}"
    return f"{url.scheme}://{_bracketed(url.hostname)}{port}"


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
    found += wrong_jwt(settings.jwt_key, settings.jwt_issuer, settings.jwt_audience, named)
    found += wrong_claims(settings.jwt_claim, named)
    return found + _wrong_choice(settings, named)


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
        if url == "null" or not _is_origin(url)
    ]
    return found + [
        f"{named('allow_origin')} is {origin!r}: give one origin, "
        "such as https://www.example.org, or null for pages opened from disk"
        for origin in settings.allow_origin
        if not _is_origin(origin)
    ]


def _wrong_proxy(settings: Settings, named: Named) -> list[str]:
    found = [
        f"{named('trusted_proxy')} is {text!r}: give an address or a network, such as 10.0.0.0/8"
        for text in settings.trusted_proxy
        if not _is_network(text)
    ]
    if settings.trusted_proxy and not settings.behind_proxy:
        found.append(
            f"{named('trusted_proxy')} is there without {named('behind_proxy')}: give both, or "
            "neither"
        )
    return found


def _is_network(text: str) -> bool:
    try:
        ip_network(text)
    except ValueError:
        return False
    return True


def _is_origin(text: str) -> bool:
    try:
        canonical_origin(text)
    except ValueError:
        return False
    return True


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
