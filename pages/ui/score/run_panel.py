"""A file on its way through a model: in the background, a step a turn, to be stopped and gone on with."""

from __future__ import annotations

from threading import Event, Thread

import streamlit as st

from core.errors import WhywordError
from core.predictor import Predictor
from core.scoring import FileScore, ScoreProgress, ScoreTask, score_file
from pages.ui.render.format import counted, duration
from pages.ui.shared.turns import TURNS
from pages.ui.shared.widgets import literal

PHASES = {"predicting": "Predicting", "writing": "Writing the table", "done": "Done"}
STOP_HELP = "What is predicted by then is kept: the next start goes on from there."
STOPPING = "Stops after the rows that are being predicted now; those are kept too."


class ScoreRun:
    """The work on one file. What it says of itself is kept up to date by a thread.

    Args:
        model: with the classes of the task.
        task: what is to be done.
        gone: set when nobody waits for it any more.

    Attributes:
        step: the last one; None before the first.
        error: one sentence when it has failed.
        is_active: whether it is at work.
        is_stopped: whether it was stopped before its end.
    """

    def __init__(self, model: Predictor, task: ScoreTask, gone: Event) -> None:
        self.model, self.task, self.gone = model, task, gone
        self.step: ScoreProgress | None = None
        self.error, self.is_active, self.is_stopped = "", True, False
        self.fault: Exception | None = None

    @property
    def score(self) -> FileScore | None:
        """What became of the file, when it is done."""
        return self.step.score if self.step is not None else None

    def begin(self) -> None:
        """Work in the background."""
        Thread(target=self._work, name="score", daemon=True).start()

    def stop(self) -> None:
        """End it after the step that it is at."""
        self.is_stopped = True

    def _work(self) -> None:
        try:
            self._go_through()
        except WhywordError as error:
            self.error = str(error)
        except Exception as error:
            self.fault = error
        self.is_active = False

    def _go_through(self) -> None:
        steps = score_file(self.model, self.task)
        try:
            while not (self.is_stopped or self.gone.is_set()):
                with TURNS.taken():
                    step = next(steps, None)
                if step is None:
                    return
                self.step = step
        finally:
            steps.close()


def activity(step: ScoreProgress | None) -> str:
    """What a run is doing, how far it is and for how long yet."""
    if step is None:
        return "Reading the file"
    done = f"{PHASES[step.phase]}: {step.rows:,} of {counted(step.total, 'row')}"
    left = seconds_left(step)
    return done if left is None else f"{done}, about {duration(left)} left"


def seconds_left(step: ScoreProgress) -> float | None:
    """How long predicting will yet take; None where that cannot be told."""
    made = step.rows - step.resumed
    if step.phase != "predicting" or made <= 0 or step.seconds < 1:
        return None
    return step.seconds * (step.total - step.rows) / made


def show_run(run: ScoreRun, live: bool) -> None:
    """How far a run is, or how it ended."""
    if live and not run.is_active:
        st.rerun()
    if run.fault is not None:
        raise run.fault
    step = run.step
    if run.is_active:
        st.progress(step.rows / step.total if step else 0.0, activity(step))
        st.button("Stop", icon=":material/stop:", on_click=run.stop, help=STOP_HELP, disabled=run.is_stopped)
        if run.is_stopped:
            st.caption(STOPPING)
    elif run.error:
        st.warning(literal(run.error), icon=":material/info:")
    elif run.score is None:
        done = step.rows if step else 0
        st.info(f"Stopped after {counted(done, 'row')}; Predict goes on from there.", icon=":material/pause:")
    elif step is not None:
        st.success(f"{counted(step.total, 'row')} in {duration(step.seconds)}.", icon=":material/check_circle:")
