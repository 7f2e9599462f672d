import numpy as np
import pytest
from sklearn.metrics import (
    accuracy_score,
    average_precision_score,
    classification_report,
    confusion_matrix,
    roc_auc_score,
    roc_curve,
)

from core.errors import BadInput
from core.evaluation import at_threshold, class_curves, costs, mean_cost
from core.evaluation.curves import MAX_CURVE_POINTS
from core.saved_models import stored_evaluation
from tests.answers import HARD, SHIPPED, answered, drawn

TWO = [result for result in HARD.values() if len(result.class_names) == 2]
REVIEWS = ("imdb-best", "imdb-convnet")


@pytest.mark.parametrize("name", SHIPPED)
def test_the_areas_of_a_shipped_model_are_scikit_learns(name):
    result = stored_evaluation(name)
    for place, curves in enumerate(class_curves(result)):
        member, score = result.labels == place, result.probabilities[:, place]
        assert curves.roc.area == pytest.approx(roc_auc_score(member, score))
        assert curves.precision_recall.area == pytest.approx(average_precision_score(member, score))
        assert curves.documents == member.sum()
        assert curves.reason == ""


@pytest.mark.parametrize("name", SHIPPED)
def test_a_thinned_curve_looks_like_the_whole_one(name):
    result = stored_evaluation(name)
    for place, curves in enumerate(class_curves(result)):
        x, y, _ = roc_curve(result.labels == place, result.probabilities[:, place])
        roc, dense = curves.roc, np.linspace(0, 1, 999)
        assert len(roc.x) <= MAX_CURVE_POINTS >= len(curves.precision_recall.x)
        assert (roc.x[0], roc.y[0], roc.x[-1], roc.y[-1]) == (0, 0, 1, 1)
        # Half a hundredth between the lines, wherever they are not steep.
        assert np.median(np.abs(np.interp(dense, roc.x, roc.y) - np.interp(dense, x, y))) < 0.005
        assert np.trapezoid(roc.y, roc.x) == pytest.approx(roc.area, abs=0.005)


@pytest.mark.parametrize("name", SHIPPED)
def test_every_point_of_a_curve_is_what_its_threshold_gives(name):
    result = stored_evaluation(name)
    curves = class_curves(result)[1]
    member, score = result.labels == 1, result.probabilities[:, 1]
    for x, y, threshold in list(zip(curves.roc.x, curves.roc.y, curves.roc.thresholds, strict=True))[::17]:
        given = score >= threshold
        assert (x, y) == pytest.approx((given[~member].mean(), given[member].mean()))
    points = zip(curves.precision_recall.x, curves.precision_recall.y, curves.precision_recall.thresholds, strict=True)
    for x, y, threshold in list(points)[:-1:17]:
        given = score >= threshold
        assert (x, y) == pytest.approx((given[member].mean(), member[given].mean()))


@pytest.mark.parametrize("result", HARD.values(), ids=HARD)
def test_a_class_with_no_document_or_with_all_of_them_has_no_curve_and_a_reason(result):
    for place, curves in enumerate(class_curves(result)):
        documents = int((result.labels == place).sum())
        undefined = documents in (0, len(result))
        assert (curves.roc is None) == (curves.precision_recall is None) == undefined == bool(curves.reason)
        assert curves.documents == documents


def test_equal_probabilities_rank_nothing():
    curves = class_curves(HARD["equal probabilities"])[0]
    assert curves.roc.area == 0.5
    assert curves.precision_recall.area == 0.5  # the share of the class
    assert curves.roc.x.tolist() == [0, 1]


@pytest.mark.parametrize("threshold", [0.0, 0.1, 0.5, 0.83, 1.0, np.inf])
@pytest.mark.parametrize("name", REVIEWS)
def test_every_figure_at_a_threshold_is_scikit_learns(name, threshold):
    before = stored_evaluation(name)
    moved, given = at_threshold(before, threshold), before.probabilities[:, 1] >= threshold
    assert moved.accuracy == accuracy_score(before.labels, given)
    np.testing.assert_array_equal(moved.confusion, confusion_matrix(before.labels, given))
    names = before.class_names
    theirs = classification_report(before.labels, given, target_names=names, output_dict=True, zero_division=np.nan)
    for row in (*names, "macro avg", "weighted avg"):
        ours = {key: np.nan if figure is None else figure for key, figure in moved.report[row].items()}
        assert ours == pytest.approx(theirs[row], nan_ok=True)
    assert moved.loss == before.loss


def test_a_threshold_moves_the_confidence_with_the_class_and_leaves_the_answers_alone():
    result = answered([1, 0, 1], [[0.8, 0.2], [0.7, 0.3], [0.1, 0.9]])
    moved = at_threshold(result, 0.3)
    assert moved.predictions.tolist() == [0, 1, 1]
    np.testing.assert_allclose(moved.confidence, [0.8, 0.3, 0.9])
    assert result.predictions.tolist() == [0, 0, 1]
    assert at_threshold(moved, None).predictions.tolist() == result.predictions.tolist()


@pytest.mark.parametrize("prices", [(1, 1), (1, 5), (7, 2), (0, 1), (3, 0)])
@pytest.mark.parametrize("name", REVIEWS)
def test_no_threshold_is_cheaper_than_the_cheapest(name, prices):
    result = stored_evaluation(name)
    found = costs(result, *prices)
    every = [mean_cost(at_threshold(result, float(t)), *prices) for t in [*np.linspace(0, 1, 101), np.inf]]
    assert mean_cost(at_threshold(result, found.cheapest), *prices) == pytest.approx(found.lowest)
    assert found.lowest <= min(every) + 1e-12
    assert len(found.thresholds) <= MAX_CURVE_POINTS + 1
    assert found.cheapest in found.thresholds
    assert found.means.min() == pytest.approx(found.lowest)


def test_the_drawn_costs_are_those_of_their_thresholds():
    result = stored_evaluation("imdb-convnet")
    found = costs(result, 2, 3)
    for threshold, mean in list(zip(found.thresholds, found.means, strict=True))[::13]:
        assert mean_cost(at_threshold(result, float(threshold)), 2, 3) == pytest.approx(mean)


def test_with_right_probabilities_the_cheapest_threshold_is_near_the_expected_one():
    found = costs(drawn(40_000, 2, seed=6), 1, 4)
    assert found.expected == 0.2
    assert found.cheapest == pytest.approx(0.2, abs=0.05)


def test_where_every_mistake_of_a_kind_is_free_the_other_kind_is_never_made():
    result = stored_evaluation("imdb-convnet")
    for prices in ((0, 1), (1, 0)):
        assert costs(result, *prices).lowest == 0


@pytest.mark.parametrize("result", TWO, ids=range(len(TWO)))
def test_costs_stand_hard_data(result):
    found = costs(result, 1, 2)
    assert mean_cost(at_threshold(result, found.cheapest), 1, 2) == pytest.approx(found.lowest)
    assert np.isfinite(found.means).all()


def test_a_threshold_needs_two_classes():
    result = drawn(9, 3, seed=0)
    for asked in (lambda: at_threshold(result, 0.5), lambda: costs(result, 1, 1), lambda: mean_cost(result, 1, 1)):
        with pytest.raises(BadInput, match="two classes, not 3"):
            asked()


@pytest.mark.parametrize("prices", [(-1, 1), (0, 0), (np.nan, 1), (1, np.inf)])
def test_costs_that_cannot_be_are_refused(prices):
    with pytest.raises(BadInput, match="Costs are numbers"):
        costs(drawn(9, 2, seed=0), *prices)


def test_a_threshold_that_is_no_number_is_refused():
    with pytest.raises(BadInput, match="not a number"):
        at_threshold(drawn(9, 2, seed=0), float("nan"))
