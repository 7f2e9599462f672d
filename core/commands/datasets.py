"""The data sets that can be trained on by name."""

import argparse

from core.commands.terminal import Answer, table
from core.format import size_or_dash


def add_options(parser: argparse.ArgumentParser) -> None:
    """None of its own."""


def run(options: argparse.Namespace) -> Answer:
    """List them."""
    from core.datasets import DATASETS, is_available

    fields = ("name", "title", "summary", "licence", "source", "download_bytes", "class_names")
    records = [{key: getattr(spec, key) for key in fields} for spec in DATASETS.values()]
    for record in records:
        record["available"] = is_available(record["name"])
    rows = [
        (
            r["name"],
            "here" if r["available"] else f"{size_or_dash(r['download_bytes'])} to download",
            r["title"],
            r["licence"],
        )
        for r in records
    ]
    return {"datasets": records}, table(("data set", "where", "what", "licence"), rows)
