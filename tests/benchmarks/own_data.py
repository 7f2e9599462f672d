"""Tables of other people, our families beside linear models and fastText: `python -m tests.benchmarks.own_data`.

Every table in the folder `own` of `WHYWORD_DATA` is split as `load_table` splits it; a model learns from `train`, may
choose by `valid` (the baselines do not) and is scored on `test`. Every run is a process of its own with an empty
`WHYWORD_HOME`, one after another; the clock runs from its start to its end, so that imports and compiling count, and
the memory is the most that it had. A Markdown table comes on standard output, progress on standard error. fastText is
left out where it is not installed (`pip install fasttext-wheel`).
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from core.evaluation.intervals import wilson
from core.folders import archives_folder

ROOT = Path(__file__).parents[2]
COLUMNS = {
    "agnews": ("description", "label"),
    "chnsenti": ("review", "label"),
    "alexa": ("verified_reviews", "feedback"),
}
"""Columns of texts and labels where they are not called "text" and "label"."""

WORDS = {"ngram_range": (1, 2)}
CHARACTERS = {"analyzer": "char_wb", "ngram_range": (1, 4)}
ACROSS_WORDS = {"analyzer": "char", "ngram_range": (1, 4)}
LINEAR_BASELINES = {
    "words, logistic": (WORDS, "LogisticRegression", {"max_iter": 1000}),
    "words, SVM": (WORDS, "LinearSVC", {}),
    "words, logistic, balanced": (WORDS, "LogisticRegression", {"max_iter": 1000, "class_weight": "balanced"}),
    "words, SVM, balanced": (WORDS, "LinearSVC", {"class_weight": "balanced"}),
    "characters, SVM": (CHARACTERS, "LinearSVC", {}),
    "characters across words, SVM": (ACROSS_WORDS, "LinearSVC", {}),
    "characters across words, SVM, balanced": (ACROSS_WORDS, "LinearSVC", {"class_weight": "balanced"}),
}
"""Settings of the TF-IDF, a class of scikit-learn and its settings; the others are scikit-learn's defaults."""

FASTTEXT = "fastText"
FASTTEXT_SETTINGS = {"wordNgrams": 2, "minn": 2, "maxn": 4, "dim": 50, "bucket": 500_000, "epoch": 25, "lr": 0.5}
"""Pairs of words and runs of characters; rate and epochs as its tutorial raises them for small data."""

BASELINES = (*LINEAR_BASELINES, FASTTEXT)
FAMILIES = ("auto", "ngram", "bow", "convnet")
HEADER = ("table", "contender", "accuracy", "95% interval", "macro F1", "calibration error", "seconds")
HEADER += ("processor seconds", "memory, GB")


class Run(NamedTuple):
    """What came of one process; `ece` is None where there are no probabilities. Times in seconds, memory in GB."""

    accuracy: float
    macro_f1: float
    ece: float | None
    documents: int
    seconds: float
    processor: float
    memory: float


def main():
    """Run all that is asked for, and print a line for each table and contender."""
    options = parsed()
    if options.baseline:
        print(json.dumps(scored(*options.baseline)))
        return
    if FASTTEXT in options.contenders and not find_spec("fasttext"):
        tell("fastText is left out, since it is not installed: pip install fasttext-wheel.")
        options.contenders.remove(FASTTEXT)
    rows = [HEADER, ("---",) * len(HEADER)]
    for path in tables(options.tables):
        for contender in options.contenders:
            runs = [measured(path, contender, seed) for seed in options.seeds]
            rows.append(row(path.stem, contender, [run for run in runs if run]))
    print("\n".join(f"| {' | '.join(cells)} |" for cells in rows))


def parsed():
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tables", nargs="+", metavar="NAME", help="files to run, without their ending")
    parser.add_argument("--contenders", nargs="+", default=[*BASELINES, *FAMILIES], metavar="NAME")
    parser.add_argument("--seeds", nargs="+", type=int, default=[0, 1, 2], metavar="N")
    parser.add_argument("--baseline", nargs=3, help=argparse.SUPPRESS)  # a child's own: table, contender, seed
    return parser.parse_args()


def tables(names):
    """The files that are asked for, or all."""
    folder = archives_folder() and archives_folder() / "own"
    if not folder or not folder.is_dir():
        sys.exit("There are no tables; set WHYWORD_DATA to a folder with tables in its folder own.")
    paths = [path for path in sorted(folder.iterdir()) if path.suffix in (".csv", ".tsv")]
    return [path for path in paths if not names or path.stem in names]


def columns(path):
    """The names of the columns of texts and labels."""
    return COLUMNS.get(path.stem, ("text", "label"))


def measured(path, contender, seed):
    """One run in a process of its own, or None when it failed."""
    if contender in BASELINES:
        command = ["tests.benchmarks.own_data", "--baseline", str(path), contender, str(seed)]
    else:
        text, label = columns(path)
        command = ["core", "train", contender, "--data", str(path), "--text", text, "--label", label]
        command += ["--seed", str(seed), "--json"]
    answer, cost = child(command)
    if answer is None:
        tell(f"{path.stem}, {contender}, seed {seed} failed")
        return None
    run = Run(**{key: answer.get(key) for key in ("accuracy", "macro_f1", "ece")}, documents=answer["n"], **cost)
    tell(f"{path.stem}, {contender}, seed {seed}: {run.accuracy:.4f}, {run.macro_f1:.4f}, {run.seconds:.1f} s")
    return run


def child(command):
    """The last line that `python -m` prints of this as JSON, or None, and what it has cost, as `Run` has it."""
    started = time.perf_counter()
    with tempfile.TemporaryDirectory() as home, tempfile.TemporaryFile() as output:
        environment = {**os.environ, "WHYWORD_HOME": home}
        process = subprocess.Popen([sys.executable, "-m", *command], cwd=ROOT, env=environment, stdout=output)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - started
        output.seek(0)
        lines = output.read().decode().splitlines()
    answer = json.loads(lines[-1]) if status == 0 else None
    cost = {"seconds": seconds, "processor": usage.ru_utime + usage.ru_stime, "memory": usage.ru_maxrss * 1024 / 1e9}
    return answer and answer.get("test", answer), cost


def scored(path, contender, seed):
    """What a baseline answers to the test split, as `train --json` tells it."""
    from core.datasets import load_table

    data = load_table(path, *columns(Path(path)))
    learn = fasttext_answers if contender == FASTTEXT else linear_answers
    return figures(contender, data, *learn(contender, data, int(seed)))


def linear_answers(contender, data, seed):
    """The classes (n,) that scikit-learn gives the test split, and the probabilities (n, classes) or None."""
    import sklearn.linear_model
    import sklearn.svm
    from sklearn.feature_extraction.text import TfidfVectorizer

    features, name, settings = LINEAR_BASELINES[contender]
    kind = getattr(sklearn.svm, name, None) or getattr(sklearn.linear_model, name)
    vectorizer = TfidfVectorizer(**features)
    model = kind(**settings, random_state=seed)
    model.fit(vectorizer.fit_transform(data.train.texts), data.train.labels)
    test = vectorizer.transform(data.test.texts)
    return model.predict(test), model.predict_proba(test) if hasattr(model, "predict_proba") else None


def fasttext_answers(contender, data, seed):
    """The same of fastText."""
    import fasttext
    import numpy as np

    order = np.random.default_rng(seed).permutation(len(data.train))  # it reads the lines as they come
    lines = (f"__label__{data.train.labels[i]} {fasttext_line(data.train.texts[i])}\n" for i in order)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "train.txt"
        file.write_text("".join(lines), encoding="utf-8")
        model = fasttext.train_supervised(str(file), thread=os.cpu_count(), seed=seed, verbose=0, **FASTTEXT_SETTINGS)
    classes = len(data.class_names)
    probabilities = np.zeros((len(data.test), classes))
    for row, text in enumerate(data.test.texts):
        # Its `predict` asks numpy for what numpy 2 no longer does; what it stands on does not.
        for probability, label in model.f.predict(f"{fasttext_line(text)}\n", classes, -1.0, "strict"):
            probabilities[row, int(label.removeprefix("__label__"))] = probability
    return probabilities.argmax(axis=1), probabilities


def fasttext_line(text):
    """The text in lower case on one line, with spaces around its signs."""
    import regex

    return " ".join(regex.sub(r"([\p{P}\p{S}])", r" \1 ", text.lower()).split())


def figures(contender, data, predicted, probabilities):
    """Accuracy, macro F1 and, where there are probabilities, the calibration error on the test split."""
    import numpy as np
    from sklearn.metrics import f1_score

    from core.schema import Evaluation

    labels = data.test.labels
    found = {"accuracy": float(np.mean(predicted == labels)), "n": len(labels)}
    found["macro_f1"] = float(f1_score(labels, predicted, average="macro"))
    if probabilities is not None:
        names = {"model": contender, "dataset": data.name, "split": "test", "class_names": data.class_names}
        found["ece"] = Evaluation(**names, labels=labels, probabilities=probabilities.astype(np.float32)).ece
    return found


def row(table, contender, runs):
    """The cells of a contender: means over the seeds, of times the median, of memory the most."""
    if not runs:
        return (table, contender, *("failed",) * (len(HEADER) - 2))
    mean = {key: statistics.mean(getattr(run, key) or 0.0 for run in runs) for key in ("accuracy", "macro_f1", "ece")}
    interval = wilson(round(mean["accuracy"] * runs[0].documents), runs[0].documents)
    return (
        table,
        contender,
        f"{mean['accuracy']:.4f}",
        f"{interval.low:.3f} to {interval.high:.3f}",
        f"{mean['macro_f1']:.4f}",
        "–" if runs[0].ece is None else f"{mean['ece']:.3f}",
        f"{statistics.median(run.seconds for run in runs):.1f}",
        f"{statistics.median(run.processor for run in runs):.1f}",
        f"{max(run.memory for run in runs):.2f}",
    )


def tell(sentence):
    """Progress, for whoever waits."""
    print(sentence, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
