"""Give a model that was trained here another name."""

import argparse

from core.commands.terminal import Answer


def add_options(parser: argparse.ArgumentParser) -> None:
    """The model's name, and the new one."""
    parser.add_argument("model", metavar="MODEL", help="name of a model; those that ship keep theirs")
    parser.add_argument("new", metavar="NEW", help="name that it is to have")


def run(options: argparse.Namespace) -> Answer:
    """Rename it."""
    from core.saved_models import rename_model

    info = rename_model(options.model, options.new)
    return {"renamed": options.model, "model": info.name}, (f"{options.model} is called {info.name} now.",)
