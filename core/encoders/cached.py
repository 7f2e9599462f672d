"""Encoded documents on the disk, so that no corpus is encoded twice in the same way."""

from __future__ import annotations

import hashlib
import json
import shutil
import zlib
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from core import units
from core.config import DataConfig
from core.encoders.base import Encoder
from core.encoders.catalogue import learn_and_encode, load_encoder
from core.folders import atomic_write, encoded_folder
from core.owners import owner_of
from core.schema import Encoded, TextDataset

SIZES = "sizes.json"
MAX_CACHED_CORPORA = 12  # the one that was used longest ago goes
MAX_CACHED_BYTES = 3_000_000_000  # of all but the newest


def encoded_splits(config: DataConfig, data: TextDataset) -> tuple[Encoder, Encoded, Encoded]:
    """The encoder learned from the train split, and the train and valid splits as numbers.

    They come from the disk, mapped into memory, when the same texts were encoded with the same settings and code
    before. Of what a visitor has brought nothing is kept. A folder that cannot be written to is no error.
    """
    if owner_of(data.name) is not None:
        return _encode(config, data)
    try:
        folder = encoded_folder() / _key(config, data)
    except OSError:
        return _encode(config, data)
    with suppress(OSError, ValueError, LookupError, BadZipFile, zlib.error):
        if json.loads((folder / SIZES).read_text()) == _sizes(folder):
            with suppress(OSError):  # it may be another user's
                folder.touch()
            return load_encoder(folder), _mapped(folder / "train"), _mapped(folder / "valid")
    encoder, train, valid = _encode(config, data)
    with suppress(OSError):
        _store(folder, encoder, train, valid)
    return encoder, train, valid


def _encode(config: DataConfig, data: TextDataset) -> tuple[Encoder, Encoded, Encoded]:
    encoder, train = learn_and_encode(config, data.train.texts)
    return encoder, train, encoder.encode(data.valid.texts)


def _key(config: DataConfig, data: TextDataset) -> str:
    files = [*sorted(Path(__file__).parent.glob("*.py")), Path(units.__file__)]
    code = b"".join(path.read_bytes() for path in files)
    described = json.dumps(asdict(config)) + data.fingerprint
    return hashlib.sha256(described.encode() + code).hexdigest()[:16]


def _store(folder: Path, encoder: Encoder, train: Encoded, valid: Encoded) -> None:
    with atomic_write(folder) as part:
        part.mkdir()
        encoder.save(part)
        _write(part / "train", train)
        _write(part / "valid", valid)
        (part / SIZES).write_text(json.dumps(_sizes(part)))
    newest_first = sorted(folder.parent.iterdir(), key=lambda path: -path.stat().st_mtime)
    taken = np.cumsum([sum(_sizes(path).values()) for path in newest_first])
    for number, old in enumerate(newest_first):
        if number >= MAX_CACHED_CORPORA or (number and taken[number] > MAX_CACHED_BYTES):
            shutil.rmtree(old, ignore_errors=True)


def _sizes(folder: Path) -> dict[str, int]:
    # Bytes of every file: one that is cut or gone is noticed.
    files = (path for path in sorted(folder.rglob("*")) if path.is_file() and path.name != SIZES)
    return {path.relative_to(folder).as_posix(): path.stat().st_size for path in files}


def _write(folder: Path, documents: Encoded) -> None:
    folder.mkdir()
    for name in ("ids", "values", "offsets"):
        np.save(folder / f"{name}.npy", getattr(documents, name))
    if not documents.ordered:
        (folder / "unordered").touch()
    if documents.bag is not None:
        _write(folder / "bag", documents.bag)


def _mapped(folder: Path) -> Encoded:
    arrays = {name: np.load(folder / f"{name}.npy", mmap_mode="r") for name in ("ids", "values", "offsets")}
    bag = _mapped(folder / "bag") if (folder / "bag").is_dir() else None
    return Encoded(**arrays, ordered=not (folder / "unordered").exists(), bag=bag)
