"""Train: a recipe -> live curves -> a saved model."""

import streamlit as st

from pages.ui.shared import widgets
from pages.ui.shared.entry import page_guard
from pages.ui.train import form, interrupted, settings
from pages.ui.train.run_panel import show_run

page_guard()
st.title("Train a model")

with widgets.mistakes_shown():
    job = form.current_job()
    with st.container(border=job is not None):
        if job is not None:
            live = job.is_active
            st.fragment(show_run, run_every=1 if live else None)(job, live)
    form.show_queue(job)
    interrupted.show_interrupted()

    st.header("A new model", help=form.OWN_DATA_HELP)
    source, target = st.columns(2, gap="medium")
    with source:
        wanted = form.pick_recipe()
    with target:
        name = form.model_name(wanted.recipe)
        agreed = form.may_replace(name)
    form.about_recipe(wanted)
    ready = form.data_is_there(wanted.recipe) and form.may_train()
    chosen = settings.recipe_settings(wanted)
    tries = settings.search_tries(wanted)
    ready = settings.may_start_with(wanted, chosen) and ready
    if st.button("Start training", type="primary", icon=":material/play_arrow:", disabled=not ready):
        form.start(wanted.with_settings(**chosen), name, agreed, tries)
