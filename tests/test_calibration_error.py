"""The calibration error beside what chance alone would show."""

import numpy as np
import pytest

from core.evaluation import calibration_error
from core.saved_models import stored_evaluation
from core.schema import CalibrationError
from pages.ui.evaluate.confidence import calibration_error_sentence
from tests.answers import HARD, SHIPPED, answered, drawn

DRAWS = 2_000


def error(confidence, right):
    """The expected calibration error over 15 bins of equal width, from its definition."""
    bins = np.minimum((confidence * 15).astype(int), 14)
    gaps = [abs(right[bins == place].mean() - confidence[bins == place].mean()) for place in set(bins)]
    return np.dot(gaps, [(bins == place).mean() for place in set(bins)])


def sure(documents, seed, *, overconfident=0.0):
    """Answers of two classes, right as often as their confidence says, less so much."""
    rng = np.random.default_rng(seed)
    confidence = rng.uniform(0.5 + overconfident, 1, documents)
    right = rng.random(documents) < confidence - overconfident
    return answered(np.where(right, 0, 1), np.stack([confidence, 1 - confidence], axis=1))


@pytest.mark.parametrize(("documents", "classes"), [(180, 2), (700, 5)])
def test_a_calibrated_model_lies_under_the_95th_percentile_of_its_floor_in_95_of_100_cases(documents, classes):
    found = [calibration_error(drawn(documents, classes, seed, skill=1.2), seed=seed) for seed in range(250)]
    assert 0.91 <= np.mean([each.value <= each.floor_high for each in found]) <= 0.98
    assert np.mean([each.value for each in found]) == pytest.approx(np.mean([each.floor for each in found]), rel=0.05)


@pytest.mark.parametrize("name", SHIPPED)
def test_the_floor_is_that_of_a_direct_simulation(name):
    result, rng = stored_evaluation(name), np.random.default_rng(1)
    confidence = result.confidence.astype(float)
    simulated = [error(confidence, rng.random(len(result)) < confidence) for _ in range(300)]
    found = calibration_error(result)
    assert found.floor == pytest.approx(np.mean(simulated), rel=0.06)
    assert found.floor_high == pytest.approx(np.quantile(simulated, 0.95), rel=0.1)


@pytest.mark.parametrize(("documents", "overconfident"), [(130, 0.2), (900, 0.1), (900, 0.0)])
def test_the_interval_is_that_of_a_direct_bootstrap(documents, overconfident):
    result, rng = sure(documents, 3, overconfident=overconfident), np.random.default_rng(2)
    rows = rng.integers(0, documents, (DRAWS, documents))
    redrawn = [error(result.confidence[chosen], result.correct[chosen]) for chosen in rows]
    low, high = 2 * result.ece - np.quantile(redrawn, (0.975, 0.025))
    found = calibration_error(result)
    assert found.value == result.ece == pytest.approx(error(result.confidence, result.correct), abs=1e-6)
    assert found.low == pytest.approx(np.clip(low, 0, result.ece), abs=0.004)
    assert found.high == pytest.approx(max(high, result.ece), abs=0.004)


def test_the_interval_holds_the_true_error_of_an_overconfident_model_in_95_of_100_cases():
    found = [calibration_error(sure(1300, seed, overconfident=0.1), seed=seed) for seed in range(160)]
    assert 0.91 <= np.mean([each.low <= 0.1 <= each.high for each in found]) <= 0.985
    assert np.mean([each.value > each.floor_high for each in found]) > 0.99


@pytest.mark.parametrize("result", HARD.values(), ids=HARD)
def test_hard_data_has_an_error_with_its_interval_and_floor(result):
    found = calibration_error(result)
    assert 0 <= found.low <= found.value <= found.high
    assert 0 <= found.floor <= found.floor_high + 1e-12
    assert found.value == result.ece


def test_the_error_of_a_model_that_is_nearly_always_wrong_stays_a_share():
    found = calibration_error(answered([0] * 9 + [1], [[0.01, 0.99]] * 10))
    assert found.low < found.value == pytest.approx(0.89, abs=1e-6)
    assert found.high == 1


def test_the_same_seed_gives_the_same_interval():
    result = sure(300, 5)
    assert calibration_error(result, seed=4) == calibration_error(result, seed=4)
    assert calibration_error(result, seed=4) != calibration_error(result, seed=5)


def test_the_sentence_says_whether_chance_explains_the_error():
    within = CalibrationError(value=0.021, low=0.004, high=0.03, floor=0.02, floor_high=0.033)
    told = calibration_error_sentence(within, 1435)
    assert told == (
        "Calibration error 2.1% (95% interval 0.4% to 3.0%): a model with these confidences that is calibrated "
        "perfectly shows 2.0% on 1,435 documents on average, and at most 3.3% in 95 of 100 cases, so it is no more "
        "than chance explains."
    )
    assert calibration_error_sentence(within._replace(value=0.05), 1435).endswith("so it is more than chance explains.")
