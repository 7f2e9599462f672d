"""Pickers, session keys and the one handler of users' mistakes, shared by the pages."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager

import pandas as pd
import streamlit as st

from core.checkpoints import ModelInfo, list_models
from core.errors import BadInput, WhywordError
from core.schema import Explanation
from pages.ui.entry import PAGES
from pages.ui.examples import examples, is_example
from pages.ui.sentences import percent, size

FIRST_CHOICE = "imdb-convnet"
SHARES = ("Precision", "Recall", "F1")
MODEL, DATASET, TEXT = "model", "dataset", "text"


@contextmanager
def mistakes_shown() -> Iterator[None]:
    """Show a user's mistake as its sentence, in place of the rest of the block; a bug stays loud."""
    try:
        yield
    except WhywordError as error:
        show = st.warning if isinstance(error, BadInput) else st.error
        show(literal(str(error)), icon=":material/info:")


def literal(text: str) -> str:
    """The text with everything that Markdown could read escaped: it may quote what a user typed."""
    return re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", " ".join(text.split()))


def pick_model() -> ModelInfo:
    """The model picker: the same choice on every page, and in the address."""
    models = {info.name: info for info in list_models()}
    if not models:
        st.info("There is no model yet. Train one first; the smallest takes less than a minute.")
        st.page_link(PAGES / "train.py")
        st.stop()
    names = list(models)
    index = names.index(FIRST_CHOICE) if FIRST_CHOICE in models else 0
    name = st.selectbox("Model", names, index=index, key=MODEL, bind="query-params")
    return models[name]


def about(info: ModelInfo) -> None:
    """One line about a model."""
    classes = ", ".join(info.class_names) if len(info.class_names) <= 4 else f"{len(info.class_names)} classes"
    right = f"right on {percent(info.accuracy)} of its {info.test['n']:,} test documents"
    st.caption(literal(f"{info.dataset}: {classes} · {right} · {size(info.parameters, '')} parameters"))


def pick_example(info: ModelInfo) -> None:
    """A menu of texts to begin with."""
    known = examples(info.dataset)
    if known:
        st.menu_button(
            "Examples", list(known), key="example", on_click=_take_example, args=(known,), icon=":material/lightbulb:"
        )


def explanation_settings() -> dict[str, int]:
    """How an explanation is made: samples, words and seed."""
    with st.popover("Settings", icon=":material/tune:"):
        return {
            "samples": st.select_slider(
                "Samples",
                [500, 1000, 2000, 5000, 10_000],
                value=5000,
                key="samples",
                persist_state="session",
                help="Versions of the text that the model is asked about. More take longer and steady the weights.",
            ),
            "words": st.slider("Words to mark", 5, 60, 25, key="words", persist_state="session"),
            "seed": st.number_input(
                "Seed", 0, 9999, 0, key="seed", persist_state="session", help="Another seed leaves out other words."
            ),
        }


def text_to_explain(info: ModelInfo) -> str:
    """A text to type, paste or choose; the first example of the model's data set to begin with."""
    known = examples(info.dataset)
    text = st.session_state.get(TEXT)
    if text is None or (is_example(text) and text not in known.values()):
        st.session_state[TEXT] = next(iter(known.values()), "")
    with st.form("typed", border=False):
        st.text_area("Text", key=TEXT, height=170, persist_state="session", placeholder="Type or paste a text")
        st.form_submit_button("Explain", type="primary")
    if not st.session_state[TEXT].strip():
        st.info("Type or paste a text to see which of its words decide.", icon=":material/keyboard:")
        st.stop()
    return st.session_state[TEXT]


def chosen_class(info: ModelInfo, text: str) -> str | None:
    """The class that `pick_class` was set to for this model and text; None for the most probable."""
    name = st.session_state.get(_class_key(info, text))
    return name if name in info.class_names else None


def pick_class(info: ModelInfo, text: str, why: Explanation) -> None:
    """A picker of the class that words speak for or against, the most probable first."""
    ranked = sorted(why.probabilities, key=lambda name: -why.probabilities[name])
    st.selectbox("For the class", ranked, key=_class_key(info, text))


def cells_as_shares() -> bool:
    """Whether a confusion matrix shows shares of its rows rather than documents."""
    options = ["Documents", "Percent of the row"]
    chosen = st.segmented_control("Cells show", options, default=options[0], key="cells", label_visibility="collapsed")
    return chosen == options[1]


def caveats(sentences: tuple[str, ...]) -> None:
    """Sentences that belong beside the figures."""
    for sentence in sentences:
        st.caption(f":material/info: {literal(sentence)}")


def table(frame: pd.DataFrame, alt: str) -> None:
    """A table as it is; columns of percentages with one decimal."""
    columns = {name: st.column_config.NumberColumn(format="%.1f%%") for name in SHARES}
    columns["Documents"] = st.column_config.NumberColumn(format="localized")
    st.dataframe(frame, hide_index=True, column_config=columns, placeholder="", alt=alt, height="content")


def _class_key(info: ModelInfo, text: str) -> str:
    return f"class-{info.fingerprint}-{hashlib.sha256(text.encode('utf-8', 'replace')).hexdigest()[:12]}"


def _take_example(known: dict[str, str]) -> None:
    st.session_state[TEXT] = known[st.session_state.example]
