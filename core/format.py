"""Figures as people read them: one home for the command line and for the app.

A column of the command line has a fixed number of decimals and a dash where there is no figure; a sentence of the app
has the few digits that somebody takes in.
"""

from __future__ import annotations

import re
from typing import Any

MINUTES_FROM = 90  # seconds, from which a duration is told in minutes
SIGNIFICANT = 0.05  # below, a difference is more than chance would give

# What may begin a formula, in the wide letters of Asian keyboards too, and behind signs that are not seen.
_FORMULA = re.compile(r"[\s\x00-\x1f\u200b-\u200f\u2060\ufeff]*[=+\-@＝＋－＠]|[\t\r\n]")
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")


def percent(share: float) -> str:
    """A share in [0, 1] as "87.6%"; never 0 or 100 by rounding alone."""
    return _rounded(share, 1)


def whole_percent(share: float) -> str:
    """A share in [0, 1] as "88%"; never 0 or 100 by rounding alone."""
    return _rounded(share, 0)


def _rounded(share: float, places: int) -> str:
    least = 0.1**places / 100  # that can be told from nothing
    if 0 < share < least / 2:
        return f"<{least:.{places}%}"
    if 1 - least / 2 <= share < 1:
        return f">{1 - least:.{places}%}"
    return f"{share:.{places}%}"


def percent_or_dash(share: float | None) -> str:
    """A share in [0, 1] as `percent` has it, "-" for None."""
    return "-" if share is None else percent(share)


def points_apart(share: float, other: float) -> float:
    """The first share less the other, in points with one decimal: the difference of the two as `percent` has them."""
    return round(round(100 * share, 1) - round(100 * other, 1), 1)


def signed(value: float, decimals: int = 1) -> str:
    """A number with its sign, as "+1.2" or "−4.4" (a minus sign, as charts have it, not a hyphen); 0 has none."""
    shown = f"{abs(value):,.{decimals}f}"
    if not shown.strip("0."):
        return shown
    return f"{'+' if value > 0 else '−'}{shown}"


def interval(figure: tuple[float, float, float] | None) -> str | None:
    """A share with its 95% interval, as value, low and high, as "87.6% (85.1 to 89.8)"; None for None."""
    if figure is None:
        return None
    value, low, high = map(percent, figure)
    return f"{value} ({low.removesuffix('%')} to {high.removesuffix('%')})"


def decimals_or_dash(value: float | None) -> str:
    """Three decimals, "-" for None."""
    return "-" if value is None else f"{value:.3f}"


def duration(seconds: float) -> str:
    """Seconds as "40 s", "3 min" or "1 h 20 min"."""
    if seconds < MINUTES_FROM:
        return f"{max(seconds, 1):.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def duration_or_dash(seconds: float | None) -> str:
    """Seconds as "40.3 s" or "1.6 min", "-" for None."""
    if seconds is None:
        return "-"
    return f"{seconds:.1f} s" if seconds < MINUTES_FROM else f"{seconds / 60:.1f} min"


def size(count: float, unit: str = "B") -> str:
    """A number of bytes or parameters as "84 MB", "2.1 M"."""
    for factor, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if count >= factor:
            return f"{count / factor:.{0 if count >= 10 * factor else 1}f} {letter}{unit}"
    return f"{count:.0f} {unit}".rstrip()


def size_or_dash(count: int) -> str:
    """Bytes as "840 kB" or "84.1 MB", "-" for 0."""
    if not count:
        return "-"
    return f"{count / 1e3:.0f} kB" if count < 1e6 else f"{count / 1e6:.1f} MB"


def counted(count: int, noun: str) -> str:
    """A number with its noun: "1 word", "2,155 words"."""
    return f"{count:,} {noun}" + ("" if count == 1 else "s")


def no_formula(value: Any) -> Any:
    """A cell of a table; with an apostrophe before a text that a spreadsheet would run (OWASP, "CSV injection")."""
    risky = isinstance(value, str) and _FORMULA.match(value) and not _NUMBER.fullmatch(value)
    return f"'{value}" if risky else value
