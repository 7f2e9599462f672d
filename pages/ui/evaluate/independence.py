"""Whether the test documents are independent of the training documents, and test is like validation."""

from __future__ import annotations

import streamlit as st

from core.evaluation import copies_sentence, relatives_sentence, share_difference
from core.saved_models import ModelInfo
from core.schema import Score
from pages.ui.render.format import percent
from pages.ui.shared.widgets import literal


def unlike_validation_sentence(valid: Score, test: Score) -> str:
    """That validation and test accuracy differ by more than chance explains; "" when they do not."""
    apart = share_difference(valid, test)
    if apart.low <= 0 <= apart.high:
        return ""
    ends = sorted(abs(100 * end) for end in (apart.low, apart.high))
    more = "more" if apart.value > 0 else "less"
    return (
        f"The model is right {more} often on validation ({percent(valid.right / valid.documents)}) than on test "
        f"({percent(test.right / test.documents)}), by {ends[0]:.1f} to {ends[1]:.1f} points: validation is not like "
        "test, so probabilities and prediction sets, which rest on validation, may promise too "
        f"{'much' if apart.value > 0 else 'little'}."
    )


def show(info: ModelInfo) -> None:
    """What there is to say of a model's test documents."""
    if info.valid is not None:
        warning = unlike_validation_sentence(_stored_score(info.valid), _stored_score(info.test))
        if warning:
            st.warning(literal(warning), icon=":material/balance:")
    if info.independence is None:
        st.caption("How many test documents have relatives or copies in training was not kept with this model.")
        return
    sentences = (relatives_sentence(info.independence), copies_sentence(info.independence))
    if any(sentences):
        st.caption(literal(" ".join(filter(None, sentences))))


def _stored_score(figures: dict[str, float]) -> Score:
    return Score(int(figures["n"]), round(figures["accuracy"] * figures["n"]))
