"""Each statement of the storage is understood by PostgreSQL, whether or not a test runs it."""

import ast
import importlib
import itertools
import re
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from tests.support.postgres import Postgres

import conclave.storage
from conclave.storage.postgres.sql import translated

pytestmark = pytest.mark.slow

BEGINS = re.compile(r"\s*(SELECT|INSERT|UPDATE|DELETE|WITH)\b")
# They know SQLite's file, or its index, and no other database.
OF_THE_FILE = {
    "backup", "compact", "exporting", "files", "logcheck", "restore", "schema", "search_check",
    "search_fts5", "upgrading", "verify", "wal",
}  # fmt: skip
# A beginning that others go on with.
PARTS = {"SELECT seq, id, type, user, name, timestamp, text, extra, count, client_id, checksum"}


def statements() -> Iterator[str]:
    for file in Path(conclave.storage.__path__[0]).glob("*.py"):
        if file.stem not in OF_THE_FILE | {"__init__"}:
            module = importlib.import_module(f"conclave.storage.{file.stem}")
            yield from (value for value in vars(module).values() if isinstance(value, str))
            yield from within(ast.parse(file.read_text("utf-8")))


def within(tree: ast.AST) -> Iterator[str]:
    """Give the texts that stand in functions, but for the parts of others."""
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            nodes = list(ast.walk(function))
            parts = {
                id(part)
                for one in nodes
                if isinstance(one, ast.JoinedStr)
                for part in ast.walk(one)
            }
            for one in nodes:
                if isinstance(one, ast.Constant) and id(one) not in parts:
                    yield str(one.value)


def test_each_statement_is_understood(postgresql: Postgres) -> None:
    found = {one for one in statements() if BEGINS.match(one) and one.strip() not in PARTS}
    assert len(found) > 150
    wrong = []
    with psycopg.connect(postgresql.furnished(), autocommit=True) as connection:
        for one in sorted(found):
            # Nothing is run, so that the values do not matter; but what is added up is a number.
            text = translated(one.replace(":grace", "1")).text
            text = re.sub(r"%s|%\(\w+\)s", "NULL", text).replace("%%", "%")
            try:
                connection.execute(f"EXPLAIN {text}")
            except psycopg.Error as error:
                wrong.append(f"{error}: {one}")
    assert wrong == []


def test_the_types_of_all_parameters_are_known_where_the_server_plans_ahead(
    postgresql: Postgres,
) -> None:
    found = {one for one in statements() if BEGINS.match(one) and one.strip() not in PARTS}
    said = [(one, translated(one.replace(":grace", "1"))) for one in sorted(found)]
    ahead = [(one, there.text) for one, there in said if not there.untyped]
    assert len(ahead) > 150
    wrong = []
    with psycopg.connect(postgresql.furnished()) as connection:
        for one, text in ahead:
            numbers = itertools.count(1)
            numbered = re.sub(r"%s|%\(\w+\)s", lambda _, n=numbers: f"${next(n)}", text)
            asked = connection.pgconn.prepare(b"", numbered.replace("%%", "%").encode())
            if asked.error_message:
                wrong.append(f"{asked.error_message.decode()}: {one}")
    assert wrong == []
