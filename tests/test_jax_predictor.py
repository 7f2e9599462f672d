from dataclasses import replace

import numpy as np
import pytest

from core.config import FAMILIES
from core.jax_predictor import softmax
from tests.toy import CLASS_NAMES, toy_data, toy_model


@pytest.mark.parametrize("family", FAMILIES)
def test_probabilities_are_rows_that_sum_to_one(family):
    answers = toy_model(family).predict_proba(["The cat was old.", "", "soup " * 300, "🐱"])
    assert answers.shape == (4, len(CLASS_NAMES))
    assert answers.dtype == np.float32
    np.testing.assert_allclose(answers.sum(axis=1), 1, atol=1e-5)


@pytest.mark.parametrize("family", FAMILIES)
def test_an_answer_does_not_depend_on_the_company_it_is_in(family):
    model, texts = toy_model(family), [*toy_data().test.texts[:70], "rain " * 40]
    together = model.predict_proba(texts)
    alone = np.concatenate([model.predict_proba([text]) for text in texts])
    np.testing.assert_allclose(together, alone, atol=1e-5)


@pytest.mark.parametrize("family", FAMILIES)
def test_answers_come_in_the_order_of_the_texts(family):
    model, texts = toy_model(family), toy_data().test.texts
    forward, backward = model.predict_proba(texts), model.predict_proba(texts[::-1])
    np.testing.assert_allclose(forward, backward[::-1], atol=1e-5)


@pytest.mark.parametrize("family", FAMILIES)
def test_no_texts_give_no_rows(family):
    assert toy_model(family).predict_proba([]).shape == (0, len(CLASS_NAMES))


@pytest.mark.parametrize("family", FAMILIES)
def test_half_a_character_is_no_reason_to_fail(family):
    answers = toy_model(family).predict_proba(["the cat \ud800 was there"])
    np.testing.assert_allclose(answers.sum(axis=1), 1, atol=1e-5)


@pytest.mark.parametrize("family", FAMILIES)
def test_a_text_without_a_known_word_gets_the_answer_to_an_empty_one(family):
    model, words = toy_model(family), {"bow": "zebra", "ngram": "zebra"}.get(family, "")
    np.testing.assert_allclose(model.predict_proba([words]), model.predict_proba([""]), atol=1e-6)


def test_temperature_divides_the_logits():
    model, texts = toy_model("ngram"), toy_data().test.texts[:9]
    plain = np.log(replace(model, temperature=1.0).predict_proba(texts))
    for temperature in (0.5, 3.0):
        warm = np.log(replace(model, temperature=temperature).predict_proba(texts))
        gaps = plain - plain[:, :1]
        np.testing.assert_allclose(temperature * (warm - warm[:, :1]), gaps, rtol=1e-3, atol=1e-3)


def test_softmax_does_not_overflow_and_is_never_certain():
    shares = softmax(np.array([[1000.0, 0.0]], np.float32))
    np.testing.assert_allclose(shares, [[1.0, 0.0]], atol=1e-7)
    assert shares.dtype == np.float32 and 0 < shares.min() < shares.max() < 1


def test_parameters_are_counted():
    model = toy_model("bow")
    rows, embed, hidden, classes = model.encoder.size + 1, 24, 32, 3
    expected = rows * embed + embed + (embed * hidden + hidden) + (hidden * classes + classes)
    assert model.parameters == expected
    model = toy_model("wide")
    tokens, phrases = (size + 1 for size in model.encoder.sizes)
    regions = (2 * embed * hidden + hidden) + (3 * embed * hidden + hidden)
    deep = tokens * embed + regions + (2 * hidden + embed) * classes + classes
    assert model.parameters == deep + phrases * classes + classes
