"""Score a model on a split of its data set."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from core.commands.terminal import Answer, add_model, download_bar, table, write_message
from core.errors import BadInput
from core.format import decimals_or_dash, percent_or_dash

if TYPE_CHECKING:
    from core.schema import Evaluation


def add_options(parser: argparse.ArgumentParser) -> None:
    """The model and the split."""
    add_model(parser)
    parser.add_argument("--split", choices=("train", "valid", "test"), default="test", help="test by default")


def run(options: argparse.Namespace) -> Answer:
    """Score, or find the scores that are stored."""
    from core.evaluation import only_class_sentence

    result = _evaluation(options.model, options.split)
    figures = f"accuracy {percent_or_dash(result.accuracy)}, macro F1 {result.macro_f1:.3f}, loss {result.loss:.3f}"
    rows = [
        (name, *(decimals_or_dash(row[key]) for key in ("precision", "recall", "f1-score")), count, confused)
        for row, (name, count, confused) in zip(result.classes, _mistakes(result), strict=True)
    ]
    heads = ("class", "precision", "recall", "F1", "documents", "most often taken for")
    title = f"{result.model} on {len(result):,} documents of {result.dataset}, {result.split}: {figures}, "
    if sentence := only_class_sentence(result):
        write_message(sentence)
    return result.to_json(), (f"{title}calibration error {result.ece:.3f}", "", *table(heads, rows), *result.caveats)


def _mistakes(result: Evaluation) -> Iterator[tuple[str, int, str]]:
    # Of each class: its documents, and the other class that most of them were taken for.
    for i, row in enumerate(result.confusion.tolist()):
        others = [-1 if i == j else count for j, count in enumerate(row)]
        worst = others.index(max(others))
        yield result.class_names[i], sum(row), f"{result.class_names[worst]} ({row[worst]})" if row[worst] else "-"


def _evaluation(name: str, split: str) -> Evaluation:
    from core.saved_models import load_model, stored_evaluation

    model = load_model(name)  # first, so that a wrong name is told at once
    from core.datasets import DATASETS, load_dataset
    from core.evaluation import evaluate

    dataset = model.recipe.data.dataset
    if dataset not in DATASETS:
        if split == "train":
            raise BadInput(f"{model.name} learned from a table of your own; its answers to test and valid are kept.")
        return stored_evaluation(name, split)
    with download_bar(dataset) as bar:
        data = load_dataset(dataset, progress=bar)
    if split == "test" and data.class_names != model.class_names:
        return _stored_answers(name, dataset)
    write_message(f"Scoring {model.name} on the {len(data.splits[split]):,} documents of {dataset}, {split}")
    result = evaluate(model, data.splits[split])
    if data.fingerprint == model.data_fingerprint:
        return result
    other = f"{model.name} learned from another version of {dataset}, so it may have seen some of these documents."
    return replace(result, caveats=(*result.caveats, other))


def _stored_answers(name: str, dataset: str) -> Evaluation:
    from core.saved_models import stored_evaluation

    result = stored_evaluation(name)
    other = f"{dataset} has other classes on this machine, so these are the answers that were stored with the model."
    return replace(result, caveats=(*result.caveats, other))
