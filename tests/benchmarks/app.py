"""How soon the app answers, and how much memory it takes: `python -m tests.benchmarks.app [--runs 3]`.

Every run is a fresh server and a fresh browser: from `streamlit run` to the first highlighted words, then from a click
on Explain to the words of a second text, the same for 20 real reviews on the app that is now warm (their 95th
percentile), and the largest memory of the server process in between.
"""

import argparse
import os
import re
import statistics
import sys
import tempfile
import threading
import time
from itertools import islice

import psutil

from core import load_dataset
from tests.served import chromium, served

REVIEW = (
    "I had hoped for more. The first half hour is splendid, with a warm and funny script and an actress who carries "
    "every scene; then the plot falls apart, the jokes are repeated, and the ending is a dull lecture. "
) * 4
REVIEWS, WARMING = 20, 8  # those that are counted, and others before them
MARKED = re.compile("dull|splendid|hoped")  # of its words, some that a model will mark


def main():
    """Print one line a run, and the medians."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=3)
    runs = [one_run() for _ in range(parser.parse_args().runs)]
    for first, second, others, memory in [*runs, tuple(map(statistics.median, zip(*runs, strict=True)))]:
        told = f"first words after {first:5.1f} s   second text {second:4.1f} s   20 others, p95 {others:5.2f} s"
        print(f"{told}   peak memory {memory:5.0f} MB")
    print("(the last line: medians)")


def one_run():
    """Seconds to the first words, to the second text's words, to those of others (p95); peak memory in MB."""
    with tempfile.TemporaryDirectory() as home, chromium() as browser:
        started = time.perf_counter()
        with served(home) as (address, process), Peak(process.pid) as peak:
            page = browser.new_page()
            page.goto(address)
            page.locator(".whyword-text mark").first.wait_for(timeout=120_000)
            first = time.perf_counter() - started
            second = asked(page, REVIEW, page.locator(".whyword-text mark", has_text=MARKED))
            others = [asked(page, text, words_of(page, text)) for text in reviews()][WARMING:]
        return first, second, statistics.quantiles(others, n=20)[-1], peak.bytes / 1e6


def asked(page, text, words):
    """Seconds from the click on Explain to the first of these highlighted words."""
    page.get_by_label("Text", exact=True).fill(text)
    started = time.perf_counter()
    page.get_by_role("button", name="Explain", exact=True).click()
    words.first.wait_for(timeout=120_000)
    seconds = time.perf_counter() - started
    page.get_by_text("whichever words are left out").or_(page.get_by_text("Adding up the word weights")).or_(
        page.get_by_text("The model stays sure")
    ).first.wait_for(timeout=120_000)
    return seconds


def words_of(page, text):
    """The highlighted words of that text, and no other's."""
    return page.locator(".whyword-text", has_text=text[:40]).locator("mark")


def reviews():
    """Test reviews of 200 to 260 words, each with a beginning of its own."""
    texts = (text for text in load_dataset("imdb").test.texts if 200 <= len(text.split()) <= 260)
    return list({text[:40]: text for text in islice(texts, 2 * REVIEWS)}.values())[: WARMING + REVIEWS]


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
