"""The steps from a text to its marked words, each with a picture of the text that somebody has typed."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.saved_models import ModelInfo
from core.schema import Explanation
from pages.ui.how.pictures import tokens_html, version_html
from pages.ui.render import charts, highlight
from pages.ui.render.format import counted, percent
from pages.ui.shared import explanations
from pages.ui.shared.chart import show_chart
from pages.ui.shared.long_work import last_of
from pages.ui.shared.snapshots import Snapshots
from pages.ui.shared.widgets import key_for, literal

TOKENS = (
    "A model does not read letters. It cuts a text into tokens, words or pieces of words, and has numbers for each "
    "token that was in the texts it learned from. Here every token has a box. What is struck through is not known to "
    "the model: it cannot count, whatever it means."
)
ANSWER = (
    "The numbers of the tokens go through the network, and a probability of each class comes out. That is all that it "
    "says; it gives no reason."
)
VERSIONS = (
    "LIME (Ribeiro et al. 2016) finds reasons by asking again: the same text with random words left out, "
    "{samples} times here. These are the first three perturbed texts, and what the model answers to each."
)
WEIGHTS = (
    "Then each word gets a weight, so that the weights of the words that are still there add up as nearly as may be to "
    "each of those answers. Texts that have lost few words count more. A word whose weight is above zero speaks for "
    "{name}, one below zero against it; the more, the stronger its colour."
)
DOUBTS = (
    "The marks tell what moves this model, not what is true: it may lean on a word that only happened to stand in many "
    "texts of a class.",
    "A weight belongs to this text. In another one the same word may weigh something else.",
    "Words also act together, as in “not bad”. A sum of single words cannot show that; how much of the answer's moves "
    "the sum gets right is told under the text on the Explain page.",
    "Which words are left out is drawn at random. Each weight has an interval for that, and words whose sign is not "
    "sure are grey.",
    "A probability is only as good as the texts it was checked on: of very short texts, other languages and other "
    "subjects it says little.",
)


def snapshots_of(info: ModelInfo, text: str) -> Snapshots[Explanation]:
    """Explanations by LIME, each surer than the one before, in points of probability where these move."""
    return explanations.leading_snapshots(info.key, text, None, None, None, 0, "words", False)


def explanation(info: ModelInfo, snapshots: Snapshots[Explanation]) -> Explanation:
    """The last of them, or the one at which somebody has pressed Stop."""
    return last_of(snapshots, key_for("how", info, snapshots.last.text), explanations.asked_so_far)


def show_tokens(why: Explanation, coverage: str) -> None:
    """The text as the model reads it; `coverage` is a sentence on how much of it that is."""
    st.header("1. The text becomes tokens")
    st.write(TOKENS)
    with st.container(border=True):
        st.html(tokens_html(why.text, why.coverage))
    st.caption(literal(coverage))


def show_answer(why: Explanation) -> None:
    """The probability of each class."""
    st.header("2. The model answers")
    st.write(ANSWER)
    show_chart(charts.class_probabilities(why), "Probability of each class", "how-answer")


def show_versions(info: ModelInfo, why: Explanation) -> None:
    """Three perturbed texts with their answers."""
    st.header("3. LIME asks about perturbed texts")
    st.write(VERSIONS.format(samples=f"{why.samples:,}"))
    samples = explanations.first_samples(info.key, why.text, why.class_name, why.seed)
    for place, sample in zip(st.columns(len(samples), gap="small"), samples, strict=True):
        with place, st.container(border=True):
            gone = counted(len(sample.left_out), "word")
            st.metric(literal(f"{why.class_name}, without {gone}"), percent(sample.probability))
            st.html(version_html(why.text[: why.coverage.end], sample.left_out))


def show_weights(why: Explanation) -> None:
    """The text with its words marked."""
    st.header("4. Each word gets a weight")
    st.write(literal(WEIGHTS.format(name=why.class_name)))
    with st.container(border=True):
        st.html(highlight.legend(why))
        st.html(highlight.highlighted(why))


def show_doubts(told: Sequence[str]) -> None:
    """What can go wrong; `told` is what Whyword has noticed of this text."""
    st.header("5. What can go wrong")
    for sentence in told:
        st.warning(literal(sentence), icon=":material/warning:")
    st.markdown("\n".join(f"- {literal(sentence)}" for sentence in DOUBTS))
