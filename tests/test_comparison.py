import dataclasses

import numpy as np
import pytest
from scipy.stats import binom
from sklearn.metrics import accuracy_score, confusion_matrix, precision_recall_fscore_support

from core.errors import BadInput
from core.evaluation import compare
from core.saved_models import stored_evaluation
from tests.answers import HARD, answered, drawn

PAIRS = [("imdb-best", "imdb-convnet"), ("newsgroups-ngram", "newsgroups-bow")]


def pair(both_right, only_first, only_second, both_wrong):
    """Two models with so many documents of each kind."""
    counts = (both_right, only_first, only_second, both_wrong)
    first, second = np.repeat([True, True, False, False], counts), np.repeat([True, False, True, False], counts)
    return [answered([0] * len(first), np.where(right[:, None], [0.9, 0.1], [0.1, 0.9])) for right in (first, second)]


@pytest.mark.parametrize("names", PAIRS)
def test_the_figures_of_two_shipped_models_are_scikit_learns(names):
    first, second = map(stored_evaluation, names)
    found, labels = compare(first, second), first.labels
    accuracies = [accuracy_score(labels, result.predictions) for result in (first, second)]
    assert found.difference.value == pytest.approx(accuracies[1] - accuracies[0])
    matrices = [confusion_matrix(labels, result.predictions) for result in (first, second)]
    np.testing.assert_array_equal(found.confusion, matrices[1] - matrices[0])
    one, two = (np.array(precision_recall_fscore_support(labels, r.predictions)[:3]) for r in (first, second))
    ours = [list(found.report[name].values()) for name in first.class_names]
    np.testing.assert_allclose(ours, (two - one).T)


@pytest.mark.parametrize("names", PAIRS)
def test_every_document_is_in_one_of_four_lists(names):
    first, second = map(stored_evaluation, names)
    found = compare(first, second)
    assert first.correct[found.only_first].all()
    assert not second.correct[found.only_first].any()
    assert second.correct[found.only_second].all()
    assert not first.correct[found.only_second].any()
    assert not (first.correct | second.correct)[found.both_wrong].any()
    assert found.both_right == (first.correct & second.correct).sum()


def test_mcnemars_test_is_exact():
    found = compare(*pair(40, 3, 12, 5))
    assert found.p_value == pytest.approx(2 * binom.cdf(3, 15, 0.5))


def test_the_interval_is_that_of_the_literature():
    # Bentur et al. 2009 in Fagerland, Lydersen and Laake 2014, Statistics in Medicine 33:2850.
    assert compare(*pair(1, 1, 7, 12)).difference == pytest.approx((6 / 21, 0.026, 0.507), abs=5e-4)


def test_95_of_100_intervals_hold_the_true_difference():
    shares, rng = np.array([0.72, 0.06, 0.11, 0.11]), np.random.default_rng(3)
    found = [compare(*pair(*rng.multinomial(180, shares))).difference for _ in range(300)]
    assert 0.91 < np.mean([low <= 0.05 <= high for _, low, high in found]) < 0.985


def test_a_model_does_not_differ_from_itself():
    result = drawn(77, 3, seed=1)
    found = compare(result, result)
    assert found.p_value == 1
    assert found.difference.low < found.difference.value == 0 < found.difference.high
    assert len(found.only_first) == len(found.only_second) == np.abs(found.confusion).sum() == 0


def test_swapping_the_models_turns_the_signs():
    one, two = pair(40, 3, 12, 5)
    there, back = compare(one, two), compare(two, one)
    value, low, high = back.difference
    assert there.difference == pytest.approx((-value, -high, -low))
    assert there.p_value == back.p_value


@pytest.mark.parametrize("result", HARD.values(), ids=HARD)
def test_comparing_stands_hard_data(result):
    other = dataclasses.replace(result, probabilities=result.probabilities[:, ::-1].copy())
    found = compare(result, other)
    assert -1 <= found.difference.low <= found.difference.value <= found.difference.high <= 1
    for name in result.class_names:
        undefined = None in (result.report[name]["precision"], other.report[name]["precision"])
        assert (found.report[name]["precision"] is None) == undefined


def test_models_of_different_data_are_not_compared():
    one = drawn(9, 3, seed=1)
    with pytest.raises(BadInput, match="the test split of toy and made up on the valid split of toy"):
        compare(one, drawn(9, 3, seed=1, split="valid"))
    with pytest.raises(BadInput, match="the test split of other"):
        compare(one, drawn(9, 3, seed=1, dataset="other"))
    for other in (drawn(9, 3, seed=2), drawn(8, 3, seed=1), drawn(9, 4, seed=1)):
        with pytest.raises(BadInput, match="different documents"):
            compare(one, other)


def test_classes_may_be_called_as_the_means_of_the_report():
    one, two = (dataclasses.replace(drawn(9, 2, 4, skill=s), class_names=("accuracy", "good")) for s in (1, 2))
    two = dataclasses.replace(two, labels=one.labels)
    assert compare(one, two).report["accuracy"].keys() == {"precision", "recall", "f1-score"}
