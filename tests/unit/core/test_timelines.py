"""What became of connections: of each in its order, and of late alone."""

import pytest

from conclave.core.timelines import Timelines
from conclave.model.facts import Happened


def test_each_connection_has_its_own_lines_and_what_was_long_ago_goes_first() -> None:
    timelines = Timelines(most=3)
    timelines.note("c-1", 1, "came")
    timelines.note("c-2", 2, "came", "192.0.2.7")
    timelines.note("c-1", 3, "left")
    assert timelines.of("c-1") == [Happened(1, "came", ""), Happened(3, "left", "")]
    timelines.note("c-3", 4, "came")
    assert timelines.of("c-1") == [Happened(3, "left", "")]
    assert timelines.of("c-2") == [Happened(2, "came", "192.0.2.7")]
    assert timelines.of("c-4") == []


def test_of_many_lines_the_last_are_kept_and_few_less_than_promised() -> None:
    timelines = Timelines(most=1_000)
    for n in range(5_000):
        timelines.note(f"c-{n % 2}", n, "came", str(n))
    kept = sorted(line.at for name in ("c-0", "c-1") for line in timelines.of(name))
    assert kept == list(range(kept[0], 5_000))
    assert 985 <= len(kept) <= 1_015
    assert [line.about for line in timelines.of("c-1")] == [str(n) for n in kept if n % 2]


def test_a_line_that_cannot_be_written_takes_no_others_with_it() -> None:
    timelines = Timelines(most=128)
    timelines.note("c-1", 1, "came")
    with pytest.raises(UnicodeEncodeError):
        timelines.note("c-1", 2, "said", "\ud800")
    timelines.note("c-1", 3, "left")
    assert timelines.of("c-1") == [Happened(1, "came", ""), Happened(3, "left", "")]
