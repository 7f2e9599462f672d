"""Training runs whose app has ended before they did."""

from __future__ import annotations

from datetime import datetime

import streamlit as st

from core.errors import BadInput
from core.jobs import InterruptedJob, forget_interrupted, forget_runs, interrupted_jobs
from core.saved_models import is_taken
from pages.ui.shared import cache
from pages.ui.shared.visitor import is_mine, visitor
from pages.ui.shared.widgets import literal
from pages.ui.train.form import remember


def show_interrupted() -> None:
    """The interrupted runs that who looks may see, each to go on with or to leave."""
    for job in interrupted_jobs():
        if is_mine(job.owner):
            _show(job)


def about(job: InterruptedJob) -> str:
    """What was interrupted, and since when it ran."""
    began = datetime.fromtimestamp(job.started).strftime("%Y-%m-%d %H:%M")
    return f"The training of {job.name}, begun on {began}, was interrupted when the app ended."


def _show(job: InterruptedJob) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.info(literal(about(job)), icon=":material/pause_circle:")
        if st.button("Go on", key=f"go-on-{job.id}", icon=":material/play_arrow:", help="To the same result."):
            _go_on(job)
        if st.button("Discard", key=f"discard-{job.id}", icon=":material/delete:"):
            forget_interrupted(job.id)
            forget_runs(job.name)
            st.rerun()


def _go_on(job: InterruptedJob) -> None:
    if is_taken(job.name):
        raise BadInput(f"There is a model called {job.name} by now; discard this training, or rename that model.")
    remember(cache.jobs().go_on(job.id, owner=visitor()))
    st.rerun()
