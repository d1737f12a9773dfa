"""
The tables of a new database, made once in a process of tests and copied from then on.

To make them takes longer than most tests of a server: fifty milliseconds, of two thousand tests.
Each copy has an epoch of its own, as each database has. What the schema itself promises is tested
where it is made, and processes that tests start make theirs, as ever.
"""

import os
import re
import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

from conclave.storage import opening, schema

_EPOCH = re.compile(rb"epoch([0-9a-f]{16})")


@pytest.fixture(scope="session", autouse=True)
def tables_are_made_once(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Let stores that are opened in this process begin with a copy."""
    made: list[bytes] = []

    def prepare(path: Path) -> None:
        if not made:
            first = tmp_path_factory.mktemp("tables") / path.name
            schema.prepare(first)
            made.append(first.read_bytes())
        if _is_new(path):
            _write(path, made[0])
        schema.prepare(path)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(opening, "prepare", prepare)
        yield


def _is_new(path: Path) -> bool:
    """Return whether there is nothing, and nothing that is left of what was."""
    return not any(path.parent.glob(f"{path.name}*")) and os.access(path.parent, os.W_OK)


def _write(path: Path, tables: bytes) -> None:
    (epoch,) = _EPOCH.findall(tables)
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(tables.replace(epoch, secrets.token_hex(8).encode()))
