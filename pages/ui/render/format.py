"""Figures -> the texts that stand for them on the screen. Pure, no streamlit."""

import numpy as np

from core.schema import Interval

SIGNIFICANT = 0.05  # below, a difference is more than chance would give


def percent(share: float) -> str:
    """A share in [0, 1] as "87.6%"; never 0 or 100 by rounding alone."""
    if 0 < share < 0.0005:
        return "<0.1%"
    if 0.9995 <= share < 1:
        return ">99.9%"
    return f"{100 * share:.1f}%"


def interval(figure: Interval | None) -> str | None:
    """A share with its 95% interval as "87.6% (85.1 to 89.8)"."""
    return None if figure is None else f"{100 * figure.value:.1f}% ({100 * figure.low:.1f} to {100 * figure.high:.1f})"


def duration(seconds: float) -> str:
    """Seconds as "40 s", "3 min" or "1 h 20 min"."""
    if seconds < 90:
        return f"{max(seconds, 1):.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def size(count: float, unit: str = "B") -> str:
    """A number of bytes or parameters as "84 MB", "2.1 M"."""
    for factor, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if count >= factor:
            return f"{count / factor:.{0 if count >= 10 * factor else 1}f} {letter}{unit}"
    return f"{count:.0f} {unit}".rstrip()


def counted(count: int, noun: str) -> str:
    """A number with its noun: "1 word", "2,155 words"."""
    return f"{count:,} {noun}" + ("" if count == 1 else "s")


def middle(lengths: np.ndarray) -> str:
    """The median of (n,) lengths in words."""
    return counted(int(np.median(lengths)) if len(lengths) else 0, "word")
