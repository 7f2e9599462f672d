"""Commands that train and score."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from core.commands.terminal import Answer, duration, percent, rounded, table, tell
from core.errors import BadInput

if TYPE_CHECKING:
    from core.datasets import DownloadBar
    from core.progress import Progress
    from core.schema import Evaluation


def train(options: argparse.Namespace) -> Answer:
    """Train a recipe, or a model family on a table of one's own, and save the model."""
    from core.jobs import train_and_save
    from core.recipes import family_recipe, recipe

    data, wanted = None, None
    if options.data:
        from core.datasets import load_table, remember_table

        if not (options.text and options.label):
            raise BadInput("--data needs the names of its columns too: --text COLUMN --label COLUMN.")
        if {"dataset", "data.dataset"} & set(_settings(options)):
            raise BadInput("--data names what to learn from; leave dataset out of --set.")
        data = load_table(options.data, options.text, options.label)
        remember_table(data, options.data, options.text, options.label)
        if data.left_out:
            tell(f"{data.left_out:,} rows without a text or a label, or with a text that stood above, were left out.")
        wanted = family_recipe(options.recipe, data.name)
    elif options.text or options.label:
        raise BadInput("--text and --label name columns of a file; give the file as --data FILE.")
    wanted = (wanted or recipe(options.recipe)).with_settings(**_settings(options))
    with _download_bar(None if data else wanted.data.dataset) as bar:
        saved = _watch(train_and_save(wanted, name=options.name, data=data, bar=bar, resume=options.resume))
    test, epochs = saved["test"], f"best epoch {saved['best_epoch']} of {saved['epochs']}"
    figures = f"{percent(test['accuracy'])} of {test['n']:,} test documents right, loss {test['loss']:.3f}"
    return saved, (f"{saved['model']}: {figures}, {epochs}, {duration(saved['seconds'])}.",)


def evaluate(options: argparse.Namespace) -> Answer:
    """Score a model on a split of its data set."""
    result = _evaluation(options.model, options.split)
    figures = f"accuracy {percent(result.accuracy)}, macro F1 {result.macro_f1:.3f}, loss {result.loss:.3f}"
    rows = [
        (name, *(rounded(result.report[name][key]) for key in ("precision", "recall", "f1-score")), count, taken)
        for name, count, taken in _mistakes(result)
    ]
    heads = ("class", "precision", "recall", "F1", "documents", "most often taken for")
    title = f"{result.model} on {len(result):,} documents of {result.dataset}, {result.split}: {figures}, "
    return result.to_json(), (f"{title}calibration error {result.ece:.3f}", "", *table(heads, rows), *result.caveats)


def _mistakes(result: Evaluation) -> Iterator[tuple[str, int, str]]:
    # Of each class: its documents, and the other class that most of them were taken for.
    for i, row in enumerate(result.confusion.tolist()):
        others = [-1 if i == j else count for j, count in enumerate(row)]
        worst = others.index(max(others))
        yield result.class_names[i], sum(row), f"{result.class_names[worst]} ({row[worst]})" if row[worst] else "-"


def _settings(options: argparse.Namespace) -> dict[str, Any]:
    settings: dict[str, Any] = {}
    for pair in options.set:
        name, equals, value = pair.partition("=")
        if not equals:
            raise BadInput(f"--set takes KEY=VALUE, such as batch=32, not {pair!r}.")
        settings[name] = value
    given = {"epochs": options.epochs, "seed": options.seed}
    return settings | {name: value for name, value in given.items() if value is not None}


def _watch(told: Iterator[Progress]) -> dict[str, Any]:
    # A bar where there is a terminal; a line for every finished epoch in any case.
    from tqdm import tqdm

    shown = 0
    with tqdm(unit="step", file=sys.stderr, disable=None, leave=False) as bar:
        for progress in told:
            bar.total, bar.n = progress.steps or None, progress.step
            loss = "" if progress.train_loss is None else f", loss {progress.train_loss:.3f}"
            bar.set_description_str(f"{progress.phase}, epoch {progress.epoch} of {progress.epochs}{loss}")
            for r in progress.history[shown:]:
                figures = f"train loss {r.train_loss:.3f}, valid loss {r.valid_loss:.3f}, {percent(r.valid_accuracy)}"
                tqdm.write(f"epoch {r.epoch} of {progress.epochs}: {figures}, {duration(r.seconds)}", file=sys.stderr)
            shown = len(progress.history)
    return progress.saved or {}


@contextmanager
def _download_bar(dataset: str | None) -> Iterator[DownloadBar | None]:
    from core.datasets import DATASETS, is_available

    if dataset not in DATASETS or is_available(dataset):
        yield None
    else:
        from tqdm import tqdm

        tell(f"Fetching {dataset} from {DATASETS[dataset].source}")
        with tqdm(unit="B", unit_scale=True, file=sys.stderr, disable=None, leave=False) as bar:
            yield bar


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
    with _download_bar(dataset) as bar:
        data = load_dataset(dataset, progress=bar)
    if split == "test" and data.class_names != model.class_names:
        return _stored(name, dataset)
    tell(f"Scoring {model.name} on the {len(data.splits[split]):,} documents of {dataset}, {split}")
    result = evaluate(model, data.splits[split])
    if data.fingerprint == model.data_fingerprint:
        return result
    other = f"{model.name} learned from another version of {dataset}, so it may have seen some of these documents."
    return replace(result, caveats=(*result.caveats, other))


def _stored(name: str, dataset: str) -> Evaluation:
    from core.saved_models import stored_evaluation

    result = stored_evaluation(name)
    other = f"{dataset} has other classes on this machine, so these are the answers that were stored with the model."
    return replace(result, caveats=(*result.caveats, other))
