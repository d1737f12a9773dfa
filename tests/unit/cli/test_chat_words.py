"""What the chat in a terminal knows and says: logs that change, texts that move nothing (K6)."""

import pytest

from conclave.cli.chat.log import MOST, Log
from conclave.cli.chat.words import begins, head_line, latch, next_unread, room_line, said, who
from conclave.client import State
from conclave.model import Person, RoomInfo, RoomKind
from conclave.protocol.attaching import Attached
from conclave.protocol.events import History, Line, Present, ReactionSum

HOSTILE = [
    "\x1b]52;c;ZXZpbA==\x07",
    "\x1b[2J\x1b[H",
    "\x9b31m",
    "\x1b]8;;https://evil.example\x1b\\click\x1b]8;;\x1b\\",
    "\u202egnp.exe",
    "\u2066a\u2069",
    "\x00\x08\x7f",
    "a\u2028b",
    "\r\x1b[1Aadmin: yes",
]


def line(seq, text="hi", type="message", **more):  # noqa: A002 - a field's name
    given = {"user": "Ann", "user_id": "ann", "timestamp": 0, "room": "hall"}
    return Line(type=type, text=text, seq=seq, **(given | more))


def page(*lines, upto=None, more=False):
    last = lines[-1].seq if lines else 0
    return History(
        room="hall",
        messages=list(lines),
        epoch="e",
        first_seq=1,
        last_seq=last,
        upto=last if upto is None else upto,
        more=more,
        reset=False,
    )


def log(*lines, **more):
    made = Log("hall")
    made.begin(page(*lines, **more))
    return made


def texts(made):
    return [said(one) for one in made.lines.values()]


def info(room, **more):
    given = {"title": "", "topic": "", "kind": RoomKind.PUBLIC, "role": None, "members": 1}
    numbers = {"last_seq": 1, "read_seq": 1, "unread": 0, "mentions": 0}
    return RoomInfo(room=room, **(given | numbers | more))


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_that_others_write_moves_a_terminal(text):
    room = info(text, title=text, topic=text, partners=(Person(id="x", name=text),))
    made = log(
        line(1, text, user=text, reactions=[ReactionSum(text, 1, ["x"], False)]),
        line(2, text, text, member_name=text, title=text, topic=text),
    )
    drawn = [
        room_line(room),
        latch(State.READY, text, None, "", 0),
        latch(State.STOPPED, "", None, text, 0),
        *head_line(room, text, 1, [Present(text, text, "user", "online")]).split("\n"),
    ]
    for one in made.lines.values():
        drawn += [who(one.line), begins(one), *said(one).split("\n")]
    assert [one for one in drawn if not one.isprintable()] == []


def test_a_message_is_shown_as_it_is_now():
    made = log(line(1), line(2), line(3))
    assert made.hear(line(4, "ho", "message:edited", target=2)).changed == (2,)
    assert made.hear(line(5, "", "message:deleted", target=1)).changed == (1,)
    for seq, who_ in ((6, "bob"), (7, "eve"), (8, "bob")):
        made.hear(line(seq, "", "reaction:added", target=3, emoji="👍", user_id=who_))
    made.hear(line(9, "", "reaction:removed", target=3, emoji="👍", user_id="eve"))
    assert texts(made) == ["(deleted)", "ho (edited)", "hi  👍 1"]
    made.hear(line(10, "", "reaction:removed", target=3, emoji="👍", user_id="bob"))
    assert texts(made)[-1] == "hi"


def test_a_file_is_a_line_and_its_name_moves_nothing():
    files = [
        Attached("0" * 32, "\x1b[2Ja.png", "image/png", 12_345, alt="A \u202edoor"),
        Attached("1" * 32, "b.txt", "text/plain", 7),
    ]
    shown = log(line(1, "", attachments=files), line(2, "see", attachments=files[1:]))
    assert texts(shown) == [
        "[\\x1b[2Ja.png, image/png, 12,345 bytes]: A \\u202edoor\n[b.txt, text/plain, 7 bytes]",
        "see\n[b.txt, text/plain, 7 bytes]",
    ]


def test_what_a_page_has_told_already_changes_nothing():
    made = Log("hall")
    made.hear(line(2, "ho", "message:edited", target=1))
    made.hear(line(3, "new"))
    made.begin(page(line(1, "later", edited_at=9), upto=2))
    assert texts(made) == ["later (edited)", "new"]
    assert not made.hear(line(3, "again")).added
    assert made.hear(line(4)).added


def test_older_pages_come_before_and_a_new_log_in_place_of_all():
    made = log(line(5), more=True)
    assert made.take_older(page(line(3), line(4))) == 2
    assert (made.first, made.more) == (3, False)
    made.begin_anew([line(7, "anew")], 7, 1)
    assert (texts(made), made.more, made.last) == (["anew"], True, 7)


def test_a_log_that_grows_forgets_what_is_longest_ago():
    made = log()
    for seq in range(1, MOST + 11):
        made.hear(line(seq))
    assert (len(made.lines), made.first, made.more) == (MOST, 11, True)


def test_the_status_line_says_how_it_is():
    assert latch(State.READY, "ann", None, "", 0) == "● Connected · ann"
    assert latch(State.CONNECTING, "ann", None, "", 0) == "◌ Connecting…"
    assert latch(State.WAITING, "ann", 3.2, "", 2) == (
        "◔ Connection lost. Trying again in 4 s. 2 of your messages wait here."
    )
    assert latch(State.STOPPED, "ann", None, "", 0).startswith("✕ You were signed out")


def test_the_next_room_with_something_new_is_found_round_the_list():
    rooms = [info("a", unread=1), info("b"), info("c", unread=2)]
    assert [next_unread(rooms, now) for now in ("a", "b", "c", "")] == ["c", "c", "a", "a"]
    assert next_unread([info("b")], "b") is None
