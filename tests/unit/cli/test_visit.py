"""Which server and which token `conclave send` and `conclave tail` use, and what they say."""

import pytest

from conclave.cli import main


@pytest.fixture(autouse=True)
def surroundings(monkeypatch):
    monkeypatch.setenv("CONCLAVE_URL", "ws://127.0.0.1:1")
    monkeypatch.setenv("CONCLAVE_TOKEN", "secret-of-john")


def complaint(capsys, *words: str) -> str:
    assert main(list(words)) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("conclave: ")
    assert said.err.count("\n") == 1
    assert "secret-of-john" not in said.err
    return said.err


def test_where_nobody_answers_is_said(capsys):
    said = complaint(capsys, "send", "general", "hi", "--within", "0.2")
    assert "cannot reach ws://127.0.0.1:1: " in said
    flagged = complaint(capsys, "tail", "general", "--url", "ws://localhost:2", "--within", "0.2")
    assert "cannot reach ws://localhost:2: " in flagged


def test_a_token_goes_nowhere_unencrypted(capsys):
    said = complaint(capsys, "send", "general", "hi", "--url", "ws://chat.example.org")
    assert "is not encrypted" in said


def test_a_token_file_must_be_ones_own(capsys, tmp_path, monkeypatch):
    monkeypatch.delenv("CONCLAVE_TOKEN")
    file = tmp_path / "token"
    words = ("send", "general", "hi", "--token-file", str(file), "--within", "0.2")
    assert "No such file" in complaint(capsys, *words)
    file.write_text("secret-of-john\n")
    file.chmod(0o640)
    assert "can be read by others: chmod 600" in complaint(capsys, *words)
    file.chmod(0o600)
    assert "cannot reach" in complaint(capsys, *words)
    file.write_text("\n")
    assert "There is no token" in complaint(capsys, *words)


def test_without_a_token_or_a_room_the_fix_is_said(capsys, monkeypatch):
    assert "Name a room" in complaint(capsys, "tail")
    monkeypatch.delenv("CONCLAVE_TOKEN")
    assert "set CONCLAVE_TOKEN, or give --token-file" in complaint(capsys, "send", "general", "hi")
    monkeypatch.setenv("CONCLAVE_TOKEN", "no \udcff token")
    assert "letters that no token has" in complaint(capsys, "send", "general", "hi")
