"""What full collections look at: what came since the last one, and now and then all of it."""

import gc
import weakref
from collections.abc import Iterator

import pytest

from conclave.app.collecting import Collecting
from conclave.core.hub import Caps, Hub


class Ring:
    """Refers to itself, so that only a collection can find that nobody else does."""

    def __init__(self) -> None:
        self.me = self


class Some(Hub):
    """So many connections, of which so many have gone."""

    here, gone = 100, 0

    def __len__(self) -> int:
        return self.here

    @property
    def parted(self) -> int:
        return self.gone


@pytest.fixture
def hub() -> Iterator[Some]:
    hub = Some(Caps(0, 0, 0, 0))
    collecting = Collecting(hub)
    collecting.begin()
    yield hub
    collecting.end()


def test_what_outlived_a_full_collection_is_not_looked_at_again(hub) -> None:
    kept = [[n] for n in range(10_000)]
    gc.collect()
    assert len(gc.get_objects()) < 1_000
    assert len(kept) == 10_000


def test_what_nobody_refers_to_is_freed_all_the_same(hub) -> None:
    kept = Ring()
    kept.me = None
    gone = weakref.ref(kept)
    gc.collect()
    del kept
    assert gone() is None


def test_rings_go_when_half_as_many_have_parted_as_there_are(hub) -> None:
    kept = Ring()
    gone = weakref.ref(kept)
    gc.collect()
    del kept
    hub.gone = 50
    gc.collect()
    gc.collect()
    assert gone() is not None, "it was put aside"
    hub.gone = 51
    gc.collect()
    gc.collect()
    assert gone() is None
    gc.collect()
    assert len(gc.get_objects()) < 1_000, "what is left is put aside again"


def test_the_collector_is_as_it_was_afterwards() -> None:
    before = gc.get_threshold(), list(gc.callbacks)
    collecting = Collecting(Some(Caps(0, 0, 0, 0)))
    collecting.begin()
    assert gc.get_threshold() != before[0]
    collecting.end()
    assert (gc.get_threshold(), list(gc.callbacks)) == before
    assert gc.get_freeze_count() == 0
