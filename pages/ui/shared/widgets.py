"""Pickers, session keys and the one handler of users' mistakes, shared by the pages."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Literal

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.datasets import DATASETS
from core.errors import BadInput, WhywordError
from core.recipes import RECIPES
from core.saved_models import ModelInfo, list_models
from pages.ui.render.format import percent, size
from pages.ui.render.tables import height_of, shown_as
from pages.ui.shared.address import DOCUMENT, MODEL, OTHER, hold, value
from pages.ui.shared.entry import PAGES
from pages.ui.shared.session import DELETED_MODEL, MISSING_MODEL, SHOWN_MODEL
from pages.ui.shared.wording import on_page

if TYPE_CHECKING:
    from pandas.io.formats.style import Styler

FIRST_CHOICE = "imdb-best"
METRIC_HEIGHT, CHANGE_HEIGHT = 100, 128  # pixels of a framed figure, and of one with a change below it
MOST_DESCRIBED = 12  # models
MISSING = (
    "{} is not here: it was deleted, has another name, or is on another machine. {} stands in for it until you choose "
    "another model."
)
SHARES = ("Precision", "Recall", "F1")


@contextmanager
def mistakes_shown() -> Iterator[None]:
    """Show a user's mistake as its sentence, in place of the rest of the block; a bug stays loud."""
    try:
        yield
    except WhywordError as error:
        show = st.warning if isinstance(error, BadInput) else st.error
        show(literal(on_page(str(error))), icon=":material/info:")


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
    wanted = _followed(value(MODEL) or st.session_state.get(MODEL), models)
    st.session_state[MODEL] = _named_model(models)
    if wanted and wanted not in models and wanted != st.session_state.get(DELETED_MODEL):
        st.session_state[MISSING_MODEL] = wanted[:60], st.session_state[MODEL]
    names = sorted(models, key=lambda name: name != FIRST_CHOICE)
    # Not bound to the address by Streamlit: on the way back from a page that has a picker too, the name would be lost.
    described = "\n".join(
        f"- **{literal(name)}**: {literal(_description(models[name]))}" for name in names[:MOST_DESCRIBED]
    )
    name = st.selectbox(
        "Model", names, key=MODEL, on_change=_name_model, persist_state="session", help=f"Those there are:\n{described}"
    )
    hold(MODEL, name)
    st.session_state[SHOWN_MODEL] = name, models[name].fingerprint
    return models[name]


def _description(info: ModelInfo) -> str:
    # What it learned from, of which kind it is, and how good.
    learned_from = DATASETS[info.dataset].title if info.dataset in DATASETS else info.dataset
    kind = RECIPES[info.recipe].title.rpartition(": ")[2] if info.recipe in RECIPES else ""
    return ", ".join(filter(None, (learned_from, kind, f"{percent(info.accuracy)} right")))


def _named_model(models: Collection[str]) -> str:
    # In the address, else of its document, else the one chosen before.
    linked = (value(DOCUMENT) or "").partition(":")[0]
    wanted = (value(MODEL), linked, st.session_state.get(MODEL), FIRST_CHOICE)
    return next((name for name in wanted if name and name in models), next(iter(models)))


def _followed(wanted: str | None, models: Mapping[str, ModelInfo]) -> str | None:
    # The name of the model, or the one that it was given in another tab: the same files under another name.
    shown, fingerprint = st.session_state.get(SHOWN_MODEL, (None, None))
    if wanted is None or wanted in models or wanted != shown:
        return wanted
    renamed = next((name for name, info in models.items() if info.fingerprint == fingerprint), None)
    if renamed is not None:
        hold(MODEL, renamed)
        st.toast(f"{literal(wanted)} is called {literal(renamed)} now.", icon=":material/edit:")
    return renamed or wanted


def _name_model() -> None:
    hold(MODEL, st.session_state[MODEL])
    st.session_state.pop(MISSING_MODEL, None)


def tell_missing_model() -> None:
    """Say that the model that was asked for is not here, until another one is chosen than what stands in for it."""
    missing, instead = st.session_state.get(MISSING_MODEL, (None, None))
    if missing is not None and instead == st.session_state[MODEL]:
        st.warning(MISSING.format(literal(missing), literal(instead)), icon=":material/link_off:")


def tell_unknown(wanted: str | None, known: Collection[str], kind: str, instead: str = "this is another one") -> None:
    """Say that the address names something of a kind, such as a model, that is not here, and what is shown instead."""
    if wanted and wanted not in known:
        message = f"{literal(wanted[:60])} is not a {kind} that can be chosen here; {instead}."
        st.toast(message, icon=":material/link_off:")


def choose(label: str, options: Sequence[str], **how: Any) -> str:
    """One of a row of options, the first to begin with; `how` goes to the widget. On a telephone the row wraps."""
    chosen = st.segmented_control(label, options, default=options[0], required=True, wrap=True, **how)
    return str(chosen or options[0])


def pick_other(first: ModelInfo) -> ModelInfo | None:
    """A second model of the same data set and classes; None when there is none."""
    models = {info.name: info for info in list_models() if info.name != first.name}
    others = {
        name: info
        for name, info in models.items()
        if (info.dataset, info.class_names) == (first.dataset, first.class_names)
    }
    if not others:
        return None
    if st.session_state.get(OTHER) not in others:
        _tell_other(value(OTHER), first.name, models)
    which = "Models that learned from the same data set, with the same classes."
    return others[st.selectbox("Compare with", list(others), key=OTHER, bind="query-params", help=which)]


def _tell_other(wanted: str | None, first: str, models: Collection[str]) -> None:
    # Why it cannot be the second one: of the other models that there are, or none of them.
    if wanted in models:
        apart = f"{wanted} has other classes than {first} or learned from other data"
        st.toast(literal(f"{apart}, so they cannot be compared; this is another one."), icon=":material/link_off:")
    elif wanted != first:
        tell_unknown(wanted, models, "model")


def about(info: ModelInfo) -> None:
    """One line about a model, and whether it stands in for one that is not here."""
    tell_missing_model()
    classes = ", ".join(info.class_names) if len(info.class_names) <= 4 else f"{len(info.class_names)} classes"
    right = f"right on {percent(info.accuracy)} of its {info.test['n']:,} test documents"
    learned_from = DATASETS[info.dataset].title if info.dataset in DATASETS else info.dataset
    st.caption(literal(f"{learned_from}: {classes} · {right} · {size(info.parameters, '')} parameters"))


def arrow(change: float) -> Literal["up", "down", "off"]:
    """Where the arrow beside a change of a metric points: Streamlit knows a fall by an ASCII hyphen only."""
    if not change:
        return "off"
    return "up" if change > 0 else "down"


def waits_in(place: DeltaGenerator) -> Callable[[int], None]:
    """What tells in a place how many are before one, and takes it away with 0; what `Turns.taken` calls."""

    def tell(before: int) -> None:
        if before:
            place.caption(f":material/schedule: Waiting for the processor: {before:,} before you.")
        else:
            place.empty()

    return tell


def caveats(sentences: tuple[str, ...]) -> None:
    """Sentences that belong beside the figures."""
    for sentence in sentences:
        st.caption(f":material/info: {literal(sentence)}")


def table(frame: pd.DataFrame, alt: str) -> None:
    """A table as it is; precision, recall and F1 as percentages."""
    columns = {"Documents": st.column_config.NumberColumn(format="localized")}
    shown = shown_as(frame, SHARES)
    st.dataframe(shown, hide_index=True, column_config=columns, placeholder="", alt=alt, height=height_of(frame))


def pick_rows(
    frame: pd.DataFrame | Styler,
    key: str,
    alt: str,
    *,
    required: bool = False,
    columns: Mapping[str, Any] | None = None,
    height: int | None = None,
    on_select: Literal["rerun"] | Callable[[], None] = "rerun",
) -> list[int]:
    """A table to choose a row of: the chosen one's place, or none; where one is `required`, the first to begin with.

    It is as high as its rows, at most `height` pixels.
    """
    state: Any = st.dataframe(
        frame,
        hide_index=True,
        column_config={"Documents": st.column_config.NumberColumn(format="localized")} if columns is None else columns,
        height=height_of(frame, height),
        key=key,
        on_select=on_select,
        selection_mode="single-row-required" if required else "single-row",
        alt=alt,
    )
    return list(state.selection.rows) or [0] * required


def key_for(name: str, info: ModelInfo, text: str) -> str:
    """The state of that name for one text in front of one model."""
    return f"{name}-{info.fingerprint}-{hashlib.sha256(text.encode('utf-8', 'replace')).hexdigest()[:12]}"
