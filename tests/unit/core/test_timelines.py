"""What became of connections: of each in its order, and of late alone."""

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
