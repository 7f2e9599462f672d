"""What can be done with an explanation: check it, ask otherwise, change the text, take it away."""

from __future__ import annotations

import difflib
import json
import re
from typing import Any

import pandas as pd
import streamlit as st

from core.saved_models import ModelInfo
from core.schema import Explanation
from pages.ui.explain import export
from pages.ui.render import charts, helps, sentences, tables
from pages.ui.render.highlight import compared
from pages.ui.shared import cache
from pages.ui.shared.widgets import TEXT, choose, key_for, literal, mistakes_shown, moved, numbered

PINNED = "pinned"


@st.fragment
def tools(info: ModelInfo, why: Explanation, most: int) -> None:
    """A row of tools, of which only the chosen one is at work."""
    kinds = {
        "Does it hold?": _check,
        "What if?": _play,
        "Sentence by sentence": _timeline,
        "A second opinion": _opinions,
        "Take it away": _take_away,
    }
    chosen = choose("Tools", list(kinds), key="tool", label_visibility="collapsed", persist_state="session")
    with st.container(border=True), mistakes_shown():
        kinds[chosen](info, why, most)


def _check(info: ModelInfo, why: Explanation, most: int) -> None:
    check = cache.deletion_check(info.key, why, cache.key_of(why))
    told, drawn = st.columns([2, 3], gap="medium")
    with told:
        if check.passed:
            st.success("The marked words matter: taking them away moves the model.", icon=":material/verified:")
        elif check.passed is None:
            st.info(sentences.unchecked(check), icon=":material/info:")
        else:
            st.warning(sentences.failed(check), icon=":material/warning:")
        st.caption(literal(sentences.checked(check, why)), help=helps.CHECK_HELP)
    drawn.plotly_chart(charts.deletion(check, why), config=charts.QUIET, alt="The answer as words are left out")


def _play(info: ModelInfo, why: Explanation, most: int) -> None:
    _replace_a_word(info, why)
    _pinned(info, why)
    st.markdown("**The same text, a little otherwise**")
    made = cache.variants(info.key, why.text, why.class_name, why.seed)
    columns = {
        "Probability": st.column_config.NumberColumn(f"Probability of {why.class_name}", format="%.1f%%"),
        "Change": st.column_config.NumberColumn(format="%+.1f", help="In points of probability."),
    }
    frame = pd.DataFrame(
        [
            {
                "Version": v.name,
                "Probability": 100 * v.probability,
                "Change": 100 * v.change,
                "Text": tables.from_first_change(why.text, v.text),
            }
            for v in made
        ]
    )
    st.dataframe(frame, hide_index=True, column_config=columns, alt="Variants of the text", height="content")


def _replace_a_word(info: ModelInfo, why: Explanation) -> None:
    names = numbered(why)
    words = {word.start: word for word in why.words[:200]}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        start = st.selectbox(
            "Replace", list(words), format_func=names.__getitem__, key=key_for("replaced", info, why.text)
        )
        by = st.text_input("by", key=key_for("replacement", info, why.text), max_chars=60, placeholder="another word")
    if not by or start is None:
        return
    before, after = why.text[:start], why.text[words[start].end : why.coverage.end]
    _moved(f"With “{by}” for “{names[start]}”", info, why, before + by + after)
    _button("Go on with this text", TEXT, before + by + why.text[words[start].end :])


def _pinned(info: ModelInfo, why: Explanation) -> None:
    pinned = st.session_state.get(PINNED)
    if pinned is None:
        _button("Pin this text to compare others with it", PINNED, why.text)
    elif pinned == why.text:
        st.caption("This text is pinned. Change it above and press Explain: the difference is shown here.")
        _button("Unpin", PINNED, None)
    else:
        _moved("The pinned text", info, why, pinned)
        st.html(compared(_changes(pinned, why.text)))
        with st.container(horizontal=True):
            _button("Go back to the pinned text", TEXT, pinned)
            _button("Unpin", PINNED, None)


def _button(name: str, key: str, value: str | None) -> None:
    # A fragment alone would be run anew, and the page with its text has to be.
    if st.button(name, on_click=st.session_state.__setitem__, args=(key, value)):
        st.rerun()


def _changes(before: str, after: str) -> list[tuple[str, str]]:
    # What stayed (" "), went ("-") or came ("+"), word by word.
    one, other = (re.findall(r"\s+|\w+|[^\w\s]", text[:20_000]) for text in (before, after))
    changes: list[tuple[str, str]] = []
    for kind, a, b, c, d in difflib.SequenceMatcher(None, one, other, autojunk=False).get_opcodes():
        if kind == "equal":
            changes.append((" ", "".join(one[a:b])))
        else:
            changes += [("-", "".join(one[a:b])), ("+", "".join(other[c:d]))]
    return [(kind, text) for kind, text in changes if text]


def _moved(what: str, info: ModelInfo, why: Explanation, text: str) -> None:
    moved(what, cache.left_out(info.key, text, ())[why.class_name], why)


def _timeline(info: ModelInfo, why: Explanation, most: int) -> None:
    steps = cache.timeline(info.key, why.text, why.class_name)
    if len(steps) < 2:
        st.info(
            "This text is a single sentence; with more of them, the answer can be followed.", icon=":material/info:"
        )
        return
    ended = "" if "".join(step.text for step in steps) == why.text else " Only the beginning of the text is followed."
    st.caption(literal(f"The probability of {why.class_name} when the text ends after each sentence.{ended}"))
    st.plotly_chart(charts.timeline(steps, why.class_name), config=charts.QUIET, alt="Probability after each sentence")


def _opinions(info: ModelInfo, why: Explanation, most: int) -> None:
    found = cache.attributions(info.key, why, cache.key_of(why))
    st.caption(helps.OPINIONS_HELP)
    for opinion in found:
        st.markdown(f"**{opinion.method}**: {sentences.agreed(opinion)}")
    names = numbered(why)
    factor, unit = (100, "points") if why.against is None else (1, "log-odds")
    columns: dict[str, list[Any]] = {"Word": [names[word.start] for word in why.words[:most]]}
    columns[f"LIME, {unit}"] = [factor * word.weight for word in why.words[:most]]
    for opinion in found:
        scale, scaled = (factor, unit) if opinion.method == found[0].method else (1, "log-odds")
        columns[f"{opinion.method}, {scaled}"] = [scale * weight for weight in opinion.weights[:most]]
    formats = {name: st.column_config.NumberColumn(format="%+.2f") for name in columns if name != "Word"}
    st.dataframe(pd.DataFrame(columns), hide_index=True, column_config=formats, alt="Weights by method", height=300)


def _take_away(info: ModelInfo, why: Explanation, most: int) -> None:
    with st.container(horizontal=True):
        for name, made, kind in (
            ("Page (HTML)", export.as_html(why, info.fingerprint, most), "text/html"),
            ("Table (CSV)", export.as_csv(why), "text/csv"),
            ("JSON", json.dumps(why.to_json(), indent=2), "application/json"),
        ):
            ending = kind.partition("/")[2]
            st.download_button(
                name,
                made.encode("utf-8", "replace"),
                f"why-{info.name}.{ending}",
                kind,
                on_click="ignore",
                icon=":material/download:",
            )
    address = export.link(why, st.context.url or "")
    if address is None:
        st.caption(f"A text of more than {export.LONGEST_IN_A_LINK:,} characters does not fit into a link.")
    else:
        st.caption("This link shows the same model, text, class and seed again; the text is in it.")
        st.code(address, language=None, wrap_lines=True)
