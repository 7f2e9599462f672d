"""The address of a page: every name in it, and what each link between the pages carries.

Links that people have kept name the same things, so a name that is here stays as it is.
"""

from __future__ import annotations

from urllib.parse import urlencode, urlsplit

import streamlit as st

from core.schema import Explanation
from pages.ui.shared.session import OPENED

MODEL, OTHER = "model", "other"
DATASET, SPLIT = "dataset", "split"
RECIPE, JOB = "recipe", "job"
TEXT, DOCUMENT = "text", "document"
"""A text itself, or a document by its model and place: "imdb-best:5", "imdb-best:train:5"."""
LABEL, AGAINST, SEED = "label", "against", "seed"
"""What an explanation is about: the class, the one that it is compared with, and the seed of the samples."""
UNITS, SCALE = "units", "scale"
"""What is weighed (words, signs, lines), and in what (points of probability, log-odds)."""
VIEW, TRUE, PREDICTED = "view", "true", "pred"
"""The state, in the address too: the view that is shown, and the names of the classes whose cell is chosen."""
SLICE, SLICE_WORD, SLICE_COLUMN, THRESHOLD, EPOCH = "slice", "slice-word", "slice-column", "threshold", "epoch"
"""What the views of the Evaluate page are set to."""
READ = "read-document"
"""The place in its split of the document of a list that is read."""
OF_CLASS, SEARCH = "of-class", "search"
"""Which documents of a data set are listed: those of a class, and those that contain a text."""
COMPARED, APART = "compared", "apart"
"""Of two models, the view and the list of documents."""
MISTAKES = "Mistakes"
"""The view of the confusion matrix and the documents of its cells."""
OF_A_TEXT = (TEXT, DOCUMENT, LABEL, AGAINST, SEED)
"""What an address says of one text, and may not say of another."""

LONGEST_IN_A_LINK = 2_000  # characters of a text


def value(name: str) -> str | None:
    """What the address gives for a name."""
    return st.query_params.get(name)


def hold(name: str, choice: str) -> None:
    """Have the address name a choice."""
    if value(name) != choice:
        st.query_params[name] = choice


def forget(*names: str) -> None:
    """Take names out of the address."""
    for name in names:
        st.query_params.pop(name, None)


def linked_text() -> str | None:
    """The text of the link that led here: in the address, or looked up for the document that the address names."""
    opened = st.session_state.get(OPENED) if DOCUMENT in st.query_params else None
    return st.query_params.get(TEXT, opened)


def linked_seed(most: int) -> int | None:
    """The seed of the link that led here; None when it names none from 0 to `most`."""
    given = value(SEED) or ""
    is_short = given.isdecimal() and len(given) <= len(str(most))  # a number of 4,301 digits is an error of Python's
    return int(given) if is_short and int(given) <= most else None


def model_query(model: str) -> dict[str, str]:
    """The address of a model, on each page that shows one."""
    return {MODEL: model}


def dataset_query(dataset: str) -> dict[str, str]:
    """The address of a data set on the Data page."""
    return {DATASET: dataset}


def document_query(dataset: str, split: str, position: int) -> dict[str, str]:
    """The address of a document on the Data page, by its split there ("Training") and its place in it."""
    return dataset_query(dataset) | {SPLIT: split, READ: str(position)}


def text_query(model: str, place: str | None) -> dict[str, str]:
    """The address of a document in front of a model, by `explain_query`'s place; None for a text that has none."""
    return model_query(model) | ({DOCUMENT: f"{model}:{place}"} if place is not None else {})


def recipe_query(recipe: str) -> dict[str, str]:
    """The address of a recipe on the Train page."""
    return {RECIPE: recipe}


def explain_query(model: str, place: str, label: str, against: str) -> dict[str, str]:
    """The address of why a document gets a class rather than another one, where they differ.

    It names the document, so that a text of any length arrives.

    Args:
        model: its name.
        place: the document's row in the test split, such as "5", or in another one, such as "train:5".
        label, against: the two classes.
    """
    return {DOCUMENT: f"{model}:{place}", LABEL: label} | ({AGAINST: against} if against != label else {})


def own_address() -> str:
    """The address of this page, without what is asked in it."""
    return with_slash(st.context.url or "", str(st.get_option("server.baseUrlPath") or ""))


def with_slash(url: str, root: str) -> str:
    """An address without its query; at the root of the app, behind a proxy at a path too, it ends in a slash."""
    address = urlsplit(url)._replace(query="", fragment="")
    is_root = address.path.strip("/") == root.strip("/")
    return address._replace(path=f"{address.path.rstrip('/')}/").geturl() if url and is_root else address.geturl()


def explain_url(base: str, why: Explanation) -> str | None:
    """The address that shows an explanation again, or None when the text is too long for one."""
    if len(why.text) > LONGEST_IN_A_LINK:
        return None
    query = {MODEL: why.model, TEXT: why.text, LABEL: why.class_name, SEED: why.seed}
    query |= {AGAINST: why.against} if why.against else {}
    query |= {UNITS: why.units} if why.units != "words" else {}
    query |= {SCALE: str(why.scale)} if why.against is None else {}
    return f"{base.partition('?')[0]}?{urlencode(query, errors='replace')}"


def cell_query(model: str, true: str | None, predicted: str | None) -> dict[str, str]:
    """The address of a cell of a model's matrix; with one class, of its mistakes."""
    query = {MODEL: model, TRUE: true, PREDICTED: predicted}
    return {key: value for key, value in query.items() if value is not None}
