"""Figures -> the texts that stand for them on the screen: those of `core/format.py`, and what only the app shows."""

import numpy as np

from core.format import SIGNIFICANT, counted, duration, interval, percent, points_apart, signed, size, whole_percent

__all__ = [
    "SIGNIFICANT",
    "counted",
    "duration",
    "interval",
    "middle",
    "percent",
    "points_apart",
    "signed",
    "size",
    "whole_percent",
]


def middle(lengths: np.ndarray) -> str:
    """The median of (n,) lengths in words."""
    return counted(int(np.median(lengths)) if len(lengths) else 0, "word")
