"""
Every setting once: its name, type, default, bounds and what it is for.

From this one dataclass come the flags, the environment (`CONCLAVE_…`), the TOML keys and
the help; `conclave.cli.sources` reads those. What follows from them is said in `derived`, what
can be wrong with them in `problems`.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from conclave.settings.setting import setting

LISTENING: Final = "Where it listens"
ENTRY: Final = "Who may come in"
LIVENESS: Final = "Liveness (seconds)"
LIMITS: Final = "Limits (0: no limit)"
SIZES: Final = "Sizes (bytes)"
STORAGE: Final = "Storage"
ATTACHMENTS: Final = "Attachments"
PUSH: Final = "Push notifications"
HOOKS: Final = "Webhooks"
LOGS: Final = "Logs and metrics"

LOG_LEVELS: Final = ("debug", "info", "warning", "error")


@dataclass(frozen=True, kw_only=True)
class Declared:
    """What can be said at a start; units are in the names or the help."""

    host: str = setting("127.0.0.1", LISTENING, "The address to listen on.")
    port: int = setting(
        3000, LISTENING, "The port; 0 takes a free one. $PORT counts too.", least=0, most=65_535
    )
    workers: int = setting(
        1,
        LISTENING,
        "Processes that share the port, one for each core; more than one need --database and "
        "--redis.",
        least=1,
        most=256,
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

    mount: tuple[str, ...] = setting(
        (),
        LISTENING,
        "An ASGI application of yours below a path, as /path=package.module:app; may be repeated.",
        of="mount",
    )

    demo: bool = setting(
        False, ENTRY, "Two users with public tokens, three rooms; loopback only, data apart."
    )
    allow_origin: tuple[str, ...] = setting(
        (), ENTRY, "Another page that may connect: an origin, or null for files; may be repeated."
    )
    embed_origins: tuple[str, ...] = setting(
        (), ENTRY, "A page that may show a room inside of it: its origin; may be repeated."
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
    jwt_jwks: str | None = setting(
        None, ENTRY, "Where that system shows its keys (JWKS): an https address, asked as needed."
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

    oidc: tuple[str, ...] = setting(
        (), ENTRY, "A file with a provider of OpenID Connect; may be repeated.", of="path"
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
    max_room_members: int = setting(
        1_000, LIMITS, "People present in one room, on all nodes.", least=0
    )
    max_rooms_per_connection: int = setting(128, LIMITS, "Rooms one connection is in.", least=0)
    max_rooms_per_user: int = setting(
        50, LIMITS, "Rooms that one user has made and that are there; admins make more.", least=0
    )
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
    database: str | None = setting(
        None,
        STORAGE,
        "A database of PostgreSQL in place of a file, as postgresql://user@host/name; its "
        "password belongs into the variable, not into the flag.",
    )

    redis: str | None = setting(
        None,
        STORAGE,
        "Redis or Valkey, by which nodes on one --database hear of each other, as "
        "redis://host:6379 or rediss://…; its password belongs into the variable.",
    )
    redis_channel: str = setting(
        "conclave:hints", STORAGE, "The channel there; another for each --database."
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

    attachments: bool = setting(True, ATTACHMENTS, "Pictures and files may be attached.")
    attachment_kind: tuple[str, ...] = setting(
        (),
        ATTACHMENTS,
        "What may be: image, audio, video or file; all unless given; may be repeated.",
        of="kind",
    )
    max_attachment_bytes: int = setting(
        26_214_400, ATTACHMENTS, "Bytes of one.", least=1_024, most=2_147_483_648
    )
    max_user_attachment_bytes: int = setting(
        1_073_741_824, ATTACHMENTS, "Bytes of all that one user has attached; 0: no limit.", least=0
    )
    max_all_attachment_bytes: int = setting(
        10_737_418_240, ATTACHMENTS, "Bytes of all that is attached; 0: no limit.", least=0
    )

    push: bool = setting(
        True, PUSH, "Notify people by the push services of their browsers, if they want that."
    )
    push_service: tuple[str, ...] = setting(
        (),
        PUSH,
        "A push service that may be used: an origin, also one that is not public; may be "
        "repeated. Without any: every public address, by https.",
    )
    push_contact: str = setting(
        "",
        PUSH,
        "Whom a push service may ask about this server: mailto:… or https://…; the public "
        "address by default.",
    )
    push_grace: float = setting(
        5.0, PUSH, "Seconds that a message has to be read before it is pushed.", least=0, most=600
    )

    webhooks: bool = setting(
        True, HOOKS, "Let rooms be written to by webhooks, and tell others what is said by them."
    )
    webhook_origin: tuple[str, ...] = setting(
        (),
        HOOKS,
        "An origin that outgoing webhooks may be sent to although it is not public, such as "
        "http://ci.intranet:8080; may be repeated. Public names may be, by https, at any rate.",
    )

    log_level: str = setting("info", LOGS, f"{', '.join(LOG_LEVELS[:-1])} or {LOG_LEVELS[-1]}.")
    metrics_listen: str = setting("", LOGS, "Where else /metrics is, such as 127.0.0.1:9464.")
    metrics_token: Path | None = setting(None, LOGS, "A file: its token is asked of readers.")
    profile: Path | None = setting(
        None, LOGS, "A file to write to where the CPU goes, for flamegraph.pl or speedscope.app."
    )
