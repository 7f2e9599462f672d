"""What commands share: the form of their answers, messages and files of text."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.errors import BadInput

if TYPE_CHECKING:
    from core.datasets import DownloadBar

Answer = tuple[dict[str, Any], Iterable[str]]
"""What --json prints, and the lines for a person."""


def table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> list[str]:
    """Lines of columns of equal width, the heads first."""
    cells = [tuple(heads), *(tuple(map(str, row)) for row in rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in cells]


def write_message(sentence: str) -> None:
    """Write a message to stderr, so that stdout stays one JSON object."""
    sys.stderr.write(f"{sentence}\n")
    sys.stderr.flush()


def add_model(parser: argparse.ArgumentParser) -> None:
    """The argument MODEL."""
    parser.add_argument("model", metavar="MODEL", help="name or folder of a model")


@contextmanager
def download_bar(dataset: str | None) -> Iterator[DownloadBar | None]:
    """A bar for the download of a data set; None when there is none to be downloaded."""
    from core.datasets import DATASETS, is_available

    if dataset not in DATASETS or is_available(dataset):
        yield None
    else:
        from tqdm import tqdm

        write_message(f"Fetching {dataset} from {DATASETS[dataset].source}")
        with tqdm(unit="B", unit_scale=True, file=sys.stderr, disable=None, leave=False) as bar:
            yield bar


def read_text_file(path: Path) -> str:
    """What the file says. Raises BadInput when it cannot be read or is not UTF-8."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeError as error:
        raise BadInput(f"{path} is not UTF-8 text; save it as UTF-8 and try again.") from error
    except (OSError, ValueError) as error:
        raise BadInput(f"{path} cannot be read ({getattr(error, 'strerror', error)}); check the name.") from error
