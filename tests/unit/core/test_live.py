"""Who is told everything in a room, and which of them are somebody's own."""

import random

from conclave.core.live import Live


class Device:
    def __init__(self, user):
        self.user, self.ear = user, object()


def test_a_message_goes_apart_to_its_authors_devices():
    ada, phone, bob = Device("ada"), Device("ada"), Device("bob")
    live = Live()
    for device in (ada, bob, phone):
        live.add(device)
    assert list(live) == [ada, bob, phone]
    assert live.of("ada") == (ada, phone)
    assert list(live.ears) == [ada.ear, bob.ear, phone.ear]
    assert live.of("nobody") == ()


def test_in_any_order_of_coming_and_going_each_is_its_users_own_once():
    chance = random.Random(4)
    devices = [Device(f"user{n % 5}") for n in range(20)]
    live, here = Live(), []
    for _ in range(2_000):
        device = chance.choice(devices)
        # Coming twice puts one at the end, and so does coming back.
        here = [one for one in here if one is not device]
        if chance.random() < 0.6:
            here.append(device)
            live.add(device)
        else:
            live.drop(device)
        assert list(live) == here
        assert len(live) == len(here)
        user = chance.choice(devices).user
        assert list(live.of(user)) == [one for one in here if one.user == user]
        assert list(live.ears) == [one.ear for one in here]


def test_the_ears_are_the_same_sequence_until_somebody_comes_or_goes():
    ada, bob = Device("ada"), Device("bob")
    live = Live()
    live.add(ada)
    alone = live.ears
    assert live.ears is alone
    live.drop(bob)
    assert live.ears is alone, "who was not here does not go"
    live.add(bob)
    both = live.ears
    assert both == (ada.ear, bob.ear)
    live.drop(bob)
    assert live.ears == alone
    assert both == (ada.ear, bob.ear), "what was handed out does not change"
