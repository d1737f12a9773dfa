"""What is kept of rooms for those who are not in them is bounded by those whom it concerns."""

from tests.unit.relay.parts import node

from conclave.relay.news import News


class Hears:
    """As much of a hub as is asked: who hears of which room."""

    def __init__(self, *rooms: str) -> None:
        self.watched = dict.fromkeys(rooms)

    def watchers(self, _room: str) -> list[object]:
        return []


async def test_of_rooms_that_nobody_hears_of_no_number_is_kept_for_ever() -> None:
    hub = Hears("hall")
    news = News(node().store, hub)  # type: ignore[arg-type]
    news.note("hall", 7)
    for n in range(5_000):
        news.note(f"room {n}", n)
        if n % 100 == 0:
            await news.tell()
    await news.tell()
    assert len(news._heads) <= 1_002
    assert news._heads["hall"] == 7
