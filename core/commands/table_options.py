"""Options of commands that read a table of one's own."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from core.errors import BadInput

if TYPE_CHECKING:
    from core.schema import TableOptions

_SEPARATORS = {"tab": "\t", "comma": ",", "semicolon": ";", "bar": "|"}


def add_table_options(parser: argparse.ArgumentParser) -> None:
    """The group of options on how a file is written, where what is found out is wrong."""
    group = parser.add_argument_group("how the file is written", "found out from the file where it is not given")
    group.add_argument("--encoding", metavar="NAME", help="of its text, such as utf-8, utf-16 or cp1252")
    group.add_argument("--separator", metavar="SIGN", help="between fields: one character, or tab")
    group.add_argument("--quote", metavar="SIGN", help="around fields: one character, or none")
    group.add_argument("--heading", choices=("yes", "no"), help="whether the first row names the columns")
    group.add_argument("--sheet", metavar="NAME", help="of an Excel file, or a table in a zip")
    group.add_argument("--max-mb", type=float, metavar="N", help="the most that is read, unpacked; 200 by default")


def table_options(options: argparse.Namespace) -> TableOptions:
    """How the file is to be read. Raises BadInput for what cannot be."""
    from core.schema import TableOptions

    separator = None if options.separator is None else _one_sign("separator", _SEPARATORS, options.separator)
    quote = None if options.quote is None else _one_sign("quote", {"none": ""}, options.quote)
    if separator is not None and separator == quote:
        raise BadInput("--separator and --quote have to be different signs.")
    how = TableOptions(
        encoding=options.encoding,
        separator=separator,
        quote=quote,
        heading=None if options.heading is None else options.heading == "yes",
        sheet=options.sheet,
    )
    if options.max_mb is None:
        return how
    if not 0 < options.max_mb <= 1_000_000:
        raise BadInput("--max-mb lies between 0 and 1,000,000.")
    return TableOptions(**vars(how) | {"max_bytes": int(options.max_mb * 1_000_000)})


def _one_sign(option: str, words: dict[str, str], given: str) -> str:
    sign = words.get(given, given)
    if given not in words and (len(sign) != 1 or sign in "\r\n"):
        raise BadInput(f"--{option} takes one character, or {' or '.join(words)}, not {given[:20]!r}.")
    return sign
