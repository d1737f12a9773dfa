"""
Puts the commands together; what each does is in a module of its name.

A command is imported when it is asked for: who sends a line from a shell script does not
wait for a server's parts.
"""

from typing import Final

from cyclopts import App

from conclave import __version__

# Name, where it stands, and the line of `conclave --help` (a test holds it to the command's own).
_COMMANDS: Final = (
    ("serve", "serve:app", "Start the chat: page and sockets on one port."),
    ("token", "token:app", "Tokens for people and programs."),
    ("send", "send:send", "Write to ROOM, and print the number of each message when it is stored."),
    (
        "tail",
        "tail:tail",
        "Show the last messages of each ROOM, or what came after a number; joins them.",
    ),
    ("chat", "chat.command:chat", "Open the chat of the server at URL here in the terminal."),
    ("user", "user:app", "The people of this server."),
    ("bot", "bot:app", "Accounts of programs, and tokens that are good for what they need."),
    ("invite", "invite:app", "Links by which people make an account."),
    ("room", "room:app", "The rooms of this server, and what they keep."),
    (
        "webhook",
        "webhook:app",
        "Programs that write into rooms, and addresses that are told what is said.",
    ),
    ("report", "report:app", "Messages that people reported."),
    (
        "audit",
        "audit:audit",
        "Print who did what to whom, from where: the end of the audit log, the newest last.",
    ),
    (
        "spec",
        "spec:spec",
        "Describe what clients and server say to each other, your own events included.",
    ),
    (
        "connection",
        "connection:connection",
        "Show who is connected, the newest first; with an ID, what became of that connection.",
    ),
    ("doctor", "doctor:app", "Look whether this installation is in good order; explain decisions."),
    ("backup", "backup:backup", "Copy all that is kept to FILE, also while the server runs."),
    (
        "restore",
        "backup:restore",
        "Put the backup FILE in place of the database; the server must not run.",
    ),
    (
        "migrate-to",
        "migrate_to:migrate_to",
        "Move all that is kept into the empty PostgreSQL database at URL; the server must not run.",
    ),
    (
        "export",
        "export:export",
        "Write all that is kept to FILE as lines of JSON, or to standard output if FILE is -.",
    ),
    (
        "import",
        "import_:import_",
        "Make an empty data directory hold what the export FILE has, or standard input if it is -.",
    ),
    (
        "import-slack",
        "import_slack:import_slack",
        "Take over what Slack's export FILE has; the server must not run.",
    ),
    (
        "verify",
        "verify:verify",
        "Check the database, or the backup FILE, and print a line for each thing that is wrong.",
    ),
    (
        "erase",
        "erase:erase",
        "Erase USER, an id: messages, tokens, memberships, marks, and the name in every log.",
    ),
    (
        "compact",
        "backup:compact",
        "Write the database anew: smaller, and without traces of what was erased.",
    ),
)


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
    for name, place, words in _COMMANDS:
        app.command(f"conclave.cli.{place}", name=name, help=words)
    return app
