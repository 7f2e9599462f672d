import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core import load_dataset, load_model
from core.schema import BagTable, Encoded
from core.units import UNIT_KINDS, unit_spans
from tests.test_encoders import POSTS, TEXTS, both, bpe, words
from tests.toy import toy_data

ENCODERS = {
    "bpe": bpe(length=40),
    "bpe, case kept": bpe(lowercase=False),
    "words": words(POSTS),
    "counts": words(POSTS, weighting="counts"),
    "phrases": words(POSTS, ngrams=3, weighting="tfidf"),
    "characters": words(POSTS, characters=4, weighting="tfidf"),
    "phrases and characters": words(POSTS, ngrams=2, characters=5, weighting="tfidf"),
    "both": both(POSTS),
}


def some_masks(text, n=25, seed=0, kind="words"):
    """(n, units) bool, among them all units and none."""
    rng = np.random.default_rng(seed)
    masks = rng.random((n, len(unit_spans(text, kind)))) < rng.random((n, 1))
    masks[0], masks[1] = True, False
    return masks


def written(text, masks, kind="words"):
    """The texts that the masks stand for."""
    for mask in masks:
        kept, at = [], 0
        for (start, end), stays in zip(unit_spans(text, kind), mask, strict=True):
            kept += [text[at:start], text[start:end] * bool(stays)]
            at = end
        yield "".join(kept) + text[at:]


def assert_same(encoder, text, masks, kind="words"):
    fast = encoder.without(text, unit_spans(text, kind))(masks)
    slow = encoder.encode(written(text, masks, kind))
    for part, other in zip(fast, slow.parts, strict=True):
        one = as_documents(part) if isinstance(part, BagTable) else part
        assert one.offsets.tolist() == other.offsets.tolist()
        assert one.ids.tolist() == other.ids.tolist()
        assert one.values == pytest.approx(other.values, rel=1e-5, abs=1e-6)


def as_documents(table):
    """A table of bags with each bag by itself."""
    rows, columns = np.nonzero(table.values)
    order = np.lexsort((table.ids[columns], rows))
    offsets = np.searchsorted(rows, np.arange(len(table) + 1))
    return Encoded(ids=table.ids[columns[order]], values=table.values[rows[order], columns[order]], offsets=offsets)


@pytest.mark.parametrize("text", [*POSTS, *TEXTS[:3], "  a  b \n\n c\t", "\u3000a\u00a0b\u2028c \x1c d\x1fe"])
@pytest.mark.parametrize("name", ENCODERS)
def test_masks_give_what_reading_the_written_texts_gives(name, text):
    assert_same(ENCODERS[name], text, some_masks(text))


SIGNS = "aé猫ばーラいเนดะहि्न\u0301ßİΣσ🐱😡🇩🇪👍🏽\u200d\ufe0f가\u1100\u1161\0<|>&.@-_'!?# \n\t\u00a0\u05d07"


@pytest.mark.parametrize("kind", UNIT_KINDS)
@pytest.mark.parametrize("name", ENCODERS)
@settings(max_examples=60, deadline=None)
@given(text=st.text(alphabet=st.sampled_from(SIGNS), max_size=40))
def test_masks_of_any_text_give_what_reading_the_written_texts_gives(name, kind, text):
    assert_same(ENCODERS[name], text, some_masks(text, n=9, kind=kind), kind)


@pytest.mark.parametrize("kind", UNIT_KINDS)
@settings(max_examples=100, deadline=None)
@given(text=st.text(alphabet=st.sampled_from(SIGNS + "aB.@!\n猫ば"), min_size=1, max_size=25))
def test_bags_that_know_all_words_and_phrases_see_what_is_left(kind, text):
    masks = some_masks(text, n=9, kind=kind)
    everything = ["known", text, *written(text, masks, kind)]
    for ngrams in (1, 2):
        assert_same(words(everything, weighting="counts", ngrams=ngrams, min_count=1), text, masks, kind)


@pytest.mark.parametrize("name", ENCODERS)
@pytest.mark.parametrize("masks", [np.ones((0, 5), bool), np.zeros((1, 5), bool), np.ones((1, 5), bool)])
def test_no_mask_and_one_mask_are_read_too(name, masks):
    assert_same(ENCODERS[name], "cat-dog a-b@c", masks)


def test_a_text_without_words_is_read_too():
    model = load_model("newsgroups-bow")
    assert model.without("?!", [])(np.ones((2, 0), bool)) == pytest.approx(model.predict_proba(["?!", "?!"]), abs=1e-6)


def test_a_piece_with_many_words_in_it_is_read_once_for_each_variant():
    text = "-".join(["cat"] * 70) + " dog"
    assert_same(ENCODERS["bpe"], text, some_masks(text))


def test_words_are_counted_however_many_there_are():
    text = "table " * 40_000
    encoder = words(["table"], weighting="counts")
    (table,) = encoder.without(text, unit_spans(text))(np.ones((1, 40_000), bool))
    assert table.values.tolist() == [[40_000]]


def test_a_text_cut_at_its_length_stays_cut_when_words_leave():
    text = "the cat " * 60
    encoded = ENCODERS["bpe"].without(text, unit_spans(text))(some_masks(text))[0]
    assert encoded.lengths.max() == 40
    assert_same(ENCODERS["bpe"], text, some_masks(text))


@pytest.mark.parametrize("name", ["imdb-convnet", "imdb-best", "newsgroups-bow", "newsgroups-ngram", "docstrings-bow"])
@pytest.mark.data
def test_masks_of_real_documents_give_what_reading_the_written_texts_gives(name):
    model = load_model(name)
    for text in load_dataset(model.recipe.data.dataset).test.texts[7:10]:
        read = text[: model.read(text).end]
        assert_same(model.encoder, read, some_masks(read, n=60))


@pytest.mark.parametrize("name", ENCODERS)
def test_what_an_entry_adds_is_shared_among_its_words(name):
    for text in POSTS:
        encoded = ENCODERS[name].encode([text])
        shares = ENCODERS[name].shares(text, unit_spans(text))
        for part, share in zip(encoded.parts, shares, strict=True):
            assert share.shape == (len(part.ids), len(unit_spans(text)))
            assert set(np.asarray(share.sum(axis=1)).ravel().round(9)) <= {0.0, 1.0}


def test_a_token_belongs_to_the_word_whose_letters_it_has():
    shares = ENCODERS["bpe"].shares("the cat!", [(0, 3), (4, 7)])[0].toarray()
    assert shares.sum(axis=0).min() >= 1
    assert shares[-1].tolist() == [0, 0]


def test_a_phrase_belongs_to_each_of_its_words_and_an_address_to_all_in_it():
    encoder = words(["ann@its-org says so"], ngrams=2)
    shares = encoder.shares("ann@its-org says so", unit_spans("ann@its-org says so"))[0].toarray()
    thirds = [1 / 3, 1 / 3, 1 / 3, 0, 0]
    assert any(row.tolist() == pytest.approx(thirds) for row in shares)
    assert any(row.tolist() == pytest.approx([1 / 6, 1 / 6, 1 / 6, 1 / 2, 0]) for row in shares)
    assert any(row.tolist() == [0, 0, 0, 0.5, 0.5] for row in shares)


def test_toy_documents_are_read_the_same_both_ways():
    for text in toy_data().test.texts[:5]:
        assert_same(ENCODERS["both"], text, some_masks(text))
