"""A model's folder as a zip, to be taken to another machine."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from core.errors import BadInput
from core.findings import stored_global_words
from core.findings.stored_words import as_shipped
from core.folders import atomic_write
from core.saved_models import ModelInfo, model_info
from core.saved_models.catalogue import settled
from core.sharing.layout import WORDS, belongs

DATE = (1980, 1, 1, 0, 0, 0)  # of every file, so that the same model gives the same zip
PACKED = (".json", ".tiktoken")  # what gets smaller; arrays are compressed already


def write_archive(name: str, path: Path) -> ModelInfo:
    """Write the model of that name as a zip, with a folder of its name in it; what was at `path` is replaced.

    Raises UnknownName, DamagedModel, and BadInput when nothing can be written there.
    """
    info = model_info(name)
    try:
        with atomic_write(path) as part:
            settled(info.folder, lambda: _write(model_info(name), part))
    except OSError as error:
        raise BadInput(f"{path} cannot be written ({error.strerror}); choose another place.") from error
    return info


def _write(info: ModelInfo, part: Path) -> None:
    with ZipFile(part, "w", ZIP_STORED) as archive:
        for path in _files(info.folder):
            inside = path.relative_to(info.folder).as_posix()
            with path.open("rb") as source, archive.open(_entry(f"{info.name}/{inside}"), "w") as target:
                while block := source.read(1 << 20):
                    target.write(block)
        if not (info.folder / WORDS).is_file():
            _write_words(info, archive)


def _files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and belongs(path.relative_to(folder).as_posix()):
            yield path


def _write_words(info: ModelInfo, archive: ZipFile) -> None:
    # What was found out about the model goes with it, as it lies beside one that ships.
    words = stored_global_words(info.name)
    if words is not None:
        archive.writestr(_entry(f"{info.name}/{WORDS}"), json.dumps(as_shipped(info, words), separators=(",", ":")))


def _entry(name: str) -> ZipInfo:
    entry = ZipInfo(name, DATE)
    entry.compress_type = ZIP_DEFLATED if name.endswith(PACKED) else ZIP_STORED
    entry.external_attr = 0o644 << 16
    return entry
