"""Write what there is to know of a model before it is used: its model card, in Markdown or HTML."""

import argparse
from pathlib import Path

from core.commands.terminal import Answer
from core.errors import BadInput


def add_options(parser: argparse.ArgumentParser) -> None:
    """The model, and where to write its card."""
    parser.add_argument("model", metavar="MODEL", help="name of a model")
    parser.add_argument("file", metavar="FILE", nargs="?", help=".md or .html; printed as Markdown by default")


def run(options: argparse.Namespace) -> Answer:
    """Write or print it."""
    from core.sharing.card import model_card

    card = model_card(options.model)
    if options.file is None:
        return {"model": card.model, "card": card.markdown()}, (card.markdown(),)
    path = Path(options.file)
    if path.suffix.lower() not in (".md", ".html"):
        raise BadInput(f"{path.name} is neither .md nor .html; choose one of these endings.")
    try:
        path.write_text(card.html() if path.suffix.lower() == ".html" else card.markdown(), encoding="utf-8")
    except OSError as error:
        raise BadInput(f"{path} cannot be written ({error.strerror}); choose another place.") from error
    return {"model": card.model, "file": str(path)}, (f"The card of {card.model} is in {path}.",)
