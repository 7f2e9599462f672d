import numpy as np
import pytest
from scipy.stats import binomtest
from sklearn.calibration import calibration_curve

from core.errors import BadInput
from core.evaluation import check_label_sets, label_set_rule, label_sets, reliability
from core.saved_models import stored_evaluation
from core.schema import LabelSetRule
from pages.ui.evaluate.confidence import class_coverage_table, uncovered_sentence
from tests.answers import HARD, SHIPPED, answered, drawn


def part(result, rows):
    return answered(result.labels[rows], result.probabilities[rows])


def halves(result, seed):
    rows = np.random.default_rng(seed).permutation(len(result))
    return part(result, rows[::2]), part(result, rows[1::2])


@pytest.mark.parametrize("name", SHIPPED)
def test_the_reliability_of_a_shipped_model_is_scikit_learns_and_adds_up_to_its_calibration_error(name):
    result = stored_evaluation(name)
    bins = [b for b in reliability(result) if b.documents]
    accuracy, confidence = calibration_curve(result.correct, result.confidence, n_bins=15)
    assert [b.accuracy.value for b in bins] == pytest.approx(accuracy)
    assert [b.confidence for b in bins] == pytest.approx(confidence, abs=1e-5)
    gaps = sum(b.documents * abs(b.accuracy.value - b.confidence) for b in bins)
    assert gaps / len(result) == pytest.approx(result.ece, abs=1e-6)


@pytest.mark.parametrize("result", HARD.values(), ids=HARD)
def test_every_document_is_in_one_bin_and_an_empty_bin_has_no_figures(result):
    bins = reliability(result)
    assert sum(b.documents for b in bins) == len(result)
    assert len(bins) == 15
    for b in bins:
        assert (b.confidence is None) == (b.accuracy is None) == (not b.documents)
        assert b.confidence is None or b.low - 1e-6 <= b.confidence <= b.high + 1e-6


def test_honest_probabilities_lie_on_the_diagonal():
    bins = [b for b in reliability(drawn(20_000, 4, seed=2)) if b.documents > 100]
    assert len(bins) > 8
    outside = [b for b in bins if not b.accuracy.low - 0.01 <= b.confidence <= b.accuracy.high + 0.01]
    assert outside == []


@pytest.mark.parametrize("coverage", [0.8, 0.9, 0.95, 0.99])
@pytest.mark.parametrize("name", SHIPPED)
def test_label_sets_cover_what_was_asked_or_what_the_first_class_alone_does(name, coverage):
    result = stored_evaluation(name)
    checks = []
    for seed in range(30):
        known, new = halves(result, seed)
        checks.append(check_label_sets(label_set_rule(known, coverage), new))
    found = np.mean([check.coverage.value for check in checks])
    assert found >= coverage - 0.004
    assert found <= max(coverage, result.accuracy) + 0.015


@pytest.mark.parametrize(("classes", "documents"), [(2, 50), (5, 230), (13, 1100)])
def test_new_documents_are_covered_as_often_as_asked_on_average(classes, documents):
    # At least that, and at most one document in n more: what split conformal prediction guarantees.
    def coverage(seed):
        rule = label_set_rule(drawn(documents, classes, seed, skill=0.7), 0.9)
        return check_label_sets(rule, drawn(2000, classes, 1000 + seed, skill=0.7)).coverage.value

    mean = np.mean([coverage(seed) for seed in range(60)])
    spread = np.sqrt(0.09 / documents / 60)
    assert 0.9 - 4 * spread - 0.001 <= mean <= 0.9 + 1 / (documents + 1) + 4 * spread + 0.001


def test_the_threshold_is_the_quantile_for_finite_samples():
    true = np.linspace(0.99, 0.01, 19)
    result = answered([0] * 19, np.stack([true, 1 - true], axis=1))
    assert label_set_rule(result, 0.9).least == pytest.approx(true[17])  # ceil(20 * 0.9) = 18 of 19
    assert label_set_rule(result, 0.95).least == pytest.approx(true[18])
    assert label_set_rule(result, 0.96).least == 0  # needs a 20th


def test_a_set_holds_what_is_probable_enough_and_never_nothing():
    rule = LabelSetRule(coverage=0.9, least=0.4, documents=100)
    sets = label_sets(rule, np.array([[0.5, 0.45, 0.05], [0.35, 0.34, 0.31], [0.9, 0.05, 0.05], [0.2, 0.4, 0.4]]))
    assert sets.tolist() == [[True, True, False], [True, False, False], [True, False, False], [False, True, True]]


def test_more_coverage_takes_larger_sets_up_to_all_classes():
    known, new = halves(drawn(900, 6, seed=1, skill=1.0), 0)
    checks = [check_label_sets(label_set_rule(known, c), new) for c in (0.5, 0.8, 0.9, 0.95, 0.9999)]
    sizes = [check.mean_size for check in checks]
    assert sizes == sorted(sizes)
    assert checks[-1].coverage.value == 1
    assert checks[-1].sizes == (0, 0, 0, 0, 0, 450)
    assert checks[0].single == checks[0].sizes[0] / 450 > 0.4


@pytest.mark.parametrize("result", HARD.values(), ids=HARD)
def test_label_sets_stand_hard_data(result):
    check = check_label_sets(label_set_rule(result, 0.9), result)
    assert sum(check.sizes) == len(result)
    assert len(check.sizes) == len(check.by_class) == len(result.class_names)
    assert check.mean_size == pytest.approx(np.dot(check.sizes, np.arange(1, len(check.sizes) + 1)) / len(result))
    without = [c for c, interval in enumerate(check.by_class) if interval is None]
    assert without == sorted(set(range(len(result.class_names))) - set(result.labels.tolist()))


@pytest.mark.parametrize("coverage", [0, 1, -0.5, 95, float("nan")])
def test_a_coverage_that_cannot_be_is_refused(coverage):
    with pytest.raises(BadInput, match="coverage"):
        label_set_rule(HARD["all right"], coverage)


def by_class(held, documents):
    """Answers with the sets of a rule of which so many of each class hold it: the others give the next class alone."""
    classes = len(held)
    labels = np.repeat(np.arange(classes), documents)
    right = np.concatenate([np.arange(n) < k for k, n in zip(held, documents, strict=True)])
    probabilities = np.full((len(labels), classes), 0.1 / (classes - 1))
    probabilities[np.arange(len(labels)), np.where(right, labels, (labels + 1) % classes)] = 0.9
    return answered(labels, probabilities)


RULE = LabelSetRule(coverage=0.9, least=0.5, documents=70)


def test_coverage_by_class_is_what_one_counts():
    check = check_label_sets(RULE, by_class([17, 0, 41, 3], [20, 0, 41, 11]))
    wilson = [binomtest(k, n).proportion_ci(method="wilson") for k, n in ((17, 20), (41, 41), (3, 11))]
    assert [found and found.value for found in check.by_class] == [17 / 20, None, 1, pytest.approx(3 / 11)]
    there = [found for found in check.by_class if found]
    assert [(f.low, f.high) for f in there] == [pytest.approx((ends.low, ends.high)) for ends in wilson]
    assert check.coverage.value == pytest.approx(61 / 72)


def test_the_table_of_coverage_has_the_least_first_and_a_class_without_documents_last():
    frame = class_coverage_table(
        ["x", "none", "y", "z"], check_label_sets(RULE, by_class([17, 0, 41, 3], [20, 0, 41, 11]))
    )
    assert frame["Class"].tolist() == ["z", "x", "y", "none"]
    assert frame["Coverage"].tolist()[:3] == pytest.approx([3 / 11, 0.85, 1])
    assert frame.iloc[3, 1:].isna().all()
    assert (frame["From"] <= frame["Coverage"] + 1e-9)[:3].all() and (frame["Coverage"] <= frame["To"] + 1e-9)[:3].all()


@pytest.mark.parametrize("held", range(21))
def test_a_class_is_named_only_if_its_interval_lies_below_what_was_asked(held):
    told = uncovered_sentence(["x", "y"], RULE, check_label_sets(RULE, by_class([held, 37], [20, 37])))
    high = binomtest(held, 20).proportion_ci(method="wilson").high
    assert told.startswith("For x it holds less often than asked") == (high < 0.9) == bool(told)


def test_the_least_covered_class_is_named_and_the_others_are_counted():
    names = ["x", "y", "z", "none"]
    one, two, three = (
        uncovered_sentence(names, RULE, check_label_sets(RULE, by_class(held, [50, 60, 70, 0])))
        for held in ([50, 20, 70, 0], [30, 20, 70, 0], [30, 20, 10, 0])
    )
    ends = binomtest(20, 60).proportion_ci(method="wilson")
    assert one == (
        f"For y it holds less often than asked: 33.3% ({100 * ends.low:.1f} to {100 * ends.high:.1f}), where 90.0% is "
        "asked. The promise is for all documents together, not for each class."
    )
    assert two == f"{one} 1 more class is too."
    assert three.startswith("For z it holds") and three.endswith(" 2 more classes are too.")
