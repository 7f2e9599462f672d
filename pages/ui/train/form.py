"""Widgets of the Train page."""

from __future__ import annotations

from typing import Any, NamedTuple

import streamlit as st

from core.config import Recipe
from core.datasets import DATASETS, is_available, own_datasets
from core.errors import BadInput
from core.format import counted
from core.jobs import Job, training_off
from core.memory import free_bytes
from core.owners import is_visible, marked, unmarked
from core.recipes import AUTO, BASELINE, RECIPES, suited_recipes
from core.saved_models import free_name, is_taken
from core.traits import traits_of
from pages.ui.render.format import duration, percent, size
from pages.ui.shared import cache
from pages.ui.shared.address import JOB, RECIPE, dataset_query, value
from pages.ui.shared.entry import PAGES
from pages.ui.shared.visitor import is_demo, is_mine, visitor
from pages.ui.shared.widgets import literal, tell_unknown

OWN_DATA_HELP = (
    "A table of your own is added on the Data page; its recipes are then the last in the list. In a terminal it is "
    "python -m core train --data FILE --text COLUMN --label COLUMN."
)
FAMILIES = {
    AUTO: "tries linear models over words, phrases and characters beside a baseline, and keeps the best on validation",
    BASELINE: "TF-IDF and scikit-learn's logistic regression, in seconds: the line that any network must beat",
    "ngram": "words and phrases, in no order: quick, and exact to explain",
    "bow": "a bag of words with a small network behind it",
    "convnet": "a convolutional network that reads tokens in order; takes minutes",
    "transformer": "a small transformer; takes longest",
}
"""What can be trained on data of one's own."""
FIRST_CHOICE = "docstrings-bow"  # works without a download


class Wanted(NamedTuple):
    """What to train.

    Attributes:
        recipe: the one that is asked for, or the first of several.
        about: what it makes of what.
        others: what is tried beside it, where the best is to be found; else None.
    """

    recipe: Recipe
    about: str
    others: tuple[Recipe, ...] | None = None

    def with_settings(self, **settings: Any) -> Wanted:
        """The same with other settings."""
        others = self.others and tuple(recipe.with_settings(**settings) for recipe in self.others)
        return Wanted(self.recipe.with_settings(**settings), self.about, others)


def pick_recipe() -> Wanted:
    """The picker of a recipe, in the address; those for one's own data come last."""
    own = {f"{each.name}-{family}": (family, each) for each in own_datasets() for family in FAMILIES}
    names = [*RECIPES, *own]
    tell_unknown(st.session_state.get(RECIPE) or value(RECIPE), names, "recipe")
    name = st.selectbox("Recipe", names, names.index(FIRST_CHOICE), key=RECIPE, bind="query-params")
    if name in RECIPES:
        return Wanted(RECIPES[name], RECIPES[name].title)
    family, data = own[name]
    first, *others = suited_recipes(family, data.name, traits_of(cache.table(data.fingerprint)))
    about = f"{data.name}, data of your own: {FAMILIES[family]}"
    return Wanted(first, about, tuple(others) if family == AUTO else None)


def about_recipe(wanted: Wanted) -> None:
    """What a recipe makes of what, and what to expect of it."""
    recipe = wanted.recipe
    st.markdown(f"{literal(wanted.about)}.")
    data = f"Data set {recipe.data.dataset}"
    accuracy = recipe.expected_accuracy and f"about {percent(recipe.expected_accuracy)} of the test documents right"
    seconds = recipe.expected_seconds and f"about {duration(recipe.expected_seconds)} on two processor cores"
    st.caption(literal(" · ".join(part for part in (data, accuracy, seconds) if part)))


def may_train() -> bool:
    """Whether this machine has room for a training where strangers meet; if not, says so."""
    reason = training_off(free_bytes())
    if reason:
        st.info(literal(reason), icon=":material/memory:")
    return not reason


def data_is_there(recipe: Recipe) -> bool:
    """Whether the recipe's data set is on this machine; if not, says where to get it."""
    spec = DATASETS.get(recipe.data.dataset)
    if spec is None or is_available(spec.name):
        return True
    about = literal(f"{size(spec.download_bytes)}; licence: {spec.licence}")
    if is_demo():
        st.info(f"{literal(spec.title)} is not on this server, and visitors cannot fetch it; choose another recipe.")
        return False
    st.info(f"{literal(spec.title)} is not on this machine yet ({about}).")
    st.page_link(PAGES / "data.py", label="Get it on the Data page", query_params=dataset_query(spec.name))
    return False


def model_name(recipe: Recipe) -> str:
    """The name to save under; one that is free to begin with, and where the field is emptied."""
    taken = [job.name for job in cache.jobs().active()]
    free = unmarked(free_name(marked(f"my-{unmarked(recipe.name)}"), taken))
    rule = "Small letters, digits, dots, dashes and underscores."
    name = st.text_input("Name of the model", free, max_chars=63, placeholder=free, help=rule)
    return name.strip() or free


def current_job() -> Job | None:
    """The training run in the address, else the one of this session, else one that is running; then in the address.

    Where strangers meet, nobody is shown another's.
    """
    named = value(JOB)
    job = cache.jobs().get(named or st.session_state.get(JOB, ""))
    job = job if job is None or is_mine(job.owner) else None
    if named and job is None:
        others = ", or is another visitor's" if is_demo() else ""
        st.caption(f"The training run in the address has ended long ago, or ran before the app was restarted{others}.")
    job = job or next((job for job in cache.jobs().active() if is_mine(job.owner)), None)
    if job is not None:
        remember(job)
    return job


def show_queue(shown: Job | None) -> None:
    """What else is running or waiting on this machine; where strangers meet, without names."""
    others = [job for job in cache.jobs().active() if job is not shown]
    for job in (other for other in others if is_mine(other.owner)):
        title = f"{literal(job.name)}: {_turn(job)}"
        st.page_link(PAGES / "train.py", label=title, icon=":material/schedule:", query_params={JOB: job.id})
    if foreign := sum(not is_mine(job.owner) for job in others):
        does = "runs or waits" if foreign == 1 else "run or wait"
        st.caption(f":material/schedule: {counted(foreign, 'training')} of other visitors {does} here, one at a time.")


def _turn(job: Job) -> str:
    before = cache.jobs().before(job)
    return f"waits, {counted(before, 'training')} before it" if before else "runs now"


def may_replace(name: str) -> bool:
    """Whether training may be saved under this name: it is free, or somebody agrees to what is replaced."""
    if not (is_taken(marked(name)) or (is_visible(name) and is_taken(name))):
        return True
    if is_demo():
        st.caption(f"A model called {literal(name)} is there already; choose another name.")
        return False
    return st.checkbox(f"Replace the model {literal(name)}, which is there already", key=f"replace-{name}")


def start(wanted: Wanted, name: str, agreed: bool, search: int | None = None) -> None:
    """Start a training run, or let it wait for its turn, and show it; `search` is how many settings it tries first.

    Raises BadInput when a model would be lost or the data are not here.
    """
    if is_demo() and not is_available(wanted.recipe.data.dataset):  # a browser may send a click on a disabled button
        raise BadInput("The data of this recipe are not on this server; choose another recipe.")
    if not agreed:
        way_out = "choose another name" if is_demo() else "tick that it is to be replaced, or choose another name"
        raise BadInput(f"A model called {name} is there already; {way_out}.")
    remember(cache.jobs().start(wanted.recipe, others=wanted.others, name=name, owner=visitor(), search=search))
    st.rerun()


def remember(job: Job) -> None:
    """Show this training run from now on, after a reload too."""
    st.session_state[JOB] = st.query_params[JOB] = job.id
