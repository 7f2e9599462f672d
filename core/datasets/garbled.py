"""Texts that were read in a wrong encoding before they were written to their table, such as "Ã©" for "é".

What is wrong, and what it stood for, is found by ftfy ("fixes text for you"), which changes a text only where the
characters hardly ever stand together and are sensible text in another encoding.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from ftfy import fix_encoding

REPLACED = "\N{REPLACEMENT CHARACTER}"  # what stands where a character was lost


def are_garbled(texts: Sequence[str]) -> np.ndarray:
    """(texts,) bool, which of them hold characters of a wrong encoding, or marks of lost ones."""
    return np.fromiter((REPLACED in text or mended(text) != text for text in texts), bool, len(texts))


def mended(text: str) -> str:
    """The text with characters of a wrong encoding put right; lost ones stay lost."""
    return text if text.isascii() else fix_encoding(text)
