"""Texts in a zip, a file each, in folders that are called like their class."""

from __future__ import annotations

import codecs
import zipfile
from pathlib import PurePosixPath

import numpy as np
import pandas as pd

from core.datasets.tables.encoding import SAMPLE_BYTES, guess_encoding
from core.datasets.tables.rows_read import TableRows
from core.datasets.tables.source import DAMAGED, Source, too_large
from core.datasets.tables.splitting import SPLIT_NAMES
from core.errors import BadInput
from core.schema.tables import TableFormat, TableOptions, shown_places

MAX_FILES = 1_000_000


def read_folder_texts(source: Source, members: list[str], options: TableOptions) -> TableRows:
    """A row for each file: its "text", its folder as its "label", its "file", and its "split" where there is one.

    A split is a folder called train, valid or test above that of the class.

    Raises BadInput for files in no folder, for more than may be read, and for a text whose encoding is not known.
    """
    members = sorted(members)
    if not any(len(PurePosixPath(name).parts) > 1 for name in members):
        raise BadInput(f"{source.path.name} holds texts in no folders; put those of each class in one of its name.")
    if len(members) > MAX_FILES:
        raise BadInput(f"{source.path.name} holds more than {MAX_FILES:,} files; give a table of their texts.")
    texts, guessed = _texts(source, members, options.encoding)
    columns = {"text": texts, "label": [PurePosixPath(name).parent.name for name in members], "file": members}
    splits = [PurePosixPath(name).parent.parent.name.lower() for name in members]
    if all(split in SPLIT_NAMES for split in splits):
        columns["split"] = splits
    written = TableFormat(kind="texts", compression="zip", encoding=options.encoding or "utf-8")
    where = shown_places(guessed, len(guessed), "file")
    notes = (f"The encoding of texts that are not UTF-8 was guessed: {where}.",) if guessed else ()
    frame = pd.DataFrame(columns, dtype=object)
    return TableRows(frame, written, np.arange(1, len(members) + 1), notes)


def _texts(source: Source, members: list[str], encoding: str | None) -> tuple[list[str], list[int]]:
    texts, guessed, left = [], [], source.max_bytes
    with zipfile.ZipFile(source.path) as archive:
        for number, name in enumerate(members, 1):
            left -= archive.getinfo(name).file_size  # of which no more is unpacked
            if left < 0:
                raise too_large(source.path, source.max_bytes, unpacked=True)
            try:
                content = archive.read(name)
            except (RuntimeError, *DAMAGED) as error:  # RuntimeError: it has a password
                raise BadInput(f"{name} in {source.path.name} cannot be unpacked; pack it again.") from error
            text, is_guess = _decoded(content, name, encoding)
            texts.append(text)
            guessed += [number] * is_guess
    return texts, guessed


def _decoded(content: bytes, name: str, encoding: str | None) -> tuple[str, bool]:
    marked = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        return content.decode(encoding or ("utf-16" if marked else "utf-8-sig")), False
    except UnicodeError as error:
        guess = None if encoding else guess_encoding(content[:SAMPLE_BYTES])
        if guess is None:
            raise BadInput(f"{name} is not text that can be read; save it as UTF-8, or leave it out.") from error
        return content.decode(guess, "replace"), True
