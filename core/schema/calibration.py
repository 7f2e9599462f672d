"""How far a model's confidence is from its success."""

from __future__ import annotations

from typing import NamedTuple


class CalibrationError(NamedTuple):
    """The expected calibration error of some answers; all are shares in [0, 1].

    Attributes:
        value: over 15 bins of equal width (Guo et al. 2017).
        low, high: its 95% interval.
        floor: the mean of what a perfectly calibrated model with these confidences shows by chance.
        floor_high: what it shows more than in 5 of 100 cases only.
    """

    value: float
    low: float
    high: float
    floor: float
    floor_high: float
