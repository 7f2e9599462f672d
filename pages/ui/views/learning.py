"""How a model learned, epoch by epoch."""

import streamlit as st

from core.checkpoints import ModelInfo
from core.schema import Evaluation
from pages.ui import cache, charts, helps


def show(info: ModelInfo, result: Evaluation) -> None:
    """Loss and accuracy by epoch."""
    st.subheader("How it learned", help=helps.HISTORY_HELP)
    history = cache.history(info.name, info.fingerprint)
    loss, accuracy = st.columns(2, gap="medium")
    loss.plotly_chart(charts.losses(history), config=charts.QUIET, key="losses", alt="Loss by epoch")
    accuracy.plotly_chart(charts.accuracies(history), config=charts.QUIET, key="accuracies", alt="Accuracy by epoch")
