"""What waits to be pushed: everybody has a share, and no more than that is kept."""

from conclave.model import Called, Entry, Subscription
from conclave.push.jobs import Job, Jobs, Pending
from conclave.push.message import Message


def job(user: str, room: str, number: int, *, browser: str = "phone", due: float = 0.0) -> Job:
    subscription = Subscription(f"{user} {browser}", user, "https://p.example/x", b"", b"", False)
    message = Message(room, number, b"", "topic", urgent=False)
    entry = Entry(
        room=room, seq=number, id="x", type="message", user="bob", name="bob", timestamp=0
    )
    about = Pending(entry, Called(user, mention=False), due)
    return Job(due, number, subscription, message, about, made=0.0)


def numbers(jobs: Jobs, now: float = 0.0) -> list[int]:
    return [one.number for one in jobs.due(now)]


def test_what_is_due_comes_in_its_order_and_once() -> None:
    jobs = Jobs()
    for number, due in ((1, 2.0), (2, 1.0), (3, 9.0)):
        assert jobs.put(job("ann", f"room {number}", number, due=due))
    assert numbers(jobs, 2.0) == [2, 1]
    assert numbers(jobs, 2.0) == []
    assert len(jobs) == 1


def test_a_newer_message_of_a_room_takes_the_place_of_the_older_for_that_browser_alone() -> None:
    jobs = Jobs()
    jobs.put(job("ann", "den", 1))
    jobs.put(job("ann", "den", 2, browser="laptop"))
    jobs.put(job("ann", "den", 3))
    assert sorted(numbers(jobs)) == [2, 3]


def test_who_has_used_their_share_leaves_the_others_theirs() -> None:
    jobs = Jobs(most=10, most_of_one=4)
    taken = [jobs.put(job("eve", f"room {n}", n)) for n in range(9)]
    assert taken == [True] * 4 + [False] * 5
    assert jobs.put(job("ann", "den", 10))
    assert len(jobs) == 5


def test_what_was_taken_out_does_not_pile_up() -> None:
    jobs = Jobs()
    for number in range(5_000):
        jobs.put(job("ann", "den", number, due=1e9))
    assert len(jobs) == 1
    assert len(jobs._heap) < 1_000
    jobs.remove(jobs.of("ann")[0])
    assert (len(jobs), numbers(jobs, 2e9)) == (0, [])
