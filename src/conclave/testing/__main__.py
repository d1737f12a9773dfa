"""`python -m conclave.testing echo --port N`: the echo, for conformance suites."""

import argparse
import asyncio
import ipaddress
import signal
import sys

import uvloop

from conclave.telemetry import start_logging
from conclave.testing.echo import serve_echo


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m conclave.testing", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    echo = commands.add_parser("echo", help="send every message back, on loopback only")
    echo.add_argument("--port", type=int, default=0)
    echo.add_argument("--host", type=_loopback, default="127.0.0.1")
    echo.add_argument("--max-message-bytes", type=int, default=32 * 1024 * 1024)
    options = parser.parse_args()
    # Suites send many bad requests on purpose.
    start_logging("warning")
    try:
        uvloop.run(_until_signalled(options.host, options.port, options.max_message_bytes))
    except OSError as error:
        sys.exit(f"cannot listen on {options.host}:{options.port}: {error.strerror}")


async def _until_signalled(host: str, port: int, max_message_bytes: int) -> None:
    loop = asyncio.get_running_loop()
    serving = asyncio.ensure_future(serve_echo(host, port, max_message_bytes))
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, serving.cancel)
    try:
        await serving
    except asyncio.CancelledError:
        return


def _loopback(text: str) -> str:
    if not ipaddress.ip_address(text).is_loopback:
        raise argparse.ArgumentTypeError("an echo serves loopback addresses only")
    return text


if __name__ == "__main__":
    main()
