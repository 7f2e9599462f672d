"""How long it takes to find out about many documents: `python -m tests.benchmarks.findings`.

For each shipped model, in one process: the autopsy of the largest cell of wrong answers on its test split, filled up
to 500 documents of the true class, when nothing is compiled in this process and again (median of three); then what is
done once, the words of the whole model and the index of its training documents; the nearest training documents of one
text; and the score without the ten words that are suggested, from the stored answers. Seconds of the clock, and of the
processor in brackets, which other programs do not lengthen.
"""

import argparse
import time
from functools import partial

import numpy as np

from core import load_dataset, load_model
from core.findings import autopsy, autopsy_snapshots, global_words, index_of, suspicious, without_words
from core.saved_models import stored_evaluation

MODELS = ("imdb-convnet", "imdb-best", "newsgroups-bow", "newsgroups-ngram", "docstrings-bow")
DOCUMENTS = 500


def main():
    """One Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--models", nargs="+", default=MODELS, metavar="NAME")
    print(
        "| model | documents | autopsy, first | again | its first words | global words | index | one text | without |"
    )
    print("|---|---|---|---|---|---|---|---|---|")
    for name in parser.parse_args().models:
        print(f"| `{name}` | {' | '.join(row(name))} |", flush=True)


def row(name):
    """The figures of one model."""
    model = load_model(name)
    data, answers = load_dataset(model.recipe.data.dataset), stored_evaluation(name)
    cell = largest(answers)
    ask = partial(autopsy, model, data.test, *cell)
    first, again = timed(ask)[1], sorted(timed(ask)[1] for _ in range(3))[1]
    words = timed(lambda: next(autopsy_snapshots(model, data.test, *cell)))[1]
    (*_, found), whole = timed(lambda: list(global_words(model, data.test)))
    index, made = timed(lambda: index_of(data.train))
    near = sorted(timed(partial(index.nearest, [text]))[1] for text in data.test.texts[:21])[10]
    without = timed(lambda: without_words(model, data.test, suspicious(found), answers))[1]
    return [str(len(cell[0])), *map(told, (first, again, words, whole, made, near, without))]


def largest(answers):
    """Positions of up to 500 documents, the wrong ones of the largest cell first, and the names of its classes."""
    wrong = answers.confusion - np.diag(np.diag(answers.confusion))
    true, predicted = np.unravel_index(wrong.argmax(), wrong.shape)
    of_class = np.flatnonzero(answers.labels == true)
    inside = answers.predictions[of_class] == predicted
    positions = of_class[np.argsort(~inside, kind="stable")]
    names = answers.class_names
    return positions[: max(DOCUMENTS, int(inside.sum()))], names[true], names[predicted]


def timed(function):
    """What it returns, and seconds of the clock and of the processor."""
    clock, processor = time.perf_counter(), time.process_time()
    result = function()
    return result, (time.perf_counter() - clock, time.process_time() - processor)


def told(seconds):
    return f"{seconds[0]:.2f} ({seconds[1]:.2f})"


if __name__ == "__main__":
    main()
