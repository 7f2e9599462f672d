import dataclasses

import numpy as np
import pytest

from core.evaluation import label_errors
from core.saved_models import stored_evaluation
from tests.answers import HARD, SHIPPED, drawn


def mislabelled(result, share, seed):
    """The same answers with some labels changed, and which they are."""
    rng = np.random.default_rng(seed)
    rows = rng.choice(len(result), int(share * len(result)), replace=False)
    labels, classes = result.labels.copy(), len(result.class_names)
    labels[rows] = (labels[rows] + rng.integers(1, classes, len(rows))) % classes
    return dataclasses.replace(result, labels=labels), rows


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_model_doubts_some_of_its_mistakes_only(name):
    result = stored_evaluation(name)
    found = label_errors(result)
    assert 0 < len(found) < 0.5 * (~result.correct).sum()
    assert not result.correct[found.rows].any()
    np.testing.assert_array_equal(found.labels, result.labels[found.rows])
    np.testing.assert_array_equal(found.suggested_labels, result.predictions[found.rows])
    np.testing.assert_array_equal(found.scores, result.probabilities[found.rows, found.labels])
    assert (np.diff(found.scores) >= 0).all()


@pytest.mark.parametrize("name", SHIPPED)
def test_labels_that_were_changed_are_found(name):
    result, changed = mislabelled(stored_evaluation(name), 0.03, seed=7)
    rows = label_errors(result).rows
    accuracy = stored_evaluation(name).accuracy
    assert np.isin(changed, rows).mean() > 0.65
    # A model that is wrong itself in 11 of 100 documents cannot point at 3 of 100 without pointing at others.
    assert np.isin(rows, changed).mean() > (0.75 if accuracy > 0.97 else 0.35)


@pytest.mark.parametrize("result", HARD.values(), ids=HARD)
def test_looking_for_label_errors_stands_hard_data(result):
    found = label_errors(result)
    assert len(found) == len(found.labels) == len(found.suggested_labels) == len(found.scores) <= len(result)
    assert (found.labels != found.suggested_labels).all()
    assert bool(found.reason) == (len(set(result.labels.tolist())) < 2)


def test_looking_changes_nothing():
    result = drawn(300, 3, seed=2)
    before = result.probabilities.copy(), result.labels.copy()
    label_errors(result)
    np.testing.assert_array_equal(result.probabilities, before[0])
    np.testing.assert_array_equal(result.labels, before[1])
