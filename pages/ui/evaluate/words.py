"""The words behind all of a model's answers, and what it is worth without some of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from core.saved_models import ModelInfo
from core.schema import Evaluation, GlobalWords, PickedDocument, ShortcutTest
from pages.ui.evaluate.effects import show_effects
from pages.ui.render import matrix
from pages.ui.render.format import counted, percent, points_apart, probability, signed
from pages.ui.shared import cache, documents, widgets
from pages.ui.shared.clickable import show_matrix
from pages.ui.shared.long_work import last_of
from pages.ui.shared.model_texts import data_of, texts_of

GLOBAL_HELP = (
    "What each word does to the log-odds of a class, added up over a sample of the test documents. A word is strong "
    "because it says much, or because it stands in many documents."
)
PICKS_HELP = (
    "Picked so that their strongest words cover as much of what matters to the model as so few documents can "
    "(SP-LIME's submodular pick, Ribeiro et al. 2016); the last column says how much, together with those above. "
    "Choose one to read it."
)
SHORTCUT_HELP = (
    "A model may be right because of words that have nothing to do with the matter: a sender's name, a signature. Take "
    "them out of all test documents and see what it is worth without them."
)


def bars_sentence(words: GlobalWords) -> str:
    """What the bars are, and on what they were found."""
    return (
        f"A bar is what a word does to the log-odds in an average one of the {words.documents:,} documents examined; "
        "beside it, in how many of them it pushes this way."
    )


def removed_sentence(test: ShortcutTest) -> str:
    """What was taken out, and where."""
    words = ", ".join(test.removed)
    return f"Taken out: {words}. {counted(test.changed, 'document')} of {test.total:,} had any of them."


def pick_table(picks: Sequence[PickedDocument]) -> pd.DataFrame:
    """Representative documents: the true class, what the model says, and its strongest words."""
    return pd.DataFrame(
        {
            "True class": pick.true_class,
            "Predicted": pick.predicted_class,
            "Confidence": probability(pick.probability),
            "Strongest words": ", ".join(word for word, _ in pick.words),
            "Covered so far": percent(pick.covered),
        }
        for pick in picks
    )


def show(info: ModelInfo, result: Evaluation) -> None:
    """The strongest words of each class, representative documents, and the shortcut test."""
    stored = cache.stored_words(info.key)
    if stored is None:
        _show_search(info, result)
        return
    _show_all(info, result, stored)


def _show_search(info: ModelInfo, result: Evaluation) -> None:
    data = data_of(info) if texts_of(info, result) is not None else None
    if data is None:
        return
    snapshots = cache.global_words(info.key, data)

    if snapshots.error is not None:
        cache.global_words.clear()
        raise snapshots.error

    @st.fragment(run_every=None if snapshots.done else 1.0)
    def watch() -> None:
        words = snapshots.last
        if snapshots.done:
            cache.stored_words.clear(info.key)
            st.rerun()
        done = f"{words.documents:,} of {counted(words.sample_size, 'document')}, in the background"
        st.progress(words.documents / words.sample_size, done)

    if snapshots.done:
        _show_all(info, result, snapshots.last)
    else:
        watch()
        _show_words(snapshots.last)


def _show_all(info: ModelInfo, result: Evaluation, words: GlobalWords) -> None:
    _show_words(words)
    _show_picks(info, result, words)
    _show_shortcut_test(info, result, words)


@st.fragment
def _show_words(words: GlobalWords) -> None:
    st.header("The words that decide", help=GLOBAL_HELP)
    names = [each.class_name for each in words.classes]
    name = st.selectbox("Class", names, index=len(names) - 1 if len(names) == 2 else 0, key="words-class")
    chosen = words.classes[names.index(name)]
    sides = (("Speak for it", chosen.speaking_for), ("Speak against it", chosen.speaking_against))
    show_effects(sides, words.documents)
    st.caption(widgets.literal(bars_sentence(words)))
    widgets.caveats(words.caveats)


@st.fragment
def _show_picks(info: ModelInfo, result: Evaluation, words: GlobalWords) -> None:
    if not words.picks:
        return
    st.header("Representative documents", help=PICKS_HELP)
    rows = widgets.pick_rows(pick_table(words.picks), f"picks-{info.fingerprint}", "Representative documents")
    with widgets.mistakes_shown():
        split = texts_of(info, result, "picks") if rows else None
        if split is not None:
            documents.read_document(info, result, split, words.picks[rows[0]].position)


@st.fragment
def _show_shortcut_test(info: ModelInfo, result: Evaluation, words: GlobalWords) -> None:
    with widgets.mistakes_shown():
        from core.findings import suspicious

        st.header("Is it right for the wrong reason?", help=SHORTCUT_HELP)
        suggested = suspicious(words, 30)
        removed = st.multiselect(
            "Words to take out of all test documents",
            suggested,
            default=suggested[:5],
            accept_new_options=True,
            key=f"shortcut-{info.fingerprint}",
            placeholder="Choose words, or type your own",
        )
        with st.container(horizontal=True):
            without_words = st.button("Score without these words", disabled=not removed, icon=":material/content_cut:")
            stripped = info.dataset in ("newsgroups", "newsgroups20") and st.button(
                "Score without headers, signatures and quotes", icon=":material/mail_off:"
            )
        key = f"without-{info.fingerprint}"
        if without_words or stripped:
            st.session_state[key] = tuple(removed) if without_words else None
        if key in st.session_state:
            split = texts_of(info, result, "shortcut")
            if split is not None:
                words_out = st.session_state[key]
                scores = cache.shortcut(info.key, words_out, split)
                _show_scores(last_of(scores, f"{key}-{words_out}", _scored))


def _scored(test: ShortcutTest) -> tuple[float, str]:
    # The share that is done, and what is said of it.
    return len(test.before) / test.total, f"{len(test.before):,} of {counted(test.total, 'document')}"


def _show_scores(test: ShortcutTest) -> None:
    with st.grid(3, min_column_width=150):
        st.metric("Accuracy before", percent(test.before.accuracy), border=True)
        points = points_apart(test.after.accuracy, test.before.accuracy)
        change = f"{signed(points)} points" if points else None
        look: Any = {"delta_color": "green" if points > 0 else "red", "delta_arrow": widgets.arrow(points)}
        st.metric("Accuracy after", percent(test.after.accuracy), change, border=True, **look)
        st.metric("Answers that changed", f"{test.changed_predictions:,}", border=True)
    st.caption(widgets.literal(removed_sentence(test)))
    widgets.caveats(test.caveats)
    before, after = st.columns(2, gap="medium")
    for place, title, answers in ((before, "Before", test.before), (after, "After", test.after)):
        with place:
            st.markdown(f"**{title}**")
            html = matrix.matrix_html(answers, matrix.DOCUMENTS, matrix.most_confused(answers.confusion))
            show_matrix(html, f"matrix-{title}")
