"""How `conclave chat` begins: what it needs, and where its token comes from."""

import os

import pytest

from conclave.cli.chat import command
from conclave.cli.commands import build
from conclave.cli.visit import TOKEN


@pytest.fixture
def terminal(monkeypatch):
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    monkeypatch.delenv(TOKEN, raising=False)


def test_without_textual_it_says_what_to_install(monkeypatch, capsys):
    monkeypatch.setattr(command, "find_spec", lambda _: None)
    assert command.chat("ws://localhost:1") == 1
    assert 'pip install "conclave-chat[terminal]"' in capsys.readouterr().err


def test_in_a_pipe_it_names_the_commands_for_pipes(capsys):
    assert command.chat("ws://localhost:1") == 1
    assert "conclave tail" in capsys.readouterr().err


def test_a_token_that_is_typed_in_is_kept_nowhere(terminal, monkeypatch):
    asked = []
    monkeypatch.setattr(command.getpass, "getpass", lambda words: asked.append(words) or "cvt_x")
    client = command._client("ws://localhost:1", None)
    assert asked == ["Token: "]
    assert TOKEN not in os.environ
    assert client._token == "cvt_x"


def test_no_argument_takes_a_token():
    words = str(build()["chat"].assemble_argument_collection())
    assert "token_file" in words
    assert "--token'" not in words


def test_an_address_that_is_none_is_told(terminal, monkeypatch, capsys):
    monkeypatch.setenv(TOKEN, "cvt_x")
    assert command.chat("ws://chat.example.org") == 1
    assert capsys.readouterr().err.startswith("conclave: ")
