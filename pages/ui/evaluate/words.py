"""The words behind all of a model's answers, and what it is worth without some of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from core.saved_models import ModelInfo
from core.schema import Evaluation, GlobalWords, ShortcutTest
from pages.ui.render import charts, figures, helps, matrix, tables, verdicts
from pages.ui.render.format import counted, percent
from pages.ui.shared import cache, documents, widgets
from pages.ui.shared.clickable import shown_matrix
from pages.ui.shared.model_texts import data_of, texts_of

if TYPE_CHECKING:
    from pages.ui.shared.snapshots import Snapshots


def show(info: ModelInfo, result: Evaluation) -> None:
    """The strongest words of each class, documents that stand for many, and the shortcut test."""
    kept = cache.stored_words(info.key)
    if kept is None:
        _found_meanwhile(info, result)
        return
    _drawn(info, result, kept)


def _found_meanwhile(info: ModelInfo, result: Evaluation) -> None:
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
        told = f"{words.documents:,} of {counted(words.asked, 'document')}, in the background"
        st.progress(words.documents / words.asked, told)

    if snapshots.done:
        _drawn(info, result, snapshots.last)
    else:
        watch()
        _words(snapshots.last)


def _drawn(info: ModelInfo, result: Evaluation, words: GlobalWords) -> None:
    _words(words)
    _picks(info, result, words)
    _shortcut(info, result, words)


@st.fragment
def _words(words: GlobalWords) -> None:
    st.subheader("The words that decide", help=helps.GLOBAL_HELP)
    names = [each.class_name for each in words.classes]
    name = st.selectbox("Class", names, index=len(names) - 1 if len(names) == 2 else 0, key="words-class")
    chosen = words.classes[names.index(name)]
    sides = (("Speak for it", chosen.speaking_for), ("Speak against it", chosen.speaking_against))
    for place, (title, effects) in zip(st.columns(2, gap="medium"), sides, strict=True):
        with place:
            st.markdown(f"**{title}**")
            if effects:
                chart = figures.word_effects(effects, words.documents)
                st.plotly_chart(chart, config=charts.QUIET, key=title, alt=title)
            else:
                st.caption("No word does.")
    st.caption(widgets.literal(verdicts.looked_at(words)))
    for caveat in words.caveats:
        st.caption(f":material/info: {widgets.literal(caveat)}")


@st.fragment
def _picks(info: ModelInfo, result: Evaluation, words: GlobalWords) -> None:
    if not words.picks:
        return
    st.subheader("Documents that stand for many", help=helps.PICKS_HELP)
    state = st.dataframe(
        tables.pick_table(words.picks),
        hide_index=True,
        key=f"picks-{info.fingerprint}",
        on_select="rerun",
        selection_mode="single-row",
        height="content",
        alt="Representative documents",
    )
    with widgets.mistakes_shown():
        split = texts_of(info, result, "picks") if state.selection.rows else None
        if split is not None:
            documents.read_document(info, result, split, words.picks[state.selection.rows[0]].position)


@st.fragment
def _shortcut(info: ModelInfo, result: Evaluation, words: GlobalWords) -> None:
    with widgets.mistakes_shown():
        from core.findings import suspicious

        st.subheader("Is it right for the wrong reason?", help=helps.SHORTCUT_HELP)
        suggested = suspicious(words, 30)
        gone = st.multiselect(
            "Words to take out of all test documents",
            suggested,
            default=suggested[:5],
            accept_new_options=True,
            key=f"shortcut-{info.fingerprint}",
            placeholder="Choose words, or type your own",
        )
        with st.container(horizontal=True):
            asked = st.button("Score without these words", disabled=not gone, icon=":material/content_cut:")
            stripped = info.dataset in ("newsgroups", "newsgroups20") and st.button(
                "Score without headers, signatures and quotes", icon=":material/mail_off:"
            )
        key = f"without-{info.fingerprint}"
        if asked or stripped:
            st.session_state[key] = tuple(gone) if asked else None
        if key in st.session_state:
            split = texts_of(info, result, "shortcut")
            if split is not None:
                _scored(cache.shortcut(info.key, st.session_state[key], split))


def _scored(snapshots: Snapshots[ShortcutTest]) -> None:
    told = st.empty()
    for snapshot in snapshots:
        if not snapshots.ended:
            told.progress(
                len(snapshot.before) / snapshot.total, f"{len(snapshot.before):,} of {snapshot.total:,} documents"
            )
    told.empty()
    found = snapshots.last
    with st.grid(3, min_column_width=150):
        st.metric("Accuracy before", percent(found.before.accuracy), border=True)
        points = f"{-100 * found.drop:+.1f} points" if abs(found.drop) >= 0.0005 else None
        st.metric("Accuracy after", percent(found.after.accuracy), points, border=True)
        st.metric("Answers that changed", f"{found.moved:,}", border=True)
    st.caption(widgets.literal(verdicts.cut(found)))
    for caveat in found.caveats:
        st.caption(f":material/info: {widgets.literal(caveat)}")
    before, after = st.columns(2, gap="medium")
    for place, title, answers in ((before, "Before", found.before), (after, "After", found.after)):
        with place:
            st.markdown(f"**{title}**")
            html = matrix.matrix_html(answers, matrix.DOCUMENTS, range(len(answers.class_names)))
            shown_matrix(html, f"matrix-{title}")
