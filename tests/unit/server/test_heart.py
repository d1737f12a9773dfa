"""The one timer of a node, its clock turned by hand."""

import asyncio
import random

import pytest

from conclave.server.heart import NEVER, Heart, Pulse


class Alarm:
    """Is due when told; notes when it was called."""

    def __init__(self, due: float) -> None:
        self.due = due
        self.called: list[float] = []
        self.then: float | None = None

    def tick(self, now: float) -> None:
        self.called.append(now)
        if self.then is not None:
            self.due, self.then = self.then, None


@pytest.fixture
def heart() -> Heart:
    return Heart()


def test_nothing_is_called_before_it_is_due(heart: Heart) -> None:
    alarm = Alarm(5.0)
    heart.watch(alarm)
    heart.beat(4.9)
    assert alarm.called == []
    heart.beat(5.0)
    assert alarm.called == [5.0]


def test_one_that_stays_in_the_past_is_forgotten(heart: Heart) -> None:
    alarm = Alarm(5.0)
    heart.watch(alarm)
    heart.beat(6.0)
    heart.beat(7.0)
    assert alarm.called == [6.0]
    assert len(heart) == 0


def test_one_that_is_due_again_later_is_called_again(heart: Heart) -> None:
    alarm = Alarm(5.0)
    alarm.then = 8.0
    heart.watch(alarm)
    for now in (5.0, 7.9, 8.0):
        heart.beat(now)
    assert alarm.called == [5.0, 8.0]


def test_a_deadline_that_moved_later_needs_no_word(heart: Heart) -> None:
    alarm = Alarm(5.0)
    heart.watch(alarm)
    alarm.due = 9.0
    heart.beat(5.0)
    assert alarm.called == []
    assert heart.next == 9.0
    heart.beat(9.0)
    assert alarm.called == [9.0]


def test_a_deadline_that_moved_earlier_is_met_once_watched(heart: Heart) -> None:
    alarm = Alarm(9.0)
    heart.watch(alarm)
    alarm.due = 5.0
    assert heart.watch(alarm)
    heart.beat(5.0)
    heart.beat(9.0)
    assert alarm.called == [5.0]


def test_one_that_became_never_is_let_go(heart: Heart) -> None:
    alarm = Alarm(5.0)
    heart.watch(alarm)
    alarm.due = NEVER
    heart.beat(5.0)
    assert alarm.called == []
    assert len(heart) == 0
    assert heart.next == NEVER


def test_the_forgotten_are_not_called(heart: Heart) -> None:
    alarm = Alarm(5.0)
    heart.watch(alarm)
    heart.forget(alarm)
    heart.forget(alarm)
    heart.beat(5.0)
    assert alarm.called == []


def test_one_that_is_put_off_by_another_in_the_same_beat_is_not_called(heart: Heart) -> None:
    second = Alarm(5.0)

    class First(Alarm):
        def tick(self, now: float) -> None:
            super().tick(now)
            second.due = 9.0

    heart.watch(First(4.0))
    heart.watch(second)
    heart.beat(5.0)
    assert second.called == []
    heart.beat(9.0)
    assert second.called == [9.0]


def test_one_that_is_forgotten_by_another_in_the_same_beat_is_not_called(heart: Heart) -> None:
    second = Alarm(5.0)

    class First(Alarm):
        def tick(self, now: float) -> None:
            heart.forget(second)

    heart.watch(First(4.0))
    heart.watch(second)
    heart.beat(5.0)
    assert second.called == []


def test_one_that_forgets_itself_is_not_called_again(heart: Heart) -> None:
    class Last(Alarm):
        def tick(self, now: float) -> None:
            super().tick(now)
            heart.forget(self)
            self.due = 9.0

    last = Last(5.0)
    heart.watch(last)
    heart.beat(5.0)
    heart.beat(9.0)
    assert last.called == [5.0]


def test_one_that_fails_keeps_no_other_from_its_deadline(
    heart: Heart, caplog: pytest.LogCaptureFixture
) -> None:
    class Broken(Alarm):
        def tick(self, now: float) -> None:
            raise RuntimeError("on purpose")

    broken, alarm = Broken(5.0), Alarm(5.0)
    for one in (broken, alarm):
        heart.watch(one)
    heart.beat(6.0)
    assert alarm.called == [6.0]
    assert len(heart) == 0
    assert "A beat failed" in caplog.text


def test_a_forgotten_one_leaves_no_memory_behind(heart: Heart) -> None:
    for round_ in range(1000):
        alarm = Alarm(1000.0 + round_)
        heart.watch(alarm)
        heart.forget(alarm)
    assert len(heart._heap) < 100


def test_random_deadlines_are_met_in_the_first_beat_at_or_after_them(heart: Heart) -> None:
    seed = random.randrange(10**6)
    print("seed", seed)
    chance = random.Random(seed)
    alarms = [Alarm(chance.uniform(0, 100)) for _ in range(200)]
    for alarm in alarms:
        heart.watch(alarm)
    for now in range(101):
        for alarm in chance.sample(alarms, 5):
            if not alarm.called:
                alarm.due = chance.uniform(now, 100)
                heart.watch(alarm)
        heart.beat(float(now))
        assert all(bool(alarm.called) == (alarm.due <= now) for alarm in alarms)
    assert all(len(alarm.called) == 1 for alarm in alarms)


async def test_the_loop_turns_it() -> None:
    pulse = Pulse(asyncio.get_running_loop())
    soon, next_, much_later = (
        Alarm(pulse.now + 0.05),
        Alarm(pulse.now + 0.1),
        Alarm(pulse.now + 600),
    )
    for alarm in (much_later, next_, soon):
        pulse.watch(alarm)
    for alarm in (soon, next_):
        while not alarm.called:
            await asyncio.sleep(0.005)
        assert alarm.called[0] >= alarm.due
    assert much_later.called == []
    pulse.stop()


async def test_a_stopped_pulse_calls_nobody() -> None:
    pulse = Pulse(asyncio.get_running_loop())
    alarm = Alarm(pulse.now + 0.02)
    pulse.watch(alarm)
    pulse.stop()
    await asyncio.sleep(0.1)
    assert alarm.called == []


async def test_a_clock_that_jumps_where_nobody_waits_is_no_matter() -> None:
    now = [1_000.0]
    pulse = Pulse(asyncio.get_running_loop(), lambda: now[0])
    pulse.turned()
    alarm = Alarm(1_500.0)
    pulse.watch(alarm)
    now[0] = 1_501.0
    pulse.turned()
    assert alarm.called == [1_501.0]
    pulse.stop()
