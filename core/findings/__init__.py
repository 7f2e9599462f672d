"""What is found by asking a model about many texts: words behind one kind of error, behind a class, behind a score.

`autopsy` and `globally` stand on `attribution`; `keeping` stands on `globally`.
"""

from core.findings.autopsy import autopsy, autopsying
from core.findings.globally import global_words, submodular_pick
from core.findings.keeping import keep_global, ship_global, stored_global
from core.findings.neighbours import TrainingIndex, index_of
from core.findings.shortcuts import STRIPPED, scoring_other, scoring_without, suspicious, text_only, without_words

__all__ = [
    "STRIPPED",
    "TrainingIndex",
    "autopsy",
    "autopsying",
    "global_words",
    "index_of",
    "keep_global",
    "scoring_other",
    "scoring_without",
    "ship_global",
    "stored_global",
    "submodular_pick",
    "suspicious",
    "text_only",
    "without_words",
]
