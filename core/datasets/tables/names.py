"""The names of columns: made different, and found although they are padded or in another case."""

from collections import Counter
from collections.abc import Sequence

import pandas as pd

from core.errors import BadInput

_INVISIBLE = "\ufeff\u200b\u200e\u200f"
MAX_LISTED = 30


def spelling(name: str) -> str:
    """The name as it is compared: without padding and case."""
    return " ".join(name.strip(_INVISIBLE).split()).casefold()


def different_names(names: Sequence[str]) -> list[str]:
    """The names, each once: the second "a" is called "a.1", and an empty one after its place, such as "column 3"."""
    copies, given, found = Counter[str](), set(names), dict[str, None]()
    for place, name in enumerate(names, 1):
        name = name if name.strip(_INVISIBLE + " \t") else f"column {place}"
        chosen = name
        while chosen in found or (copies[name] and chosen in given):
            copies[name] += 1
            chosen = f"{name}.{copies[name]}"
        found[chosen] = None
    return list(found)


def find_column(frame: pd.DataFrame, wanted: str) -> str:
    """The name of a column as the table has it. Raises BadInput when it is not there, or could be several."""
    return find_name(list(frame.columns), wanted)


def find_name(names: Sequence[str], wanted: str) -> str:
    """The same among names."""
    if wanted in names:
        return wanted
    alike = [name for name in names if spelling(name) == spelling(wanted)]
    if len(alike) == 1:
        return str(alike[0])
    listed = ", ".join(names[:MAX_LISTED])
    more = f" and {len(names) - MAX_LISTED:,} more" if len(names) > MAX_LISTED else ""
    if alike:
        raise BadInput(f"There are {len(alike)} columns like {wanted!r}; write one as it stands: {', '.join(alike)}.")
    raise BadInput(f"There is no column {wanted!r}; the columns are: {listed}{more}.")
