"""Weigh the words of a text for or against a class."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from core.commands.terminal import Answer, add_model, read_text_file, table
from core.config import DEFAULT_SAMPLES
from core.format import percent_or_dash

if TYPE_CHECKING:
    from core.schema import Attribution, Explanation

UNITS_HELP = "what to weigh: words (the default, with emoji and runs of ! and ?), signs (all others too) or lines"
METHOD_HELP = "how to weigh words; lime by default, and an unknown name lists all"
SAMPLES_HELP = f"texts to try; {DEFAULT_SAMPLES} by default, more for a very long text"


def add_options(parser: argparse.ArgumentParser) -> None:
    """The model, the text, and how to explain it."""
    add_model(parser)
    text = parser.add_mutually_exclusive_group(required=True)
    text.add_argument("--text", help="the text itself")
    text.add_argument("--file", help="a file with the text, in UTF-8")
    parser.add_argument("--label", metavar="CLASS", help="to speak for or against; the most probable by default")
    parser.add_argument("--method", default="lime", metavar="NAME", help=METHOD_HELP)
    parser.add_argument("--units", default="words", metavar="KIND", help=UNITS_HELP)
    parser.add_argument("--log-odds", action="store_true", help="weigh in log-odds; points of probability by default")
    parser.add_argument("--samples", type=int, metavar="N", help=SAMPLES_HELP)
    parser.add_argument("--words", type=int, default=15, metavar="N", help="strongest words to show; 15 by default")
    parser.add_argument("--seed", type=_seed, default=0, metavar="N", help="of the samples; 0 by default")


def run(options: argparse.Namespace) -> Answer:
    """Explain the text."""
    from core.explanation import attribute
    from core.saved_models import load_model

    text = options.text if options.file is None else read_text_file(Path(options.file))
    how = {key: getattr(options, key) for key in ("method", "label", "samples", "words", "seed", "units", "log_odds")}
    result = attribute(load_model(options.model), text, **how)
    return result.to_json(), _lines(result)


def _lines(result: Attribution) -> Iterator[str]:
    from core.schema import Explanation

    chances = sorted(result.probabilities.items(), key=lambda pair: -pair[1])
    yield ", ".join(f"{name} {percent_or_dash(chance)}" for name, chance in chances)
    made, words = _lime(result) if isinstance(result, Explanation) else _other(result)
    yield f"Words for (+) and against (-) {result.class_name}; {made}:"
    yield from words
    yield from (caveat.text for caveat in result.caveats)


def _lime(result: Explanation) -> tuple[str, list[str]]:
    # How it was made, and its words with their intervals.
    fit = "undefined" if result.fit_r2 is None else f"{result.fit_r2:.2f}"
    rows = [(f"{w.weight:+.3f}", w.word, f"{w.low:+.3f} to {w.high:+.3f}") for w in result.words]
    return f"fit R2 {fit}, {result.samples:,} samples", table(("weight", "word", "95% interval"), rows)


def _other(result: Attribution) -> tuple[str, list[str]]:
    rows = [(f"{w.weight:+.3f}", w.word) for w in result.words]
    return f"{result.title}, in {result.scale}", table(("weight", "word"), rows)


def _seed(text: str) -> int:
    if not text.isdecimal() or int(text) >= 2**32:
        raise argparse.ArgumentTypeError(f"a seed is a whole number from 0 to {2**32 - 1:,}, not {text!r}")
    return int(text)
