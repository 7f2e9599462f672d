"""Predict: a file of texts, a model -> the table with a class, a probability and more for each."""

import streamlit as st

from pages.ui.score import form, result
from pages.ui.score.files import pick_file
from pages.ui.score.run_panel import show_run
from pages.ui.shared import widgets
from pages.ui.shared.entry import page_guard

page_guard()
st.title("Predict a file")
st.caption(
    "Bring a table with a column of texts: each gets the class that a model predicts, its probability and, if you "
    "want them, the words that speak for it; then take the table with you."
)

with widgets.mistakes_shown():
    source, about = st.columns(2, gap="medium")
    with source:
        info = widgets.pick_model()
        widgets.about(info)
    with about:
        file = pick_file()
    if file is None:
        st.stop()
    form.show_beginning(file)
    task = form.choose_task(info, file)
    run = form.current_run(task)
    # The key names the model: a click that was meant for one that another tab has deleted does not reach the next one.
    is_active = run is not None and run.is_active
    key, icon = f"predict-{info.name}", ":material/play_arrow:"
    if st.button("Predict", type="primary", icon=icon, disabled=is_active, key=key):
        run = form.start(info, task, file)
    if run is not None:
        live = run.is_active
        with st.container(border=True):
            st.fragment(show_run, run_every=0.5 if live else None)(run, live)
        if run.score is not None:
            result.show(info, run)
