import itertools
import re
import unicodedata

import numpy as np
import pytest
import regex
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from core.units import (
    _ASCII_PATTERNS,
    _PATTERNS,
    UNIT_KINDS,
    cluster_end,
    cluster_starts,
    composed,
    composed_positions,
    has_unit,
    unit_spans,
)

SCRIPTS = {
    "Latin": "Das ist wirklich schön",
    "Cyrillic": "это очень хороший фильм",
    "Greek": "αυτή είναι η ταινία",
    "Arabic": "هذا فيلم جميل جدا",
    "marked Arabic": "بِسْمِ ٱللَّهِ",
    "Hebrew": "סרט טוב מאוד",
    "pointed Hebrew": "שָׁלוֹם עוֹלָם",
    "Hindi": "यह हिन्दी फ़िल्म क्षत्रिय है",
    "Bengali": "এটি খুব ভালো চলচ্চিত্র",
    "Tamil": "இது மிகவும் நல்ல படம்",
    "Telugu": "ఇది చాలా మంచి సినిమా",
    "Korean": "정말 좋은 영화",
    "Amharic": "በጣም ጥሩ ፊልም",
    "Georgian": "ძალიან კარგი ფილმი",
    "Vietnamese": "một bộ phim rất hay",
}
# Letters, marks, joiners and signs of every kind, many of them from where scripts differ.
ANY = st.text(
    st.one_of(
        st.characters(),
        st.sampled_from(
            "aé1_ .,:;'’!?-\u0301\u093f\u094d\u200c\u200d\ufe0f\u20e3\u0600🇩🇪👍🏽👩漢はカーเนะ가\u1100\u1161\n\r\x1c"
        ),
    ),
    max_size=30,
)


def units(text, kind="words"):
    return [text[start:end] for start, end in unit_spans(text, kind)]


@pytest.mark.parametrize("script", SCRIPTS)
def test_a_word_is_one_unit_in_every_script_with_spaces(script):
    text = SCRIPTS[script]
    assert units(text) == text.split()
    decomposed = unicodedata.normalize("NFD", text)
    assert units(decomposed) == decomposed.split()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("这部电影很好。", ["这", "部", "电", "影", "很", "好"]),
        ("とてもラーメン", ["と", "て", "も", "ラーメン"]),
        ("เป็นน้ำดีมาก", ["เป็", "น", "น้ำ", "ดี", "มา", "ก"]),
        ("2023年abc", ["2023", "年", "abc"]),
        ("I don't like 8.5, 1,000 and e.g. U.S.A.", ["I", "don't", "like", "8.5", "1,000", "and", "e.g", "U.S.A"]),
        ("well-known <br /> a_b x² ½", ["well", "known", "br", "a_b", "x²", "½"]),
        ("What??! no! ¿Qué？", ["What", "??!", "no", "!", "¿", "Qué", "？"]),
        ("😡😡 👨‍👩‍👧🇩🇪🇫🇷👍🏽1️⃣#️⃣❤️", ["😡", "😡", "👨‍👩‍👧", "🇩🇪", "🇫🇷", "👍🏽", "1️⃣", "#️⃣", "❤️"]),
        ("ba\u00add\u200cly", ["ba\u00add\u200cly"]),
        ("\u0301 \u200b\x00 \ud800 ...", []),
    ],
)
def test_units_are_what_a_reader_calls_a_word_a_character_or_a_sign(text, expected):
    assert units(text) == expected


def test_other_signs_and_lines_are_units_where_it_is_asked():
    assert units("Well, <b>no</b>! :-)", "signs") == ["Well", ",", "<", "b", ">", "no", "</", "b", ">", "!", ":-)"]
    assert units(" one line \n\n  and, another. \r\n", "lines") == ["one line", "and, another."]


@settings(max_examples=300, deadline=None)
@given(st.text(st.one_of(st.characters(categories=["L", "N"]), st.sampled_from("_ \n\t")), max_size=30))
def test_letters_digits_and_spaces_have_the_words_of_the_lime_package(text):
    unspaced = regex.compile(r"[\p{Ideographic}\p{Han}\p{Hiragana}\p{WB=Katakana}\p{Yi}\p{LB=SA}]")
    text = "".join(
        c for c in text if unicodedata.category(c) != "Cn" and not unspaced.match(c) and re.match(r"\w|\s", c)
    )
    assert list(unit_spans(text)) == [match.span() for match in re.finditer(r"\w+", text)]


@pytest.mark.parametrize("kind", UNIT_KINDS)
@settings(max_examples=300, deadline=None)
@given(text=ANY)
def test_a_unit_begins_and_ends_between_characters(kind, text):
    boundaries = {match.end() for match in regex.finditer(r"\X", text)} | {0}
    at = 0
    for start, end in unit_spans(text, kind):
        assert at <= start < end and {start, end} <= boundaries
        at = end


@settings(max_examples=200, deadline=None)
@given(text=st.text(st.sampled_from("aéЖह\u093fאב\"٣1_ .,:;'’-–/\u0301\u200d\u00ad\n"), max_size=15))
def test_words_are_those_between_unicodes_word_boundaries(text):
    assume(not regex.search(r"[אב][\p{M}\p{Cf}]*'[\p{M}\p{Cf}]*[\d_]", text))
    edges = [match.start() for match in regex.finditer(r"(?w)\b", text)]
    parts = [*itertools.pairwise(edges)]
    assert list(unit_spans(text)) == [part for part in parts if regex.search(r"[\p{L}\p{N}_]", text[slice(*part)])]


@pytest.mark.parametrize("kind", UNIT_KINDS)
@settings(max_examples=300, deadline=None)
@given(text=st.text(st.sampled_from("aB0_ .,:;'!?-<>/@\n\r\t\x1c\x1f\x0b\x00()"), max_size=15))
def test_the_fast_way_of_plain_texts_finds_the_same(kind, text):
    ways = [[match.span() for match in patterns[kind].finditer(text)] for patterns in (_ASCII_PATTERNS, _PATTERNS)]
    assert ways[0] == ways[1]


@settings(max_examples=200, deadline=None)
@given(text=ANY)
def test_composed_and_decomposed_texts_have_the_same_units(text):
    one, other = composed(text), unicodedata.normalize("NFD", text)
    assert [composed(unit) for unit in units(other)] == [composed(unit) for unit in units(one)]


@settings(max_examples=200, deadline=None)
@given(text=ANY)
def test_each_character_of_the_composed_text_has_its_place_in_the_text_as_given(text):
    starts, ends = composed_positions(text)
    read = composed(text)
    assert len(starts) == len(ends) == len(read)
    assert all(start < end for start, end in zip(starts, ends, strict=True))
    assert (np.diff(starts) >= 0).all() and (np.diff(ends) >= 0).all()
    clusters = [*cluster_starts(text), len(text)] if text else [0, 0]
    for start, end in itertools.pairwise(clusters):
        inside = (starts >= start) & (ends <= end)
        assert "".join(np.array([*read], object)[inside]) == composed(text[start:end])


@settings(max_examples=200, deadline=None)
@given(text=ANY, position=st.integers(0, 30))
def test_a_cut_is_moved_to_the_last_character_before_it(text, position):
    end = cluster_end(text, position)
    assert end <= position
    assert end in {match.end() for match in regex.finditer(r"\X", text)} | {0}


@pytest.mark.parametrize("kind", UNIT_KINDS)
def test_a_huge_character_is_one_unit_and_soon_found(kind):
    text = "a" + "\u0301" * 1_000_000
    assert unit_spans(text, kind) == ((0, len(text)),)
    assert has_unit(text, kind)
