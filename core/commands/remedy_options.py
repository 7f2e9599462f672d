"""Options on what is done about rows of a table, and what is worth a look about it."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from core.commands.terminal import write_message
from core.schema.tables import Drop

if TYPE_CHECKING:
    from core.schema import TextDataset
    from core.schema.coaching import Remark

REMEDIES = ("min_rows", "merge_small", "merge_labels", "drop", "mend_encoding", "remove")


def add_remedy_options(parser: argparse.ArgumentParser) -> None:
    """The group of options on what is done about rows of a table."""
    group = parser.add_argument_group("what is done about its rows", "told on standard error where it is worth a look")
    group.add_argument("--min-rows", type=int, metavar="N", help="leave out classes with fewer different texts")
    group.add_argument("--merge-small", type=int, metavar="N", help='make classes with fewer one class, "other"')
    group.add_argument(
        "--merge-labels", action="store_true", help="make labels one class that differ in case or spaces alone"
    )
    group.add_argument(
        "--drop", action="extend", nargs="+", default=[], metavar="KIND", help=f"leave out rows: {', '.join(Drop)}"
    )
    group.add_argument(
        "--mend-encoding", action="store_true", help="put characters right that were read in a wrong encoding"
    )
    group.add_argument(
        "--remove", action="extend", nargs="+", default=[], metavar="TEXT", help="take it out of every text"
    )


def remedies(options: argparse.Namespace) -> dict[str, Any]:
    """The same as arguments of `load_table`."""
    return {name: getattr(options, name) for name in REMEDIES}


def tell_remarks(data: TextDataset) -> list[Remark]:
    """Write what was read of a table and what is worth a look, each with the option that mends it; the remarks."""
    from core.coach import remarks_on
    from core.schema.coaching import IN_REPORT

    assert data.report is not None
    for sentence in data.report.sentences:
        write_message(sentence)
    remarks = remarks_on(data)
    for remark in remarks:
        if remark.kind not in IN_REPORT:
            write_message(remark.advice)
    return [*remarks]
