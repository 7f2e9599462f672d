"""What has to be known of a probability before it is relied on: a short text, or one unlike what was learned from."""

from __future__ import annotations

import streamlit as st

from core.saved_models import ModelInfo
from core.units import unit_spans
from pages.ui.shared import explanations
from pages.ui.shared.widgets import literal

CAUTION_HELP = (
    "How right the model is about short texts was measured on the beginnings of its test documents. How unlike a text "
    "is follows from how rare among the training documents is what the model reads of it, beside validation documents "
    "of its length: of all validation documents one in twenty is called unusual, of one class or one author it may be "
    "one in five."
)


def cautions(info: ModelInfo, text: str) -> tuple[str, ...]:
    """Why the probability of a text should not be relied on, in sentences; none for a text like the test documents."""
    short = "" if info.lengths is None else info.lengths.caution(len(unit_spans(text)))
    novelty = explanations.novelty(info.key, text)
    unusual = (
        f"Unusual vocabulary: rarer than in {novelty.percentile}% of the validation documents. "
        "Treat the probability with caution."
    )
    return (*filter(None, [short]), *([unusual] if novelty.is_novel else []))


def is_doubtful(info: ModelInfo, text: str) -> bool:
    """Whether one of the cautions speaks against the probability: not where it is only too low."""
    found = cautions(info, text)
    return len(found) > 1 or (len(found) == 1 and not _is_only_too_modest(info, text))


def show_cautions(info: ModelInfo, text: str) -> None:
    """The cautions beside the answer, if there are any."""
    if found := cautions(info, text):
        is_loud = is_doubtful(info, text)
        show, icon = (st.warning, ":material/warning:") if is_loud else (st.info, ":material/info:")
        show(literal(" ".join(found)), icon=icon)
        st.caption("Why this caution?", help=CAUTION_HELP)


def _is_only_too_modest(info: ModelInfo, text: str) -> bool:
    has_usual_words = not explanations.novelty(info.key, text).is_novel
    return has_usual_words and info.lengths is not None and info.lengths.is_only_too_modest(len(unit_spans(text)))
