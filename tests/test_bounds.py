"""What one click may cost: the difference of two texts, a search, the text to explain."""

import difflib
import random
import time
from itertools import pairwise

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.config import LONGEST_TEXT
from core.datasets import likely_columns
from core.errors import BadInput
from core.explanation import explain
from pages.ui.render.difference import changes, longest_common
from pages.ui.shared.search import containing
from tests.toy import toy_model

SECONDS = 10  # that a machine under load may take for what takes half a second


def lines(seed, count=7_500, alphabet="abcdefghijklmnopqrstuvwxyz"):
    chance = random.Random(seed)
    return " ".join(chance.choice(alphabet) for _ in range(count))


@pytest.mark.parametrize("alphabet", ["ab", "abcdefghijklmnopqrstuvwxyz"])
def test_two_texts_of_single_letters_are_compared_at_once(alphabet):
    before, after = lines(1, alphabet=alphabet), lines(2, alphabet=alphabet)
    started = time.process_time()
    found = changes(before, after)
    assert time.process_time() - started < SECONDS / 5
    assert "".join(text for kind, text in found if kind != "+") == before
    assert "".join(text for kind, text in found if kind != "-") == after


TEXTS = st.lists(st.sampled_from(["soup", "the", "a", "!", " ", "\n", "é", "雨"]), max_size=12).map("".join)


@given(TEXTS, TEXTS)
@settings(max_examples=200, deadline=None)
def test_what_stayed_and_went_is_the_text_before_and_what_stayed_and_came_the_one_after(before, after):
    found = changes(before, after)
    assert "".join(text for kind, text in found if kind != "+") == before
    assert "".join(text for kind, text in found if kind != "-") == after
    assert all(text for _, text in found)
    assert all(one[0] != other[0] for one, other in pairwise(found))


def longest(one, other):
    """The length of a longest common subsequence, by the table."""
    row = [0] * (len(other) + 1)
    for piece in one:
        last = row[:]
        for j, another in enumerate(other):
            row[j + 1] = last[j] + 1 if piece == another else max(last[j + 1], row[j])
    return row[-1]


@given(st.text("abc", max_size=14), st.text("abc", max_size=14))
@settings(max_examples=200, deadline=None)
def test_as_much_as_can_stays(one, other):
    found = longest_common(one, other)
    assert len(found) == longest(one, other)
    assert [one[a] for a, _ in found] == [other[b] for _, b in found]
    assert sorted(set(found)) == found and len({b for _, b in found}) == len(found)


def test_a_change_of_a_word_is_what_difflib_finds():
    before, after = "Dull, but the music is splendid.", "Dull, and the music was very splendid."
    assert changes(before, after)[:4] == [(" ", "Dull, "), ("-", "but"), ("+", "and"), (" ", " the music ")]
    assert difflib.SequenceMatcher(None, before.split(), after.split()).ratio() > 0.5
    assert changes("same", "same") == [(" ", "same")]
    assert changes("", "new") == [("+", "new")]


@pytest.mark.parametrize("expression", ["(a?.{500}){2}b", "((\\w{0,100}){10})z", "(.{1,1000}x)", "[^b]{900}c{900}"])
def test_an_expression_with_large_repeats_is_refused_or_ends_soon(expression):
    texts = ["a" * 3_000 + "".join(random.Random(row).choices("abcd ", k=3_000)) for row in range(400)]
    started = time.process_time()
    try:
        assert len(containing(texts, expression, regular=True)) == 400
    except BadInput as error:
        assert "regular expression" in str(error)
    assert time.process_time() - started < SECONDS


def test_usual_expressions_are_searched_for():
    texts = ["the music is good", "no food, 1993", "Good " * 3_000]
    for expression, found in ((r"\bgood\b", [1, 0, 1]), (r"\d{4}$", [0, 1, 0]), (r"^(no|the) \w+", [1, 1, 0])):
        assert containing(texts, expression, regular=True).tolist() == list(map(bool, found))


def test_a_text_of_megabytes_is_refused_in_a_sentence():
    with pytest.raises(BadInput, match=r"^This text has 15,000,000 characters; explain a part of it, of at most 2,00"):
        explain(toy_model("bow"), "rain " * 3_000_000)
    assert LONGEST_TEXT == 2_000_000


def test_half_characters_are_searched_and_guessed_from_like_others():
    texts = ["a \ud800 b", "plain", "rain"]
    assert containing(texts, "r.in", regular=True).tolist() == [False, False, True]
    assert containing(texts, "\ud800", regular=True).tolist() == [True, False, False]
    frame = pd.DataFrame({"note": pd.Series([f"{text} and more" for text in texts], dtype=object), "kind": list("aba")})
    assert likely_columns(frame) == ("note", "kind")
