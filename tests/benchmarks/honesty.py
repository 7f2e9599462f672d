"""How often each sentence of an explanation is wrong, where the truth is known: `python -m tests.benchmarks.honesty`.

Two tables. The first is of made models (`tests/planted.py`), whose reasons are known. The second is of the models that
ship and test documents of 60 to 1,400 words: the true weight of a word is the mean of two explanations of 100,000
samples each, and other seeds are held against it, at every picture that is coloured.
"""

import argparse
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np

from core import load_dataset, load_model
from core.explanation import check_by_deletion, explain, explanation_snapshots
from core.explanation.local_model import draw_masks, proximities
from core.explanation.masked_text import MOST_WORDS, masked_text
from core.schema import CaveatKind, Scale
from core.units import unit_spans
from tests.planted import Dashes, Noise, Sum, planted_text, with_random_weights

SHIPPED = ("newsgroups-bow", "newsgroups-ngram", "docstrings-bow", "imdb-convnet", "imdb-best")
LENGTHS = (60, 200, 500, 900, 1_400)
MARKED = 25
TRUE_SAMPLES = 100_000


def main():
    """Two Markdown tables."""
    arguments = parsed()
    print("| sentence | tried on | wrong | of | share |")
    print("|---|---|---|---|---|")
    for sentence, tried_on, wrong, cases in sentences(arguments.seeds):
        share = f"{wrong / cases:.1%}" if cases else "-"
        print(f"| {sentence} | {tried_on} | {wrong} | {cases} | {share} |", flush=True)
    print("\n| model | words | pictures | shown | intervals that hold | coloured | wrong sign |")
    print("|---|---|---|---|---|---|---|")
    total = Marks()
    for name in arguments.models:
        model = load_model(name)
        for text in documents(model, arguments.lengths):
            marks = marks_of(model, text, arguments.seeds)
            total.add(marks)
            print(f"| `{name}` | {len(unit_spans(text)):,} | {marks.row()} |", flush=True)
    print(f"| all | | {total.row()} |")


def parsed():
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--models", nargs="*", default=SHIPPED, metavar="NAME")
    parser.add_argument("--lengths", nargs="+", type=int, default=LENGTHS, metavar="WORDS")
    parser.add_argument("--seeds", type=int, default=20)
    return parser.parse_args()


def sentences(seeds):
    """Each sentence, what it was tried on, how often it was wrong, and of how many."""
    for count in (3, 5, 7, 12, 40, 200):
        yield "“The marked words matter”", f"random highlights, {count} words", *random_highlights(count, 10 * seeds)
    yield "a word is coloured", "noise, 25 marks a text", *coloured_noise(seeds)
    yield "a coloured word speaks for its side", "sums of 60 words, at every picture", *wrong_sides(seeds)
    yield "the fit is told within 0.1 of that on new versions", "sums with pairs of words", *wrong_fits(seeds)
    yield "the top-5 stability is told within 15 points of other seeds'", "sums of 30 to 120 words", *unstable(seeds)
    yield "“stopped early: the same strongest words”", "the same, other seeds name others", *stopped(seeds)
    yield "signs that are not marked move the answer more", "sums, which have none", *false_alarms(seeds)
    yield "the same, left unsaid", "a model that looks at dashes", *missed_alarms(seeds)


def random_highlights(count, cases):
    """How many highlights that mean nothing pass the check by deletion, of those that get a verdict."""
    rng = np.random.default_rng(count)
    verdicts = []
    for seed in range(cases):
        model = Sum(rng.normal(size=count))
        why = explain(model, planted_text(count), label="yes", samples=50, words=count)
        verdicts.append(check_by_deletion(model, with_random_weights(why, rng), seed=seed).passed)
    decided = [verdict for verdict in verdicts if verdict is not None]
    return sum(decided), len(decided)


def coloured_noise(seeds):
    """How many words of noise are coloured, of all that could be."""
    coloured = 0
    for seed in range(seeds):
        why = explain(Noise(), planted_text(60), samples=2000, words=60, seed=seed)
        coloured += sum(word.significant for word in why.marked(MARKED))
    return coloured, MARKED * seeds


def wrong_sides(seeds):
    """How many coloured words speak for the other side in truth, of all that are coloured."""
    wrong = coloured = 0
    for seed in range(seeds):
        weights = np.random.default_rng(seed).normal(size=60) * 0.2
        for picture in explanation_snapshots(Sum(weights), planted_text(60), "yes", 2000, seed):
            words = [word for word in picture.marked(MARKED) if word.significant]
            coloured += len(words)
            wrong += sum(word.weight * weights[int(word.word[1:])] < 0 for word in words)
    return wrong, coloured


def wrong_fits(seeds):
    """How often the fit that is told is more than 0.1 from that on 20,000 new versions."""
    wrong = 0
    for seed in range(seeds):
        rng = np.random.default_rng(seed)
        model = Sum(rng.normal(size=40) * 0.2, rng.normal(size=40) * rng.uniform(0, 1.5))
        why = explain(model, planted_text(40), label="yes", samples=1000, words=40, seed=seed)
        wrong += abs(why.fit_r2 - fit_on_new_versions(model, why)) > 0.1
    return wrong, seeds


def fit_on_new_versions(model, why, samples=20_000):
    """Weighted R2 of an explanation's weights on versions of the text that it has not seen."""
    masked = masked_text(model, why.text)
    masks = draw_masks(np.random.default_rng(10_000), samples, len(masked.spans))
    weights = dict(zip(((word.start, word.end) for word in why.words), why.weights, strict=True))
    told = why.intercept + masks @ np.array([weights[span] for span in masked.spans])
    asked, counts = masked.ask(masks)[:, 1], proximities(masks)
    spread = counts @ (asked - np.average(asked, weights=counts)) ** 2
    return 1 - counts @ (asked - told) ** 2 / spread


def unstable(seeds):
    """In how many texts the stability that is told is more than 15 points from what other seeds show."""
    wrong = 0
    for text in range(seeds):
        runs = runs_of(text, seeds, stop_early=False)
        tops = [strongest(run) for run in runs]
        same = np.mean([one == other for one, other in combinations(tops, 2)])
        wrong += abs(np.mean([run.top_stability or 0.0 for run in runs]) - same) > 0.15
    return wrong, seeds


def stopped(seeds):
    """In how many runs that ended early the strongest words are not those of most other seeds."""
    wrong = ended = 0
    for text in range(seeds):
        runs = runs_of(text, seeds, stop_early=True)
        tops = [strongest(run) for run in runs]
        usual = max(tops, key=tops.count)
        ended += sum(run.converged for run in runs)
        wrong += sum(run.converged and top != usual for run, top in zip(runs, tops, strict=True))
    return wrong, ended


def runs_of(text, seeds, *, stop_early):
    """Explanations of one made text with so many seeds."""
    rng = np.random.default_rng(text)
    count = int(rng.integers(30, 120))
    model = Sum(rng.standard_t(3, size=count) * 0.2)
    how = {"samples": 3000, "stop_early": stop_early}
    return [
        list(explanation_snapshots(model, planted_text(count), "yes", seed=seed, **how))[-1] for seed in range(seeds)
    ]


def strongest(run):
    """The strongest words, as many as the explanation tells."""
    return frozenset(word.start for word in run.words[: run.top])


def false_alarms(seeds):
    """How often signs are said to move the answer of a model that looks at words only."""
    models = [Sum(np.random.default_rng(seed).normal(size=20)) for seed in range(seeds)]
    return sum(tells_of_signs(model, planted_text(20).replace(" ", ", ")) for model in models), seeds


def missed_alarms(seeds):
    """How often it is left unsaid that a dash decides."""
    texts = [planted_text(8 + seed).replace("w4 ", "w4 -- ") for seed in range(seeds)]
    return sum(not tells_of_signs(Dashes(), text) for text in texts), seeds


def tells_of_signs(model, text):
    """Whether an explanation says that what is not marked moves the answer more than its marks."""
    return CaveatKind.UNMARKED_EFFECT in {caveat.kind for caveat in explain(model, text, "yes", 1000).caveats}


@dataclass
class Marks:
    """What became of the words that were shown."""

    pictures: int = 0
    held: list = field(default_factory=list)
    wrong_sign: list = field(default_factory=list)

    def add(self, other):
        """Join the marks of another text."""
        self.pictures += other.pictures
        self.held += other.held
        self.wrong_sign += other.wrong_sign

    def row(self):
        """The cells of a row."""
        held = f"{np.mean(self.held):.1%}" if self.held else "-"
        wrong = f"{np.mean(self.wrong_sign):.2%}" if self.wrong_sign else "-"
        return f"{self.pictures} | {len(self.held):,} | {held} | {len(self.wrong_sign):,} | {wrong}"


def documents(model, lengths):
    """A test document of about each length, as far as the model reads it."""
    texts = load_dataset(model.recipe.data.dataset).test.texts
    read = [text[: model.read(text).end] for text in texts[:2_000]]
    counts = np.array([len(unit_spans(text)) for text in read])
    reachable = [length for length in lengths if length <= 1.1 * min(counts.max(), MOST_WORDS)]
    return [read[int(np.abs(counts - length).argmin())] for length in reachable]


def marks_of(model, text, seeds):
    """The marks of every picture with so many seeds, half of them stopping early, beside the true weights."""
    marks = Marks()
    (first, *_) = explanation_snapshots(model, text, samples=50, log_odds=None)
    how = {"label": first.class_name, "log_odds": first.scale is Scale.LOG_ODDS}
    truth = true_weights(model, text, how)
    for seed in range(seeds):
        runs = explanation_snapshots(model, text, seed=seed, stop_early=seed % 2 == 0, **how)
        for picture in (picture for picture in runs if picture.marked(MARKED)):
            marks.pictures += 1
            for word in picture.marked(MARKED):
                marks.held.append(word.low <= truth[word.start] <= word.high)
                if word.significant:
                    marks.wrong_sign.append(word.weight * truth[word.start] < 0)
    return marks


def true_weights(model, text, how):
    """By the start of each word, the mean of two explanations of very many samples."""
    runs = [explain(model, text, samples=TRUE_SAMPLES, words=MOST_WORDS, seed=seed, **how) for seed in (1001, 1002)]
    other = {word.start: word.weight for word in runs[1].words}
    return {word.start: (word.weight + other[word.start]) / 2 for word in runs[0].words}


if __name__ == "__main__":
    main()
