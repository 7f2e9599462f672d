"""Whyword: text classifiers, and why they decide as they do. Start it with `streamlit run app.py`."""

import streamlit as st
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect

from pages.ui.shared import cache, start, visitor
from pages.ui.shared.about import about_text
from pages.ui.shared.entry import PAGES, UI, first_page, loading, note_entry, prepare_process
from pages.ui.shared.first_style import FirstStyle
from pages.ui.shared.history import one_entry_a_click
from pages.ui.shared.request_log import logged


def main() -> None:
    """Set the window up and run the page that the address asks for."""
    prepare_process()
    note_entry()
    visitor.welcome()
    cache.lease(visitor.visitor())
    st.set_page_config(
        page_title="Whyword", page_icon=str(UI / "icon.svg"), layout="wide", menu_items={"About": about_text()}
    )
    st.logo(str(UI / "logo.svg"), size="medium")
    place = st.container()  # above what follows, which the browser fetches later: then nothing moves
    st.html(UI / "style.css")
    one_entry_a_click()
    titles = {
        "explain": ("Explain", "format_ink_highlighter", "Which words of a text speak for and against a class."),
        "evaluate": ("Evaluate", "grid_on", "How often a model is right, what it mixes up, and how it learned."),
        "compare": ("Compare", "compare_arrows", "Two models on the same test documents, and on one text."),
        "score": ("Predict", "batch_prediction", "Predict all texts of a file, and take the table with you."),
        "train": ("Train", "model_training", "Train a model from a recipe and watch it learn."),
        "models": ("Models", "deployed_code", "Rename, delete and take away models, or bring one from elsewhere."),
        "data": ("Data", "description", "Look at the texts before a model does."),
        "how": ("How it works", "school", "From a text to the words that decide, step by step."),
    }
    pages = [
        st.Page(PAGES / f"{name}.py", title=title, icon=f":material/{icon}:", help=hint, default=name == first_page())
        for name, (title, icon, hint) in titles.items()
    ]
    page = st.navigation(pages, position="top")
    st.set_page_config(page_title=f"{page.title} · Whyword")
    start.wait_until_loaded()
    with place, logged(page.title), loading(page.title):
        page.run()


if __name__ == "__main__":  # the page of a visitor is drawn
    main()
else:  # the server starts
    app = st.App(
        __file__,
        lifespan=start.lifespan,
        middleware=[Middleware(FirstStyle)],
        exception_handlers={ClientDisconnect: start.nobody_there},
    )
