"""How sure a model may be of its answers."""

import numpy as np

MIN_TEMPERATURE, MAX_TEMPERATURE = 0.02, 50.0  # temperatures that are tried


def fitted_temperature(logits: np.ndarray, labels: np.ndarray) -> float:
    """The number to divide logits by, so that validation is as probable as can be (Guo et al. 2017, 1706.04599).

    Args:
        logits: (n, classes) float32 of documents that were not learned from.
        labels: (n,) int32.

    A split of n documents cannot tell that a model is right more often than (n + 1) / (n + 2), so that is what its
    probabilities are drawn to where it makes no mistake (Platt 1999).
    """
    from scipy.optimize import minimize_scalar
    from scipy.special import log_softmax

    count, classes = logits.shape
    targets = np.full((count, classes), 1 / (count + 2) / max(classes - 1, 1))
    targets[np.arange(count), labels] = (count + 1) / (count + 2)

    def loss(log_temperature: float) -> float:
        scaled = logits.astype(np.float64) / np.exp(log_temperature)
        return float(-(targets * log_softmax(scaled, axis=1)).sum(axis=1).mean())

    return float(
        np.exp(minimize_scalar(loss, bounds=(np.log(MIN_TEMPERATURE), np.log(MAX_TEMPERATURE)), method="bounded").x)
    )
