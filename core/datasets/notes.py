"""What there is to know of a data set of one's own without reading its texts: a note beside its documents."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from core.folders import atomic_write, home
from core.owners import is_visible
from core.schema import TableChoices
from core.schema.coaching import Remark

NOTE, ORIGINAL = "about.json", "original"


@dataclass(frozen=True, kw_only=True)
class OwnDataset:
    """What there is to know of a data set of one's own without reading its texts.

    Attributes:
        name: the folder's name.
        source: name of the file that it was read from.
        source_sha256: 64 hex digits of that file; "" where it was not known.
        choices: the columns of that file and what else was chosen, as `TableChoices` has it.
        sentences: on what was read and what was left out.
        class_names: in the order of a model's outputs.
        documents: of each split, by "train", "valid", "test".
        left_out: rows of the file that are in none of them.
        fingerprint: of the texts and labels, as `TextDataset` has it.
        created: ISO 8601, UTC.
        remarks: what the coach noticed about the table.
    """

    name: str
    source: str
    source_sha256: str
    choices: Mapping[str, Any]
    sentences: tuple[str, ...]
    class_names: tuple[str, ...]
    documents: Mapping[str, int]
    left_out: int
    fingerprint: str
    created: str
    remarks: tuple[Remark, ...] = ()

    @property
    def table_choices(self) -> TableChoices:
        """The choices as they are made."""
        return TableChoices.from_record(self.choices)

    @property
    def original(self) -> Path | None:
        """The kept copy of the file; None for a data set of an older version, which has none."""
        path = _folder() / self.name / ORIGINAL / self.source
        return path if path.is_file() else None


def notes() -> Iterator[OwnDataset]:
    """What there is to know of each data set that who asks may see; damaged ones are left out."""
    with suppress(OSError):
        for note in _folder().glob(f"[!.]*/{NOTE}"):
            if not is_visible(note.parent.name):
                continue
            with suppress(OSError, ValueError, TypeError, LookupError, AttributeError, RecursionError):
                yield _read_note(note)


def _read_note(note: Path) -> OwnDataset:
    # Raises what may be raised by a note that was altered.
    record = json.loads(note.read_text(encoding="utf-8"))
    json.dumps(record, ensure_ascii=False).encode()  # half characters, which no page could be sent, are a ValueError
    lists: dict[str, Any] = {name: tuple(record[name]) for name in ("class_names", "sentences")}
    lists["remarks"] = tuple(map(Remark.from_record, record.get("remarks", ())))
    choices = asdict(TableChoices.from_record(record["choices"]))
    if not all(isinstance(record[name], list) for name in ("class_names", "sentences")):
        raise ValueError("a text where a list belongs")
    own = OwnDataset(**(record | lists | {"name": note.parent.name, "choices": choices}))
    _check_note(own)
    return own


def _check_note(own: OwnDataset) -> None:
    # So that one altered note cannot break the list of all.
    texts = [own.source, own.source_sha256, own.fingerprint, own.created, *own.class_names, *own.sentences]
    counts = [own.left_out, *(own.documents[split] for split in ("train", "valid", "test"))]
    for remark in own.remarks:
        texts += [remark.sentence, *(text for row in remark.rows for text in (row.text, row.label, row.beside))]
        texts += [text for remedy in remark.remedies for text in (remedy.title, remedy.option, remedy.effect)]
        counts.append(remark.count)
    are_texts = all(isinstance(text, str) for text in texts) and Path(own.source).name == own.source
    if not (are_texts and all(type(count) is int and count >= 0 for count in counts)):
        raise ValueError("a note that says what cannot be")


def write_note(folder: Path, own: OwnDataset) -> None:
    """Write it beside the documents. Raises OSError."""
    with atomic_write(folder / NOTE) as part:
        part.write_text(json.dumps(asdict(own), ensure_ascii=False, indent=1), encoding="utf-8")


def _folder() -> Path:
    # Without making it: what was kept can be read where nothing can be written.
    return home() / "datasets"
