"""How long an explanation takes, beside the `lime` package over strings: `python -m tests.benchmarks.explaining`.

Real test documents of 200 to 260 words, the same number of samples, in turns, in one process and warm: `core.explain`,
and `LimeTextExplainer.explain_instance` over the model's `predict_proba`, which tokenises and computes in batches.
Medians over the documents, the median of their ratios, and the largest memory that `core.explain` took on top of the
model, for a text of 2,000 words.
"""

import argparse
import re
import statistics
import threading
import time
from functools import partial
from itertools import islice
from pathlib import Path

from core import explain, load_dataset, load_model
from core.explanation import explanation_snapshots

PAUSE = 0.2  # seconds: threads of BLAS look out for more work for a while, and would take a core from who comes next
OURS = ("imdb-convnet", "newsgroups-bow", "newsgroups-ngram", "imdb-best")


def main():
    """One Markdown table."""
    arguments = parsed()
    print("| model | explain, ms | first snapshot, ms | lime over strings, ms | ratio | memory, MB |")
    print("|---|---|---|---|---|---|")
    for name in arguments.models:
        model = load_model(name)
        texts = documents(model, arguments.texts)
        rows = [measured(model, text, arguments.samples) for text in (texts[0], *texts)][1:]
        ours, first, theirs = (1000 * statistics.median(column) for column in zip(*rows, strict=True))
        ratio = statistics.median(other / one for one, _, other in rows)
        peak = memory(partial(explain, model, long(" ".join(texts)), samples=arguments.samples))
        print(f"| `{name}` | {ours:.0f} | {first:.0f} | {theirs:.0f} | {ratio:.1f} | {peak:.0f} |", flush=True)


def parsed():
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--models", nargs="+", default=OURS, metavar="NAME")
    parser.add_argument("--samples", type=int, default=5000)
    parser.add_argument("--texts", type=int, default=10)
    return parser.parse_args()


def documents(model, count):
    """The first test documents of 200 to 260 words, as far as the model reads them."""
    texts = load_dataset(model.recipe.data.dataset).test.texts
    read = (text[: model.read(text).end] for text in texts)
    return list(islice((text for text in read if 200 <= len(re.findall(r"\w+", text)) <= 260), count))


def long(text, words=2000):
    return " ".join(text.split()[:words])


def measured(model, text, samples):
    """Seconds of an explanation, of its first snapshot, and of the package's."""
    return (
        seconds(lambda: explain(model, text, samples=samples)),
        seconds(lambda: next(explanation_snapshots(model, text, samples=samples))),
        seconds(lambda: by_lime(model, text, samples)),
    )


def by_lime(model, text, samples):
    from lime.lime_text import LimeTextExplainer

    explainer = LimeTextExplainer(bow=False, mask_string="", random_state=0, class_names=model.class_names)
    return explainer.explain_instance(text, model.predict_proba, num_features=15, num_samples=samples, top_labels=1)


def seconds(function):
    ended = time.perf_counter() + PAUSE
    while time.perf_counter() < ended:
        pass  # a core that sleeps would begin slowly
    started = time.perf_counter()
    function()
    return time.perf_counter() - started


def memory(function):
    """Largest resident memory while the function runs, over that before it, in MB (Linux)."""
    before, sizes, ended = resident(), [], threading.Event()

    def watch():
        while not ended.wait(0.005):
            sizes.append(resident())

    watcher = threading.Thread(target=watch)
    watcher.start()
    function()
    ended.set()
    watcher.join()
    return max(sizes, default=before) - before


def resident():
    return int(re.search(r"VmRSS:\s+(\d+)", Path("/proc/self/status").read_text())[1]) / 1000


if __name__ == "__main__":
    main()
