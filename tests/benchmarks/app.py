"""How soon the app answers, and how much memory it takes: `python -m tests.benchmarks.app [--runs 3]`.

Every run is a fresh server and a fresh browser: from `streamlit run` to the first highlighted words, then from a click
on Explain to the words of a second text, the same for 20 real reviews on the app that is now warm (their 95th
percentile), and the largest memory of the server process in between.

With `--evaluate`, the Evaluate page instead, of a model of 20 classes with 25,000 test documents (the posts of the
twenty newsgroups, the test posts several times): from opening its address to the first document of the list, and from
a click on a cell of the matrix to the first document of that cell, 20 cells, on an app that is warm.

With `--pages`, all pages as `tests/pictures.py` has them, in both its widths: how soon a browser that was never there
shows what the page is for, on an app on which it was opened before, and how far what is seen moves while it is loaded
(the sum of the browser's layout shifts). Each is the median of the runs, beside the worst of them.
"""

import argparse
import codecs
import os
import pickle
import re
import statistics
import sys
import tempfile
import threading
import time
from itertools import islice
from pathlib import Path

import numpy as np
import psutil

from core import evaluate, fit, load_dataset, recipe
from core.datasets.newsgroups import SKLEARN_CACHE
from core.saved_models import save_model
from pages.ui.render.matrix import documents_in
from pages.ui.shared.documents import SUREST, in_order
from tests.pictures import PAGES, WAIT, WIDTHS, still
from tests.served import SHIFTS, chromium, served

REVIEW = (
    "I had hoped for more. The first half hour is splendid, with a warm and funny script and an actress who carries "
    "every scene; then the plot falls apart, the jokes are repeated, and the ending is a dull lecture. "
) * 4
REVIEWS, WARMING = 20, 8  # those that are counted, and others before them
DOCUMENTS = 25_000
# What a list shows is drawn on a canvas; its cells for screen readers follow a fifth of a second later.
DRAWN = """
window.drawn = []
const written = CanvasRenderingContext2D.prototype.fillText
CanvasRenderingContext2D.prototype.fillText = function (text, ...place) {
  window.drawn.push(text)
  return written.call(this, text, ...place)
}
"""
# Looked at before every frame: playwright's own waiting looks ever more seldom, down to twice a second.
WATCH = """
text => {
  const begins = (element) => element?.textContent.replace(/\\s+/g, " ").trim().startsWith(text)
  const marked = () => [...document.querySelectorAll(".whyword-text")].some((e) => begins(e) && e.querySelector("mark"))
  const listed = () => window.drawn.some((cell) => cell.startsWith(text.slice(0, 20)))
  const there = () => window.drawn ? begins(document.querySelector(".whyword-text")) && listed() : marked()
  window.watched = new Promise((resolve) => addEventListener("click", () => {
    const started = performance.now()
    if (window.drawn) window.drawn = []
    const look = () => there() ? resolve(performance.now() - started) : requestAnimationFrame(look)
    look()
  }, { once: true, capture: true }))
}
"""


def main():
    """Print one line a run."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=3)
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--evaluate", action="store_true")
    which.add_argument("--pages", action="store_true")
    options = parser.parse_args()
    measure = evaluate_page if options.evaluate else all_pages if options.pages else explain_page
    measure(options.runs)


def explain_page(runs):
    """The first text, a second one, and others on a warm app."""
    measured = [one_run() for _ in range(runs)]
    for first, until_first, *warm, most in [*measured, tuple(map(statistics.median, zip(*measured, strict=True)))]:
        told = f"first words after {first:5.1f} s, {until_first:4.0f} MB at most   second text {warm[0]:4.1f} s"
        print(f"{told}   20 others, p95 {warm[1]:5.2f} s   peak memory {most:5.0f} MB")
    print("(the last line: medians)")


def one_run():
    """Seconds to the first words, peak MB until then; seconds to a second text's, to others' (p95); peak MB."""
    with tempfile.TemporaryDirectory() as home, chromium() as browser:
        started = time.perf_counter()
        with served(home) as (address, process), Peak(process.pid) as peak:
            page = browser.new_page()
            page.goto(address)
            page.locator(".whyword-text mark").first.wait_for(timeout=120_000)
            first, until_first = time.perf_counter() - started, peak.bytes / 1e6
            second = asked(page, REVIEW)
            others = [asked(page, text) for text in reviews()][WARMING:]
        return first, until_first, second, statistics.quantiles(others, n=20)[-1], peak.bytes / 1e6


def asked(page, text):
    """Seconds from the click on Explain, as the browser has it, to the first highlighted word of this text."""
    page.get_by_label("Text", exact=True).fill(text)
    page.evaluate(WATCH, beginning(text))
    page.get_by_role("button", name=re.compile("^Explain")).click()
    seconds = page.evaluate("watched") / 1000
    page.get_by_role("button", name="Stop here").wait_for(state="hidden", timeout=120_000)
    return seconds


def beginning(text):
    return " ".join(text.split())[:60]


def reviews():
    """Test reviews of 200 to 260 words, each with a beginning of its own."""
    texts = (text for text in load_dataset("imdb").test.texts if 200 <= len(text.split()) <= 260)
    return list({text[:40]: text for text in islice(texts, 2 * REVIEWS)}.values())[: WARMING + REVIEWS]


def evaluate_page(runs):
    """The first view, and from a cell to its documents: each the median and the 95th percentile of a run.

    The archive that scikit-learn keeps of the newsgroups has to lie in WHYWORD_DATA.
    """
    with tempfile.TemporaryDirectory() as home:
        result, texts = a_large_model(Path(home))
        for _ in range(runs):
            with served(home) as (address, _), chromium() as browser:
                page = browser.new_page(viewport={"width": 1280, "height": 900})
                page.add_init_script(DRAWN)
                views = [opened(page, f"{address}/evaluate?model=large") for _ in range(WARMING + REVIEWS)][WARMING:]
                cells = [chosen(page, result, texts, cell) for cell in some_cells(result)][WARMING:]
            told = [
                f"median {statistics.median(s):.2f} s, p95 {statistics.quantiles(s, n=20)[-1]:.2f} s"
                for s in (views, cells)
            ]
            print(f"first view: {told[0]}   from a cell to its documents: {told[1]}")


def all_pages(runs):
    """A line a page: seconds to its first view, and how far it moves."""
    states = {name: state for name, state in PAGES.items() if not state.click}
    with tempfile.TemporaryDirectory() as home, served(home) as (address, _), chromium() as browser:
        for width in WIDTHS:
            for name, state in states.items():
                measured = [first_look(browser, width, address, state) for _ in range(runs + 1)][1:]
                seconds, shifts = (sorted(figures) for figures in zip(*measured, strict=True))
                took = f"first view after {statistics.median(seconds):5.2f} s (at most {seconds[-1]:5.2f})"
                print(f"{width:5} {name:14} {took}   shift {statistics.median(shifts):.3f} (at most {shifts[-1]:.3f})")


def first_look(browser, width, address, state):
    """Seconds from asking for a page to what it is for, and the sum of its layout shifts, in a browser of its own."""
    with browser.new_context(viewport={"width": width, "height": 900}) as context:
        context.add_init_script(SHIFTS)
        page = context.new_page()
        page.set_default_timeout(WAIT)
        started = time.perf_counter()
        page.goto(address + state.path)
        page.locator(state.shows).first.wait_for()
        seconds = time.perf_counter() - started
        still(page)
        return seconds, page.evaluate("shifted")


def a_large_model(home):
    """A model of 20 classes in that home, its answers to 25,000 test documents, and their texts."""
    archive = Path(os.environ["WHYWORD_DATA"]) / SKLEARN_CACHE
    posts = pickle.loads(codecs.decode(archive.read_bytes(), "zlib_codec"))
    again = np.arange(DOCUMENTS) % len(posts["test"].data)
    posts["test"].data = [f"{posts['test'].data[row]}\n{number}" for number, row in enumerate(again)]
    posts["test"].target, posts["test"].filenames = posts["test"].target[again], posts["test"].filenames[again]
    (home / SKLEARN_CACHE).write_bytes(codecs.encode(pickle.dumps(posts), "zlib_codec"))
    os.environ |= {"WHYWORD_HOME": str(home), "WHYWORD_DATA": str(home)}
    data = load_dataset("newsgroups20")
    *_, last = fit(recipe("newsgroups20-ngram").with_settings(epochs=1), data, seed=0)
    result = evaluate(last.predictor, data.test)
    save_model(last.predictor, result, name="large")
    return result, data.test.texts


def opened(page, address):
    """Seconds from asking for the address to the first document of the list, and its text."""
    started = time.perf_counter()
    page.goto(address)
    page.wait_for_function("document.querySelector('.whyword-text') && window.drawn.length > 50")
    return time.perf_counter() - started


def some_cells(result):
    """Cells with documents, large and small, on the diagonal and off it."""
    filled = np.argwhere(result.confusion)
    return np.random.default_rng(0).permutation(filled)[: WARMING + REVIEWS]


def chosen(page, result, texts, cell):
    """Seconds from the click on a cell, as the browser has it, to its most confident document in the list and below."""
    rows = documents_in(result, *cell)
    first = texts[in_order(result, rows, SUREST)[0]]
    page.evaluate(WATCH, beginning(first))
    page.locator(".whyword-matrix tbody tr").nth(int(cell[0])).locator("td").nth(int(cell[1])).click()
    return page.evaluate("watched") / 1000


class Peak:
    """The largest resident memory of a process, looked at ten times a second."""

    def __init__(self, pid):
        self.process, self.bytes, self.over = psutil.Process(pid), 0, threading.Event()
        self.watcher = threading.Thread(target=self.watch, daemon=True)

    def __enter__(self):
        self.watcher.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.watcher.join()

    def watch(self):
        while not self.over.wait(0.1) and self.process.is_running():
            self.bytes = max(self.bytes, self.process.memory_info().rss)


if __name__ == "__main__":
    os.environ.setdefault("PYTHONUNBUFFERED", "1")
    sys.exit(main())
