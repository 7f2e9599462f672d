"""Which of two models to use: a network, or the baseline that it has to beat."""

from __future__ import annotations

from core.evaluation.comparison import compare
from core.evaluation.sentences import comparison_sentence
from core.format import SIGNIFICANT
from core.schema import Evaluation, Recommendation


def recommend(baseline: Evaluation, model: Evaluation) -> Recommendation:
    """The model where it is right more often than chance explains (McNemar's exact test), else the baseline.

    Args:
        baseline, model: their answers to the same documents, those of validation, so that test decides nothing.

    Raises BadInput when they were not asked about the same documents.
    """
    found = compare(baseline, model)
    measured = f"On {len(model):,} {SPLITS.get(model.split, model.split)} documents: {comparison_sentence(found)}"
    better = found.difference.value > 0
    if found.p_value < SIGNIFICANT and better:
        return Recommendation(model.model, f"Use {model.model}: it beats the baseline.", measured, found)
    if found.p_value < SIGNIFICANT:
        said = f"Use the baseline, {baseline.model}: {model.model} is right less often."
    else:
        said = (
            f"Use the baseline, {baseline.model}: {model.model} does not beat it beyond chance, and the baseline is "
            "simpler, learns in seconds and is explained exactly."
        )
    return Recommendation(baseline.model, said, measured, found)


SPLITS = {"valid": "validation"}
