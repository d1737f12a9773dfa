"""`conclave spec`: what goes over the socket, described for programs and for people."""

import json
import sys
from pathlib import Path
from typing import Annotated, Any, Literal

from cyclopts import Parameter

from conclave import __version__
from conclave.app.loading import load_app
from conclave.cli.errand import FAILED, attempt, complain, say
from conclave.controllers.vocabulary import vocabulary
from conclave.protocol.spec.asyncapi import asyncapi
from conclave.protocol.spec.definitions import schema_of
from conclave.protocol.spec.differences import NotADescription, changes
from conclave.protocol.spec.markdown import Tables
from conclave.protocol.spec.shapes import Schema
from conclave.protocol.spec.typescript import typescript

Application = Annotated[
    str | None,
    Parameter(
        help="Your controllers, as package.module:app or package.module:Class.",
        env_var="CONCLAVE_APP",
    ),
]
Format = Annotated[
    Literal["asyncapi", "jsonschema", "typescript", "markdown"], Parameter(help="What to write.")
]
Out = Annotated[Path | None, Parameter(help="The file to write, in place of what is there.")]
Against = Annotated[
    Path | None,
    Parameter(help="Write nothing; say what changed since this file, asyncapi or jsonschema."),
]


def spec(
    *,
    app: Application = None,
    format: Format = "asyncapi",  # noqa: A002 - the flag's word
    out: Out = None,
    against: Against = None,
) -> int:
    """
    Describe what clients and server say to each other, your own events included.

    With --against the exit code is 1 where a program that was right before may fail now.
    """
    return attempt(
        lambda: _spec(schema_of(vocabulary(load_app(app)), __version__), format, out, against)
    )


def _spec(schema: Schema, format_: str, out: Path | None, against: Path | None) -> int | None:
    if against is not None:
        return _compare(against, schema)
    text = written(schema, format_)
    if out is None:
        sys.stdout.write(text)
    else:
        out.write_text(text, "utf-8")
    return None


def written(schema: Schema, format_: str) -> str:
    """Return what *schema* says, as a whole file of this format."""
    if format_ == "typescript":
        return typescript(schema, __version__)
    if format_ == "markdown":
        return Tables(schema).page(__version__)
    document = asyncapi(schema, __version__) if format_ == "asyncapi" else schema
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _compare(file: Path, schema: Schema) -> int:
    try:
        found = changes(_read(file), schema)
    except NotADescription as no:
        return complain(f"{file}: {no}")
    say(*(f"{'BREAKS ' if one.breaking else '       '}{one.words}" for one in found))
    breaking = sum(one.breaking for one in found)
    if breaking:
        complain(f"{breaking} of {len(found)} changes break what was right before")
        return FAILED
    say(f"Nothing breaks. Changes: {len(found)}.")
    return 0


def _read(file: Path) -> Any:
    try:
        return json.loads(file.read_text("utf-8"))
    except (ValueError, RecursionError) as error:
        raise NotADescription(f"it is no JSON ({error})") from None
