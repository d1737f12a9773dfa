"""What can happen to a client in any order is tested in random orders: SEED=… repeats one."""

import os
import random
from collections.abc import Callable

import pytest
from tests.schedules.client_world import World

from conclave.client import places
from conclave.client.outbox import Outbox
from conclave.client.places import Places

FIRST = int(os.environ.get("SEED", random.randrange(1_000_000)))
COUNTS = [pytest.param(300, id="300"), pytest.param(3_000, id="3000", marks=pytest.mark.slow)]
STEPS = 150


@pytest.fixture(autouse=True)
def small_queues(monkeypatch):
    """Readers are full after few entries, so that schedules are short."""
    monkeypatch.setattr(places, "MOST_UNTAKEN", 6)


def run(seed: int, *, lapses: bool = False) -> World:
    """Run one schedule to its end; raises when something was lost, doubled or swapped."""
    world = World(seed, lapses=lapses)
    for _ in range(STEPS):
        world.step()
    world.settle()
    world.check()
    return world


def run_all(count: int, *, lapses: bool) -> list[World]:
    worlds = []
    for seed in range(FIRST, FIRST + count):
        try:
            worlds.append(run(seed, lapses=lapses))
        except Exception as error:
            raise AssertionError(f"SEED={seed}, lapses={lapses}: {error}") from error
    return worlds


@pytest.mark.parametrize("count", COUNTS)
@pytest.mark.timeout(600)
def test_in_random_orders_nothing_is_lost_doubled_or_swapped(count):
    worlds = run_all(count, lapses=False)
    assert sum(world.breaks for world in worlds) > count
    assert not any(hasattr(one, "upto") for w in worlds for told in w.told.values() for one in told)
    print(f"{count} orders from SEED={FIRST}, {sum(w.breaks for w in worlds)} breaks")


@pytest.mark.parametrize("count", COUNTS)
@pytest.mark.timeout(600)
def test_a_log_that_was_purged_or_restored_is_a_reset_and_never_a_hole(count):
    worlds = run_all(count, lapses=True)
    resets = sum(hasattr(one, "upto") for w in worlds for told in w.told.values() for one in told)
    assert resets > count // 10


def _take_known_entries_again(monkeypatch) -> None:
    def hear(self, line):
        place = self._places.get(line.room)
        if place is not None and self.attached(line.room) and place.position is not None:
            self._hand_on(place, line)

    monkeypatch.setattr(Places, "hear", hear)


def _overlook_gaps(monkeypatch) -> None:
    def hear(self, line):
        place = self._places.get(line.room)
        if place is None or not self.attached(line.room) or place.position is None:
            return
        if line.seq > place.position.seq:
            self._hand_on(place, line)

    monkeypatch.setattr(Places, "hear", hear)


def _forget_what_a_page_brings(monkeypatch) -> None:
    def go_on(self, place, page):
        place.joined()

    monkeypatch.setattr(Places, "_go_on", go_on)


def _take_a_reset_for_a_page(monkeypatch) -> None:
    def attach(self, place, page):
        place.joined()

    monkeypatch.setattr(Places, "_attach", attach)


def _forget_what_was_under_way(monkeypatch) -> None:
    def lose(self):
        for item in list(self._heads()):
            if item.sent_at is not None:
                self.settle(item.id)

    monkeypatch.setattr(Outbox, "lose", lose)


def _send_again_under_another_id(monkeypatch) -> None:
    right = Outbox.lose

    def lose(self):
        for item in list(self._heads()):
            if item.sent_at is not None:
                self.settle(item.id)
                self.add(item.id + "x", item.room, item.event)
        right(self)

    monkeypatch.setattr(Outbox, "lose", lose)


def _send_all_of_a_room_at_once(monkeypatch) -> None:
    def heads(self):
        return iter(list(self._items.values()))

    monkeypatch.setattr(Outbox, "_heads", heads)


def _never_catch_up(monkeypatch) -> None:
    def taken(self, room):
        self._places[room].untaken -= 1

    monkeypatch.setattr(Places, "taken", taken)


@pytest.mark.parametrize(
    "plant",
    [
        _take_known_entries_again,
        _overlook_gaps,
        _forget_what_a_page_brings,
        _take_a_reset_for_a_page,
        _forget_what_was_under_way,
        _send_again_under_another_id,
        _send_all_of_a_room_at_once,
        _never_catch_up,
    ],
    ids=lambda plant: plant.__name__.strip("_"),
)
def test_a_planted_bug_is_found(monkeypatch, plant: Callable[[pytest.MonkeyPatch], None]):
    plant(monkeypatch)
    for seed in range(FIRST, FIRST + 40):
        try:
            run(seed, lapses=seed % 2 == 1)
        except Exception:
            return
    pytest.fail("not found")
