"""The tables of the two kinds of no are complete, and say who may come back."""

import pytest
from msgspec import UNSET

from conclave.protocol.errors import (
    CLOSES,
    MESSAGES,
    RETRYABLE,
    Close,
    Code,
    Disconnect,
    Reject,
    may_come_back,
)
from conclave.protocol.problems import STATUSES, code_of, problem

# Section 3 of the protocol, by hand: 1008 apart.
COME_BACK = {1000, 1001, 1005, 1006, 1011, 1012, 1013, 4002, 4003, 4005, 4006, 4007}
STAY_AWAY = {1002, 1003, 1007, 1009, 4501, 4502, 4503, 4504}


@pytest.mark.parametrize("code", [code for code in Close if code is not Close.POLICY])
def test_each_close_code_says_whether_to_come_back(code: Close) -> None:
    assert (code in COME_BACK) is not (code in STAY_AWAY), "in one of the two, never in both"
    assert may_come_back(code) is (code in COME_BACK)
    assert may_come_back(code, "Authentication timeout") is (code in COME_BACK)


def test_a_policy_close_may_come_back_only_after_a_timeout() -> None:
    assert may_come_back(1008, "Authentication timeout")
    for reason in ("", "Authentication failed", "authentication timeout", "Too many bad requests"):
        assert not may_come_back(1008, reason)


@pytest.mark.parametrize(
    ("code", "may"), [(3999, False), (4000, True), (4499, True), (4500, False)]
)
def test_our_own_codes_come_back_below_4500(code: int, may: bool) -> None:
    assert may_come_back(code) is may


@pytest.mark.parametrize("code", [0, 999, 1004, 1010, 1014, 1015, 2000, 3000, 4999, 5000])
def test_nobody_comes_back_after_a_code_that_nobody_knows(code: int) -> None:
    assert not may_come_back(code)


def test_every_code_has_its_sentence() -> None:
    assert set(CLOSES) == set(Close)
    assert set(MESSAGES) == set(Code)


def test_what_may_be_tried_again_is_what_the_protocol_names() -> None:
    assert {"away", "rate_limited", "busy", "unavailable", "internal"} == RETRYABLE
    for code in Code:
        assert Reject(code).retryable is (code in RETRYABLE)


def test_the_texts_of_part_one_are_fixed_to_the_letter() -> None:
    assert Reject(Code.AUTH_REQUIRED).message == "Authentication required"
    assert Reject(Code.BAD_REQUEST).message == "Invalid message format"
    assert Reject(Code.UNKNOWN_TYPE).message == "Unknown message type"
    assert Reject(Code.NOT_IN_ROOM).message == "Please join a room first"


def test_a_code_of_an_application_has_a_sentence_and_is_final() -> None:
    reject = Reject("dice:loaded")
    assert (reject.code, reject.message, reject.retryable) == ("dice:loaded", "Refused", False)
    assert Disconnect(4100, "enough").code == 4100


@pytest.mark.parametrize(
    ("status", "code"),
    [(403, Code.FORBIDDEN), (414, Code.TOO_LONG), (503, Code.BUSY), (400, Code.BAD_REQUEST),
     (418, Code.BAD_REQUEST)],
)  # fmt: skip
def test_of_what_only_a_status_is_known_there_is_a_code(status: int, code: Code) -> None:
    assert code_of(status) is code


def test_each_status_is_one_of_a_refusal_and_each_code_is_retried_as_on_a_socket() -> None:
    assert {*STATUSES} <= {str(code) for code in Code}
    assert all(400 <= status < 600 for status in STATUSES.values())
    for code in Code:
        said = problem(Reject(code, retry_after_ms=5), STATUSES.get(code, 400), "x")
        assert (said.code, said.retryable, said.retry_after_ms) == (code, code in RETRYABLE, 5)
    assert problem(Reject(Code.BUSY), 503, "x").retry_after_ms is UNSET
