"""
Every setting once: its name, type, default and what it is for.

From this one dataclass come the flags, the environment (`CONCLAVE_…`), the TOML keys and
the help. `problems` says all that is wrong at once, each with its fix.
"""

from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What a node is started with; units are in the names or the help."""

    host: str = "127.0.0.1"
    port: int = 3000
    data: Path = Path("conclave-data")
    demo: bool = False
    app: str | None = None
    public_url: tuple[str, ...] = field(default=())
    allow_origin: tuple[str, ...] = field(default=())
    tls_cert: Path | None = None
    tls_key: Path | None = None
    # seconds
    auth_timeout: float = 10.0
    heartbeat_interval: float = 30.0
    heartbeat_timeout: float = 10.0
    handshake_timeout: float = 10.0
    message_timeout: float = 30.0
    presence_grace: float = 5.0
    # counts; 0: no limit
    max_connections: int = 10_000
    max_connections_per_user: int = 20
    max_connections_per_address: int = 1_000
    max_unauthenticated_per_address: int = 50
    max_room_members: int = 1_000
    max_rooms_per_connection: int = 128
    # messages per second and user; 0: no limit
    rate: float = 10.0
    burst: int = 30
    # bytes
    max_message_bytes: int = 65_536
    max_queue_bytes: int = 1_048_576
    log_level: str = "info"
