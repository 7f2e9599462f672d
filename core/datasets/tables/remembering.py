"""Where the table of a data set lies, kept so that its texts are found again."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

from core.datasets.own import load_own, own_datasets
from core.datasets.tables.loading import load_chosen
from core.errors import BadInput
from core.folders import datasets_folder
from core.schema import TextDataset
from core.schema.tables import TableChoices


def remember_table(data: TextDataset, path: str | Path, text: str, label: str, group: str | None = None) -> None:
    """Note where the table of a data set lies and what was chosen, so that `remembered_table` finds its texts again.

    A folder that cannot be written to is no error.
    """
    choices = data.report.choices if data.report else None
    choices = choices or TableChoices(text=text, label=label, group=group)
    remember_choices(data.fingerprint, data.name, path, choices)


def remember_choices(fingerprint: str, name: str, path: str | Path, choices: TableChoices) -> None:
    """The same of a data set that is not at hand."""
    note = {"path": str(Path(path).resolve()), "name": name, **asdict(choices)}
    with suppress(OSError):
        place = _note(fingerprint)
        place.parent.mkdir(exist_ok=True)
        place.write_text(json.dumps(note), encoding="utf-8")


def remembered_table(fingerprint: str) -> TextDataset:
    """The table with that fingerprint: a data set that was kept, or the file where a model learned from it.

    Raises BadInput when it is no longer there, or is not the same any more.
    """
    for own in own_datasets():
        if own.fingerprint == fingerprint:
            return load_own(own.name)
    with suppress(OSError, ValueError, LookupError, TypeError, BadInput):
        note = json.loads(_note(fingerprint).read_text(encoding="utf-8"))
        for path in _places(Path(note.pop("path"))):
            data = load_chosen(path, TableChoices.from_record(note), name=note["name"])
            if data.fingerprint == fingerprint:
                return data
    raise BadInput(
        "The texts are in a table of your own, which has changed or is no longer where it was when the model learned "
        "from it; put it back, add it on the Data page, or train the model again."
    )


def _places(path: Path) -> Iterator[Path]:
    # Where the table lay; if it is no longer there, where it was kept with a data set, which may have been renamed.
    if path.is_file():
        yield path
    else:
        yield from (own.original for own in own_datasets() if own.original and own.source == path.name)


def is_remembered(fingerprint: str) -> bool:
    """Whether `remembered_table` may find the texts with that fingerprint, without reading them."""
    if any(own.fingerprint == fingerprint for own in own_datasets()):
        return True
    with suppress(OSError, ValueError, LookupError, TypeError):
        note = json.loads(_note(fingerprint).read_text(encoding="utf-8"))
        return any(path.is_file() for path in _places(Path(note["path"])))
    return False


def _note(fingerprint: str) -> Path:
    # Raises ValueError for what no fingerprint can be: a model's file says it, and may be from elsewhere.
    if not re.fullmatch(r"[\w-]{1,64}", fingerprint):
        raise ValueError("no fingerprint")
    return datasets_folder() / "tables" / f"{fingerprint}.json"
