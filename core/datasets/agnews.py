"""News of four kinds, 120,000 to learn from and 7,600 to be tested with (Zhang, Zhao and LeCun 2015, 1509.01626).

The classes are as large as each other. Texts are a headline and the sentences below it.
"""

import csv
import html
import re
from collections.abc import Iterator
from pathlib import Path

from core.datasets.archives import Archive, Fetch
from core.datasets.rows import Rows, cached_rows
from core.errors import DatasetMissing

_FOLDER = (
    "https://raw.githubusercontent.com/mhjabreel/CharCnn_Keras/555590db4219b1243abb1918effd6a7425a2d75f/"
    "data/ag_news_csv/"
)
TRAIN = Archive(
    title="The articles of AG News to learn from",
    filename="ag_news_train.csv",
    url=f"{_FOLDER}train.csv",
    checksum="sha256:76a0a2d2f92b286371fe4d4044640910a04a803fdd2538e0f3f29a5c6f6b672e",
    bytes=29_470_338,
)
TEST = Archive(
    title="The articles of AG News to be tested with",
    filename="ag_news_test.csv",
    url=f"{_FOLDER}test.csv",
    checksum="sha256:521465c2428ed7f02f8d6db6ffdd4b5447c1c701962353eb2c40d548c3c85699",
    bytes=1_857_427,
)
CLASS_NAMES = ("World", "Sports", "Business", "Sci/Tech")

_CHARACTER = re.compile(r" ?#(\d+;)")  # the crawl lost the "&" of references to characters


def read_ag_news(fetch: Fetch) -> Rows:
    """All articles in the order of the files; cached_rows once read.

    Raises DatasetMissing when a file is not to be had or is damaged.
    """
    files = {"train": fetch(TRAIN), "test": fetch(TEST)}
    states = [(str(path), path.stat().st_size, path.stat().st_mtime_ns) for path in files.values()]
    return cached_rows("ag-news", states, Path(__file__), lambda: _rows(files))


def clean_article(text: str) -> str:
    """The text with its references to characters resolved, and spaces where line breaks were kept as backslashes."""
    return html.unescape(_CHARACTER.sub(r"&#\1", text)).replace("\\", " ").strip()


def _rows(files: dict[str, Path]) -> Rows:
    rows = Rows([], [], [])
    for split, path in files.items():
        for label, text in _articles(path):
            rows.texts.append(text)
            rows.labels.append(label)
            rows.splits.append(split)
    return rows


def _articles(path: Path) -> Iterator[tuple[str, str]]:
    try:
        with path.open(encoding="utf-8", newline="") as lines:
            for number, title, description in csv.reader(lines):
                yield CLASS_NAMES[int(number) - 1], f"{clean_article(title)}\n{clean_article(description)}"
    except (OSError, ValueError, IndexError, csv.Error) as error:
        raise DatasetMissing(f"{path} is damaged; remove it, and it will be fetched again.") from error
