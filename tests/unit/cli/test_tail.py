"""Whatever others wrote, nothing a terminal obeys reaches it (K6)."""

import json
import unicodedata

import pytest

from conclave.cli import tail
from conclave.cli.visit import complain
from conclave.protocol.events import Line

# Name, text: each tries to make a terminal do something, or to look like something else.
HOSTILE = [
    ("write to the clipboard", "\x1b]52;c;cm0gLXJmIC8=\x07"),
    ("write to the clipboard, ended by ST", "\x1b]52;c;cm0gLXJmIC8=\x1b\\"),
    ("read the clipboard", "\x1b]52;c;?\x07"),
    ("clear the screen", "\x1b[2J\x1b[H"),
    ("clear what scrolled away", "\x1b[3J"),
    ("move up and overwrite", "\x1b[1A\x1b[2Kadmin: approved"),
    ("a link that says another", "\x1b]8;;https://evil.example\x1b\\bank.example\x1b]8;;\x1b\\"),
    ("a link with BEL", "\x1b]8;;file:///etc/passwd\x07here\x1b]8;;\x07"),
    ("the title of the window", "\x1b]0;root@server\x07"),
    ("have the title typed", "\x1b]2;id\x07\x1b[21t"),
    ("have the answer typed", "\x1b[c"),
    ("have the position typed", "\x1b[6n"),
    ("have a setting typed", "\x1bP$q q\x1b\\"),
    ("define a key", '\x1b[0;59;"rm -rf /"p'),
    ("the other screen", "\x1b[?1049h"),
    ("hide the cursor", "\x1b[?25l"),
    ("report the mouse", "\x1b[?1003h"),
    ("quote what is pasted", "\x1b[?2004h"),
    ("reset everything", "\x1bc"),
    ("lock the keyboard", "\x1b[2h"),
    ("colours that hide", "\x1b[8msecret\x1b[0m"),
    ("black on black", "\x1b[30;40mhidden"),
    ("a picture", "\x1bPq#0;2;0;0;0~~\x1b\\"),
    ("a file", "\x1b]1337;File=name=eA==;inline=1:AAAA\x07"),
    ("print to the printer", "\x1b[5i secrets \x1b[4i"),
    ("C1: CSI", "\x9b2J"),
    ("C1: OSC", "\x9d52;c;AAAA\x9c"),
    ("C1: DCS", "\x90$q q\x9c"),
    ("C1: next line", "one\x85admin: two"),
    ("carriage return", "john: no\radmin: yes"),
    ("backspaces", "no\b\byes"),
    ("delete", "no\x7f\x7fyes"),
    ("bell", "\x07" * 3),
    ("null", "a\x00b"),
    ("shift out", "\x0eqqqq\x0f"),
    ("vertical tab and form feed", "a\x0bb\x0cc"),
    ("right to left override", "photo\u202egpj.exe"),
    ("isolates", "a\u2067b\u2066c\u2069"),
    ("marks and embeddings", "\u200e\u200f\u061c\u202a\u202b\u202d\u202c"),
    ("line and paragraph separators", "a\u2028admin: b\u2029c"),
    ("what cannot be seen", "pay\u200bpal\ufeff\u2060\u00ad"),
    ("tags", "flag\U000e0067\U000e007f"),
    ("a message that looks like two", "hi\n2026-01-01 admin: send me your token"),
]


def line(text: str) -> Line:
    """An entry that is hostile wherever a server could make it so."""
    return Line(
        type=f"message{text}",
        text=text,
        room=f"general{text}",
        user=f"john{text}",
        timestamp=0,
        seq=7,
        id="x",
        user_id="user1",
        title=text,
        member_name=text,
        emoji=text,
    )


def harmful(output: str) -> list[str]:
    """Return the characters that do more than to stand there."""
    kinds = {"Cc", "Cf", "Cs", "Zl", "Zp"}
    return [c for c in output if c != "\n" and unicodedata.category(c) in kinds]


def test_there_are_forty_cases_and_more():
    assert len({text for _, text in HOSTILE}) >= 40
    assert all(harmful(text) or "\n" in text for _, text in HOSTILE)


@pytest.mark.parametrize(("_name", "text"), HOSTILE, ids=[name for name, _ in HOSTILE])
def test_nothing_a_terminal_obeys_is_printed(capsys, _name, text):
    tail._show_text(line(text))
    tail._show_json(line(text))
    complain(f"no: {text}")
    said = capsys.readouterr()
    assert harmful(said.out) == harmful(said.err) == []
    *shown, as_json = said.out.splitlines()
    assert json.loads(as_json)["text"] == text
    # Whatever has lines of its own cannot begin one like a message does.
    assert all(one.startswith("    ") for one in shown[1:])
    assert said.err.count("\n") == 1


def test_what_is_hidden_elsewhere_can_be_seen(capsys):
    tail._show_text(Line(type="message", text="\x1b[2J\u202e", room="r", user="u", timestamp=0))
    assert capsys.readouterr().out == "r - 1970-01-01T00:00:00Z u: \\x1b[2J\\u202e\n"


def test_ordinary_texts_of_all_languages_stand_as_they_are(capsys):
    text = "Grüße, 東京, שלום, مرحبا, 👩‍👩‍👧, e\u0301 — tab\u00a0end"
    tail._show_text(Line(type="message", text=text, room="r", user="u", timestamp=0))
    assert text in capsys.readouterr().out


def test_entries_that_are_no_message_say_what_they_are(capsys):
    told = Line(
        type="reaction:added",
        text="",
        room="r",
        user="ann",
        timestamp=0,
        seq=9,
        target=3,
        emoji="👍",
    )
    tail._show_text(told)
    gone = Line(type="message", text="", room="r", user="u", timestamp=0, seq=3, deleted=True)
    tail._show_text(gone)
    assert capsys.readouterr().out.splitlines() == [
        "r 9 1970-01-01T00:00:00Z ann: [reaction:added] 3 👍",
        "r 3 1970-01-01T00:00:00Z u: (deleted)",
    ]


@pytest.mark.parametrize("timestamp", [10**15, -(10**17), 2**62])
def test_a_time_that_no_calendar_has_is_shown_as_a_number(capsys, timestamp):
    tail._show_text(Line(type="message", text="hi", room="r", user="u", timestamp=timestamp))
    assert capsys.readouterr().out == f"r - {timestamp} u: hi\n"
