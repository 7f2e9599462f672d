"""Whether twice the documents take twice the time to learn: `python -m tests.benchmarks.scaling [--recipes NAME ...]`.

A recipe is trained on 1, 4 and 16 times as many reviews of IMDB, all different, in one process that has trained it on
the fewest before, in a home of its own, so that nothing is encoded already. The first epoch of each run compiles and is
not counted; if a later one meets a new shape, the compilation's seconds are taken off. Training is the median of the
epochs that are left, nearly all of it steps: validation has a hundred documents. Encoding is what comes before: the
vocabulary is learned, the documents are encoded.
"""

import argparse
import os
import statistics
import sys
import tempfile
import time
from dataclasses import replace
from itertools import pairwise

import jax
import numpy as np

from core.datasets import load_dataset
from core.recipes import RECIPES, recipe
from core.training import fit

OURS = ("imdb-convnet", "imdb-ngram")
BASE = 1_400
EPOCHS = {1: 6, 4: 4, 16: 3}
"""Epochs for each multiple of `BASE`, with the first: the fewer the documents, the more the clock's noise counts."""
VALID = 100
COMPILED = "/jax/core/compile/backend_compile_duration"


def main():
    """One Markdown table; times a document in milliseconds, each followed by its ratio to that of the fewest."""
    arguments = parsed()
    compiled = []
    jax.monitoring.register_event_duration_secs_listener(
        lambda event, seconds, **_: compiled.append(seconds) if event == COMPILED else None
    )
    data = load_dataset("imdb")
    home = tempfile.TemporaryDirectory()
    os.environ["WHYWORD_HOME"] = home.name
    print("| recipe | documents | encoding, ms a document | of 1x | training, ms a document | of 1x |")
    print("|---|---|---|---|---|---|")
    for name in arguments.recipes:
        seconds(name, data, arguments.base - 1, 2, compiled)  # other documents: those of 1x are not encoded yet
        first = None
        for times, epochs in EPOCHS.items():
            documents = times * arguments.base
            encoding, training = (1000 * s / documents for s in seconds(name, data, documents, epochs, compiled))
            first = first or (encoding, training)
            cells = f"{encoding:.2f} | {encoding / first[0]:.2f} | {training:.2f} | {training / first[1]:.2f}"
            print(f"| `{name}` | {documents:,} | {cells} |", flush=True)
    home.cleanup()


def parsed():
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--recipes", nargs="+", choices=sorted(RECIPES), default=OURS, metavar="NAME")
    parser.add_argument("--base", type=int, default=BASE, metavar="N", help="documents of 1x, to try the command out")
    return parser.parse_args()


def seconds(name, data, documents, epochs, compiled):
    """Seconds of encoding, and of a steady epoch of training."""
    print(f"{name}: {documents:,} documents, {epochs} epochs ...", file=sys.stderr, flush=True)
    chosen = recipe(name).with_settings(epochs=epochs, patience=0)
    starts, ends = {}, []
    for progress in fit(chosen, replace(data, train=some(data.train, documents), valid=some(data.valid, VALID))):
        starts.setdefault(progress.phase, time.perf_counter() - sum(compiled))
        ends += [record.seconds - sum(compiled) for record in progress.history[len(ends) :]]
    epoch = statistics.median(end - before for before, end in pairwise(ends))
    return starts["training"] - starts["encoding"], epoch


def some(split, documents):
    """So many documents of the split, evenly spread over it. Raises ValueError when it has fewer."""
    if documents > len(split):
        raise ValueError(f"{split.name} has {len(split):,} documents, not {documents:,}.")
    rows = np.linspace(0, len(split) - 1, documents).round().astype(int)
    return replace(split, texts=tuple(split.texts[row] for row in rows), labels=split.labels[rows])


if __name__ == "__main__":
    main()
