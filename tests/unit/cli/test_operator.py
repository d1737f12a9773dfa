"""Backup, restore, export, import, verify, retention and erase, as a person runs them."""

import asyncio
import io
import os
import signal
import sys
import time
from collections.abc import Callable
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

import pytest
from tests.support.lived_in import TOKEN, make

from conclave import app
from conclave.auth.tokens import TokenAuthenticator
from conclave.cli import errand, main
from conclave.cli.sources import SETTINGS
from conclave.settings import Settings
from conclave.storage import SqliteStore, backup
from conclave.storage.driver import driver
from conclave.storage.errors import CannotDo
from conclave.storage.verify import verify

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture(autouse=True)
def no_settings_around(monkeypatch) -> None:
    for name in [*(f"CONCLAVE_{name.upper()}" for name in SETTINGS), "PORT", "CONCLAVE_CONFIG"]:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(errand, "start_logging", lambda level: None)


@pytest.fixture
async def data(tmp_path: Path) -> Path:
    await make(tmp_path / "data", 12)
    return tmp_path / "data"


@pytest.fixture
def run(data: Path, capsys) -> Run:
    """Runs a command on *data* and returns its exit code, output and complaints."""

    def run(*words: str) -> tuple[int, str, str]:
        code = main([*map(str, words), "--data", str(data)])
        said = capsys.readouterr()
        assert "Traceback" not in said.err
        return code, said.out, said.err

    return run


@asynccontextmanager
async def server(data: Path):
    async with app.running(Settings(data=data, port=0)) as running:
        yield running


def files(folder: Path) -> set[str]:
    return {file.name for file in folder.iterdir()}


def test_backups_in_a_directory_are_called_by_the_time_and_the_last_ones_stay(
    run, tmp_path, monkeypatch
) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    for day in range(4):
        monkeypatch.setattr("conclave.cli.backup.time.time", lambda day=day: 1e9 + day * 86_400)
        code, said, _ = run("backup", folder, "--keep", "2")
        assert code == 0
        assert str(folder) in said
    names = sorted(path.name for path in folder.iterdir())
    assert names == ["conclave-20010911T014640Z.db", "conclave-20010912T014640Z.db"]
    assert all(run("verify", folder / name)[0] == 0 for name in names)


def test_an_old_backup_goes_only_when_a_new_one_is_there(run, tmp_path, monkeypatch) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    old = folder / "conclave-20010909T014640Z.db"
    old.touch()

    def full(*_: object, **__: object) -> None:
        raise CannotDo("the disk is full")

    monkeypatch.setattr("conclave.cli.backup.copy_database", full)
    assert run("backup", folder, "--keep", "1")[0] == 1
    assert list(folder.iterdir()) == [old]


@pytest.mark.parametrize("keep", ["0", "-1"])
def test_as_many_as_none_are_not_kept(run, tmp_path, keep) -> None:
    code, _, said = run("backup", tmp_path, f"--keep={keep}")
    assert (code, "--keep is for" in said) == (1, True)
    assert run("backup", tmp_path / "a-file.db", "--keep", "3")[0] == 1
    assert not list(tmp_path.glob("*.db"))


def test_a_backup_is_made_verified_and_restored(run, data, tmp_path) -> None:
    copy = tmp_path / "backup.db"
    code, said, _ = run("backup", copy)
    assert (code, said.split(":")[0]) == (0, str(copy))
    assert run("verify", copy)[:2] == (0, "All is well.\n")
    code, said, _ = run("restore", copy)
    assert code == 0
    assert "conclave.db.before-restore-" in said
    assert run("verify")[:2] == (0, "All is well.\n")


def _kept(export: bytes) -> list[bytes]:
    """Return its lines, but for when it was made, and that one was made before."""
    lines = export.splitlines()[1:-1]
    return [line for line in lines if not line.startswith(b'{"line":"audit"')]


def test_an_export_is_imported_elsewhere_from_file_and_pipe(
    run, data, tmp_path, capsys, monkeypatch
) -> None:
    code, said, _ = run("export", tmp_path / "all.jsonl")
    assert code == 0
    assert said.endswith(" lines\n")
    assert main(["export", "-", "--data", str(data)]) == 0
    piped = capsys.readouterr().out.encode()
    assert _kept(piped) == _kept((tmp_path / "all.jsonl").read_bytes())
    for name, words in (("a", [str(tmp_path / "all.jsonl")]), ("b", ["-"])):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(piped)))
        assert main(["import", *words, "--data", str(tmp_path / name)]) == 0
        assert capsys.readouterr().out.endswith("entries\n")
        assert list(verify(tmp_path / name / "conclave.db")) == []


def test_what_a_hostile_file_says_moves_no_terminal(run, tmp_path, capsys) -> None:
    hostile, lines = tmp_path / "hostile.db", tmp_path / "hostile.jsonl"
    assert run("backup", hostile)[0] == 0
    with closing(driver().connect(hostile, isolation_level=None)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = ?", ("\x1b]0;mine\x07",))
        connection.execute("UPDATE rooms SET last_seq = ?", ("\x1b[2J",))
    lines.write_text('{"line":"export","\\u001b[2J":1}\n')
    for words in (("verify", hostile), ("restore", hostile), ("import", lines)):
        code = main([*map(str, words), "--data", str(tmp_path / "empty")])
        said, complaint = capsys.readouterr()
        assert code == 1
        assert "\\x1b" in said + complaint
        assert "\x1b" not in said + complaint
        assert "\x07" not in said + complaint


def test_the_data_of_one_user_is_exported(run, tmp_path) -> None:
    assert run("export", tmp_path / "bob.jsonl", "--user", "bob")[0] == 0
    assert '"of":"bob"' in (tmp_path / "bob.jsonl").read_text()
    assert run("export", tmp_path / "x.jsonl", "--user", "nobody")[0] == 1
    assert not (tmp_path / "x.jsonl").exists()


@pytest.mark.parametrize("beside", [False, True], ids=["alone", "beside a server"])
async def test_an_export_never_replaces_the_database(run, data, beside) -> None:
    async def refused() -> None:
        for name in ("conclave.db", "conclave.db-wal", "conclave.db-shm"):
            words = ("export", str(data / name), "--force")
            code, _, complaint = await asyncio.to_thread(run, *words)
            assert (code, "the database itself" in complaint) == (1, True)

    if beside:
        async with server(data):
            await refused()
    else:
        await refused()
    assert list(verify(data / "conclave.db")) == []


def test_findings_are_one_line_each_and_the_exit_code_says_so(run, data, tmp_path) -> None:
    database = data / "conclave.db"
    database.write_bytes(database.read_bytes().replace(b"word7 and", b"word8 and"))
    code, said, complaint = run("verify")
    assert code == 1
    first, second = said.splitlines()
    assert "its checksum does not match" in first
    assert "the index has other words than the messages" in second
    assert "2 found" in complaint


@pytest.mark.parametrize("beside", [False, True], ids=["alone", "beside a server"])
async def test_retention_is_said_and_changed(run, data, beside) -> None:
    async def asked(*words: str) -> str:
        code, said, complaint = await asyncio.to_thread(run, "room", "retention", *words)
        return said.strip() if code == 0 else complaint.strip()

    async def all_of_it() -> None:
        assert await asked("hall") == "hall: days as the server, messages as the server"
        assert await asked("HALL", "--days", "30") == "hall: days 30, messages as the server"
        assert await asked("hall", "--messages", "0") == "hall: days 30, messages all"
        assert await asked("hall", "--days", "server") == "hall: days as the server, messages all"
        assert await asked("hall") == "hall: days as the server, messages all"
        assert "whole number" in await asked("hall", "--days", "ten")
        assert "give 0 (all) to" in await asked("hall", "--days", "99999999")
        assert await asked("nowhere") == "conclave: There is no such room"

    if beside:
        async with server(data):
            await all_of_it()
    else:
        await all_of_it()


def test_erasing_asks_first(run, monkeypatch) -> None:
    code, _, complaint = run("erase", "bob")
    assert (code, "--yes" in complaint) == (1, True)
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    for said, right in (("no", False), ("bob", True)):
        monkeypatch.setattr("builtins.input", lambda _, said=said: said)
        code, out, _ = run("erase", "bob")
        assert (code == 0, "is erased" in out) == (right, right)
    assert run("erase", "bob", "--yes")[0] == 1


async def test_a_running_server_does_it_all(run, data, tmp_path) -> None:
    async def asked(*words: object) -> tuple[int, str, str]:
        return await asyncio.to_thread(run, *map(str, words))

    async with server(data) as node:
        epoch = node.node.store.epoch
        assert (await asked("backup", tmp_path / "backup.db"))[0] == 0
        assert (await asked("backup", tmp_path / "backup.db"))[0] == 1
        assert (await asked("backup", tmp_path / "backup.db", "--force"))[0] == 0
        assert (await asked("verify"))[:2] == (0, "All is well.\n")
        assert (await asked("export", tmp_path / "all.jsonl"))[0] == 0
        assert (await asked("erase", "ann", "--yes"))[0] == 0
        assert (await asked("erase", "ann", "--yes"))[0] == 1
        assert (await asked("verify"))[0] == 0
        assert node.node.store.epoch != epoch
        for words in (("restore", tmp_path / "backup.db"), ("import", tmp_path / "all.jsonl")):
            code, _, complaint = await asked(*words)
            assert code == 1
            assert "in use by the process" in complaint
        assert not [name for name in files(data) if "copy" in name or ".new" in name]


@pytest.mark.parametrize(
    "words",
    [
        ["backup", "/proc/nowhere/backup.db"],
        ["restore", "/nowhere"],
        ["export", "/proc/nowhere/all"],
        ["import", "/nowhere"],
        ["verify", "/nowhere"],
    ],
)
def test_what_cannot_be_is_one_line(run, words) -> None:
    code, said, complaint = run(*words)
    assert code == 1
    assert (said + complaint).startswith(("conclave: ", "there is no /nowhere"))
    assert len((said + complaint).splitlines()) <= 2


@pytest.mark.parametrize("command", ["backup", "export", "verify", "erase", "room"])
def test_where_no_data_is_none_is_made(tmp_path, command, capsys) -> None:
    words = {"erase": ["bob", "--yes"], "room": ["retention", "hall"], "verify": []}
    more = words.get(command, [str(tmp_path / "file")])
    if command == "room":
        more = ["retention", "hall"]
    assert main([command, *more, "--data", str(tmp_path / "none")]) == 1
    assert not (tmp_path / "none").exists()
    assert "Traceback" not in capsys.readouterr().err


def test_ctrl_c_ends_it_and_nothing_is_changed(run, data, tmp_path, monkeypatch) -> None:
    def stop(self: object, done: int, of: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(errand.Meter, "__call__", stop)
    before = files(data)
    for words in (
        ["backup", tmp_path / "backup.db"],
        ["verify"],
        ["restore", data / "conclave.db"],
    ):
        code, _, complaint = run(*map(str, words))
        assert (code, complaint) == (130, "conclave: interrupted: nothing was changed\n")
    assert not (tmp_path / "backup.db").exists()
    assert files(data) == before


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_that_ends_it_leaves_no_copy(run, data, tmp_path, monkeypatch, end) -> None:
    def ended(self: object, done: int, of: int) -> None:
        assert any(".new" in name for name in files(tmp_path))
        os.kill(os.getpid(), end)

    monkeypatch.setattr(errand.Meter, "__call__", ended)
    former = signal.signal(end, signal.SIG_DFL)
    try:
        code, _, complaint = run("backup", str(tmp_path / "backup.db"))
        assert signal.getsignal(end) == signal.SIG_DFL
    finally:
        signal.signal(end, former)
    assert (code, complaint) == (130, "conclave: interrupted: nothing was changed\n")
    assert files(tmp_path) == {"data"}


async def test_erasing_names_the_copies_that_are_left(run, data) -> None:
    async with server(data):
        left = [data / name for name in (".conclave.db.ab12.copy", "conclave.db.before-restore-1")]
        for copy in left:
            copy.write_bytes(b"all that people said")
        code, said, _ = await asyncio.to_thread(run, "erase", "bob", "--yes")
    assert code == 0
    named = [line for line in said.splitlines() if "remove it" in line]
    assert named == [f"{copy} is a copy of before: remove it" for copy in left]


async def test_ctrl_c_calls_a_server_s_work_off(run, data, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(backup, "_PAUSE_S", 0.3)
    monkeypatch.setattr(backup, "_PAGES_AT_ONCE", 1)
    pressed: list[bool] = []

    def stop(self: object, done: int, of: int) -> None:
        if not pressed:
            pressed.append(True)
            raise KeyboardInterrupt

    monkeypatch.setattr(errand.Meter, "__call__", stop)
    async with server(data):
        code, _, _ = await asyncio.to_thread(run, "backup", str(tmp_path / "backup.db"))
        assert code == 130
        assert files(tmp_path) == {"data"}


async def test_ctrl_c_before_the_first_answer_calls_it_off_too(
    run, data, tmp_path, monkeypatch
) -> None:
    monkeypatch.setattr(backup, "_PAUSE_S", 0.3)
    monkeypatch.setattr(backup, "_PAGES_AT_ONCE", 1)
    ask = errand.ask

    def pressed(data: Path, command: str, **arguments: object) -> object:
        answer = ask(data, command, **arguments)
        if command == "backup":
            raise KeyboardInterrupt
        return answer

    monkeypatch.setattr(errand, "ask", pressed)
    async with server(data):
        code, _, _ = await asyncio.to_thread(run, "backup", str(tmp_path / "backup.db"))
        assert code == 130
        assert files(tmp_path) == {"data"}


async def test_a_result_is_told_to_who_asked_for_it(data, tmp_path, monkeypatch) -> None:
    real = errand.ask

    def late(data: Path, command: str, **arguments: Any) -> Any:
        # Whoever asks how far it is finds that another one has begun since.
        if command == "errand":
            while not real(data, command, **arguments)["over"]:
                time.sleep(0.01)
            real(data, "backup", errand="nightly", target=str(tmp_path / "nightly.db"), force=True)
        return real(data, command, **arguments)

    monkeypatch.setattr(errand, "ask", late)
    async with server(data):
        meter = errand.Meter("erase")
        erased = await asyncio.to_thread(errand.run_there, data, "erase", meter, user="bob")
    assert erased["messages"] > 0


async def test_progress_is_shown_on_a_terminal_only(run, tmp_path, monkeypatch, data) -> None:
    assert run("verify")[2] == ""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    monkeypatch.setattr(errand, "_SHOW_EVERY_S", 0.0)
    code, out, shown = run("verify")
    assert (code, out) == (0, "All is well.\n")
    assert "verify 100 %" in shown
    assert shown.endswith("\r\x1b[K")


async def test_tokens_of_an_import_let_in(run, data, tmp_path) -> None:
    assert run("export", tmp_path / "all.jsonl")[0] == 0
    words = ["import", str(tmp_path / "all.jsonl"), "--data", str(tmp_path / "there")]
    assert await asyncio.to_thread(main, words) == 0
    store = await SqliteStore.open(tmp_path / "there")
    assert await TokenAuthenticator(store).authenticate(TOKEN)
    await store.close()
