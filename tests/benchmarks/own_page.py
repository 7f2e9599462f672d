"""How long it takes in a browser from a table to an explained prediction: `python -m tests.benchmarks.own_page FILE`.

A fresh server and a fresh browser: the table is brought on the Data page, kept as it is read, learned from with `auto`,
and a test document is explained. With `--rows N` a table of so many rows is made of the file first: the beginning of
one text and the end of another of its class. The longest wait for a frame is how long the page did not move at most,
the longest wait for the server how long it said nothing.
"""

import argparse
import sys
import tempfile
import threading
import time
import urllib.request
from pathlib import Path

import numpy as np
import pandas as pd
import psutil

from core.datasets import likely_columns, read_rows
from tests.benchmarks.app import Peak
from tests.served import chromium, served

PATIENCE = 900_000  # milliseconds
FRAMES = """
window.longest = 0
let last = performance.now()
const look = (now) => { window.longest = Math.max(window.longest, now - last); last = now; requestAnimationFrame(look) }
requestAnimationFrame(look)
"""


def main():
    """Print one line a step, then what was longest."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file", type=Path, help="a table")
    parser.add_argument("--rows", type=int, help="of the table that is made of it")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = options.file if options.rows is None else made(options.file, options.rows, Path(folder))
        with (
            served(Path(folder) / "home") as (address, process),
            Peak(process.pid) as peak,
            Health(address) as health,
            chromium() as browser,
        ):
            page = browser.new_page(viewport={"width": 1280, "height": 900})
            page.set_default_timeout(PATIENCE)
            page.add_init_script(FRAMES)
            journey(page, address, path)
            frame, used = page.evaluate("window.longest") / 1000, sum(psutil.Process(process.pid).cpu_times()[:4])
        told = f"longest wait for a frame {frame:.1f} s   longest wait for the server {health.longest:.1f} s"
        print(f"{told}   peak memory {peak.bytes / 1e6:,.0f} MB   processor seconds of the server {used:.0f}")


def made(source, rows, folder):
    """A table of so many rows: the first half of one text's words and the second half of another's of its class."""
    frame = read_rows(source).frame
    text, label = likely_columns(frame)
    rng, path = np.random.default_rng(0), folder / f"{source.stem}-{rows}.csv"
    halves = [_halves(cell) for cell in frame[text]]
    by_class = {name: np.flatnonzero(frame[label] == name) for name in frame[label].unique()}
    names = frame[label].to_numpy()[rng.integers(0, len(frame), rows)]
    pairs = [rng.choice(by_class[name], 2) for name in names]
    texts = [f"{halves[one][0]} {halves[other][1]}" for one, other in pairs]
    pd.DataFrame({"text": texts, "label": names}).to_csv(path, index=False)
    return path


def _halves(text):
    words = text.split()
    return " ".join(words[: len(words) // 2]), " ".join(words[len(words) // 2 :])


def journey(page, address, path):
    """Bring, keep, train and explain, with the seconds of each."""
    page.goto(f"{address}/data?dataset=docstrings")
    page.get_by_text("Add a table of your own").click()
    started = last = time.perf_counter()

    def told(step):
        nonlocal last
        now = time.perf_counter()
        print(f"{step:22} {now - last:6.1f} s   {now - started:6.1f} s in all", flush=True)
        last = now

    page.locator("input[type=file]").set_input_files(path)
    page.get_by_role("button", name="Add this data set").wait_for()
    told("read and looked over")
    page.get_by_role("button", name="Add this data set").click()
    page.get_by_role("link", name="Train a model on it").wait_for()
    told("kept")
    page.get_by_role("link", name="Train a model on it").click()
    page.get_by_role("button", name="Start training").click()
    page.get_by_test_id("stAlert").filter(has_text="Saved.").wait_for()
    told("trained")
    page.get_by_role("link", name="Explain a text with it").click()
    page.locator(".whyword-text mark").first.wait_for()
    told("explained")


class Health:
    """How long the server took at most to say that it is there, asked five times a second."""

    def __init__(self, address):
        self.address, self.longest, self.over = f"{address}/_stcore/health", 0.0, threading.Event()
        self.asker = threading.Thread(target=self.ask, daemon=True)

    def __enter__(self):
        self.asker.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.asker.join()

    def ask(self):
        while not self.over.wait(0.2):
            began = time.perf_counter()
            with urllib.request.urlopen(self.address, timeout=120):
                self.longest = max(self.longest, time.perf_counter() - began)


if __name__ == "__main__":
    sys.exit(main())
