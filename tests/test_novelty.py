from dataclasses import replace

import numpy as np
import pytest

from core.config import FAMILIES
from core.jax_predictor import JaxPredictor
from core.novelty import MIN_DEVIATION, Reference, reference
from core.schema import NOVEL_PERCENTILE, Novelty
from tests.toy import toy_data, toy_model

STRANGE = "Der Hund schlief gestern unter dem alten Apfelbaum, während es draußen regnete."


def made(**changes):
    """What documents are like in which three words have these rarities and an unknown one that of 9."""
    given = {"rarity": np.array([1, 2, 6, 9], np.float16), "mean": 2.5, "between": 0.25, "within": 3.0}
    return Reference(**(given | {"quantiles": np.linspace(-2, 3, 101)} | changes))


@pytest.mark.parametrize("family", FAMILIES)
def test_a_text_in_another_language_is_unlike_and_one_in_the_models_own_is_not(family):
    model, own = toy_model(family), toy_data().test.texts
    assert model.novelty(STRANGE).is_novel
    assert np.mean([model.novelty(text).is_novel for text in own]) < 0.15


@pytest.mark.parametrize("family", FAMILIES)
def test_one_document_in_twenty_of_validation_is_called_unlike_it_at_most(family):
    found = [toy_model(family).novelty(text) for text in toy_data().valid.texts]
    assert sum(one.is_novel for one in found) <= 47 * (1 - NOVEL_PERCENTILE / 100)
    assert max(one.percentile for one in found) > 95 or len({one.score for one in found}) == 1


def test_a_score_counts_standard_deviations_of_a_text_of_that_length():
    ids = np.array([0, 0, 2, -1, 1, 1])
    assert made().score(ids) == pytest.approx((21 / 6 - 2.5) / np.sqrt(0.25 + 3 / 6))
    assert made().score(np.tile(ids, 1000)) == pytest.approx(1 / np.sqrt(0.25 + 3 / 6000))


def test_the_percentile_counts_the_validation_documents_that_are_less_rare():
    evenly = made(quantiles=np.linspace(-10, 10, 101), between=1.0, within=0.0)
    found = {word: evenly.novelty(np.array([word])) for word in (0, 2, -1)}
    assert [found[word].score for word in found] == pytest.approx([-1.5, 3.5, 6.5])
    assert [found[word].percentile for word in found] == [43, 68, 83]
    assert made(mean=-100.0).novelty(np.array([1])).percentile == 100
    assert made(mean=+100.0).novelty(np.array([1])).percentile == 0


def test_a_text_is_unlike_above_the_last_percentile_that_is_usual():
    assert [
        Novelty(score=1.0, percentile=p).is_novel
        for p in (NOVEL_PERCENTILE - 1, NOVEL_PERCENTILE, NOVEL_PERCENTILE + 1, 100)
    ] == [
        False,
        False,
        True,
        True,
    ]


@pytest.mark.parametrize("family", FAMILIES)
def test_an_empty_text_has_no_score_and_says_why(family):
    found = toy_model(family).novelty("")
    assert (found.score, found.percentile, found.is_novel) == (None, None, False)
    assert found.reason == "There is nothing in the text that the model reads."


def test_a_model_that_kept_nothing_to_compare_with_says_so():
    found = replace(toy_model("bow"), reference=None).novelty("the cat")
    assert (found.score, found.percentile, found.is_novel) == (None, None, False)
    assert "train it again" in found.reason


def test_variance_is_split_into_that_between_documents_and_that_within_them():
    # Documents of two kinds, 100 words each: of one kind half of the words are "rare", of the other a tenth.
    model = toy_model("ngram")
    assert isinstance(model, JaxPredictor)
    rng = np.random.default_rng(4)
    shares = np.arange(400) % 2 * 0.4 + 0.1
    texts = [" ".join(np.where(rng.random(100) < share, "zebra", "there")) for share in shares]
    found = reference(_OneWordOnly(model.encoder), toy_train(model), texts)
    unknown = float(found.rarity[-1]) - float(found.rarity[0])
    assert found.mean == pytest.approx(float(found.rarity[0]) + 0.3 * unknown, rel=0.03)
    assert found.between == pytest.approx(0.2**2 * unknown**2, rel=0.1)
    assert found.within == pytest.approx((0.5 * 0.5 + 0.1 * 0.9) / 2 * unknown**2, rel=0.1)


def test_validation_documents_that_are_all_alike_leave_no_division_by_nought():
    model = toy_model("bow")
    found = reference(model.encoder, toy_train(model), ["the the the", "the the"])
    assert (found.between, found.within) == (0, 0)
    assert found.score(np.array([-1])) == pytest.approx((float(found.rarity[-1]) - found.mean) / MIN_DEVIATION)
    assert found.novelty(np.array([-1])).is_novel
    assert np.isfinite(reference(model.encoder, toy_train(model), ["", ""]).quantiles).all()


def toy_train(model):
    return model.encoder.encode(toy_data().train.texts)


class _OneWordOnly:
    """An encoder that reads words and no phrases: "there" as id 0, "zebra" as unknown."""

    def __init__(self, encoder):
        self.rarity = encoder.rarity

    def occurrences(self, texts):
        return (np.array([0 if word == "there" else -1 for word in text.split()]) for text in texts)
