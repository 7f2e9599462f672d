"""A model to take along: its zip, its card, and its network alone."""

from __future__ import annotations

import tempfile
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import streamlit as st

from core.saved_models import ModelInfo
from core.sharing.running import example
from pages.ui.render.format import size
from pages.ui.shared import cache
from pages.ui.shared.uploaded import temporary_prefix
from pages.ui.shared.visitor import is_demo
from pages.ui.shared.widgets import literal

LARGEST = 500_000_000  # bytes of a model that a browser is sent
ZIP_HELP = "The whole model. “Bring a model” on this page, or python -m core import, takes it in on another machine."
CARD_HELP = (
    "What there is to know before one uses the model: what it learned from, its figures with intervals, where it is "
    "worse, its strongest words. Made from what is stored, in the sections of Hugging Face's model cards."
)
NETWORK_HELP = (
    "The network with its weights as StableHLO, by jax.export, beside what turns a text into its numbers: it runs "
    "without Whyword's networks, and other compilers read it too."
)


def show_downloads(info: ModelInfo) -> None:
    """Downloads of a model, made when they are asked for, and how its network is run elsewhere."""
    st.header("Export")
    if info.bytes > LARGEST:
        command = f"python -m core export {info.name} {info.name}.zip"
        st.caption(literal(f"It has {size(info.bytes)}, too much for a browser; in a terminal: {command}"))
        return
    packed = "application/zip"
    with st.container(horizontal=True):
        _download("Model (zip)", lambda: packed_model(info), f"{info.name}.zip", packed, ZIP_HELP)
        _download("Card (Markdown)", lambda: card_text(info, "md"), f"{info.name}.md", "text/markdown", CARD_HELP)
        _download("Card (HTML)", lambda: card_text(info, "html"), f"{info.name}.html", "text/html", CARD_HELP)
        if is_demo():  # where strangers meet, nobody compiles for another
            return
        _download("Network (StableHLO)", lambda: packed_network(info), f"{info.name}-network.zip", packed, NETWORK_HELP)
    with st.expander("How to run the network elsewhere"):
        st.caption("Beside the folder in its zip, with jax and Whyword's encoders but none of its networks:")
        st.code(example(info.name), language="python", wrap_lines=True)


def _download(label: str, content: object, name: str, kind: str, explanation: str) -> None:
    st.download_button(
        label,
        content,  # type: ignore[arg-type]
        name,
        kind,
        on_click="ignore",
        icon=":material/download:",
        help=explanation,
    )


def packed_model(info: ModelInfo) -> bytes:
    """The model's zip."""
    from core.sharing.archive import write_archive

    with tempfile.TemporaryDirectory(prefix=temporary_prefix(), ignore_cleanup_errors=True) as folder:
        path = Path(folder) / "model.zip"
        write_archive(info.name, path)
        return path.read_bytes()


def card_text(info: ModelInfo, kind: str) -> str:
    """The model's card, as "md" or "html"."""
    from core.sharing.card import model_card

    card = model_card(info.name)
    return card.html() if kind == "html" else card.markdown()


def packed_network(info: ModelInfo) -> bytes:
    """A zip of the network, its encoder and the model's card."""
    from core.sharing.card import model_card
    from core.sharing.stablehlo import write_network_folder

    with tempfile.TemporaryDirectory(prefix=temporary_prefix(), ignore_cleanup_errors=True) as folder:
        place, path = Path(folder) / info.name, Path(folder) / "network.zip"
        write_network_folder(cache.model(info.key), place, model_card(info.name).markdown())
        with ZipFile(path, "w", ZIP_DEFLATED) as archive:
            for part in sorted(place.rglob("*")):
                archive.write(part, part.relative_to(folder))
        return path.read_bytes()
