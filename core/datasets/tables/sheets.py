"""The sheets of an Excel file and the tables in a zip, to choose one of."""

from __future__ import annotations

import html
import re
import zipfile
from contextlib import suppress
from pathlib import Path

from core.datasets.tables.excel import WORKBOOK
from core.datasets.tables.format import tables_in
from core.datasets.tables.source import DAMAGED

MOST_BYTES = 1_000_000  # of the list of sheets
_SHEET = re.compile(r"<(?:\w+:)?sheet\b[^>]*?\bname=(?:\"([^\"]*)\"|'([^']*)')")


def sheet_names(path: Path) -> tuple[str, ...]:
    """What `TableOptions.sheet` may name, in the order of the file; none where there is nothing to choose."""
    with suppress(OSError, RuntimeError, ValueError, *DAMAGED):
        with zipfile.ZipFile(path) as archive:
            members = archive.namelist()
            if WORKBOOK not in members:
                return tuple(tables_in(members))
            with archive.open(WORKBOOK) as stream:
                listed = stream.read(MOST_BYTES).decode("utf-8", "replace")
        return tuple(html.unescape(double or single) for double, single in _SHEET.findall(listed))
    return ()
