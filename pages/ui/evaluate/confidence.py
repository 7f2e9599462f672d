"""Whether a model is as sure as it should be, and what to answer where it is not sure."""

from __future__ import annotations

import streamlit as st

from core.evaluation import check_label_sets, label_set_rule, reliability
from core.saved_models import ModelInfo
from core.schema import Evaluation
from pages.ui.render import charts, figures, helps, verdicts
from pages.ui.render.format import percent
from pages.ui.shared import cache, widgets


def show(info: ModelInfo, result: Evaluation) -> None:
    """The reliability diagram beside sets of labels at a coverage that one chooses."""
    drawn, asked = st.columns(2, gap="large")
    with drawn:
        st.subheader("Is it as sure as it is right?", help=helps.RELIABILITY_HELP)
        st.caption(verdicts.calibrated(result))
        chart = figures.reliability(reliability(result))
        st.plotly_chart(chart, config=charts.QUIET, key="reliability", alt="How often it is right by how sure it is")
        st.caption(f"Calibration error {percent(result.ece)}. {_scaled(info)}")
    with asked:
        _label_sets(info, result)


@st.fragment
def _label_sets(info: ModelInfo, result: Evaluation) -> None:
    with widgets.mistakes_shown():
        st.subheader("Answers that leave doubt", help=helps.LABEL_SET_HELP)
        asked = st.slider("How often the true class has to be in the answer", 80, 99, 98, format="%d%%", key="coverage")
        rule = label_set_rule(cache.evaluation(info.key, "valid"), asked / 100)
        check = check_label_sets(rule, result)
        st.caption(verdicts.covered(rule, check))
        st.plotly_chart(figures.set_sizes(check), config=charts.QUIET, key="sizes", alt="Sets by number of classes")
        st.caption(widgets.literal(verdicts.ruled(rule)))


def _scaled(info: ModelInfo) -> str:
    temperature = cache.temperature(info.key)
    if abs(temperature - 1) < 0.005:
        return "On the validation documents its probabilities were right as they were (temperature 1.00)."
    change = "more cautious" if temperature > 1 else "bolder"
    return f"The validation documents asked for {change} probabilities than its own (temperature {temperature:.2f})."
