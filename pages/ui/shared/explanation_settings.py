"""How an explanation is made and which words are marked, chosen once for all pages that explain a text."""

from __future__ import annotations

from typing import Any, NamedTuple

import streamlit as st

from core.config import DEFAULT_SAMPLES
from core.schema import SMALLEST_SHARE
from pages.ui.shared.address import SCALE, SEED, UNITS, linked_seed, value

MOST_SEED = 9999
UNIT_NAMES = {"words": "Words", "signs": "Words and all other signs", "lines": "Lines"}
UNITS_HELP = (
    "What is left out and weighed as one. Words are told apart as Unicode has it (UAX #29), with emoji and runs of “!” "
    "and “?”; where a script writes no spaces, single characters or short runs are weighed."
)
SCALE_NAMES = {"": "What shows more", "probability": "Probability", "log-odds": "Log-odds"}
SCALE_HELP = (
    "Near 0% and 100% a probability hardly moves, whatever is left out; log-odds still do. By default they are taken "
    "there, and probabilities elsewhere. A model that is a sum over words shows that sum, in log-odds, unless "
    "probabilities are asked for."
)
LOG_ODDS = {"": None, "probability": False, "log-odds": True}
SAMPLES_HELP = (
    "Versions of the text with words left out, at most; it stops once the strongest words stay the same. A very long "
    f"text gets more than {DEFAULT_SAMPLES:,}, five for each word."
)


class Marking(NamedTuple):
    """Which words are marked.

    Attributes:
        most: how many.
        smallest_share: of the strongest word's weight, that each has at least, in [0, 1].
    """

    most: int
    smallest_share: float = SMALLEST_SHARE


def explanation_settings() -> tuple[dict[str, Any], Marking]:
    """How an explanation is made (samples, seed, units, scale), and which words are marked."""
    given = linked_seed(MOST_SEED)
    if SEED not in st.session_state and given is not None:
        st.session_state[SEED] = given
    with st.popover("Settings", icon=":material/tune:"):
        samples = st.select_slider(
            "Samples at most",
            sorted({500, 1000, 2000, 5000, 10_000, 20_000, DEFAULT_SAMPLES}),
            value=DEFAULT_SAMPLES,
            key="samples",
            persist_state="session",
            help=SAMPLES_HELP,
        )
        words = st.slider("Words to mark", 5, 60, 25, key="words", persist_state="session")
        share = st.slider(
            "Smallest weight to mark",
            0,
            50,
            round(100 * SMALLEST_SHARE),
            format="%d%%",
            key="smallest",
            persist_state="session",
            help="In percent of the strongest word's weight. A smaller weight may be certain and yet say little.",
        )
        units = _setting(UNITS, "Units", UNIT_NAMES, UNITS_HELP)
        scale = _setting(SCALE, "Weights in", SCALE_NAMES, SCALE_HELP)
        seed = st.number_input(
            "Seed",
            0,
            MOST_SEED,
            key=SEED,
            persist_state="session",
            help="Another seed leaves out other words.",
        )
    at_most = None if samples == DEFAULT_SAMPLES else samples
    how = {"samples": at_most, "seed": int(seed), "units": units, "log_odds": LOG_ODDS[scale]}
    return how, Marking(words, share / 100)


def _setting(name: str, title: str, options: dict[str, str], help_text: str) -> str:
    # A choice that a link may make.
    if name not in st.session_state and value(name) in options:
        st.session_state[name] = value(name)
    chosen = st.selectbox(
        title, list(options), format_func=options.__getitem__, key=name, persist_state="session", help=help_text
    )
    return str(chosen)
