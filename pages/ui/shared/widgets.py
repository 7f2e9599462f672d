"""Pickers, session keys and the one handler of users' mistakes, shared by the pages."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pandas as pd
import streamlit as st

from core.errors import BadInput, WhywordError
from core.saved_models import ModelInfo, list_models
from core.schema import Explanation, Novelty
from pages.ui.render.format import percent, size
from pages.ui.render.helps import UNLIKE_HELP
from pages.ui.shared.entry import PAGES
from pages.ui.shared.examples import examples, is_example

FIRST_CHOICE = "imdb-convnet"
SHARES = ("Precision", "Recall", "F1")
MOST_SEED = 9999
MODEL, OTHER, DATASET, TEXT = "model", "other", "dataset", "text"
DOCUMENT, OPENED = "document", "opened"
"""A document by its model and place, in the address; and its text, when it was looked up."""


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
    _tell_unknown(MODEL, models)
    linked = st.query_params.get(DOCUMENT, "").partition(":")[0]
    first = next((name for name in (linked, FIRST_CHOICE) if name in models), next(iter(models)))
    names = [first, *(name for name in models if name != first)]
    if st.session_state.get(MODEL) in models:
        st.session_state[MODEL] = st.session_state[MODEL]  # else lost on the way from the page that a link opened
    name = st.selectbox("Model", names, key=MODEL, bind="query-params")
    return models[name]


def _tell_unknown(name: str, models: Collection[str]) -> None:
    linked = st.query_params.get(name)
    if linked and linked not in models:
        sentence = f"{literal(linked[:60])} is not a model that can be chosen here; this is another one."
        st.toast(sentence, icon=":material/link_off:")


def choose(label: str, options: Sequence[str], **how: Any) -> str:
    """One of a row of options, the first to begin with; `how` goes to the widget. On a telephone the row wraps."""
    chosen = st.segmented_control(label, options, default=options[0], required=True, wrap=True, **how)
    return str(chosen or options[0])


def pick_other(first: ModelInfo) -> ModelInfo | None:
    """A second model of the same data set and classes; None when there is none."""
    others = {
        info.name: info
        for info in list_models()
        if (info.dataset, info.class_names) == (first.dataset, first.class_names) and info.name != first.name
    }
    if not others:
        return None
    _tell_unknown(OTHER, others)
    which = "Models that learned from the same data set, with the same classes."
    return others[st.selectbox("Compare with", list(others), key=OTHER, bind="query-params", help=which)]


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


def explanation_settings() -> tuple[dict[str, int], int]:
    """How an explanation is made (samples and seed), and how many words are marked."""
    given = st.query_params.get("seed", "")
    if "seed" not in st.session_state and given.isdecimal() and int(given) <= MOST_SEED:
        st.session_state["seed"] = int(given)
    with st.popover("Settings", icon=":material/tune:"):
        samples = st.select_slider(
            "Samples at most",
            [500, 1000, 2000, 5000, 10_000, 20_000],
            value=5000,
            key="samples",
            persist_state="session",
            help="Versions of the text that the model is asked about. It stops earlier when the order is sure.",
        )
        words = st.slider("Words to mark", 5, 60, 25, key="words", persist_state="session")
        seed = st.number_input(
            "Seed",
            0,
            MOST_SEED,
            key="seed",
            persist_state="session",
            help="Another seed leaves out other words.",
        )
    return {"samples": samples, "seed": int(seed)}, words


def text_to_explain(info: ModelInfo) -> str:
    """A text to type, paste or choose; the first example of the model's data set to begin with."""
    known = examples(info.dataset)
    text = st.session_state.get(TEXT)
    if text is None and "text" in st.query_params:
        text = st.session_state[TEXT] = st.query_params["text"]
    if text is None or (is_example(text) and text not in known.values()):
        st.session_state[TEXT] = next(iter(known.values()), "")
    with st.form("typed", border=False):
        st.text_area("Text", key=TEXT, height=170, persist_state="session", placeholder="Type or paste a text")
        st.form_submit_button("Explain", type="primary")
    if _linked_text() not in (None, st.session_state[TEXT]):
        for name in ("text", DOCUMENT, "label", "against", "seed"):  # the address may not tell of another text
            st.query_params.pop(name, None)
    if not st.session_state[TEXT].strip():
        st.info("Type or paste a text to see which of its words decide.", icon=":material/keyboard:")
        st.stop()
    return st.session_state[TEXT]


def chosen_classes(info: ModelInfo, text: str) -> tuple[str | None, str | None]:
    """What `pick_classes` was set to for this model and text: the class, None for the most probable, and the other."""
    chosen = []
    for name in ("label", "against"):
        key, given = key_for(name, info, text), st.query_params.get(name)
        if key not in st.session_state and given in info.class_names and _linked_text() == text:
            st.session_state[key] = given
        value = st.session_state.get(key)
        chosen.append(value if value in info.class_names else None)
    label, against = chosen
    # The picker shows the most probable class when none was chosen: it is the same question either way.
    usual = st.session_state.get(key_for("usual", info, text))
    return (None if label == usual and against != usual else label), (None if against == label else against)


def pick_classes(info: ModelInfo, text: str, why: Explanation) -> None:
    """Pickers of the class that words speak for or against, the most probable first, and of one to compare it with."""
    ranked = sorted(why.probabilities, key=lambda name: -why.probabilities[name])
    st.session_state[key_for("usual", info, text)] = ranked[0]
    with st.container(horizontal=True):
        st.selectbox("For the class", ranked, ranked.index(why.class_name), key=key_for("label", info, text))
        others = [name for name in ranked if name != why.class_name]
        st.selectbox(
            "rather than", others, index=None, key=key_for("against", info, text), placeholder="any other class"
        )


def leave_words_out(info: ModelInfo, why: Explanation) -> tuple[int, ...]:
    """A picker of words to leave out, and what the model says without them; gives where they start."""
    key = left_out_key(info, why.text)
    known = numbered(why)
    st.session_state[key] = [start for start in st.session_state.get(key, []) if start in known]
    starts = st.multiselect(
        "Leave words out",
        list(known),
        format_func=known.__getitem__,
        key=key,
        placeholder="Click a word in the text, or choose one here",
    )
    return tuple(starts)


def numbered(why: Explanation) -> dict[int, str]:
    """The known words of a text by where they start, in its order, each name once: "film", "film (2)", ..."""
    names, seen = {}, Counter[str]()
    for word in sorted(why.words, key=lambda word: word.start):
        seen[word.word] += 1
        names[word.start] = word.word if seen[word.word] == 1 else f"{word.word} ({seen[word.word]})"
    return names


def moved(what: str, share: float, why: Explanation) -> None:
    """The probability of the explained class for another version of the text, and how far it moved."""
    change = 100 * (share - why.probabilities[why.class_name])
    told = "no change" if abs(change) < 0.05 else f"{change:+.1f} points"
    st.metric(literal(f"{what}: {why.class_name}"), percent(share), told, delta_color="off")


def left_out_key(info: ModelInfo, text: str) -> str:
    """The state that holds where the words start that are left out of a text."""
    return key_for("gone", info, text)


def strange(novelty: Novelty) -> None:
    """A warning when a text is unlike what the model learned from."""
    if novelty.is_novel:
        st.caption(
            ":material/warning: This text is unlike those that the model learned from: its words are rarer among them "
            f"than those of {novelty.percentile}% of the validation documents. Do not lean on the probability.",
            help=UNLIKE_HELP,
        )


def caveats(sentences: tuple[str, ...]) -> None:
    """Sentences that belong beside the figures."""
    for sentence in sentences:
        st.caption(f":material/info: {literal(sentence)}")


def table(frame: pd.DataFrame, alt: str) -> None:
    """A table as it is; columns of percentages with one decimal."""
    columns = {name: st.column_config.NumberColumn(format="%.1f%%") for name in SHARES}
    columns["Documents"] = st.column_config.NumberColumn(format="localized")
    st.dataframe(frame, hide_index=True, column_config=columns, placeholder="", alt=alt, height="content")


def key_for(name: str, info: ModelInfo, text: str) -> str:
    """The state of that name for one text in front of one model."""
    return f"{name}-{info.fingerprint}-{hashlib.sha256(text.encode('utf-8', 'replace')).hexdigest()[:12]}"


def _linked_text() -> str | None:
    # Of the link that led here: it is in the address, or the address names a document that was looked up.
    opened = st.session_state.get(OPENED) if DOCUMENT in st.query_params else None
    return st.query_params.get("text", opened)


def _take_example(known: dict[str, str]) -> None:
    st.session_state[TEXT] = known[st.session_state.example]
