"""The models that can be used: trained here, and shipped."""

import argparse

from core.commands.terminal import Answer, percent, size, table


def add_options(parser: argparse.ArgumentParser) -> None:
    """None of its own."""


def run(options: argparse.Namespace) -> Answer:
    """List them."""
    from core.saved_models import list_models

    found = list_models()
    rows = []
    for m in found:
        figures = (len(m.class_names), percent(m.accuracy), size(m.bytes), m.created[:10])
        rows.append((m.name, m.dataset, *figures, "shipped" if m.bundled else ""))
    heads = ("model", "data set", "classes", "accuracy", "size", "trained", "")
    return {"models": [info.to_json() for info in found]}, table(heads, rows)
