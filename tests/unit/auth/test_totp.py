"""One-time passwords of authenticator apps, recovery codes, and the code to scan."""

import re

import pyotp
import pytest
import segno

from conclave.auth import recovery, totp
from conclave.auth.qr import drawn

# RFC 6238 appendix B, cut to six digits.
RFC_SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
RFC = [(59, "287082"), (1_111_111_109, "081804"), (1_234_567_890, "005924"), (2 * 10**9, "279037")]
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
AT = 1_800_000_015_000
STEP = 60_000_000


def code(ahead=0):
    return pyotp.TOTP(SECRET).generate_otp(STEP + ahead)


@pytest.mark.parametrize(("seconds", "expected"), RFC)
def test_the_codes_are_those_of_the_rfc(seconds, expected):
    assert totp.step_of(RFC_SECRET, expected, seconds * 1000, 0) == seconds // 30


def test_a_code_is_good_in_its_step_and_one_before_and_after():
    steps = {ahead: totp.step_of(SECRET, code(ahead), AT, 0) for ahead in range(-3, 4)}
    good = {-1: STEP - 1, 0: STEP, 1: STEP + 1}
    assert steps == {ahead: good.get(ahead) for ahead in range(-3, 4)}


def test_no_code_is_good_twice_nor_one_before_it():
    for used in (STEP, STEP + 1):
        assert totp.step_of(SECRET, code(), AT, used) is None
        assert totp.step_of(SECRET, code(-1), AT, used) is None
    assert totp.step_of(SECRET, code(1), AT, STEP) == STEP + 1
    assert totp.step_of(SECRET, code(), AT, STEP - 1) == STEP


def test_a_code_may_be_typed_in_groups():
    typed = code()
    assert totp.step_of(SECRET, f" {typed[:3]} {typed[3:]} ", AT, 0) == STEP


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "abcdef", "１２３４５６", "-12345", "é"])
def test_what_is_no_code_is_not_good(typed):
    assert totp.step_of(SECRET, typed, AT, 0) is None


def test_another_code_is_not_good():
    wrong = f"{(int(code()) + 1) % 1_000_000:06}"
    assert totp.step_of(SECRET, wrong, AT, 0) is None
    assert totp.step_of(totp.new_secret(), code(), AT, 0) is None


def test_a_secret_is_160_bits_and_new_each_time():
    secrets = {totp.new_secret() for _ in range(50)}
    assert len(secrets) == 50
    assert all(re.fullmatch(r"[A-Z2-7]{32}", one) for one in secrets)


def test_the_link_says_whose_and_where():
    link = totp.link(SECRET, "ada", "chat.example.org")
    parsed = pyotp.parse_uri(link)
    assert (parsed.secret, parsed.name, parsed.issuer) == (SECRET, "ada", "chat.example.org")
    assert link.startswith("otpauth://totp/chat.example.org:ada?")


def test_recovery_codes_are_ten_and_new_each_time():
    codes = [code for _ in range(20) for code in recovery.new_codes()]
    assert len(set(codes)) == 200
    letters = "0123456789abcdefghjkmnpqrstvwxyz"
    assert all(re.fullmatch(f"([{letters}]{{4}}-){{3}}[{letters}]{{4}}", one) for one in codes)
    assert set("".join(codes)) == set(letters + "-")


def test_a_recovery_code_is_the_same_however_it_is_typed():
    kept = recovery.digest("ada", "01k7-qd2m-9x4h-fa01")
    assert len(kept) == 32
    for typed in (
        "01K7-QD2M-9X4H-FA01",
        " 01k7 qd2m 9x4h fa01 ",
        "oik7qd2m9x4hfaol",
        "OLK7qd2m9x4hfaoi",
    ):
        assert recovery.digest("ada", typed) == kept
    assert recovery.digest("ada", "01k7-qd2m-9x4h-fa02") != kept
    assert recovery.digest("bob", "01k7-qd2m-9x4h-fa01") != kept


@pytest.mark.parametrize(
    "typed", ["", "01k7-qd2m-9x4h-fa0", "01k7-qd2m-9x4h-fa011", "u" * 16, "é" * 16]
)
def test_what_can_be_no_recovery_code_has_no_digest(typed):
    assert recovery.digest("ada", typed) is None


def modules(path):
    """Return the dark modules that an SVG path covers."""
    dark = set()
    for x, y, width, back in re.findall(r"M(\d+) (\d+)h(\d+)v1h-(\d+)z", path):
        assert width == back
        dark |= {(int(x) + i, int(y)) for i in range(int(width))}
    return dark


def test_the_drawing_is_the_code_with_a_margin_of_four():
    text = totp.link(SECRET, "ada", "chat.example.org")
    drawing = drawn(text)
    matrix = segno.make(text, error="m", micro=False).matrix
    expected = {(x + 4, y + 4) for y, row in enumerate(matrix) for x, on in enumerate(row) if on}
    assert modules(drawing.path) == expected
    assert drawing.size == len(matrix) + 8
    assert not re.sub(r"[Mhvz0-9 -]", "", drawing.path)
