"""Names that look like themselves, and texts that come back as they were stored."""

import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conclave.core.text import (
    MAX_MARKS,
    clean_emoji,
    clean_line,
    clean_name,
    clean_text,
    fold,
    is_name,
)
from conclave.model import Limits
from conclave.protocol.errors import Reject

LIMITS = Limits()

REFUSED = {
    "nothing": "",
    "a space": " ",
    "a space before": " hall",
    "a space after": "hall ",
    "a no-break space after": "hall\u00a0",
    "an ideographic space before": "\u3000hall",
    "65 letters": "x" * 65,
    "zero width space": "ha\u200bll",
    "zero width joiner": "ha\u200dll",
    "zero width non-joiner": "ha\u200cll",
    "word joiner": "ha\u2060ll",
    "byte order mark": "\ufeffhall",
    "soft hyphen": "ha\u00adll",
    "right-to-left override": "\u202ellah",
    "right-to-left mark": "hall\u200f",
    "an isolate": "\u2066hall\u2069",
    "arabic letter mark": "hall\u061c",
    "combining grapheme joiner": "ha\u034fll",
    "hangul filler": "\u3164",
    "halfwidth hangul filler": "\uffa0",
    "an empty braille cell": "\u2800",
    "a variation selector": "hall\ufe0f",
    "a late variation selector": "hall\U000e0100",
    "a tag": "hall\U000e0041",
    "an invisible operator": "ha\u2062ll",
    "a musical control": "ha\U0001d173ll",
    "a shorthand control": "ha\U0001bca0ll",
    "mongolian vowel separator": "ha\u180ell",
    "NUL": "ha\x00ll",
    "escape": "\x1b[31mhall",
    "a tab": "ha\tll",
    "a line break": "ha\nll",
    "a C1 control": "ha\x85ll",
    "a line separator": "ha\u2028ll",
    "a paragraph separator": "ha\u2029ll",
    "private use": "ha\ue000ll",
    "unassigned": "ha\u0378ll",
    "no character": "ha\uffffll",
    "decomposed": unicodedata.normalize("NFD", "café"),
    "fifty marks out of order": "a" + "\u0316\u0301" * 25,
}
TAKEN = {
    "plain": "general",
    "with spaces inside": "the old hall",
    "64 letters": "x" * 64,
    "one letter": "x",
    "cyrillic": "зал",
    "a cyrillic letter among latin ones": "h\u0430ll",
    "dotless i": "sal\u0131",
    "a capital dotted I": "\u0130stanbul",
    "fullwidth": "ｈａｌｌ",
    "composed": "café",
    "a mark that composes with nothing": "x\u0301",
    "emoji": "🎲",
    "japanese": "東京",
    "arabic": "قاعة",
    "a star": "*",
    "a slash": "../hall",
    "quotes": "'; DROP TABLE rooms; --",
    "braces": "{hall}",
}


@pytest.mark.parametrize("name", REFUSED.values(), ids=REFUSED)
def test_a_name_that_does_not_look_like_itself_is_refused(name: str) -> None:
    assert not is_name(name)
    with pytest.raises(Reject, match="bad_request"):
        clean_name(name)


@pytest.mark.parametrize("name", TAKEN.values(), ids=TAKEN)
def test_a_name_that_can_be_read_is_taken_as_it_is(name: str) -> None:
    assert clean_name(name) == name


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Hall", "hALL"),
        ("Straße", "STRASSE"),
        ("ΣΊΣΥΦΟΣ", "σίσυφος"),
        ("café", "cafe\u0301"),
        ("ﬁre", "FIRE"),
        ("İ", "i\u0307"),
        ("ǅ", "ǆ"),
    ],
)
def test_names_that_differ_in_case_or_form_are_one(one: str, other: str) -> None:
    assert fold(one) == fold(other)


@pytest.mark.parametrize(
    ("one", "other"), [("hall", "h\u0430ll"), ("i", "\u0131"), ("e", "é"), ("a b", "ab")]
)
def test_names_that_differ_in_letters_are_two(one: str, other: str) -> None:
    assert fold(one) != fold(other)


def test_folding_again_changes_nothing() -> None:
    for code in [*range(0xD800), *range(0xE000, 0x20000)]:
        folded = fold(chr(code))
        assert fold(folded) == folded
        assert unicodedata.is_normalized("NFC", folded)


def test_a_text_is_composed_and_has_no_controls() -> None:
    assert clean_text("cafe\u0301\r\n\tda\x00ta\x1b[0m\x85", LIMITS) == "café\n\tdata[0m"


def test_a_control_cannot_keep_a_letter_from_its_accent() -> None:
    assert clean_text("e\x00\u0301", LIMITS) == "é"
    assert clean_line("e\x00\u0301") == "é"


@given(st.text(max_size=200))
def test_a_text_once_cleaned_comes_back_as_it_was(text: str) -> None:
    try:
        once = clean_text(text, LIMITS)
    except Reject:
        return
    assert clean_text(once, LIMITS) == once
    assert clean_line(clean_line(once)) == clean_line(once)
    assert unicodedata.is_normalized("NFC", once)


@pytest.mark.parametrize("text", ["", " ", "\n\n", "\u2028", "\x00", "\u3000"])
def test_an_empty_message_is_refused(text: str) -> None:
    with pytest.raises(Reject, match="bad_request"):
        clean_text(text, LIMITS)


def test_a_message_has_4000_characters_and_16_kib_at_most() -> None:
    assert len(clean_text("x" * 4_000, LIMITS)) == 4_000
    assert clean_text("é" * 4_000, LIMITS) == clean_text("e\u0301" * 4_000, LIMITS)
    for text in ("x" * 4_001, "x" * 65_536, "😀" * 4_097, "e\u0301" * 4_001):
        with pytest.raises(Reject, match="too_long"):
            clean_text(text, LIMITS)


def test_a_message_of_four_byte_characters_ends_at_16_kib() -> None:
    narrow = Limits(text_bytes=100)
    assert clean_text("😀" * 25, narrow)
    with pytest.raises(Reject, match="too_long"):
        clean_text("😀" * 26, narrow)


@pytest.mark.parametrize(
    "text",
    [
        "a" + "\u0301\u0316" * 32_000,
        "a" + "\u0301\u0316" * 7_900,
        "\u0316" * 16_000,
        ("a" + "\u0301\u0316" * 500) * 15,
        "\u0958" * 16_000,
        "\n" * 20_000,
    ],
    ids=lambda text: f"{len(text)} from {text[:1]!r}",
)
def test_no_text_takes_long(text: str) -> None:
    took = []
    for _ in range(3):
        began = time.thread_time()
        with pytest.raises(Reject):
            clean_text(text, LIMITS)
        took.append(time.thread_time() - began)
    # 32,000 marks took a second, before their number was bounded.
    assert min(took) < 0.05


def test_a_thousand_marks_on_a_letter_are_only_ugly() -> None:
    assert clean_text("a" + "\u0316" * 1_000, LIMITS)
    with pytest.raises(Reject, match="bad_request"):
        clean_text("a" + "\u0316" * (MAX_MARKS + 1), LIMITS)


def test_a_title_is_one_line() -> None:
    assert clean_line("  the \n old\u2028 hall\t") == "the old hall"
    assert clean_line("\x00 \u3000") == ""


def test_a_text_may_be_empty_where_something_else_says_enough() -> None:
    for text in ("", " \n", "\x00"):
        assert clean_text(text, LIMITS, may_be_empty=True) == ""


@pytest.mark.parametrize("text", ["👍", "👩‍💻", "1️⃣", "🏴󠁧󠁢󠁿", "❤️", "🎉🎉"])
def test_a_reaction_is_an_emoji_or_a_few(text: str) -> None:
    assert clean_emoji(text) == text


@pytest.mark.parametrize("text", ["", "a", "1", "#", "👍a", "‍", "👍" * 17, "<b>", "👍 "])
def test_what_is_no_emoji_is_no_reaction(text: str) -> None:
    with pytest.raises(Reject) as no:
        clean_emoji(text)
    assert no.value.code == "bad_request"
