"""Puts the commands together; what each does is in a module of its name."""

from cyclopts import App

from conclave import __version__
from conclave.cli import backup, erase, export, import_, room, send, serve, tail, token, verify


def build() -> App:
    """Return the whole command line."""
    app = App(
        name="conclave",
        help="A secure, self-hosted, real-time chat.",
        version=__version__,
        version_flags=["--version"],
        result_action="return_value",
        help_format="plaintext",
    )
    app.command(serve.command(), name="serve", help_formatter=serve.formatter())
    app.command(token.app)
    app.command(backup.backup)
    app.command(backup.restore)
    app.command(backup.compact)
    app.command(export.export)
    app.command(import_.import_, name="import")
    app.command(verify.verify)
    app.command(room.app)
    app.command(erase.erase)
    app.command(send.send)
    app.command(tail.tail)
    return app
