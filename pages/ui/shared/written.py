"""How the file of a table is written: what was found out, and what somebody chooses instead."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Protocol

import streamlit as st

from core.datasets.tables import sheet_names
from core.schema import TableFormat, TableOptions
from pages.ui.shared.background import made
from pages.ui.shared.widgets import mistakes_shown

FOUND_OUT = "found out"
ENCODINGS = ("utf-8", "utf-16", "cp1252", "cp1250", "cp1251", "koi8_r", "cp932", "euc_jp", "gb18030", "big5", "cp949")
SEPARATORS = {"comma": ",", "semicolon": ";", "tab": "\t", "bar": "|"}
HEADINGS = {"yes": True, "no": False}
QUOTES = {'"': '"', "'": "'", "none": ""}
ENCODING_HELP = "How letters became bytes. Choose another where letters with marks look wrong; any that Python knows."
QUOTE_HELP = "What stands around a field that has separators in it; none where quotes are signs like others."
HEADING_HELP = "Whether the first row names the columns."
_TEXT_KINDS = ("separated", "json lines", "json array")


def chosen_options(upload: str, path: Path) -> TableOptions:
    """What was chosen on how the file of an upload is to be read; of several sheets the first to begin with."""
    sheets = sheet_names(path)
    return TableOptions(
        encoding=_chosen(upload, "encoding"),
        separator=SEPARATORS.get(_chosen(upload, "separator") or ""),
        quote=QUOTES.get(_chosen(upload, "quote") or ""),
        heading=HEADINGS.get(_chosen(upload, "heading") or ""),
        sheet=(_chosen(upload, "sheet") or sheets[0]) if len(sheets) > 1 else None,
    )


class Brought(Protocol):
    """A file that somebody has brought."""

    id: str
    path: Path

    def read(self, options: TableOptions) -> None:
        """Read it, unless it was read so before."""


def read_as_chosen(file: Brought, doing: str) -> bool:
    """Read a file as `chosen_options` has it; False where somebody has stopped that. What goes wrong is told.

    Args:
        file: to be read.
        doing: what the page says meanwhile.
    """
    with mistakes_shown():
        options = chosen_options(file.id, file.path)
        reading = made(f"read-{file.id}", options, partial(file.read, options), doing)
        if reading is None:
            return False
        reading.result()
    return True


def pick_written(upload: str, path: Path, found: TableFormat | None) -> None:
    """The pickers of what `chosen_options` reads, with what was found out; `found` is None for an unreadable file."""
    sheets = sheet_names(path)
    kind = found.kind if found else "excel" if sheets else "separated"
    if len(sheets) > 1:
        st.selectbox("Sheet", sheets, key=_key(upload, "sheet"))
    if kind not in (*_TEXT_KINDS, "excel"):
        return
    with st.popover("How the file is written", icon=":material/edit_document:"):
        if kind in _TEXT_KINDS:
            _pick(
                upload,
                "encoding",
                "Encoding",
                ENCODINGS,
                found.encoding if found else None,
                ENCODING_HELP,
                takes_new=True,
            )
        if kind == "separated":
            _pick(upload, "separator", "Between fields", [*SEPARATORS], _separator(found))
            _pick(upload, "quote", "Quotes", [*QUOTES], (found.quote or "none") if found else None, QUOTE_HELP)
        if kind in ("separated", "excel"):
            heading = ("yes" if found.heading else "no") if found else None
            _pick(upload, "heading", "Heading", [*HEADINGS], heading, HEADING_HELP)


def _pick(
    upload: str,
    what: str,
    label: str,
    options: list[str] | tuple[str, ...],
    found: str | None,
    hint: str | None = None,
    *,
    takes_new: bool = False,
) -> None:
    def shown(option: str) -> str:
        return f"{FOUND_OUT}: {found}" if option == FOUND_OUT and found and not _chosen(upload, what) else option

    key = _key(upload, what)
    st.selectbox(label, [FOUND_OUT, *options], key=key, format_func=shown, help=hint, accept_new_options=takes_new)


def _chosen(upload: str, what: str) -> str | None:
    chosen = st.session_state.get(_key(upload, what))
    return None if chosen in (None, FOUND_OUT) else str(chosen)


def _key(upload: str, what: str) -> str:
    return f"written-{what}-{upload}"


def _separator(found: TableFormat | None) -> str | None:
    signs = {sign: name for name, sign in SEPARATORS.items()}
    return signs.get(found.separator, found.separator) if found else None
