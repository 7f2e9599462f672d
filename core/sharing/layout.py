"""What a zip of a model may hold: the files of a model's folder, each by its name, and nothing else."""

from __future__ import annotations

import re

MODEL = "model.json"
WORDS = "global_words.json"
NEEDED = (MODEL, "recipe.json", "history.json", "calibration.json", "encoder.json", "test_predictions.npz")
FILE = re.compile(
    r"(model|recipe|history|calibration|encoder|global_words)\.json"
    r"|(test_predictions|valid_predictions|epoch_predictions|reference)\.npz"
    r"|((tokens|bag)/)?vocabulary\.(npz|tiktoken)|(tokens|bag)/encoder\.json"
    r"|weights/(\w[\w.-]*/){0,3}\w[\w.-]*",
    re.ASCII,
)
MOST_FILES = 2_000
MOST_BYTES = 2_000_000_000  # of all files together, as they lie in the folder
MOST_UNPACKED = 4_000_000_000  # of the arrays that they hold, in memory
SUSPICIOUS, RATIO = 1_000_000, 50  # bytes from which a file that shrinks more than so many times is a bomb


def belongs(name: str) -> bool:
    """Whether a model's folder may hold a file of that name, which is relative to it and has `/` in it."""
    return FILE.fullmatch(name) is not None
