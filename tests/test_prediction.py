import numpy as np
import pytest

from core.prediction import softmax
from tests.toy import CLASS_NAMES, toy_data, toy_model

FAMILIES = ["bow", "convnet"]


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


def test_softmax_does_not_overflow():
    np.testing.assert_allclose(softmax(np.array([[1000.0, 0.0]])), [[1.0, 0.0]])


def test_parameters_are_counted():
    model = toy_model("bow")
    rows, embed, hidden, classes = model.encoder.size + 1, 24, 32, 3
    expected = rows * embed + embed + (embed * hidden + hidden) + (hidden * classes + classes)
    assert model.parameters == expected
