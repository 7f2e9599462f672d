import numpy as np
import pytest
from scipy.special import log_softmax, softmax

from core.calibration import Calibration, calibrated, fitted_calibration, fitted_temperature

SHARES = np.array([[70, 20, 10], [5, 60, 35], [15, 5, 80], [34, 33, 33]])  # of a hundred documents of a kind


def documents(copies=20):
    """Logits whose softmax is just how often each class is right, and the labels."""
    logits = np.repeat(np.log(SHARES / 100), 100 * copies, axis=0)
    labels = np.concatenate([np.repeat(np.arange(3), copies * row) for row in SHARES])
    return logits.astype(np.float32), labels.astype(np.int32)


def loss(logits, labels, temperature, right=1.0):
    """Mean nats when the right class is to have the probability `right`, and the others the rest."""
    targets = np.full(logits.shape, (1 - right) / (logits.shape[1] - 1))
    targets[np.arange(len(labels)), labels] = right
    return -(targets * log_softmax(logits / temperature, axis=1)).sum(axis=1).mean()


@pytest.mark.parametrize("temperature", [0.1, 0.6, 1.0, 2.5, 17.0])
def test_a_known_temperature_is_found(temperature):
    logits, labels = documents()
    assert fitted_temperature(temperature * logits, labels) == pytest.approx(temperature, rel=5e-3)


def test_what_is_added_to_all_logits_of_a_document_is_of_no_account():
    logits, labels = documents()
    shifted = 3 * logits + np.linspace(-40, 40, len(logits), dtype=np.float32)[:, None]
    assert fitted_temperature(shifted, labels) == pytest.approx(3, rel=5e-3)


@pytest.mark.parametrize("classes", [2, 5])
@pytest.mark.parametrize("count", [1, 100])
def test_a_split_without_a_mistake_gives_no_certainty(count, classes):
    labels = (np.arange(count) % classes).astype(np.int32)
    logits = 9 * np.eye(classes, dtype=np.float32)[labels]
    sure = softmax(logits / fitted_temperature(logits, labels), axis=1).max(axis=1)
    np.testing.assert_allclose(sure, (count + 1) / (count + 2), atol=1e-3)


def test_a_model_that_is_always_wrong_becomes_as_unsure_as_can_be():
    labels = (np.arange(40) % 4).astype(np.int32)
    logits = 20 * np.eye(4, dtype=np.float32)[(labels + 1) % 4]
    calibrated = softmax(logits / fitted_temperature(logits, labels), axis=1)
    assert calibrated.max() < 0.35


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("scale", [0.05, 1.0, 12.0])
def test_the_split_it_is_fitted_to_is_never_less_probable_than_without(seed, scale):
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 4, 300).astype(np.int32)
    logits = (scale * (rng.normal(size=(300, 4)) + np.eye(4)[labels])).astype(np.float32)
    temperature, right = fitted_temperature(logits, labels), 301 / 302
    for other in (1.0, *np.geomspace(0.05, 40, 200)):
        assert loss(logits, labels, temperature, right) <= loss(logits, labels, other, right) + 1e-6
    drawn = np.abs(logits).max() / 50  # what it costs to be drawn to 301 / 302
    assert loss(logits, labels, temperature) <= loss(logits, labels, 1.0) + drawn


def test_logits_that_say_nothing_give_a_finite_temperature():
    assert 0 < fitted_temperature(np.zeros((6, 3), np.float32), np.array([0, 1, 2] * 2, np.int32)) < 100


def of_growing_margins(count, seed=0, noise=0.04):
    """Logits that grow with the evidence for a class though the label is another one in some cases, whatever it is."""
    rng = np.random.default_rng(seed)
    evidence = 4 * rng.normal(size=(count, 7))
    chances = (1 - noise) * softmax(evidence, axis=1) + noise / 7
    labels = np.array([rng.choice(7, p=share) for share in chances])
    return (0.3 * evidence).astype(np.float32), labels.astype(np.int32), chances


def test_where_sure_answers_are_too_sure_the_temperature_grows_with_the_margin():
    logits, labels, _ = of_growing_margins(2_000)
    others, _, chances = of_growing_margins(3_000, seed=1)
    found, plain = fitted_calibration(logits, labels), Calibration(fitted_temperature(logits, labels))
    assert found.saturation > 0.02 and found.temperature < plain.temperature
    answers = [log_softmax(calibrated(others, one), axis=1) for one in (found, plain)]
    too_much = [(chances * (np.log(chances) - answer)).sum(axis=1).mean() for answer in answers]
    assert too_much[0] < 0.9 * too_much[1]


def test_where_a_temperature_is_enough_it_seldom_grows():
    grew = 0
    for seed in range(40):
        logits, labels, _ = of_growing_margins(300, seed=seed, noise=0.0)
        grew += fitted_calibration(logits, labels).saturation > 0
    assert grew <= 6  # of 40, at a level of 5%


def test_no_class_changes_place_and_the_larger_margin_is_the_surer_one():
    logits = np.linspace(0, 90, 50, dtype=np.float32)[:, None] * np.float32([1.0, 0.4, -0.2, -0.3])
    sure = softmax(calibrated(logits, Calibration(0.7, 0.2)), axis=1)
    assert (np.diff(sure[:, 0]) > 0).all() and sure[-1, 0] < 0.99
    assert (np.diff(sure[1:], axis=1) < 0).all()
