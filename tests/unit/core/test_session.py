"""What one connection may do, until when: by the monotonic clock alone."""

from math import inf

import pytest

from conclave.core.session import Due, Rules, Session
from conclave.model import Identity
from conclave.protocol.errors import Disconnect

RULES = Rules(auth_within=10, ping_every=30, pong_within=10)
ADA = Identity(user="ada", name="Ada")
NOW, WALL = 1_000.0, 1_795_374_135_780


def ends(session: Session, now: float) -> tuple[int, str]:
    with pytest.raises(Disconnect) as end:
        session.tick(now)
    return end.value.code, end.value.reason


def authenticated(expires_at: int | None = None) -> Session:
    session = Session(RULES, NOW)
    who = Identity(user="ada", name="Ada", expires_at=expires_at)
    session.authenticated(who, NOW, WALL)
    return session


def test_who_does_not_authenticate_in_time_is_ended() -> None:
    session = Session(RULES, NOW)
    assert session.due == NOW + 10
    assert session.tick(NOW + 9.99) is Due.NOTHING
    assert ends(session, NOW + 10) == (1008, "Authentication timeout")


def test_frames_do_not_extend_the_time_to_authenticate() -> None:
    session = Session(RULES, NOW)
    for second in range(10):
        session.heard()
        assert session.tick(NOW + second) is Due.NOTHING, "a stranger is not pinged"
    assert ends(session, NOW + 10) == (1008, "Authentication timeout")


def test_a_second_authentication_ends_and_changes_nobody() -> None:
    session = authenticated()
    for who in (ADA, Identity(user="eve", name="Eve")):
        with pytest.raises(Disconnect) as end:
            session.authenticated(who, NOW, WALL)
        assert end.value.code == 4503
        assert session.identity is not None
        assert session.identity.user == "ada"


def test_a_ping_that_nobody_answers_ends() -> None:
    session = authenticated()
    assert session.due == NOW + 30
    assert session.tick(NOW + 30) is Due.PING
    assert session.due == NOW + 40
    assert ends(session, NOW + 40) == (1001, "Connection timeout")


def test_any_frame_proves_life() -> None:
    session = authenticated()
    session.tick(NOW + 30)
    session.heard()
    assert session.due == NOW + 60
    assert session.tick(NOW + 45) is Due.NOTHING


def test_one_who_only_talks_is_pinged_all_the_same() -> None:
    """Else it would hear nothing, and leave a server that lives."""
    session, pings = authenticated(), 0
    for second in range(1, 121):
        session.heard()
        pings += Due.PING in session.tick(NOW + second)
    assert pings == 4


def test_pings_that_come_oftener_than_answers_may_still_end() -> None:
    session = Session(Rules(ping_every=2, pong_within=5), NOW)
    session.authenticated(ADA, NOW, WALL)
    assert session.tick(NOW + 2) is Due.PING
    assert session.tick(NOW + 4) is Due.PING
    assert ends(session, NOW + 7) == (1001, "Connection timeout")


def test_a_token_ends_when_its_time_is_over() -> None:
    session = authenticated(expires_at=WALL + 5_000)
    assert session.tick(NOW + 4.9) is Due.EXPIRING
    assert session.due == NOW + 5
    assert ends(session, NOW + 5) == (4002, "Token expired")


def test_a_wall_clock_that_jumps_disconnects_nobody() -> None:
    # The wall is read once, when the token comes: no later jump is even asked about.
    session = authenticated(expires_at=WALL + 20_000)
    assert session.tick(NOW + 9.9) is Due.NOTHING
    assert session.tick(NOW + 19.9) is Due.EXPIRING
    assert ends(session, NOW + 20) == (4002, "Token expired")


def test_a_token_that_expired_before_ends_at_the_next_tick() -> None:
    assert ends(authenticated(expires_at=WALL - 1), NOW)[0] == 4002


@pytest.mark.parametrize(
    ("left", "told_after"), [(600, 540), (121, 61), (120, 60), (60, 30), (3, 1.5)]
)
def test_an_end_is_announced_a_minute_before_or_at_half_of_a_short_life(left, told_after) -> None:
    session = Session(Rules(ping_every=inf), NOW)
    who = Identity(user="ada", name="Ada", expires_at=WALL + left * 1_000)
    session.authenticated(who, NOW, WALL)
    assert session.due == pytest.approx(NOW + told_after)
    assert session.tick(NOW + told_after - 0.01) is Due.NOTHING
    assert session.tick(session.due) is Due.EXPIRING
    # Once.
    assert session.due == pytest.approx(NOW + left)
    assert session.tick(NOW + left - 0.01) is Due.NOTHING


def refreshed(session: Session, now: float, expires_at: int | None) -> None:
    session.refreshed(Identity(user="ada", name="Ada", expires_at=expires_at), now, WALL)


def test_another_token_of_the_same_user_moves_the_end() -> None:
    session = Session(Rules(ping_every=inf), NOW)
    session.authenticated(Identity(user="ada", name="Ada", expires_at=WALL + 10_000), NOW, WALL)
    assert session.tick(NOW + 5) is Due.EXPIRING
    later = Identity(user="ada", name="Ada", expires_at=WALL + 100_000, session="s-2")
    session.refreshed(later, NOW + 6, WALL + 6_000)
    assert session.identity is later
    assert session.tick(NOW + 20) is Due.NOTHING
    # 94 s were left: a minute before comes before half of them.
    assert session.due == pytest.approx(NOW + 6 + 47)
    assert session.tick(NOW + 60) is Due.EXPIRING
    assert ends(session, NOW + 100) == (4002, "Token expired")


def test_one_without_an_end_ends_nothing_any_more() -> None:
    session = authenticated(expires_at=WALL + 10_000)
    refreshed(session, NOW + 1, None)
    session.heard()
    assert session.tick(NOW + 10**6) is Due.PING


def test_one_that_ends_earlier_is_taken_at_its_word() -> None:
    session = authenticated(expires_at=WALL + 10_000)
    refreshed(session, NOW, WALL + 2_000)
    assert ends(session, NOW + 2) == (4002, "Token expired")


def test_the_same_token_again_is_not_announced_at_ever_shorter_intervals() -> None:
    session = Session(Rules(ping_every=inf), NOW)
    ada = Identity(user="ada", name="Ada", expires_at=WALL + 64_000)
    session.authenticated(ada, NOW, WALL)
    told = 0
    for tenth in range(640):
        if Due.EXPIRING in session.tick(NOW + tenth / 10):
            told += 1
            session.refreshed(ada, NOW + tenth / 10, WALL + tenth * 100)
    assert told == 1


def test_a_token_of_another_user_ends_and_changes_nobody() -> None:
    session = authenticated()
    with pytest.raises(Disconnect) as end:
        session.refreshed(Identity(user="eve", name="Eve"), NOW, WALL)
    assert end.value.code == 4503
    assert session.identity is not None
    assert session.identity.user == "ada"


def test_a_token_without_an_end_never_expires() -> None:
    session = authenticated()
    session.heard()
    assert session.due < inf
    assert session.tick(NOW + 10**9) is Due.PING


def test_the_tenth_bad_request_within_a_minute_ends() -> None:
    session = Session(RULES, NOW)
    for n in range(9):
        session.bad_request(NOW + n)
    with pytest.raises(Disconnect) as end:
        session.bad_request(NOW + 59)
    assert (end.value.code, end.value.reason) == (1008, "Too many bad requests")


def test_ten_bad_requests_in_more_than_a_minute_do_not_end() -> None:
    session = Session(RULES, NOW)
    for n in range(100):
        session.bad_request(NOW + n * 7)


def test_a_connection_that_always_fails_ends() -> None:
    session = Session(Rules(failures=3), NOW)
    for _ in range(3):
        session.failed()
    with pytest.raises(Disconnect) as end:
        session.failed()
    assert end.value.code == 1011


def test_each_end_says_why_in_words() -> None:
    session = Session(Rules(failures=0), 0.0)
    session.authenticated(Identity(user="ada", name="Ada"), 0.0, 0)
    with pytest.raises(Disconnect) as twice:
        session.authenticated(Identity(user="ada", name="Ada"), 0.0, 0)
    assert (twice.value.code, twice.value.reason) == (4503, "Already authenticated")
    with pytest.raises(Disconnect) as broken:
        session.failed()
    assert (broken.value.code, broken.value.reason) == (1011, "Too many failures")


def test_who_was_asked_and_is_silent_owes_a_sign_of_life() -> None:
    session = authenticated()
    assert not session.owes_pong
    assert session.tick(NOW + 30) is Due.PING
    assert session.owes_pong
    session.heard()
    assert not session.owes_pong


def test_who_is_asked_apart_owes_a_sign_of_life_as_if_it_had_been_due() -> None:
    session = authenticated()
    session.ask(NOW)
    assert (session.owes_pong, session.due, session.pings) == (True, NOW + 10, 1)
    with pytest.raises(Disconnect, match="timeout"):
        session.tick(NOW + 10)
    session.heard()
    assert session.tick(NOW + 10) is Due.NOTHING
