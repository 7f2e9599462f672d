"""Documents whose label is likely wrong: confident learning (Northcutt et al. 2021, arXiv 1911.00068) by `cleanlab`."""

from __future__ import annotations

import numpy as np

from core.schema import Evaluation, LabelErrors


def label_errors(evaluation: Evaluation) -> LabelErrors:
    """The documents that are likely of another class than their label says, the likeliest first.

    The answers must be on documents that the model did not learn from, as those of the test and validation splits.
    Mistakes of which the model is too sure are among them, so that a person has to look.
    """
    labels, probabilities = evaluation.labels, evaluation.probabilities
    rows, reason = np.zeros(0, np.int64), ""
    if len(np.unique(labels)) < 2:
        reason = "All documents have the same label: there is no other class to compare them with."
    else:
        rows = _suspects(labels, probabilities)
    return LabelErrors(
        rows=rows,
        labels=labels[rows],
        suggested_labels=probabilities[rows].argmax(axis=1),
        scores=probabilities[rows, labels[rows]],
        reason=reason,
    )


def _suspects(labels: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    from cleanlab.filter import find_label_issues

    # Of its filters this one is right most often with 3% of the stored labels changed; all rank the same way.
    return find_label_issues(
        labels, probabilities, filter_by="confident_learning", return_indices_ranked_by="self_confidence", n_jobs=1
    )
