"""A model on a data set of one's own that it did not learn from."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from core.datasets import DATASETS, OwnDataset, is_available, is_remembered, own_datasets
from core.evaluation import report_intervals
from core.evaluation.other_data import AskedSoFar, knows_classes
from core.saved_models import ModelInfo
from core.schema import Evaluation, Split
from pages.ui.evaluate.classes import interval_table
from pages.ui.evaluate.summary import show_figures
from pages.ui.render import matrix
from pages.ui.render.format import counted, percent
from pages.ui.render.tables import beginning, height_of
from pages.ui.shared import cache
from pages.ui.shared.clickable import show_matrix
from pages.ui.shared.long_work import last_of
from pages.ui.shared.widgets import literal

ITS_OWN = "its own test documents"
DOCUMENTS_HELP = "Data sets of your own whose classes this model knows. It is asked about their test documents."
MOST_LISTED = 1_000  # documents
HEIGHT = 480  # pixels


def pick_documents(info: ModelInfo) -> OwnDataset | None:
    """The picker of what a model is measured on, where there is a choice; None for its own test documents."""
    fit = {
        own.name: own
        for own in own_datasets()
        if own.fingerprint != info.data_fingerprint and knows_classes(info.class_names, own.class_names)
    }
    if not fit:
        return None
    return fit.get(st.selectbox("Documents", [ITS_OWN, *fit], key=f"documents-{info.name}", help=DOCUMENTS_HELP))


def show(info: ModelInfo, own: OwnDataset) -> None:
    """Figures, matrix, report and mistakes of a model on the test documents of a data set of one's own."""
    split = cache.table(own.fingerprint).test
    answers = cache.answers_on(info.key, own.fingerprint, split)
    result = last_of(answers, f"other-{info.fingerprint}-{own.fingerprint}", _told).result
    if result is None:
        return
    seen = _seen_before(info, own, split)
    show_figures(result)
    st.caption(literal(asked_sentence(result, seen)))
    st.header("Confusion matrix")
    show_matrix(matrix.matrix_html(result, matrix.DOCUMENTS, matrix.most_confused(result.confusion)), "other-matrix")
    st.header("By class")
    report = interval_table(report_intervals(result))
    st.dataframe(report, hide_index=True, height=height_of(report, HEIGHT), alt="Precision, recall and F1 by class")
    st.header("Mistakes")
    wrong = mistakes_table(result, split)
    st.dataframe(wrong, hide_index=True, height=height_of(wrong, HEIGHT), alt="The most confident mistakes")


def asked_sentence(result: Evaluation, seen: int | None) -> str:
    """What the figures were measured on, and how much of it the model may have known."""
    asked = f"Asked about {counted(len(result), 'test document')} of {result.dataset}"
    if seen is None:
        return f"{asked}; whether it learned from some of them is not known, as its own data are not on this machine."
    return f"{asked}; it learned from {seen or 'none'} of them, by their texts."


def mistakes_table(result: Evaluation, split: Split) -> pd.DataFrame:
    """The documents that got a wrong class, the most confident first: classes, confidence, the text's beginning."""
    wrong = np.flatnonzero(~result.correct)
    rows = wrong[np.argsort(-result.confidence[wrong], kind="stable")][:MOST_LISTED]
    names = result.class_names
    return pd.DataFrame(
        {
            "True class": [names[place] for place in result.labels[rows]],
            "Predicted": [names[place] for place in result.predictions[rows]],
            "Confidence": [percent(share) for share in result.confidence[rows]],
            "Text": [beginning(split.texts[row]) for row in rows],
        }
    )


def _seen_before(info: ModelInfo, own: OwnDataset, split: Split) -> int | None:
    is_public = info.dataset in DATASETS
    is_here = is_available(info.dataset) if is_public else is_remembered(info.data_fingerprint)
    return cache.seen_before(info.dataset, info.data_fingerprint, own.fingerprint, split) if is_here else None


def _told(asked: AskedSoFar) -> tuple[float, str]:
    # The share that is done, and what is said of it.
    return asked.documents / asked.total, f"{asked.documents:,} of {counted(asked.total, 'document')}"
