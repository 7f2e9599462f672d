"""Which texts contain what somebody looks for. Pure, no streamlit."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any

import numpy as np

from core.errors import BadInput

LONGEST = 200  # characters of what is looked for
PATIENCE = 2.0  # seconds for all texts together: an expression can take longer than anybody lives


def containing(texts: Iterable[str], wanted: str, regular: bool, patience: float = PATIENCE) -> np.ndarray:
    """(n,) bool, which of n texts contain it; upper and lower case are the same.

    Args:
        wanted: words as they stand in the text, or a regular expression; white space around it does not count.
        regular: which of the two it is.
        patience: seconds for a regular expression.

    Raises BadInput for an expression that is none, that takes too long, or that is longer than `LONGEST`.
    """
    wanted = wanted.strip()
    if len(wanted) > LONGEST:
        raise BadInput(f"What you look for has more than {LONGEST} characters; look for a part of it.")
    if regular:
        return _matching(texts, wanted, time.monotonic() + patience)
    folded = wanted.casefold()
    return np.fromiter((folded in text.casefold() for text in texts), bool)


def _matching(texts: Iterable[str], expression: str, deadline: float) -> np.ndarray:
    import regex  # Python's own cannot be stopped

    try:
        search = regex.compile(expression, regex.IGNORECASE | regex.MULTILINE).search
        return np.fromiter((_found(search, text, deadline) for text in texts), bool)
    except regex.error as error:
        raise BadInput(f"This is not a regular expression yet ({error}); all documents are listed.") from error
    except TimeoutError as error:
        raise BadInput(
            "This expression takes too long on these texts; use fewer nested * and +. All documents are listed."
        ) from error


def _found(search: Any, text: str, deadline: float) -> bool:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return search(text, timeout=left) is not None
