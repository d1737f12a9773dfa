"""
`conclave serve`: read the settings, start the server, say where it is.

The flags are made from `Settings`, one for each field, so that none is forgotten. What a
running server does is the business of `conclave.app`; here are only words and exit codes:
0 ended in good order, 1 could not start, 2 the settings are wrong.
"""

import errno
import inspect
import os
import ssl
import sys
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import Annotated, Any, Final

import structlog
import uvloop
from cyclopts import App, Group, Parameter
from cyclopts.help import ColumnSpec, DefaultFormatter, DescriptionRenderer, NameRenderer

from conclave.cli.printable import printable
from conclave.cli.sources import (
    PREFIX,
    SETTINGS,
    BadSettings,
    kind,
    load,
    nearest,
    strange_variables,
)
from conclave.settings import CannotStart, Settings, flag, of_worker, warnings
from conclave.telemetry import flush_logging, mark_logging, start_logging
from conclave.telemetry.profile import profiled
from conclave.workers.post import Post

GOOD: Final = 0
CANNOT_START: Final = 1
BAD_SETTINGS: Final = 2

# Called once, when connections are accepted: the address, the rooms, (user, token) of a demo,
# and where the first admin is made, or "".
Announce = Callable[[str, Sequence[str], Sequence[tuple[str, str]], str], None]
Serve = Callable[[Settings, Announce], Coroutine[Any, Any, int]]

DESCRIPTION: Final = (
    "Start the chat: page and sockets on one port.\n\n"
    f"Each flag is also a variable ({PREFIX}PORT for --port) and a key of the TOML file "
    "(port = 3000). A flag wins over the variable, the variable over the file."
)

_PLACEHOLDER: Final[dict[type, str]] = {int: "N", float: "N", Path: "PATH", str: "TEXT"}
_READ_AS: Final[dict[type, Any]] = {bool: bool, tuple: list[str]}
_NAMES_WIDTH: Final = 36  # the longest flag with its placeholder, so that no name breaks


def command() -> Callable[..., int]:
    """Return the function behind `conclave serve`, with one flag for each setting."""

    def serve(*unknown: str, config: Path | None = None, **given: Any) -> int:
        flags = {name: value for name, value in given.items() if value is not None}
        return run(flags, unknown, config)

    groups = {name: Group(name, sort_key=at) for at, name in enumerate(_groups())}
    parameters = [_unknown(), _config(groups)]
    parameters += [_parameter(name, groups) for name in SETTINGS]
    # One parameter for each setting: cyclopts reads the signature, unless annotations say other.
    serve.__annotations__ = {}
    # Where `inspect.signature` looks first, though no function's type says so.
    serve.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]  # see above
    serve.__doc__ = DESCRIPTION
    return serve


def formatter() -> DefaultFormatter:
    """Return what lays out the help: all groups with names and words in the same columns."""
    names = ColumnSpec(
        renderer=NameRenderer(max_width=_NAMES_WIDTH), style="cyclopts.name", width=_NAMES_WIDTH
    )
    return DefaultFormatter(column_specs=(names, ColumnSpec(renderer=DescriptionRenderer())))


def _groups() -> list[str]:
    return list(dict.fromkeys(one.metadata["group"] for one in SETTINGS.values()))


def _parameter(name: str, groups: dict[str, Group]) -> inspect.Parameter:
    one = SETTINGS[name]
    wanted = kind(name)
    # Texts, whatever the type: `load` reads them all and tells all that is wrong at once.
    plain = _READ_AS.get(wanted, str)
    default = one.default
    shown = Parameter(
        name=flag(name),
        group=groups[one.metadata["group"]],
        help=_help(one.metadata["help"], default),
        metavar=_PLACEHOLDER.get(wanted, one.metadata["of"].upper()),
        negative="",
        show_default=False,
        allow_leading_hyphen=wanted in (int, float),
    )
    return _keyword(name, Annotated[plain | None, shown])


def _help(text: str, default: object) -> str:
    if default in (None, False, ()):
        return text
    spelled = f"{default:g}" if isinstance(default, float) else str(default)
    return f"{text} [{spelled}]"


def _config(groups: dict[str, Group]) -> inspect.Parameter:
    shown = Parameter(
        name="--config", group=groups["Storage"], help="A TOML file with any of these settings."
    )
    return _keyword("config", Annotated[Path | None, shown])


def _unknown() -> inspect.Parameter:
    # Caught here, so that a misspelt flag is told together with whatever else is wrong.
    shown = Parameter(show=False, allow_leading_hyphen=True)
    return inspect.Parameter(
        "unknown", inspect.Parameter.VAR_POSITIONAL, annotation=Annotated[str, shown]
    )


def _keyword(name: str, annotation: Any) -> inspect.Parameter:
    return inspect.Parameter(
        name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=annotation
    )


def run(flags: dict[str, Any], unknown: Sequence[str] = (), config: Path | None = None) -> int:
    """Serve until told to stop and return the exit code; complain on standard error."""
    try:
        settings = _settings(flags, unknown, config)
    except BadSettings as wrong:
        for problem in wrong.problems:
            complain(problem)
        return BAD_SETTINGS
    post = Post.taken(os.environ)
    if post is not None:
        mark_logging(worker=post.number)
        settings = of_worker(settings, post.number)
    start_logging(settings.log_level)
    log = structlog.get_logger("conclave.cli")
    advice = [*warnings(settings), *strange_variables(os.environ)] if post is None else []
    for warning in advice:
        log.warning("settings", advice=warning)
    try:
        return _start(settings, lambda: _reread(flags, config, post), post)
    finally:
        flush_logging()


def _settings(flags: dict[str, Any], unknown: Sequence[str], config: Path | None) -> Settings:
    if config is None and os.environ.get(PREFIX + "CONFIG"):
        config = Path(os.environ[PREFIX + "CONFIG"])
    strange = _strange(unknown)
    try:
        settings = load(flags, os.environ, config)
    except BadSettings as wrong:
        raise BadSettings(strange + wrong.problems) from None
    if strange:
        raise BadSettings(strange)
    return settings


def _strange(unknown: Sequence[str]) -> list[str]:
    known = [*(flag(name) for name in SETTINGS), "--config"]
    # What follows an unknown flag is likely its value: the flag alone is told.
    before = ("", *unknown)
    return [
        f"{word.partition('=')[0]} is no flag{nearest(word.partition('=')[0], known)}"
        if _is_flag(word)
        else f"{word!r} follows no flag: write it as in --port 3001"
        for last, word in zip(before, unknown, strict=False)
        if _is_flag(word) or not _is_flag(last)
    ]


def _is_flag(word: str) -> bool:
    return word.startswith("-") and not word[1:2].isdigit()


def _reread(flags: dict[str, Any], config: Path | None, post: Post | None) -> Settings:
    """Return the settings as the file says now, with the same flags; one line says all faults."""
    try:
        settings = _settings(flags, (), config)
        return settings if post is None else of_worker(settings, post.number)
    except BadSettings as wrong:
        raise CannotStart("; ".join(wrong.problems)) from wrong


def _start(settings: Settings, reread: Callable[[], Settings], post: Post | None) -> int:
    try:
        if settings.workers > 1 and post is None:
            return _supervise(settings)
        return _serve(settings, reread, post)
    except CannotStart as error:
        complain(str(error))
    except OSError as error:
        complain(_because(error, settings))
    return CANNOT_START


def _serve(settings: Settings, reread: Callable[[], Settings], post: Post | None) -> int:
    # Here, because `--help` and bad settings need none of it.
    from conclave import app
    from conclave.server import descriptors

    descriptors.raise_limit()
    telling = announce if post is None else post.announce
    with profiled(settings.profile):
        return uvloop.run(app.serve(settings, telling, reread, post))


def _supervise(settings: Settings) -> int:
    from conclave.cli.supervise import GaveUp, supervised

    try:
        return supervised(settings, announce)
    except GaveUp as error:
        complain(str(error))
        return error.code if error.code > 0 else CANNOT_START


def _because(error: OSError, settings: Settings) -> str:
    """Say what the system refused, and what to do about it."""
    if isinstance(error, ssl.SSLError):
        return (
            f"{settings.tls_cert} and {settings.tls_key} are no certificate and its key "
            f"({error.strerror}): give two PEM files that belong together"
        )
    if error.errno == errno.EADDRINUSE:
        return (
            f"Port {settings.port} is in use: `make run PORT={settings.port + 1}` or "
            f"`conclave serve --port {settings.port + 1}`, or stop the other program"
        )
    if error.errno == errno.EACCES and settings.port < 1024 and error.filename is None:
        return f"Port {settings.port} needs more rights: choose one above 1023, such as --port 3000"
    if error.errno == errno.EADDRNOTAVAIL:
        return f"{settings.host} is no address of this machine: choose another --host"
    return str(error)


def announce(
    address: str, rooms: Sequence[str], tokens: Sequence[tuple[str, str]], setup: str = ""
) -> None:
    """Print where the chat is and how to come in: the only thing on standard output."""
    rows = [("Rooms", ", ".join(rooms))] if rooms else []
    rows += [(f"Enter as {user} with", token) for user, token in tokens]
    width = max((len(name) for name, _ in rows), default=0)
    print(f"Conclave is at {address}", flush=True)
    for name, value in rows:
        print(f"  {name:<{width}}  {value}")
    if setup:
        print(f"Nobody is admin yet. Within a day, once:\n  {setup}")
    print("Stop it with Ctrl-C.", flush=True)


def complain(problem: str) -> None:
    print(f"conclave: {printable(problem)}", file=sys.stderr)


app = App(name="serve", help_formatter=formatter(), help_format="plaintext")
app.default(command())
