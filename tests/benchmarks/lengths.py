"""Whether short texts are right as often as is said, or get a caution: `python -m tests.benchmarks.lengths`.

Of test documents that the model's own record of lengths was not measured on, only the first 1 to 20 words are shown.
For each number of words: how often the answer is right, the mean confidence that is shown with it, and whether the app
then shows a caution. Ends with 1 when the two are more than 3 points apart somewhere and nothing is said.
"""

import argparse
import sys

import numpy as np

from core.datasets import load_dataset
from core.evaluation.lengths import FEWEST_DOCUMENTS, MOST_DOCUMENTS
from core.saved_models import load_model, model_info
from core.schema.lengths import MAX_GAP
from core.units import unit_spans

MODELS = ("imdb-best", "newsgroups-ngram", "docstrings-bow")
WORDS = range(1, 21)


def main():
    """A Markdown table for each model; the exit status says whether all is well."""
    arguments = parsed()
    silent = sum(len(show(name, arguments.documents)) for name in arguments.models)
    print(f"{silent} lengths are more than {100 * MAX_GAP:.0f} points off without a caution.")
    sys.exit(1 if silent else 0)


def parsed():
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--models", nargs="+", default=MODELS, metavar="NAME")
    parser.add_argument("--documents", type=int, default=1000, metavar="N", help="of the test split, at most")
    return parser.parse_args()


def show(name, most):
    """Print the table of a model; gives the numbers of words that are off without a caution."""
    info, found = model_info(name), measured(name, most)
    print(f"\n`{name}`, {found[0][1]:,} documents of the test split\n")
    print("| words | documents | right | confidence | apart, points | caution |\n|---|---|---|---|---|---|")
    silent = []
    for words, documents, right, said in found:
        caution = "" if info.lengths is None else info.lengths.caution(words)
        row = (words, f"{documents:,}", f"{right:.1%}", f"{said:.1%}", f"{100 * (said - right):+.1f}")
        print("|", " | ".join(map(str, row)), "|", "yes" if caution else "no", "|", flush=True)
        if abs(said - right) > MAX_GAP and not caution:
            silent.append(words)
    return silent


def measured(name, most):
    """Words, documents, share that is right and mean confidence, for each number of words."""
    info, model = model_info(name), load_model(name)
    test = load_dataset(info.dataset).test
    rows = other_rows(len(test), most)
    spans = [unit_spans(test.texts[row]) for row in rows]
    found = []
    for words in WORDS:
        long = [i for i, units in enumerate(spans) if len(units) >= words]
        if len(long) < FEWEST_DOCUMENTS:
            break
        answers = model.predict_proba([test.texts[rows[i]][: spans[i][words - 1][1]] for i in long])
        right = answers.argmax(axis=1) == test.labels[rows[long]]
        found.append((words, len(long), float(right.mean()), float(answers.max(axis=1).mean())))
    return found


def other_rows(documents, most):
    """Evenly spaced rows, without those that a model's record of lengths was measured on where enough others are."""
    asked = np.unique(np.linspace(0, documents - 1, min(MOST_DOCUMENTS, documents), dtype=int))
    others = np.setdiff1d(np.arange(documents), asked)
    rows = others if len(others) >= FEWEST_DOCUMENTS else asked
    return rows[np.unique(np.linspace(0, len(rows) - 1, min(most, len(rows)), dtype=int))]


if __name__ == "__main__":
    main()
