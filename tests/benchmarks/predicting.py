"""How long a model takes to read 25,000 reviews, beside tiktoken alone: `python -m tests.benchmarks.predicting`.

The texts are IMDB's test split. In turns, in one process and warm: the model's `predict_proba`, which tokenises and
computes, and tiktoken's `encode_ordinary_batch` with GPT-2's byte pairs and a thread for each processor, which only
tokenises. Medians, and the median of the ratios of neighbouring runs.
"""

import argparse
import os
import statistics
import sys
import time

from core.datasets import load_dataset
from core.encoders.gpt2 import gpt2_encoding
from core.saved_models import load_model

OURS = ("imdb-convnet",)


def main():
    """One Markdown table."""
    arguments = parsed()
    texts = list(load_dataset("imdb").test.texts)[:: arguments.every]
    encoding = gpt2_encoding()
    print("| model | reviews | predict_proba, s | tiktoken alone, s | ratio |")
    print("|---|---|---|---|---|")
    for name in arguments.models:
        model = load_model(name)
        pairs = in_turns(
            lambda model=model: model.predict_proba(texts),
            lambda: encoding.encode_ordinary_batch(texts, num_threads=os.cpu_count()),
            arguments.runs,
        )
        ours, theirs = (statistics.median(times) for times in zip(*pairs, strict=True))
        ratio = statistics.median(one / other for one, other in pairs)
        print(f"| `{name}` | {len(texts):,} | {ours:.2f} | {theirs:.2f} | {ratio:.2f} |", flush=True)


def parsed():
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--models", nargs="+", default=OURS, metavar="NAME")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--every", type=int, default=1, metavar="N", help="each Nth review, to try the command out")
    return parser.parse_args()


def in_turns(one, other, runs):
    """Seconds of each of two functions, `runs` times one after the other; a first time of both is not counted."""
    pairs = []
    for run in range(runs + 1):
        pair = seconds(one), seconds(other)
        print(f"run {run}: {pair[0]:.2f} s, {pair[1]:.2f} s{'' if run else ' (not counted)'}", file=sys.stderr)
        pairs.append(pair)
    return pairs[1:]


def seconds(function):
    started = time.perf_counter()
    function()
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
