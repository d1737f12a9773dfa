"""Of which messages people are notified: the last of each room, or the last that names them."""

import json

import pytest

from conclave.core.hub import Caps, Hub
from conclave.core.statuses import Statuses
from conclave.model import Called, Entry, Identity, Scope, Status
from conclave.protocol.codec import Packet
from conclave.relay import notices
from conclave.relay.notices import Notices


class Device:
    """A connection that keeps what it is notified of."""

    def __init__(self, user, **who):
        self.user, self.address, self.rooms = user, "127.0.0.1", set()
        self.identity = Identity(user=user, name=user, **who)
        self.got = []

    def offer(self, packet: Packet):
        event = json.loads(packet.text)
        assert event["type"] == "notice"
        self.got.append(event["data"])

    @property
    def numbers(self):
        return [(one["room"], one["seq"], one["mention"]) for one in self.got]


class Attention:
    """Says who is called: everybody in `called`, and whoever a message names."""

    def __init__(self, *called):
        self.called, self.asked = called, []

    async def audience(self, entries):
        self.asked.append(len(entries))
        return [
            [Called(user, mention=f"@{user}" in one.text) for user in self.called]
            for one in entries
        ]


class World:
    def __init__(self, *called):
        self.hub, self.statuses = Hub(Caps()), Statuses()
        self.attention = Attention(*called)
        self.notices = Notices(self.attention, self.hub, self.statuses)
        self.pushed, self.whispered = [], []
        self.notices.on_whisper = lambda room, user, _packet: self.whispered.append((room, user))
        self.notices.on_called = lambda entry, called: self.pushed.append((entry.seq, called.user))

    def come(self, user, **who):
        device = Device(user, **who)
        self.hub.add(device)
        self.hub.identify(device, user)
        return device

    def say(self, seq, text="hi", room="hall", type_="message", **extra):
        self.notices.note(
            Entry(
                room=room,
                seq=seq,
                id=f"{room}{seq}",
                type=type_,
                name="Eve",
                user="eve",
                timestamp=1,
                text=text,
                extra=extra,
            )
        )


async def test_all_devices_of_one_are_told_and_then_whoever_sends_it_further():
    world = World("ada", "bob")
    laptop, phone = world.come("ada"), world.come("ada")
    world.say(1, "@ada look")
    world.say(2, type_="reaction:added")
    await world.notices.tell()
    assert laptop.numbers == phone.numbers == [("hall", 1, True)]
    assert world.pushed == [(1, "ada"), (1, "bob")], "bob is nowhere, and may have push"
    assert laptop.got[0]["text"] == "@ada look"
    await world.notices.tell()
    assert len(laptop.got) == 1


async def test_of_many_messages_in_a_room_one_is_told_and_best_one_that_names_them():
    world = World("ada", "bob")
    ada, bob = world.come("ada"), world.come("bob")
    for seq, text in enumerate(["hi", "@ada", "@ada!", "and so on"], 1):
        world.say(seq, text)
    world.say(9, room="attic")
    await world.notices.tell()
    assert ada.numbers == [("hall", 3, True), ("attic", 9, False)]
    assert bob.numbers == [("hall", 4, False), ("attic", 9, False)]


async def test_who_is_not_to_be_disturbed_hears_nothing_nowhere():
    world = World("ada")
    ada = world.come("ada")
    world.statuses.set("ada", Status.DND)
    world.say(1)
    await world.notices.tell()
    assert (ada.got, world.pushed) == ([], [])


async def test_a_token_that_may_not_read_or_not_there_is_told_nothing():
    world = World("ada")
    reads = world.come("ada", scopes=frozenset({Scope.READ}))
    writes = world.come("ada", scopes=frozenset({Scope.WRITE}))
    here = world.come("ada", rooms=frozenset({"hall"}))
    elsewhere = world.come("ada", rooms=frozenset({"attic"}))
    world.say(1)
    await world.notices.tell()
    assert [len(one.got) for one in (reads, writes, here, elsewhere)] == [1, 0, 1, 0]


async def test_what_is_too_much_is_not_notified_of_and_counted(monkeypatch):
    monkeypatch.setattr(notices, "_MOST_WAITING", 5)
    monkeypatch.setattr(notices, "_AT_ONCE", 2)
    world = World("ada")
    ada = world.come("ada")
    for seq in range(1, 9):
        world.say(seq)
    assert world.notices.dropped == 3
    await world.notices.tell()
    assert world.attention.asked == [2, 2, 1]
    assert [seq for _, seq, _ in ada.numbers] == [2, 4, 5]


@pytest.mark.parametrize(
    ("text", "extra", "told"),
    [("x" * 1_000, {}, "x" * 300), ("", {"attachments": [{"name": "a.png"}]}, "a.png")],
)
async def test_of_a_message_its_beginning_is_told_or_what_its_files_are_called(text, extra, told):
    world = World("ada")
    ada = world.come("ada")
    world.say(1, text, **extra)
    await world.notices.tell()
    assert ada.got[0]["text"] == told


async def test_those_on_other_nodes_are_told_too_unless_they_are_not_to_be_disturbed():
    world = World("ada", "bob")
    world.statuses.set("bob", Status.DND)
    world.say(1)
    await world.notices.tell()
    assert world.whispered == [("hall", "ada")]
