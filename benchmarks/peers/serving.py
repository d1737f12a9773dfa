"""The two ASGI peers under uvicorn: uvloop, httptools, the quicker WebSocket protocol."""

import socket
import sys
from importlib.metadata import version
from typing import Any

import uvicorn


def serve(app: Any, *names: str) -> None:
    """Serve at the port that is the first word, 0 for any, and print it and the versions."""
    listener = socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=2048)
    versions = " ".join(f"{name} {version(name)}" for name in (*names, "uvicorn", "websockets"))
    print(f"port {listener.getsockname()[1]} {versions}", flush=True)
    config = uvicorn.Config(
        app,
        loop="uvloop",
        http="httptools",
        ws="websockets-sansio",
        lifespan="off",
        log_level="warning",
        ws_per_message_deflate=False,
        ws_ping_interval=None,
        backlog=2048,
    )
    uvicorn.Server(config).run(sockets=[listener])
