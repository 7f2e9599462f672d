"""Which texts contain what somebody looks for. Pure, no streamlit."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Iterator

import numpy as np

from core.errors import BadInput

LONGEST = 200  # characters of what is looked for
MOST_MEMORY = (
    1 << 18
)  # bytes of a compiled expression: with large repeats it is a machine that each letter goes through
MOST_SECONDS = 3.0  # of processor time for one search


def containing(texts: Iterable[str], wanted: str, regular: bool) -> np.ndarray:
    """(n,) bool, which of n texts contain it; upper and lower case are the same.

    Args:
        wanted: words as they stand in the text, or a regular expression; white space around it does not count.
        regular: which of the two it is.

    Raises BadInput for an expression that is none or takes too long, and for what is longer than `LONGEST`.
    """
    wanted = wanted.strip()
    if len(wanted) > LONGEST:
        raise BadInput(f"What you look for has more than {LONGEST} characters; look for a part of it.")
    if regular:
        return _matching(texts, wanted)
    folded = wanted.casefold()
    return np.fromiter((folded in text.casefold() for text in texts), bool)


def _matching(texts: Iterable[str], expression: str) -> np.ndarray:
    import re2  # takes time and memory in proportion to the text: Python's own can be made to run for ever

    options = re2.Options()
    options.case_sensitive, options.log_errors, options.max_mem = False, False, MOST_MEMORY
    try:
        search = re2.compile(f"(?m){_whole(expression)}", options).search
    except re2.error as error:
        why = error.args[0].decode("utf-8", "replace").partition(": ")[0]
        sentence = f"This is not a regular expression that can be searched for: {why}."
        raise BadInput(f"{sentence} Fix the pattern to search.") from error
    return np.fromiter((search(_whole(text)) is not None for text in _in_time(texts)), bool)


def _whole(text: str) -> str:
    # Half characters, which re2 cannot read, as the sign for what is no character.
    return re.sub("[\ud800-\udfff]", "\ufffd", text)


def _in_time(texts: Iterable[str]) -> Iterator[str]:
    started = time.thread_time()
    for text in texts:
        if time.thread_time() - started > MOST_SECONDS:
            raise BadInput("This regular expression takes too long to search for; make its repeats smaller.")
        yield text
