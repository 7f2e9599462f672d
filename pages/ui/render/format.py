"""Figures -> the texts that stand for them on the screen: those of `core/format.py`, and what only the app shows."""

import numpy as np

from core.format import counted, duration, percent, size
from core.schema import Interval

__all__ = ["SIGNIFICANT", "counted", "duration", "interval", "middle", "percent", "size"]

SIGNIFICANT = 0.05  # below, a difference is more than chance would give


def interval(figure: Interval | None) -> str | None:
    """A share with its 95% interval as "87.6% (85.1 to 89.8)"."""
    return None if figure is None else f"{100 * figure.value:.1f}% ({100 * figure.low:.1f} to {100 * figure.high:.1f})"


def middle(lengths: np.ndarray) -> str:
    """The median of (n,) lengths in words."""
    return counted(int(np.median(lengths)) if len(lengths) else 0, "word")
