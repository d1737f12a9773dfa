"""The checker finds what was planted, each by the rule it breaks, and nothing else."""

import dataclasses
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.support.checker import Flaw, Journal, Line, check, hash_of, read_journals

ROOMS = ("hall", "cellar")


class Run:
    """A run in which all went well: three clients, two rooms; Eve is in the hall only."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.chance = random.Random(seed)
        self.folder = folder
        self.history: dict[str, list[Line]] = {room: [] for room in ROOMS}
        self.journals = {name: Journal(folder / name, name, name) for name in ("ann", "bob", "eve")}
        self.inside = {"hall": ["ann", "bob", "eve"], "cellar": ["ann", "bob"]}
        for room, names in self.inside.items():
            for name in names:
                self._store(room, "", "member:added", name)
        for room, names in self.inside.items():
            for name in names:
                self.journals[name].entered(room, len(self.history[room]))
        for n in range(200):
            self._say(n)
        self._settle()

    def _store(
        self, room: str, text: str, kind: str = "message", member: str | None = None
    ) -> Line:
        seq = len(self.history[room]) + 1
        line = Line(seq, f"{room}-{seq}", hash_of(text), kind, member)
        self.history[room].append(line)
        return line

    def _say(self, n: int) -> None:
        room = self.chance.choice(ROOMS)
        author = self.chance.choice(self.inside[room])
        self.journals[author].sent(room, f"c-{n}", f"text {n}")
        if n % 20 == 7:
            return  # it never arrived
        line = self._store(room, f"text {n}")
        if n % 20 != 8:  # the acknowledgement was lost
            self.journals[author].acked(room, f"c-{n}", line.seq, line.id)
        for name in self.inside[room]:
            self.journals[name].told(room, line.seq, line.id, f"text {n}")

    def _settle(self) -> None:
        for room, names in self.inside.items():
            for name in names:
                self.journals[name].settled(room, len(self.history[room]))
        for journal in self.journals.values():
            journal.close()

    @property
    def events(self) -> list[dict[str, Any]]:
        return read_journals(sorted(self.folder.iterdir()))


@pytest.fixture(params=range(3))
def run(request: pytest.FixtureRequest, tmp_path: Path) -> Run:
    return Run(tmp_path, request.param)


def acked_in(run: Run, events: list[dict[str, Any]], room: str = "hall") -> dict[str, Any]:
    return run.chance.choice([e for e in events if e["kind"] == "acked" and e["room"] == room])


def told(run: Run, events: list[dict[str, Any]]) -> int:
    """Return the place of some event that tells, with another of its client and room after it."""
    places = [n for n, e in enumerate(events) if e["kind"] == "told" and e["client"] == "bob"]
    hall = [n for n in places if events[n]["room"] == "hall"]
    return run.chance.choice(hall[:-1])


def test_a_good_run_has_no_flaw(run: Run) -> None:
    assert check(run.events, run.history, run.history) == []


def lose(run: Run, events: list[dict[str, Any]]) -> str:
    """An acknowledged message is gone; the numbers were closed up behind it."""
    gone = acked_in(run, events)["seq"]
    lines = run.history["hall"]
    run.history["hall"] = [line for line in lines if line.seq != gone]
    return "V1"


def double(run: Run, events: list[dict[str, Any]]) -> str:
    """A message was stored twice: the retry of its sender got a number of its own."""
    line = run.history["hall"][acked_in(run, events)["seq"] - 1]
    run.history["hall"].append(
        dataclasses.replace(line, seq=len(run.history["hall"]) + 1, id="other")
    )
    return "V1"


def swap(run: Run, events: list[dict[str, Any]]) -> str:
    """A client was told two messages in the wrong order."""
    first = told(run, events)
    second = next(
        n for n in range(first + 1, len(events))
        if (events[n]["kind"], events[n]["room"]) == ("told", "hall")
    )  # fmt: skip
    events[first], events[second] = events[second], events[first]
    return "V4"


def corrupt(run: Run, events: list[dict[str, Any]]) -> str:
    """One text in the history is not what was sent."""
    seq = acked_in(run, events)["seq"]
    lines = run.history["hall"]
    lines[seq - 1] = dataclasses.replace(lines[seq - 1], hash=hash_of("changed"))
    return "V5"


def leak(run: Run, events: list[dict[str, Any]]) -> str:
    """Eve heard something of the cellar."""
    line = run.history["cellar"][-1]
    heard = {"kind": "told", "client": "eve", "user": "eve", "room": "cellar", "seq": line.seq}
    events.append(heard | {"message_id": line.id, "hash": line.hash})
    return "V7"


def lose_unacknowledged_twice(run: Run, events: list[dict[str, Any]]) -> str:
    acked = {e["id"] for e in events if e["kind"] == "acked"}
    sent = [e for e in events if e["kind"] == "sent" and e["id"] not in acked]
    there = [line.hash for line in run.history[sent[0]["room"]]]
    lost = next((e for e in sent if e["hash"] in there), sent[0])
    lines = run.history[lost["room"]]
    for _ in range(2):
        seq = len(lines) + 1
        lines.append(Line(seq, f"late-{seq}", lost["hash"]))
    return "V3"


def forget_to_tell_the_last(run: Run, events: list[dict[str, Any]]) -> str:
    last = len(run.history["hall"])
    (place,) = [
        n for n, e in enumerate(events)
        if (e["kind"], e["client"], e["room"], e.get("seq")) == ("told", "bob", "hall", last)
    ]  # fmt: skip
    del events[place]
    return "V4"


def tell_twice(run: Run, events: list[dict[str, Any]]) -> str:
    place = told(run, events)
    events.insert(place, dict(events[place]))
    return "V4"


def leave_a_hole(run: Run, events: list[dict[str, Any]]) -> str:
    del run.history["cellar"][5]
    return "V2"


def disagree(run: Run, events: list[dict[str, Any]]) -> str:
    events[told(run, events)]["message_id"] = "another"
    return "V6"


def tell_after_a_leave(run: Run, events: list[dict[str, Any]]) -> str:
    place = told(run, events)
    left = {"kind": "left", "client": "bob", "user": "bob", "room": "hall"}
    events.insert(place, left)
    return "V7"


def tell_after_a_removal(run: Run, events: list[dict[str, Any]]) -> str:
    lines = run.history["hall"]
    at = len(lines) // 2
    lines[at] = dataclasses.replace(lines[at], type="member:removed", member="bob")
    return "V7"


def acknowledge_the_wrong_number(run: Run, events: list[dict[str, Any]]) -> str:
    acked_in(run, events)["seq"] += 1
    return "V1"


Plant = Callable[[Run, list[dict[str, Any]]], str]

# The five every checker must find, and some more.
FIVE: list[Plant] = [lose, double, swap, corrupt, leak]
MORE: list[Plant] = [
    lose_unacknowledged_twice,
    forget_to_tell_the_last,
    tell_twice,
    leave_a_hole,
    disagree,
    tell_after_a_leave,
    tell_after_a_removal,
    acknowledge_the_wrong_number,
]


@pytest.mark.parametrize("plant", FIVE + MORE, ids=lambda plant: plant.__name__)
def test_a_planted_flaw_is_found_by_its_rule(run: Run, plant: Plant) -> None:
    events = run.events
    rule = plant(run, events)
    flaws = check(events, run.history)
    assert rule in {flaw.rule for flaw in flaws}, flaws


def test_nodes_that_disagree_are_found(run: Run) -> None:
    other = {room: list(lines) for room, lines in run.history.items()}
    other["hall"][9] = dataclasses.replace(other["hall"][9], id="another")
    assert [flaw.rule for flaw in check(run.events, run.history, other)] == ["V6"]


def test_a_page_of_history_need_not_follow_but_must_be_true(tmp_path: Path) -> None:
    history = {
        "hall": [Line(1, "a", hash_of(""), "member:added", "ann"), Line(2, "b", hash_of("x"))]
    }
    journal = Journal(tmp_path / "ann", "ann", "ann")
    journal.shown("hall", 2, "b", "x")
    journal.entered("hall", 2)
    journal.settled("hall", 2)
    assert check(read_journals([tmp_path / "ann"]), history) == []
    journal.shown("hall", 2, "b", "y")
    journal.close()
    assert check(read_journals([tmp_path / "ann"]), history) == [
        Flaw("V5", "ann in hall was told another text at 2")
    ]
