"""`conclave spec`: what it writes, and what it says of an earlier version."""

import json

import pytest

from conclave.cli import main

DICE = "examples.dice:Dice"


@pytest.mark.parametrize(
    ("format_", "holds"),
    [
        ("asyncapi", '"request.dice.roll"'),
        ("jsonschema", '"$defs"'),
        ("typescript", '"dice:roll": { data: Roll; answer: Record<string, number> };'),
        ("markdown", "### `dice:roll`"),
    ],
)
def test_it_describes_an_application_in_each_format(format_, holds, tmp_path, capsys):
    file = tmp_path / "spec"
    assert main(["spec", "--app", DICE, "--format", format_, "--out", str(file)]) == 0
    assert holds in file.read_text("utf-8")
    assert main(["spec", "--app", DICE, "--format", format_]) == 0
    assert capsys.readouterr().out == file.read_text("utf-8")


def test_what_breaks_since_an_earlier_version_is_named_and_fails(tmp_path, capsys):
    old = tmp_path / "old.json"
    assert main(["spec", "--app", DICE, "--out", str(old)]) == 0
    assert main(["spec", "--app", DICE, "--against", str(old)]) == 0
    assert capsys.readouterr().out == "Nothing breaks. Changes: 0.\n"
    assert main(["spec", "--against", str(old)]) == 1
    told = capsys.readouterr()
    assert "BREAKS request dice:roll: removed\n" in told.out
    assert told.err == "conclave: 2 of 2 changes break what was right before\n"


def test_a_new_event_of_ones_own_breaks_nothing(tmp_path, capsys):
    old = tmp_path / "old.json"
    assert main(["spec", "--format", "jsonschema", "--out", str(old)]) == 0
    assert main(["spec", "--app", DICE, "--against", str(old)]) == 0
    assert "request dice:roll: added" in capsys.readouterr().out


@pytest.mark.parametrize("text", ["", "[]", json.dumps({"openapi": "3.1.0"})])
def test_another_file_is_one_line(text, tmp_path, capsys):
    file = tmp_path / "other.json"
    file.write_text(text, "utf-8")
    assert main(["spec", "--against", str(file)]) == 1
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_an_application_that_is_not_there_is_one_line(capsys):
    assert main(["spec", "--app", "examples.nothing:app"]) == 1
    assert "cannot be loaded" in capsys.readouterr().err
