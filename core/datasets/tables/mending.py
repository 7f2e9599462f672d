"""What is changed about the texts of a table where somebody asked for it."""

from __future__ import annotations

import pandas as pd
import regex

from core.datasets.garbled import mended
from core.schema.tables import TableChoices


def mended_texts(texts: pd.Series, choices: TableChoices) -> pd.Series:
    """The texts with their encoding put right and without what is to be removed, as the choices say."""
    if choices.mend_encoding:
        texts = texts.map(mended).astype(object)
    if choices.remove:
        removed = _removed(choices.remove)
        texts = texts.map(lambda text: _without(text, removed)).astype(object)
    return texts


def _removed(tokens: tuple[str, ...]) -> regex.Pattern[str]:
    # A token that begins or ends with a letter is not taken out of a longer word.
    either = "|".join(regex.escape(token) for token in sorted(tokens, key=len, reverse=True))
    return regex.compile(rf"(?:(?<!\w)|(?!\w))(?:{either})(?:(?!\w)|(?<!\w))[^\S\n]*", regex.IGNORECASE)


def _without(text: str, removed: regex.Pattern[str]) -> str:
    found = removed.sub("", text)
    return found.strip() if found != text else text
