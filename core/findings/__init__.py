"""What is found by asking a model about many texts: words behind one kind of error, behind a class, behind a score.

`autopsy` and `global_words` stand on `word_effects`; `stored_words` stands on `global_words`.
"""

from core.findings.autopsy import autopsy, autopsy_snapshots
from core.findings.global_words import global_words, submodular_pick
from core.findings.neighbours import TrainingIndex, index_of
from core.findings.shortcuts import (
    STRIPPED,
    score_other_snapshots,
    score_without_snapshots,
    suspicious,
    text_only,
    without_words,
)
from core.findings.stored_words import found_global_words, save_global_words, ship_global_words, stored_global_words

__all__ = [
    "STRIPPED",
    "TrainingIndex",
    "autopsy",
    "autopsy_snapshots",
    "found_global_words",
    "global_words",
    "index_of",
    "save_global_words",
    "score_other_snapshots",
    "score_without_snapshots",
    "ship_global_words",
    "stored_global_words",
    "submodular_pick",
    "suspicious",
    "text_only",
    "without_words",
]
