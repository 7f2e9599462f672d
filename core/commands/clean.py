"""Delete the oldest of what was kept to work faster or to go on with; models and data sets stay."""

import argparse
from collections import Counter

from core.commands.terminal import Answer, table
from core.errors import BadInput
from core.format import counted, size
from core.kept_files import KINDS, MOST_BYTES, clean, kept_files


def add_options(parser: argparse.ArgumentParser) -> None:
    """How much may stay."""
    usual = MOST_BYTES // 1_000_000
    parser.add_argument("--keep-mb", type=int, default=usual, metavar="N", help=f"megabytes that may stay ({usual:,})")


def run(options: argparse.Namespace) -> Answer:
    """Delete it, and tell what is left."""
    if options.keep_mb < 0:
        raise BadInput("--keep-mb is at least 0.")
    gone = clean(options.keep_mb * 1_000_000)
    left = Counter[str]()
    for kept in kept_files():
        left[kept.kind] += kept.bytes
    freed = sum(kept.bytes for kept in gone)
    rows = [(name, about, size(left[name])) for name, (_, about) in KINDS.items()]
    sentence = f"{counted(len(gone), 'entry' if len(gone) == 1 else 'entrie')} deleted, {size(freed)} freed."
    record = {"deleted": len(gone), "freed_bytes": freed, "kept_bytes": {name: left[name] for name in KINDS}}
    return record, (*table(("kept", "", "size"), rows), sentence)
