"""How texts are cut into words, and what a snippet shows of them."""

import hashlib
import random
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conclave.model import Piece, Term
from conclave.storage.search_match import SNIPPET, has_any, phrase, snippet, spans
from conclave.storage.search_words import MAX_WORD, VERSION, words


def cut(text: str) -> list[str]:
    return [word.text for word in words(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Hello, WORLD! foo_bar don't", "hello world foo bar don t"),
        ("Grüße Straße ŁÓDŹ Ærø Đà Nẵng", "grusse strasse lodz aero da nang"),
        ("İstanbul ISPARTA ılık ΣΟΦΟΣ ёлка", "istanbul isparta ilik σοφοσ елка"),
        ("ﬁne ＦＵＬＬ x² ½ ㎏", "fine full x2 1 2 kg"),
        ("שָׁלוֹם مُحَمَّد कि हिन्दी", "שלום محمد कि हिन्दी"),
        ("東京都 ｶﾞｷ 한국어 กา", "東京 京都 都 ガキ キ 한국 국어 어 กา า"),
        ("東京tower京", "東京 京 tower 京"),
        ("👍🏽❤️ 🇩🇪", "👍 ❤ 🇩 🇪"),
        ("https://x.org/a?b=1", "https x org a b 1"),
        ("\0\x01 \u200b …—!?", ""),
        ("a" * 100, "a" * MAX_WORD),
    ],
)
def test_words_are_cut_and_folded(text: str, expected: str) -> None:
    assert cut(text) == expected.split()


def test_a_word_knows_where_it_stands() -> None:
    text = "see Grüße, 東京都!"
    assert [text[word.start : word.end] for word in words(text)] == [
        "see",
        "Grüße",
        "東京",
        "京都",
        "都",
    ]


@given(st.text(max_size=200))
def test_any_text_has_words_that_the_index_can_keep(text: str) -> None:
    for word in words(text):
        assert 0 < len(word.text) <= MAX_WORD
        assert 0 <= word.start < word.end <= len(text)
        # FTS5 cuts at what is ASCII and neither letter nor digit: there must be none.
        assert all(char.isalnum() or not char.isascii() for char in word.text)
        assert "\0" not in word.text


def test_the_version_changes_with_what_comes_out() -> None:
    """What an index holds can only be taken out by the words that were put in."""
    rnd = random.Random(5)
    blocks = [(0x20, 0x7F), (0xC0, 0x24F), (0x370, 0x52F), (0x590, 0x6FF), (0x900, 0xE7F)]
    blocks += [(0x1F00, 0x1FFF), (0x2000, 0x2BFF), (0x3000, 0x30FF), (0x4E00, 0x4F00)]
    blocks += [(0xAC00, 0xAD00), (0xFB00, 0xFB4F), (0xFE70, 0xFFEF), (0x1F300, 0x1F6FF)]
    chars = [chr(code) for first, last in blocks for code in range(first, last)]
    # Characters that no version of Unicode this runs with lacks.
    known = [char for char in chars if unicodedata.ucd_3_2_0.category(char) != "Cn"]
    text = "".join(rnd.choices(known, k=20_000))
    seen = hashlib.sha256("\n".join(cut(text)).encode()).hexdigest()[:16]
    assert (VERSION.split("/")[0], seen) == ("1", "e591505464776241")


# ── what is asked for ──────────────────────────────────────────────────────────────────


def found(text: str, query: str, *, begins: bool = False) -> list[str] | None:
    """Return the parts of *text* that *query* finds."""
    wanted = phrase(Term(text=query, begins=begins))
    assert wanted is not None
    hits = spans([wanted], words(text))
    return None if hits is None else [text[start:end] for start, end in hits]


def test_words_of_a_term_stand_next_to_each_other() -> None:
    assert found("the quick brown fox", "quick brown") == ["quick brown"]
    assert found("the quick, brown fox", "Quick Brown") == ["quick, brown"]
    assert found("the quick red brown fox", "quick brown") is None
    assert found("mail ann@example.org now", "ann@example.org") == ["ann@example.org"]


def test_a_term_is_found_wherever_it_stands() -> None:
    assert found("x a x b x", "x") == ["x", "x", "x"]


def test_only_what_may_go_on_finds_beginnings() -> None:
    assert found("worlds apart", "world") is None
    assert found("worlds apart", "world", begins=True) == ["worlds"]
    # One letter begins too much.
    assert found("worlds apart", "w", begins=True) is None


@pytest.mark.parametrize(
    ("query", "part"),
    [
        ("東京", "東京"),
        ("京都", "京都"),
        ("都", "都"),
        ("京", "京"),
        ("東京都に", "東京都に"),
        ("行く", "行く"),
    ],
)
def test_scripts_without_spaces_are_found_by_any_part(query: str, part: str) -> None:
    assert found("昨日東京都に行くtower", query) == [part]
    assert found("昨日 東 京 都 に", "東京") is None


def test_what_has_no_word_asks_for_nothing() -> None:
    for text in ("", "!?", "…", "\0", '"*"'):
        assert phrase(Term(text=text)) is None


def test_one_of_the_unwanted_is_enough() -> None:
    unwanted = [one for text in ("x y", "z") if (one := phrase(Term(text=text)))]
    assert has_any(unwanted, words("a z"))
    assert has_any(unwanted, words("a x y"))
    assert not has_any(unwanted, words("a y x"))


# ── snippets ───────────────────────────────────────────────────────────────────────────


def shown(text: str, *queries: str) -> list[Piece]:
    wanted = [one for query in queries if (one := phrase(Term(text=query)))]
    hits = spans(wanted, words(text))
    assert hits is not None
    return snippet(text, hits)


def test_a_short_text_is_shown_in_whole_with_its_hits() -> None:
    assert shown("say Hello to\nthe  world", "hello", "world") == [
        Piece("say ", False),
        Piece("Hello", True),
        Piece(" to the ", False),
        Piece("world", True),
    ]
    assert shown("all of it") == [Piece("all of it", False)]


def test_hits_that_overlap_are_one() -> None:
    assert shown("東京都", "東京", "京都") == [Piece("東京都", True)]


def test_a_long_text_is_cut_around_its_first_hit_at_words() -> None:
    text = "word " * 200 + "needle " + "more " * 200
    pieces = shown(text, "needle")
    line = "".join(piece.text for piece in pieces)
    assert len(line) <= SNIPPET + 2
    assert line.startswith("…word word")
    assert line.endswith("more…")
    assert [piece.text for piece in pieces if piece.hit] == ["needle"]


@given(
    st.text(alphabet="ab 東京\u0301\u200d👍🏽\n", max_size=600),
    st.sampled_from(["a", "b", "東", "京", "東京"]),
)
def test_a_snippet_is_a_part_of_its_text(text: str, query: str) -> None:
    wanted = phrase(Term(text=query))
    assert wanted is not None
    hits = spans([wanted], words(text))
    if hits is None:
        return
    pieces = snippet(text, hits)
    line = "".join(piece.text for piece in pieces)
    assert " ".join(line.strip("…").split()) in " ".join(text.split())
    assert any(piece.hit for piece in pieces)
    assert all(piece.text for piece in pieces)
    assert len(line) <= SNIPPET + 2
