"""Which model to use after a training: the new one, or the baseline that it has to beat."""

from __future__ import annotations

import streamlit as st

from core.evaluation import recommend
from core.saved_models import baseline_pair, list_models
from pages.ui.shared import cache
from pages.ui.shared.widgets import literal, mistakes_shown

TRY_BASELINE = (
    "Is it worth its size? Train the baseline of the same data too: it takes seconds, and then this page says which of "
    "the two to use."
)


def show_advice(name: str, has_baseline: bool) -> None:
    """McNemar's test of a model and its baseline on the validation documents, and which of them to use.

    Args:
        name: of the model that was trained.
        has_baseline: whether there is a baseline of the same data to train, and it was not tried with the model.
    """
    info = next((each for each in list_models() if each.name == name), None)
    if info is None:
        return
    pair = baseline_pair(info)
    if pair is None:
        if has_baseline:
            st.caption(TRY_BASELINE)
        return
    with mistakes_shown():
        advice = recommend(*(cache.evaluation(each.key, "valid") for each in pair))
        st.info(literal(advice.sentence), icon=":material/balance:")
        st.caption(literal(advice.measured))
