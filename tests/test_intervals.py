import json
import time
from dataclasses import asdict

import numpy as np
import pytest
from scipy.stats import binomtest
from sklearn.metrics import accuracy_score, precision_recall_fscore_support

from core.evaluation import report_intervals, share, wilson
from core.evaluation.intervals import BOOTSTRAP_DRAWS
from core.saved_models import stored_evaluation
from core.schema import Decisions
from tests.answers import HARD, SHIPPED, answered, drawn

FIGURES = ("precision", "recall", "f1")
TRUE = (
    np.array([[37, 5, 1, 0], [3, 14, 2, 1], [4, 0, 9, 1], [1, 1, 0, 4]]) / 83
)  # shares of documents, true by predicted


def decided(confusion):
    rows, columns = np.divmod(np.repeat(np.arange(confusion.size), confusion.ravel()), len(confusion))
    return Decisions(class_names=tuple("abcd"[: len(confusion)]), labels=rows, predictions=columns)


@pytest.mark.parametrize(("successes", "documents"), [(0, 1), (1, 1), (0, 7), (7, 7), (3, 11), (24_999, 25_000)])
def test_the_interval_of_a_share_is_scipys(successes, documents):
    ours, theirs = wilson(successes, documents), binomtest(successes, documents).proportion_ci(method="wilson")
    assert ours.value == successes / documents
    assert (ours.low, ours.high) == pytest.approx((theirs.low, theirs.high), abs=1e-12)
    assert ours.low <= ours.value <= ours.high


def test_a_share_of_nothing_is_undefined():
    assert share(0, 0) is None


@pytest.mark.parametrize("name", SHIPPED)
def test_the_figures_of_a_shipped_model_are_scikit_learns_and_lie_in_their_intervals(name):
    result = stored_evaluation(name)
    report = report_intervals(result)
    assert report.accuracy.value == pytest.approx(accuracy_score(result.labels, result.predictions))
    by_class = precision_recall_fscore_support(result.labels, result.predictions)
    for place, row in enumerate(report.classes):
        assert [getattr(row, f).value for f in FIGURES] == pytest.approx([by_class[i][place] for i in range(3)])
        assert row.documents == by_class[3][place]
    for row in (report.macro, report.weighted):
        means = precision_recall_fscore_support(result.labels, result.predictions, average=row.name)
        assert [getattr(row, f).value for f in FIGURES] == pytest.approx(means[:3])
    rows = [*report.classes, report.macro, report.weighted]
    ends = np.array([getattr(row, figure) for row in rows for figure in FIGURES])
    assert (ends[:, 1] < ends[:, 0]).all()
    assert (ends[:, 0] <= ends[:, 2]).all()


@pytest.mark.parametrize("result", HARD.values(), ids=HARD)
def test_hard_data_have_the_figures_of_the_report_and_none_that_is_no_number(result):
    report = report_intervals(result)
    rows = {**{row.name: row for row in report.classes}, "macro avg": report.macro, "weighted avg": report.weighted}
    for name, row in rows.items():
        wanted = [result.report[name][key] for key in ("precision", "recall", "f1-score")]
        assert [figure and figure.value for figure in (row.precision, row.recall, row.f1)] == pytest.approx(wanted)
    json.dumps(asdict(report), allow_nan=False)


def test_a_class_that_is_never_predicted_has_recall_but_no_precision():
    row = report_intervals(HARD["a class never predicted"]).classes[2]
    assert row.precision is None
    assert row.recall.value == row.f1.value == 0 < row.recall.high


def test_where_all_is_right_no_interval_is_a_point():
    report = report_intervals(HARD["all right"])
    assert all(
        getattr(row, f).low < 1 == getattr(row, f).high for row in (report.macro, report.weighted) for f in FIGURES
    )


def test_95_of_100_intervals_hold_the_true_figure():
    right, given, there = TRUE.diagonal(), TRUE.sum(axis=0), TRUE.sum(axis=1)
    f1 = 2 * right / (given + there)
    true = np.array([right.sum(), f1[0], (right / given).mean(), f1.mean(), there @ f1])
    rng, held = np.random.default_rng(8), np.zeros(len(true))
    for _ in range(250):
        report = report_intervals(decided(rng.multinomial(900, TRUE.ravel()).reshape(TRUE.shape)))
        found = (report.accuracy, report.classes[0].f1, report.macro.precision, report.macro.f1, report.weighted.f1)
        held += [interval.low <= figure <= interval.high for interval, figure in zip(found, true, strict=True)]
    assert (held / 250 > 0.91).all() and (held / 250 < 0.99).all()


def test_more_documents_make_the_intervals_narrower():
    def width(n):
        interval = report_intervals(decided(np.round(TRUE * n).astype(int))).macro.f1
        return interval.high - interval.low

    assert width(830) / width(8300) == pytest.approx(10**0.5, rel=0.15)


def test_the_same_seed_draws_the_same_intervals_and_another_one_nearly_the_same():
    result = drawn(700, 5, seed=1)
    assert report_intervals(result) == report_intervals(result)
    one, other = (report_intervals(result, seed=seed).macro.f1 for seed in (0, 1))
    assert one != other
    assert one == pytest.approx(other, abs=0.01)


def test_twenty_classes_and_25000_documents_take_less_than_a_fifth_of_a_second():
    result = drawn(25_000, 20, seed=4)
    result.confusion  # noqa: B018  (scikit-learn's import and count are not what is measured)
    start = time.process_time()
    report_intervals(result)
    assert time.process_time() - start < 0.2 * 2  # twice, for a machine that does other things
    assert BOOTSTRAP_DRAWS >= 1000


def test_classes_may_be_called_as_the_rows_of_scikit_learns_report():
    result = answered([0, 1, 1], [[0.9, 0.1], [0.2, 0.8], [0.7, 0.3]])
    named = Decisions(class_names=("accuracy", "macro avg"), labels=result.labels, predictions=result.predictions)
    assert report_intervals(named).classes[1].recall.value == 0.5
