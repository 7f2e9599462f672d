"""What `predict` takes for tables of two sizes, beside `predict_proba`: `python -m tests.benchmarks.scoring`.

Tables of short texts are made up from a model's own test documents. Each run is a process of its own; times are its
processor seconds, of which those of a table of 1,000 rows are taken off, since they start Python and load the model.
"""

import argparse
import json
import multiprocessing
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from core.datasets import load_dataset

NAME, CORPUS = "newsgroups-ngram", "newsgroups"
START_ROWS = 1_000


def main():
    """One Markdown table."""
    arguments = parsed()
    print("| rows | file | processor seconds | predict_proba alone | ratio | peak memory |")
    print("|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        start = measured(made(Path(folder), START_ROWS), arguments.model)[0]
        for rows in arguments.rows:
            path = made(Path(folder), rows)
            seconds, peak = measured(path, arguments.model)
            with multiprocessing.get_context("spawn").Pool(1) as pool:
                alone = pool.apply(proba_seconds, (path, arguments.model))
            size, taken = path.stat().st_size / 1e6, seconds - start
            print(f"| {rows:,} | {size:,.0f} MB | {taken:.1f} | {alone:.1f} | {taken / alone:.2f} | {peak:,.0f} MB |")


def parsed():
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", default=NAME)
    parser.add_argument("--rows", type=int, nargs="+", default=[200_000, 2_000_000])
    return parser.parse_args()


def made(folder, rows):
    """A CSV file of so many rows of 4 to 13 words, some with a comma between quotes."""
    rng, path = np.random.default_rng(0), folder / f"{rows}.csv"
    texts = load_dataset(CORPUS).test.texts[:300]
    words = np.array(sorted({word for text in texts for word in text.split() if word.isalpha()}))
    with path.open("w", encoding="utf-8") as file:
        file.write("id,text,where\n")
        for row in range(rows):
            text = " ".join(words[rng.integers(0, len(words), rng.integers(4, 14))])
            text = '"' + text.replace(" ", ", ", 1) + '"' if row % 5 == 0 else text
            file.write(f"{row},{text},place {row % 7}\n")
    return path


def measured(path, model):
    """Processor seconds and peak memory in MB of the command."""
    command = [sys.executable, "-m", "core", "predict", model, path, path.with_suffix(".out.csv"), "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        answer = process.stdout.read()
        _, status, used = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"predict failed on {path.name}")
    json.loads(answer)
    return used.ru_utime + used.ru_stime, used.ru_maxrss / 1e3


def proba_seconds(path, model):
    """Processor seconds of `predict_proba` of all texts at once, warm, and the texts read before."""
    import pandas as pd

    from core.saved_models import load_model

    texts = pd.read_csv(path, dtype=str, keep_default_na=False)["text"].tolist()
    loaded = load_model(model)
    loaded.predict_proba(texts[:START_ROWS])
    before = resource.getrusage(resource.RUSAGE_SELF)
    began = time.perf_counter()
    loaded.predict_proba(texts)
    after = resource.getrusage(resource.RUSAGE_SELF)
    print(f"predict_proba: {time.perf_counter() - began:.1f} s", file=sys.stderr)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


if __name__ == "__main__":
    main()
