"""The models that can be used: trained here, and shipped."""

import argparse

from core.commands.terminal import Answer, table
from core.format import percent_or_dash, size_or_dash


def add_options(parser: argparse.ArgumentParser) -> None:
    """None of its own."""


def run(options: argparse.Namespace) -> Answer:
    """List them."""
    from core.saved_models import list_models

    models = list_models()
    rows = []
    for info in models:
        figures = (len(info.class_names), percent_or_dash(info.accuracy), size_or_dash(info.bytes), info.created[:10])
        rows.append((info.name, info.dataset, *figures, "shipped" if info.bundled else ""))
    heads = ("model", "data set", "classes", "accuracy", "size", "trained", "")
    return {"models": [info.to_json() for info in models]}, table(heads, rows)
