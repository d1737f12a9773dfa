"""What goes to and fro is told once a second, and how it ended is always told."""

from itertools import pairwise
from random import Random

from conclave.core.flips import EVERY, Flips


def test_a_change_after_a_rest_is_told_at_once() -> None:
    flips: Flips[str, bool] = Flips()
    assert flips.change("ada", True, 0.0)
    assert flips.change("ada", False, EVERY)
    assert flips.change("bob", True, EVERY), "each for itself"


def test_a_change_too_soon_is_told_later_if_it_lasts() -> None:
    flips: Flips[str, bool] = Flips()
    flips.change("ada", True, 0.0)
    assert not flips.change("ada", False, 0.1)
    assert flips.tick(EVERY - 0.01) == []
    assert flips.tick(EVERY) == [("ada", False)]
    assert flips.tick(EVERY) == []
    flips.change("bob", True, 2.0)
    flips.change("bob", False, 2.1)
    flips.change("bob", True, 2.2)
    assert flips.tick(3.5) == [], "it is as it was told"


def test_the_same_again_is_told_again_so_that_nobody_thinks_it_over() -> None:
    flips: Flips[str, bool] = Flips()
    assert [flips.change("ada", True, at) for at in (0.0, 0.5, 1.0, 1.9, 2.1)] == [
        True,
        False,
        True,
        False,
        True,
    ]


def test_what_is_quiet_is_forgotten() -> None:
    flips: Flips[int, bool] = Flips()
    for n in range(1_000):
        flips.change(n, True, n / 1_000)
    flips.tick(5.0)
    assert len(flips) == 0


def test_in_any_order_one_a_second_is_told_and_the_last_one_is() -> None:
    for seed in range(200):
        random = Random(seed)
        flips: Flips[str, int] = Flips()
        now, state, told = 0.0, -1, []
        for _ in range(200):
            now += random.choice([0.0, 0.001, 0.1, 0.5, 2.0])
            if random.random() < 0.7:
                state = random.randrange(3)
                if flips.change("ada", state, now):
                    told.append((now, state))
            told += [(now, late) for _, late in flips.tick(now)]
        now += EVERY
        told += [(now, late) for _, late in flips.tick(now)]
        assert told[-1][1] == state, f"seed {seed}: it ended otherwise"
        times = [at for at, _ in told]
        assert all(b - a >= EVERY for a, b in pairwise(times)), f"seed {seed}"


def test_what_others_know_by_other_news_is_not_told_again_nor_made_up() -> None:
    flips: Flips[str, bool] = Flips()
    flips.change("ada", True, 0.0)
    flips.change("ada", False, 0.1)
    flips.settle("ada", False)
    assert flips.told("ada") is False
    assert flips.tick(EVERY) == []
    flips.settle("bob", True)
    assert (len(flips), flips.told("bob")) == (0, None)
