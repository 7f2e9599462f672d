"""scikit-learn's own cache of the newsgroups, which is a pickle: looked through before anything is made of it."""

from __future__ import annotations

import io
import pickle
import zlib
from pathlib import Path
from typing import Any

MOST_BYTES = 200_000_000  # of the posts unpacked, which are 42 million
HARMLESS = {
    (module, name)
    for modules, name in (
        (("sklearn.utils._bunch", "sklearn.utils"), "Bunch"),
        (("numpy._core.multiarray", "numpy.core.multiarray"), "_reconstruct"),
        (("numpy",), "ndarray"),
        (("numpy",), "dtype"),
    )
    for module in modules
}
"""All that the file which scikit-learn writes asks for: nothing of it acts."""


class Harmful(ValueError):
    """A file that asks for more than posts are made of."""


def check_posts(path: Path) -> None:
    """Raise Harmful, or what reading a damaged file raises, unless it is posts and nothing that acts."""
    try:
        unpacked = _unpacked(path)
        groups = _Reader(io.BytesIO(unpacked)).load()
    except (pickle.UnpicklingError, zlib.error, EOFError, MemoryError, LookupError, TypeError, AttributeError) as error:
        raise Harmful(f"{path.name} is no file of scikit-learn's") from error
    if not isinstance(groups, dict) or not {"train", "test"} <= set(groups):
        raise Harmful(f"{path.name} is no file of scikit-learn's")


class _Reader(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in HARMLESS:
            raise Harmful(f"it asks for {module}.{name}")
        return super().find_class(module, name)


def _unpacked(path: Path) -> bytes:
    reader = zlib.decompressobj()
    unpacked = reader.decompress(path.read_bytes(), MOST_BYTES)
    if reader.unconsumed_tail:
        raise Harmful(f"{path.name} is too large to be posts")
    return unpacked
