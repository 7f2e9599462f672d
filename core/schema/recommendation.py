"""Which of two models to use."""

from __future__ import annotations

from typing import NamedTuple

from core.schema.figures import Comparison


class Recommendation(NamedTuple):
    """Which of two models to use.

    Attributes:
        use: its name.
        sentence: what to use, and why.
        measured: what that rests on.
        comparison: of the baseline and the model.
    """

    use: str
    sentence: str
    measured: str
    comparison: Comparison
