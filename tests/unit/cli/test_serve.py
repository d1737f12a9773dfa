"""What `conclave serve` says and with which code it ends, whatever becomes of the server."""

import errno
import inspect
import ssl
import sys
from importlib import import_module
from types import SimpleNamespace

import pytest
from cyclopts import App

import conclave
from conclave import __version__
from conclave.cli import main
from conclave.cli.commands import _COMMANDS
from conclave.cli.serve import DESCRIPTION
from conclave.cli.sources import SETTINGS
from conclave.settings import CannotStart, flag


@pytest.fixture(autouse=True)
def no_settings_around(monkeypatch):
    for name in [*(f"CONCLAVE_{name.upper()}" for name in SETTINGS), "PORT", "CONCLAVE_CONFIG"]:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("conclave.cli.serve.start_logging", lambda level: None)


@pytest.fixture
def server(monkeypatch):
    """A stand-in for the composition root: does as its attribute `does` says."""

    async def serve(settings, announce, reread, post):
        stand_in.settings = settings
        return stand_in.does(announce)

    stand_in = SimpleNamespace(serve=serve, does=lambda announce: 0, settings=None)
    monkeypatch.setitem(sys.modules, "conclave.app", stand_in)
    monkeypatch.setattr(conclave, "app", stand_in, raising=False)
    return stand_in


def refuse(error):
    def does(_):
        raise error

    return does


def test_the_version_is_said(capsys):
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"{__version__}\n"


def test_help_shows_each_flag_unbroken(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    assert main(["serve", "--help"]) == 0
    words = capsys.readouterr().out.split()
    for name in SETTINGS:
        assert flag(name) in words


def test_help_shows_no_line_wider_than_the_terminal(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    main(["serve", "--help"])
    assert max(map(len, capsys.readouterr().out.splitlines())) == 80


def test_settings_reach_the_server(server):
    words = ["serve", "--demo", "--port", "0", "--allow-origin", "null", "--rate=2.5"]
    words += ["--allow-origin", "http://x.example"]
    assert main(words) == 0
    assert server.settings.demo is True
    assert (server.settings.port, server.settings.rate) == (0, 2.5)
    assert server.settings.allow_origin == ("null", "http://x.example")


def test_the_exit_code_is_the_servers(server):
    server.does = lambda announce: 1
    assert main(["serve"]) == 1


def test_where_it_is_and_how_to_come_in_is_printed(server, capsys):
    def does(announce):
        announce("http://localhost:3000", ["general", "random"], [("john", "user-token-123")])
        return 0

    server.does = does
    main(["serve"])
    out = capsys.readouterr().out
    assert "http://localhost:3000" in out
    assert "general, random" in out
    assert "user-token-123" in out
    assert "Ctrl-C" in out


def test_all_that_is_wrong_is_said_at_once_and_nothing_starts(server, capsys):
    words = ["serve", "--prot", "3000", "--rate", "x", "--auth-timeout", "-1", "here"]
    assert main(words) == 2
    said = capsys.readouterr().err.splitlines()
    assert said == [
        "conclave: --prot is no flag: did you mean --port?",
        "conclave: 'here' follows no flag: write it as in --port 3001",
        "conclave: --rate is 'x': give a number",
        "conclave: --auth-timeout is -1: choose from 0.1 to 3600",
    ]
    assert server.settings is None


def test_an_unknown_flag_alone_starts_nothing(server, capsys):
    assert main(["serve", "--x"]) == 2
    assert "--help" in capsys.readouterr().err
    assert server.settings is None


def test_the_file_may_be_named_by_a_variable(server, tmp_path, monkeypatch):
    (tmp_path / "c.toml").write_text("burst = 7")
    monkeypatch.setenv("CONCLAVE_CONFIG", str(tmp_path / "c.toml"))
    assert main(["serve"]) == 0
    assert server.settings.burst == 7


@pytest.mark.parametrize(
    ("error", "words", "said"),
    [
        (OSError(errno.EADDRINUSE, "x"), [], "Port 3000 is in use: `make run PORT=3001` or "),
        (OSError(errno.EACCES, "x"), ["--port", "80"], "Port 80 needs more rights: "),
        (
            OSError(errno.EADDRNOTAVAIL, "x"),
            ["--host", "192.0.2.1", "--behind-proxy"],
            "192.0.2.1 is no address of ",
        ),
        (OSError(errno.ENOSPC, "No space left on device"), [], "No space left on device"),
        (ssl.SSLError(1, "PEM lib"), [], "are no certificate and its key (PEM lib): "),
        (CannotStart("conclave-data is in use by process 7: stop it"), [], "conclave-data is in "),
    ],
)
def test_what_keeps_it_from_starting_is_one_line_with_the_fix(error, words, said, server, capsys):
    server.does = refuse(error)
    assert main(["serve", *words]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert said in line


def test_the_list_of_commands_says_what_each_says_of_itself():
    for name, place, words in _COMMANDS:
        module, _, attribute = place.partition(":")
        command = getattr(import_module(f"conclave.cli.{module}"), attribute)
        if name == "serve":
            own = DESCRIPTION
        else:
            own = command.help if isinstance(command, App) else inspect.getdoc(command)
        assert " ".join(own.split()).startswith(words), name
