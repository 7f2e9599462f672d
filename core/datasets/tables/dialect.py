"""How a text of separated fields is written: separator, quotes, line ends, heading."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Collection
from contextlib import suppress
from dataclasses import replace
from itertools import islice

from core.datasets.tables.encoding import Encoding
from core.datasets.tables.lines import plain_cells, text_lines
from core.datasets.tables.names import spelling
from core.datasets.tables.quotes import choose_quote, likely_quote
from core.datasets.tables.source import Source
from core.errors import BadInput
from core.schema.tables import TableFormat, TableOptions

MAX_COLUMNS = 10_000
SAMPLE_CHARACTERS = 1 << 19
SAMPLE_ROWS = 500
_SEPARATORS = (",", ";", "\t", "|")
_OF_ENDING = {".tsv": "\t", ".tab": "\t", ".txt": "\t", ".psv": "|"}
_HEADING_WORDS = (
    "text texts label labels class category target sentiment id index title review reviews rating comment message "
    "content body sentence question answer description name date time split author stars score topic intent"
)
_HEADINGS = frozenset(_HEADING_WORDS.split(" "))
LONG_CELL = 60  # characters, more than the name of a column has
_QUESTION = ("?", "？", ":")  # as forms ask above a column
_SENTENCE = (".", "!", "…", "。", "！", "।")


def find_dialect(
    source: Source, encoding: Encoding, options: TableOptions, wanted: Collection[str] = ()
) -> tuple[TableFormat, str]:
    """The format of a text of separated fields, and what ends its lines, as `open` wants it.

    Args:
        wanted: names of columns; where the first row has them it is a heading.

    Raises BadInput for a file without text, a first row of more than 10,000 fields, and a quote that is never closed.
    """
    sample, is_whole = _beginning(source, encoding.name)
    newline = _line_ends(sample)
    lines = sample.replace("\r\n", "\n").split("\n") if newline == "\n" else sample.splitlines()
    lines = lines if is_whole or len(lines) < 2 else lines[:-1]
    skipped, separator = _separator_line(lines)
    rows = lines[skipped:]
    _check_width(source, next(filter(str.strip, rows), ""), is_whole)
    separator = options.separator or separator or _separator(rows, _OF_ENDING.get(source.ending, ","))
    quote = likely_quote("\n".join(rows), separator) if options.quote is None else options.quote
    written = TableFormat(
        kind="separated",
        compression=source.compression,
        member=source.member,
        encoding=encoding.name,
        separator=separator,
        quote=quote,
        first_line=skipped + 1,
    )
    if quote and options.quote is None:
        written = choose_quote(source, written, newline)
    heading = _has_heading(_cells(rows, written), wanted) if options.heading is None else options.heading
    return replace(written, heading=heading), newline


def _beginning(source: Source, encoding: str) -> tuple[str, bool]:
    with text_lines(source, encoding, "") as lines:
        found: list[str] = []
        size = 0
        for line in lines:
            found.append(line)
            size += len(line)
            if size > SAMPLE_CHARACTERS:
                return "".join(found)[: 4 * SAMPLE_CHARACTERS], False
    return "".join(found), True


def _line_ends(sample: str) -> str:
    # A carriage return by itself ends lines only in files where that is usual; elsewhere it belongs to a text.
    alone = sample.count("\r") - sample.count("\r\n")
    return "" if alone >= sample.count("\n") else "\n"


def _separator_line(lines: list[str]) -> tuple[int, str]:
    # Spreadsheets may write "sep=;" above the heading.
    first = lines[0].strip('"') if lines else ""
    return (1, first[4]) if len(first) == 5 and first[:4].lower() == "sep=" else (0, "")


def _check_width(source: Source, heading: str, is_whole: bool) -> None:
    widest = max(heading.count(separator) for separator in _SEPARATORS) + 1
    if widest > MAX_COLUMNS:
        raise BadInput(
            f"{source.path.name} cannot be read as a table: its first row has {widest:,} fields; "
            f"give a table with up to {MAX_COLUMNS:,} columns."
        )
    if len(heading) > SAMPLE_CHARACTERS:
        raise BadInput(
            f"{source.path.name} cannot be read as a table: its first line has {len(heading):,} characters or more; "
            "begin it with a line that names the columns."
        )


def _separator(rows: list[str], usual: str) -> str:
    # The one by which most rows have as many fields as the first; of equals the one with most fields, then the usual.
    first = next(filter(str.strip, rows), "")
    fits = {each: _fit(rows, each) for each in _SEPARATORS if each in first}
    if usual not in fits:
        fits = {each: fit for each, fit in fits.items() if fit[0] > 0.5}
    return max(fits, key=lambda each: (*fits[each], each == usual), default=usual)


def _fit(rows: list[str], separator: str) -> tuple[float, int]:
    widths = [len(cells) for cells in _parsed(rows, separator, '"') if cells]
    return round(sum(width == widths[0] for width in widths) / len(widths), 1), widths[0]


def _parsed(rows: list[str], separator: str, quote: str) -> list[list[str]]:
    how: dict[str, object] = {"quotechar": quote} if quote else {"quoting": csv.QUOTE_NONE, "quotechar": None}
    with suppress(csv.Error):
        return list(islice(csv.reader((f"{row}\n" for row in rows), delimiter=separator, **how), SAMPLE_ROWS))  # type: ignore[arg-type]
    return [plain_cells(row, separator) for row in rows[:SAMPLE_ROWS]]


def _cells(rows: list[str], written: TableFormat) -> list[list[str]]:
    return [cells for cells in _parsed(rows, written.separator, written.quote) if any(map(str.strip, cells))]


def _has_heading(rows: list[list[str]], wanted: Collection[str]) -> bool:
    """Whether the first row names the columns.

    It does when a column that is wanted is there, or a usual name, or a word above numbers. It does not when one of
    its cells stands in other rows of its column too, or is as long as texts are.
    """
    if not rows:
        return True
    first, others = rows[0], rows[1:]
    names = {spelling(cell) for cell in first}
    if names & {spelling(name) for name in wanted} or names & _HEADINGS:
        return True
    columns = [[row[place].strip() for row in others if place < len(row)] for place in range(len(first))]
    pairs = [(cell.strip(), column) for cell, column in zip(first, columns, strict=True)]
    if any(_stands_above_numbers(cell, column) for cell, column in pairs):
        return True
    return not any(_is_like_the_others(cell, column) for cell, column in pairs)


def _stands_above_numbers(cell: str, column: list[str]) -> bool:
    numbers = sum(map(_is_number, column))
    return bool(cell) and not _is_number(cell) and numbers > 0.9 * len(column) > 0


def _is_like_the_others(cell: str, column: list[str]) -> bool:
    is_long = len(cell) > LONG_CELL and not cell.endswith(_QUESTION)
    if is_long or (cell.endswith(_SENTENCE) and len(cell.split()) > 3):
        return True
    counts = Counter(column)
    repeats = bool(cell) and counts[cell] > 0 and len(counts) <= len(column) / 2
    return (repeats and not _is_number(cell)) or (repeats and len(counts) <= 20)


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True
