"""The recipes that can be trained by name."""

import argparse
import json

from core.commands.terminal import Answer, table
from core.format import duration_or_dash, percent_or_dash


def add_options(parser: argparse.ArgumentParser) -> None:
    """None of its own."""


def run(options: argparse.Namespace) -> Answer:
    """List them."""
    from core.recipes import RECIPES

    records = [json.loads(recipe.to_json()) for recipe in RECIPES.values()]
    rows = [
        (
            r.name,
            r.data.dataset,
            r.model.family,
            percent_or_dash(r.expected_accuracy),
            duration_or_dash(r.expected_seconds),
            r.title,
        )
        for r in RECIPES.values()
    ]
    return {"recipes": records}, table(("recipe", "data set", "model", "accuracy", "time", "what"), rows)
