"""What commands share: the form of their answers, and figures as people read them."""

import sys
from collections.abc import Iterable, Sequence
from typing import Any

Answer = tuple[dict[str, Any], Iterable[str]]
"""What --json prints, and the lines for a person."""


def table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> list[str]:
    """Lines of columns of equal width, the heads first."""
    cells = [tuple(heads), *(tuple(map(str, row)) for row in rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in cells]


def percent(share: float | None) -> str:
    """A share in [0, 1] as a percentage, "-" for None."""
    return "-" if share is None else f"{share:.1%}"


def rounded(value: float | None) -> str:
    """Three decimals, "-" for None."""
    return "-" if value is None else f"{value:.3f}"


def duration(seconds: float | None) -> str:
    """Seconds, or minutes when there are many; "-" for None."""
    if seconds is None:
        return "-"
    return f"{seconds:.1f} s" if seconds < 90 else f"{seconds / 60:.1f} min"


def size(count: int) -> str:
    """Bytes in kB or MB, "-" for 0."""
    if not count:
        return "-"
    return f"{count / 1e3:.0f} kB" if count < 1e6 else f"{count / 1e6:.1f} MB"


def tell(sentence: str) -> None:
    """Write a message to stderr, so that stdout stays one JSON object."""
    sys.stderr.write(f"{sentence}\n")
    sys.stderr.flush()
