"""Commands that list what there is."""

import argparse
import json

from core.commands.terminal import Answer, duration, percent, size, table


def datasets(options: argparse.Namespace) -> Answer:
    """The data sets that can be trained on by name."""
    from core.datasets import DATASETS, is_available

    fields = ("name", "title", "summary", "licence", "source", "download_bytes", "class_names")
    records = [{key: getattr(spec, key) for key in fields} for spec in DATASETS.values()]
    for record in records:
        record["available"] = is_available(record["name"])
    rows = [
        (r["name"], "here" if r["available"] else f"{size(r['download_bytes'])} to download", r["title"], r["licence"])
        for r in records
    ]
    return {"datasets": records}, table(("data set", "where", "what", "licence"), rows)


def recipes(options: argparse.Namespace) -> Answer:
    """The recipes that can be trained by name."""
    from core.recipes import RECIPES

    records = [json.loads(recipe.to_json()) for recipe in RECIPES.values()]
    rows = [
        (r.name, r.data.dataset, r.model.family, percent(r.expected_accuracy), duration(r.expected_seconds), r.title)
        for r in RECIPES.values()
    ]
    return {"recipes": records}, table(("recipe", "data set", "model", "accuracy", "time", "what"), rows)


def models(options: argparse.Namespace) -> Answer:
    """The models that can be used: trained here, and shipped."""
    from core.saved_models import list_models

    found = list_models()
    rows = []
    for m in found:
        figures = (len(m.class_names), percent(m.accuracy), size(m.bytes), m.created[:10])
        rows.append((m.name, m.dataset, *figures, "shipped" if m.bundled else ""))
    heads = ("model", "data set", "classes", "accuracy", "size", "trained", "")
    return {"models": [info.to_json() for info in found]}, table(heads, rows)
