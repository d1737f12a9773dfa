"""The names of public rooms, kept for all who come in."""

from conclave.storage.named import PublicNames


class Asked:
    def __init__(self) -> None:
        self.names = ["a", "b"]
        self.times = 0
        self.now = 0.0

    async def __call__(self, limit: int) -> list[str]:
        self.times += 1
        return self.names[:limit]

    def monotonic(self) -> float:
        return self.now


async def test_they_are_asked_for_once_a_second_and_when_they_have_changed() -> None:
    asked = Asked()
    names = PublicNames(asked, asked.monotonic)
    first = await names.first(500)
    assert await names.first(500) is first
    assert asked.times == 1
    asked.now += 1.0
    # By the same list others know that nothing has changed.
    assert await names.first(500) is first
    assert asked.times == 2
    with names.changing():
        asked.names = ["a", "b", "c"]
    assert await names.first(500) == ["a", "b", "c"]
    assert await names.first(1) == ["a"]
    assert first == ["a", "b"]
