"""Train: a recipe -> live curves -> a saved model."""

import streamlit as st

from core.jobs import Job
from pages.ui.render import charts, helps, sentences
from pages.ui.render.format import duration
from pages.ui.shared import widgets
from pages.ui.shared.entry import page_guard
from pages.ui.train import form


def run_panel(job: Job, live: bool) -> None:
    """What a training run is doing, or what became of it."""
    state, progress = job.state, job.progress
    if live and state != "running":
        st.rerun()
    st.subheader(widgets.literal(job.name))
    form.outcome(job, state)
    if state == "running":
        st.progress(sentences.share_done(progress), sentences.underway(progress))
        st.button(
            "Stop training", icon=":material/stop:", on_click=job.stop, help="Ends the training; nothing is saved."
        )
    if progress is None:
        return
    with st.grid(4, min_column_width=150):
        st.metric("Epoch", f"{progress.epoch} of {progress.epochs}", border=True)
        st.metric("Training loss", sentences.train_loss(progress), help=helps.LOSS_HELP, border=True)
        st.metric("On validation", sentences.best_accuracy(progress), help=helps.VALID_HELP, border=True)
        st.metric("Time", duration(progress.seconds), border=True)
    loss, accuracy = st.columns(2, gap="medium")
    epochs = progress.epochs if live else None
    loss.plotly_chart(
        charts.losses(progress.history, epochs), config=charts.QUIET, key="live-losses", alt="Loss by epoch"
    )
    accuracy.plotly_chart(
        charts.accuracies(progress.history, epochs), config=charts.QUIET, key="live-accuracies", alt="Accuracy by epoch"
    )


page_guard()
st.title("Train a model")

with widgets.mistakes_shown():
    job = form.current_job()
    with st.container(border=job is not None):
        if job is not None:
            live = job.state == "running"
            st.fragment(run_panel, run_every=1 if live else None)(job, live)

    st.subheader("A new model", help=helps.OWN_DATA_HELP)
    source, target = st.columns(2, gap="medium")
    with source:
        recipe = form.pick_recipe()
    with target:
        name = form.model_name(recipe)
    form.about_recipe(recipe)
    ready = form.data_is_there(recipe)
    changed = recipe.with_settings(**form.recipe_settings(recipe))
    if st.button("Start training", type="primary", icon=":material/play_arrow:", disabled=not ready):
        form.start(changed, name)
