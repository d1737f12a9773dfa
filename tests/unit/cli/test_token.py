"""`conclave token create`, beside a running server and without one."""

import asyncio
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from conclave.auth.tokens import TokenAuthenticator, token_commands
from conclave.cli import main
from conclave.cli.sources import SETTINGS
from conclave.model import Identity, Role, Scope
from conclave.server.control import ControlSocket
from conclave.storage import SqliteStore

TOKEN = re.compile(r"cvt_[A-Za-z0-9_-]{43}\n")


@pytest.fixture(autouse=True)
def no_settings_around(monkeypatch) -> None:
    for name in [*(f"CONCLAVE_{name.upper()}" for name in SETTINGS), "PORT", "CONCLAVE_CONFIG"]:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("conclave.cli.errand.start_logging", lambda level: None)


def identity_of(token: str, data: Path) -> Identity | None:
    async def look() -> Identity | None:
        store = await SqliteStore.open(data)
        try:
            return await TokenAuthenticator(store).authenticate(token)
        finally:
            await store.close()

    return asyncio.run(look())


def test_without_a_server_the_database_is_opened_and_made(tmp_path, capsys) -> None:
    data = tmp_path / "data"
    words = ["token", "create", "ann", "--role", "admin", "--days", "3", "--data", str(data)]
    assert main(words) == 0
    printed = capsys.readouterr().out
    assert TOKEN.fullmatch(printed)
    identity = identity_of(printed.strip(), data)
    assert identity is not None
    assert (identity.user, identity.role) == ("ann", Role.ADMIN)
    assert identity.expires_at is not None


def test_the_directory_may_come_from_the_environment(tmp_path, capsys, monkeypatch) -> None:
    monkeypatch.setenv("CONCLAVE_DATA", str(tmp_path / "there"))
    assert main(["token", "create", "ann"]) == 0
    assert identity_of(capsys.readouterr().out.strip(), tmp_path / "there") is not None


async def test_a_running_server_is_asked(tmp_path, capsys) -> None:
    store = await SqliteStore.open(tmp_path)
    control = ControlSocket(tmp_path, token_commands(store))
    await control.start()
    words = ["token", "create", "bob", "--name", "laptop", "--data", str(tmp_path)]
    assert await asyncio.to_thread(main, words) == 0
    token = capsys.readouterr().out.strip()
    who = await TokenAuthenticator(store).authenticate(token)
    assert who == Identity(user="bob", name="bob", session=who.session)
    assert await asyncio.to_thread(main, ["token", "create", "B", "--data", str(tmp_path)]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("conclave: 'B' cannot be a user")
    await control.close()
    await store.close()


async def test_a_server_that_does_not_listen_yet_is_named(tmp_path, capsys) -> None:
    store = await SqliteStore.open(tmp_path)
    assert await asyncio.to_thread(main, ["token", "create", "ann", "--data", str(tmp_path)]) == 1
    said = capsys.readouterr().err
    assert "in use by the process" in said
    assert said.count("\n") == 1
    await store.close()


def test_warnings_do_not_stand_in_the_output(tmp_path) -> None:
    script = """
import sys
from conclave.storage import driver
sys.modules["pysqlite3.dbapi2"] = None
from conclave.cli import main
sys.exit(main(["token", "create", "ann", "--data", sys.argv[1]]))
"""
    words = [sys.executable, "-c", script, str(tmp_path / "data")]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    assert TOKEN.fullmatch(done.stdout)
    assert "sqlite_standard" in done.stderr


@pytest.mark.parametrize(
    "words", [["A"], ["ann", "--days", "0"], ["system"], ["ann", "--data", "/proc/nowhere"]]
)
def test_what_cannot_be_is_said_in_one_line(tmp_path, capsys, words) -> None:
    where = [] if "--data" in words else ["--data", str(tmp_path)]
    assert main(["token", "create", *words, *where]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("conclave: ")
    assert said.err.count("\n") == 1


async def test_a_token_is_good_for_its_scopes_alone(tmp_path, capsys) -> None:
    words = ["--data", str(tmp_path), "--scope", "read", "--scope", "moderate"]
    assert await asyncio.to_thread(main, ["token", "create", "ann", *words]) == 0
    token = capsys.readouterr().out.strip()
    store = await SqliteStore.open(tmp_path)
    identity = await TokenAuthenticator(store).authenticate(token)
    await store.close()
    assert identity is not None
    assert identity.scopes == {Scope.READ, Scope.MODERATE}


def test_what_lets_people_in_is_listed_and_revoked(tmp_path, capsys) -> None:
    where = ["--data", str(tmp_path)]
    for name in ("one", "two"):
        assert main(["token", "create", "ann", "--name", name, "--scope", "read", *where]) == 0
    assert main(["token", "create", "bob", *where]) == 0
    capsys.readouterr()
    assert main(["token", "list", "ann", "--json", *where]) == 0
    listed = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(one["user"], one["kind"], one["name"], one["scopes"]) for one in listed] == [
        ("ann", "token", "two", ["read"]),
        ("ann", "token", "one", ["read"]),
    ]
    assert main(["token", "revoke", "ann", listed[1]["id"], *where]) == 0
    assert capsys.readouterr().out.split() == [listed[1]["id"]]
    assert main(["token", "list", *where]) == 0
    table = capsys.readouterr().out.splitlines()
    assert len(table) == 3
    assert table[0].split()[:3] == ["ID", "USER", "KIND"]
    assert main(["token", "revoke", "ann", "--all", *where]) == 0
    assert main(["token", "list", "ann", *where]) == 0
    assert listed[1]["id"] not in capsys.readouterr().out.split("\n", 1)[1]


def test_programs_read_what_was_made_and_revoked_as_json(tmp_path, capsys) -> None:
    where = ["--json", "--data", str(tmp_path)]

    def told(*words: str) -> list[dict]:
        assert main(["token", *words, *where]) == 0
        return [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    (made,) = told("create", "ann")
    assert made["user"] == "ann"
    assert made["token"].startswith("cvt_")
    told("create", "ann")
    ids = {one["id"] for one in told("list", "ann")}
    (first, second) = ids
    assert told("revoke", "ann", first) == [{"user": "ann", "revoked": [first]}]
    assert told("revoke", "ann", "--all") == [{"user": "ann", "revoked": [second]}]


@pytest.mark.parametrize(
    "words", [["ann"], ["ann", "x", "--all"], ["ann", "01M829XWF40000000000000004"]]
)
def test_what_cannot_be_revoked_is_said(tmp_path, capsys, words) -> None:
    where = ["--data", str(tmp_path)]
    assert main(["token", "create", "ann", *where]) == 0
    capsys.readouterr()
    assert main(["token", "revoke", *words, *where]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("conclave: ")
    assert main(["token", "list", *where]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 2
