"""Why a model decides as it does about one text, and how far that can be trusted."""

from core.explanation.catalogue import EXPLAINERS, attribute
from core.explanation.deletion_check import check_by_deletion
from core.explanation.explainer import DirectExplainer, Explainer
from core.explanation.leading import exact_explanation, leading_snapshots
from core.explanation.lime import explain, explanation_snapshots
from core.explanation.opinions import second_opinions
from core.explanation.variants import first_samples, left_out, timeline, variants

__all__ = [
    "EXPLAINERS",
    "DirectExplainer",
    "Explainer",
    "attribute",
    "check_by_deletion",
    "exact_explanation",
    "explain",
    "explanation_snapshots",
    "first_samples",
    "leading_snapshots",
    "left_out",
    "second_opinions",
    "timeline",
    "variants",
]
