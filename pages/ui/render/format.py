"""Figures -> the texts that stand for them on the screen: those of `core/format.py`, and what only the app shows."""

import numpy as np

from core.format import SIGNIFICANT, counted, duration, interval, percent, points_apart, signed, size, whole_percent
from core.predictor import never_certain

__all__ = [
    "SIGNIFICANT",
    "counted",
    "duration",
    "interval",
    "middle",
    "percent",
    "points_apart",
    "probability",
    "signed",
    "size",
    "whole_percent",
]


def middle(lengths: np.ndarray) -> str:
    """The median of (n,) lengths in words."""
    return counted(int(np.median(lengths)) if len(lengths) else 0, "word")


def probability(stored: float) -> str:
    """A probability that was rounded when it was stored, as `percent` has it, and never certain."""
    return percent(float(never_certain(np.array(stored))))
