"""Visitors who each explain another text every ten seconds: `python -m tests.load.visitors [--visitors 25]`.

Sessions are real websockets to a real server. An explanation is offered every `--every` seconds to each visitor; it is
done when its page has come to its end before the next one is offered. With `--training` one job runs beside them.
"""

import argparse
import asyncio
import random
import statistics
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from pages.ui.shared.examples import FILM_REVIEWS
from tests.load.serving import megabytes, processor_seconds, serving
from tests.load.session import Visitor

SENTENCES = [sentence for text in FILM_REVIEWS.values() for sentence in text.replace("\n\n", " ").split(". ")]


@dataclass
class Tally:
    """What happened, with times in seconds and memory in MB by the second since the start."""

    offered: int = 0
    done: int = 0
    first: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    memory: list[tuple[float, float]] = field(default_factory=list)


def review(number, chance):
    """A text that nobody has asked about, and that begins with a word of its own."""
    return f"Review{number} " + ". ".join(chance.sample(SENTENCES, 8)) + "."


async def visit(address, number, tally, *, every, until, query):
    """Look at the page, then explain another text every so many seconds until a time."""
    chance = random.Random(number)
    await asyncio.sleep(chance.uniform(0, every))
    async with Visitor(address, query=query) as visitor:
        answer = await visitor.open()
        tally.errors += answer.errors
        count = 0
        while (begun := time.monotonic()) < until - every:
            tally.offered, count = tally.offered + 1, count + 1
            answer = await visitor.explain(review(1000 * number + count, chance), every)
            tally.errors += answer.errors
            tally.done += answer.seconds is not None
            tally.first += [] if answer.first is None else [answer.first]
            await asyncio.sleep(max(every - (time.monotonic() - begun), 0))


async def train(address, errors):
    """Start one training by the page, as a visitor would."""
    async with Visitor(address, "train", "recipe=docstrings-bow") as visitor:
        await visitor.open(120)
        answer = await visitor.click("Start training", 20)
        errors += answer.errors


async def watch(process, tally, until):
    """Note the memory every second."""
    started = time.monotonic()
    while time.monotonic() < until:
        tally.memory.append((time.monotonic() - started, megabytes(process)))
        await asyncio.sleep(1)


async def load(address, process, *, visitors, seconds, every, training, query):
    """All visitors at once."""
    tally = Tally()
    async with Visitor(address, query=query) as first:  # who comes first waits for the model
        tally.errors += (await first.open(120)).errors
    if training:
        await train(address, tally.errors)
    before, until = processor_seconds(process), time.monotonic() + seconds
    await asyncio.gather(
        watch(process, tally, until),
        *(visit(address, number, tally, every=every, until=until, query=query) for number in range(visitors)),
    )
    return tally, processor_seconds(process) - before


def report(tally, spent):
    """Lines that tell it."""
    ordered = sorted(tally.first)
    p95 = ordered[int(0.95 * (len(ordered) - 1))] if ordered else float("nan")
    middle = statistics.median(ordered) if ordered else float("nan")
    early = [size for second, size in tally.memory if second <= 60] or [float("nan")]
    yield f"offered {tally.offered}, done {tally.done} ({tally.done / max(tally.offered, 1):.1%})"
    yield f"first highlighted words: median {middle:.2f} s, p95 {p95:.2f} s ({len(ordered)} seen)"
    yield f"{spent / max(tally.done, 1):.2f} processor seconds of the server an explanation"
    yield f"memory: {early[-1]:.0f} MB after the first minute, {tally.memory[-1][1]:.0f} MB at the end"
    yield f"errors: {len(tally.errors)} {sorted(set(tally.errors))[:3]}"
    yield f"load of this machine (1, 5, 15 min): {psutil.getloadavg()}"


def main(arguments=None):
    """Serve, visit, report; gives the tally."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--visitors", type=int, default=25)
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--every", type=float, default=10, help="seconds between two texts of a visitor")
    parser.add_argument("--training", action="store_true", help="with a training beside")
    parser.add_argument("--model", default="imdb-convnet")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder, serving(Path(folder) / "home") as (address, process, log):
        run = load(
            address,
            process,
            visitors=options.visitors,
            seconds=60 * options.minutes,
            every=options.every,
            training=options.training,
            query=f"model={options.model}",
        )
        tally, spent = asyncio.run(run)
        typed = "Review1" in log.read_text(errors="replace")
        print(*report(tally, spent), f"typed text in the log: {'yes' if typed else 'no'}", sep="\n", flush=True)
    return tally, typed


if __name__ == "__main__":
    main()
