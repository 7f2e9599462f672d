"""Delete a model that was trained here."""

import argparse

from core.commands.terminal import Answer


def add_options(parser: argparse.ArgumentParser) -> None:
    """The model's name."""
    parser.add_argument("model", metavar="MODEL", help="name of a model; those that ship stay")


def run(options: argparse.Namespace) -> Answer:
    """Delete it."""
    from core.saved_models import delete_model

    delete_model(options.model)
    return {"deleted": options.model}, (f"{options.model} is deleted.",)
