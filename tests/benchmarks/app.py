"""How soon the app answers, and how much memory it takes: `python -m tests.benchmarks.app [--runs 3]`.

Every run is a fresh server and a fresh browser: from `streamlit run` to the first highlighted words, then from a click
on Explain to the words of a second text, and the largest memory of the server process in between.
"""

import argparse
import os
import re
import statistics
import sys
import tempfile
import threading
import time

import psutil

from tests.served import chromium, served

REVIEW = (
    "I had hoped for more. The first half hour is splendid, with a warm and funny script and an actress who carries "
    "every scene; then the plot falls apart, the jokes are repeated, and the ending is a dull lecture. "
) * 4
MARKED = re.compile("dull|splendid|hoped")  # of its words, some that a model will mark


def main():
    """Print one line a run, and the medians."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=3)
    runs = [one_run() for _ in range(parser.parse_args().runs)]
    for first, second, memory in [*runs, tuple(map(statistics.median, zip(*runs, strict=True)))]:
        print(f"first words after {first:5.1f} s   second text {second:4.1f} s   peak memory {memory:5.0f} MB")
    print("(the last line: medians)")


def one_run():
    """Seconds to the first words, seconds to the second text's words, peak memory in MB."""
    with tempfile.TemporaryDirectory() as home, chromium() as browser:
        started = time.perf_counter()
        with served(home) as (address, process), Peak(process.pid) as peak:
            page = browser.new_page()
            page.goto(address)
            page.locator(".whyword-text mark").first.wait_for(timeout=120_000)
            first = time.perf_counter() - started
            page.get_by_label("Text", exact=True).fill(REVIEW)
            started = time.perf_counter()
            page.get_by_role("button", name="Explain", exact=True).click()
            page.locator(".whyword-text mark", has_text=MARKED).first.wait_for(timeout=120_000)
            second = time.perf_counter() - started
        return first, second, peak.bytes / 1e6


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
