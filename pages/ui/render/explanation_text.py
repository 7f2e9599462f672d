"""What an explanation says, in words and figures, as `core` has it."""

from core.schema.explanation_text import (
    answer,
    class_in_question,
    compared_with,
    fidelity,
    in_points,
    in_units,
    word_worth,
)

__all__ = [
    "answer",
    "class_in_question",
    "compared_with",
    "fidelity",
    "in_points",
    "in_units",
    "word_worth",
]
