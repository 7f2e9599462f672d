"""A model's zip from elsewhere: checked before anything is read, then listed under its name.

Nothing of it is believed: names, sizes and kinds of its files first, then what its records say of each other and of the
weights. Nothing in a model is ever executed.
"""

from __future__ import annotations

import shutil
import stat
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

import numpy as np

from core import folders
from core.encoders import load_encoder
from core.errors import BadInput, DamagedModel
from core.findings.stored_words import check_shipped
from core.format import size
from core.jax_predictor import JaxPredictor
from core.memory import free_bytes
from core.saved_models import (
    ModelInfo,
    check_name,
    is_taken,
    list_models,
    load_model,
    model_info,
    stored_epochs,
    stored_evaluation,
    stored_history,
)
from core.saved_models.catalogue import FAULTS, FORMAT, free_name, read_info
from core.saved_models.places import remove_leftovers, temporary_folder
from core.saved_models.unpacking import check_packing, read_json, unpacked_bytes
from core.saved_models.weights import WEIGHTS, stored_shapes
from core.sharing.layout import MODEL, MOST_BYTES, MOST_FILES, MOST_UNPACKED, NEEDED, RATIO, SUSPICIOUS, belongs

LEFT_ASIDE = ("__MACOSX/", ".DS_Store", "Thumbs.db", "desktop.ini")  # what file managers put into a zip
BLOCK = 1 << 20  # bytes that are unpacked at a time
SAYS_NOTHING = "a file of it is not as it was saved"
ASKED = ("", "one text, to see that it answers")


def receive_archive(source: Path | IO[bytes], name: str | None = None, *, called: str = "") -> ModelInfo:
    """Check a zip that `write_archive` has written, and keep its model.

    Args:
        source: the zip, a path or an open file.
        name: of the model from now on; its folder's name in the zip by default.
        called: the file's name, for sentences.

    Raises BadInput for what is no such zip, whose files are not those of a model or contradict each other, and for a
    name that cannot be or is taken. Then nothing is left behind.
    """
    called = called or (source.name if isinstance(source, Path) else "This file")
    with _explained(called), ZipFile(source) as archive:
        files = _checked_files(archive)
        wanted = _wanted_name(files, name, called)
        remove_leftovers()
        folder = temporary_folder(wanted)
        try:
            _unpack(archive, files, folder)
            _check_model(folder)
            return _put(folder, wanted)
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def name_in(source: Path | IO[bytes]) -> str:
    """A name for the model in a zip that nobody has here: that of its folder, else one with a number behind it.

    "" where the file is no zip of a model.
    """
    try:
        with ZipFile(source) as archive:
            return free_name(_folder(archive.namelist()) or "model")
    except (BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError):
        return ""


def _checked_files(archive: ZipFile) -> dict[str, ZipInfo]:
    # The entries by the name that they have in a model's folder.
    entries = archive.infolist()
    if len(entries) > MOST_FILES:
        raise _refusal(f"it has {len(entries):,} files")
    entries = [entry for entry in entries if not _is_aside(entry.filename) and not entry.is_dir()]
    if not entries:
        raise _refusal("it is empty")
    top = _folder([entry.filename for entry in entries])
    files: dict[str, ZipInfo] = {}
    for entry in entries:
        _check_entry(entry)
        inside = entry.filename.removeprefix(f"{top}/") if top else entry.filename
        if not belongs(inside):
            raise _refusal(f"{entry.filename[:80]!r} is no file of a model")
        if inside.casefold() in {known.casefold() for known in files}:
            raise _refusal(f"{entry.filename[:80]!r} stands in it twice")
        files[inside] = entry
    _check_sizes(files)
    missing = next((needed for needed in NEEDED if needed not in files), None)
    if missing:
        raise _refusal(f"{missing} is missing")
    return files


def _is_aside(name: str) -> bool:
    return name.startswith(LEFT_ASIDE[0]) or name.rpartition("/")[2] in LEFT_ASIDE[1:]


def _folder(names: Sequence[str]) -> str:
    # The folder that the model lies in, "" where its files lie in no folder.
    if MODEL in names:
        return ""
    inside = (name.split("/") for name in names)
    return next((parts[0] for parts in inside if len(parts) == 2 and parts[1] == MODEL), "")


def _check_entry(entry: ZipInfo) -> None:
    name, kind = entry.filename, stat.S_IFMT(entry.external_attr >> 16)
    parts = name.split("/")
    if "\\" in name or name.startswith("/") or {"", ".", ".."} & set(parts) or ":" in name or not name.isprintable():
        raise _refusal(f"{name[:80]!r} leads out of its folder")
    if entry.orig_filename != name:
        raise _refusal(f"{name[:80]!r} has two names")
    if kind not in (0, stat.S_IFREG):
        raise _refusal(f"{name[:80]!r} is a link or a device")
    if entry.flag_bits & 0x1:
        raise _refusal("it is encrypted")
    if entry.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
        raise _refusal(f"{name[:80]!r} is packed in an unusual way")


def _check_sizes(files: dict[str, ZipInfo]) -> None:
    total = sum(entry.file_size for entry in files.values())
    if total > MOST_BYTES:
        raise _refusal(f"it unpacks to {size(total)}, and {size(MOST_BYTES)} is the most")
    for entry in files.values():
        if entry.file_size > SUSPICIOUS and entry.file_size > RATIO * max(entry.compress_size, 1):
            raise _refusal(f"{entry.filename[:80]!r} unpacks to {size(entry.file_size)} from next to nothing")
    room = shutil.disk_usage(folders.models_folder()).free
    if total > room:
        raise _refusal(f"it takes {size(total)} of disk, and {size(room)} are free")


def _wanted_name(files: dict[str, ZipInfo], name: str | None, called: str) -> str:
    wanted = name or _folder([entry.filename for entry in files.values()]) or Path(called).stem.lower()
    check_name(wanted)
    _check_free(wanted)
    return wanted


def _check_free(name: str) -> None:
    if is_taken(name):
        raise BadInput(f"There is a model called {name} already; give this one another with --name NAME.")


def _unpack(archive: ZipFile, files: dict[str, ZipInfo], folder: Path) -> None:
    folder.mkdir()
    for inside, entry in files.items():
        path = folder / inside
        path.parent.mkdir(parents=True, exist_ok=True)
        left = entry.file_size
        with archive.open(entry) as source, path.open("xb") as target:
            while block := source.read(BLOCK):
                left -= len(block)
                if left < 0:
                    raise _refusal(f"{inside!r} is larger than it says")
                target.write(block)
        if left:
            raise _refusal(f"{inside!r} is shorter than it says")


def _check_model(folder: Path) -> None:
    # What the records say of each other and of the weights; reading them is what may be refused, by its reason.
    if read_json(folder / MODEL)["format"] > FORMAT:
        raise ValueError("it was written by a newer version of Whyword; update this one")
    info = read_info(folder)
    check_shipped(info)
    stored_history(folder)  # and the hash of all files, before a library reads their weights
    _check_unpacked(folder)
    model = load_model(folder)
    _check_against_recipe(info, model, folder)
    stored_evaluation(folder)
    if info.valid is not None:
        stored_evaluation(folder, "valid")
    if (folder / "epoch_predictions.npz").is_file():
        stored_epochs(folder)
    if not np.isfinite(model.predict_proba(ASKED)).all():
        raise ValueError("it answers with what is no number")


def _check_unpacked(folder: Path) -> None:
    check_packing(folder / WEIGHTS, MOST_UNPACKED)
    needed = unpacked_bytes(folder) + _claimed_bytes(stored_shapes(folder / WEIGHTS))
    most = min(MOST_UNPACKED, free_bytes() or MOST_UNPACKED)
    if needed > most:
        raise ValueError(f"it takes {size(needed)} of memory, and {size(most)} is the most")


def _claimed_bytes(shapes: Any) -> int:
    if isinstance(shapes, dict):
        return sum(map(_claimed_bytes, shapes.values()))
    shape, dtype = shapes
    return int(np.prod(shape, dtype=object) * np.dtype(dtype).itemsize)


def _check_against_recipe(info: ModelInfo, model: JaxPredictor, folder: Path) -> None:
    if model.recipe.name != info.recipe:
        raise ValueError("its recipe is that of another model")
    if model.parameters != info.parameters:
        raise ValueError("it has another number of weights than it says")
    kinds = {"BagEncoder": "words", "PairEncoder": "bpe+words"}
    kind = kinds.get(type(load_encoder(folder)).__name__, "tokens")
    wanted = model.recipe.data.encoder
    if kind != (wanted if wanted in kinds.values() else "tokens"):
        raise ValueError("its encoder is another one than its recipe says")


def _put(folder: Path, name: str) -> ModelInfo:
    _check_same(read_info(folder).fingerprint)
    _check_free(name)
    try:
        folder.rename(folders.models_folder() / name)
    except OSError:
        _check_free(name)  # another upload of the same name was faster
        raise
    return model_info(name)


def _check_same(fingerprint: str) -> None:
    same = next((info.name for info in list_models() if info.fingerprint == fingerprint), None)
    if same:
        raise BadInput(f"This very model is here already: it is called {same}.")


@contextmanager
def _explained(called: str) -> Iterator[None]:
    # What can go wrong in a zip, as one sentence.
    way_out = "export the model again and bring that zip"
    try:
        yield
    except _Refusal as error:
        raise BadInput(f"{called[:80]} is no zip of a model: {error}; {way_out}.") from error
    except BadInput:
        raise
    except DamagedModel as error:
        raise BadInput(f"The model in {called[:80]} cannot be used ({_reason(error)}); {way_out}.") from error
    except (BadZipFile, EOFError, zlib.error) as error:
        raise BadInput(f"{called[:80]} is no zip, or was cut off; {way_out}.") from error
    except OSError as error:
        raise BadInput(f"{called[:80]} cannot be kept ({error.strerror or error}); make room and try again.") from error
    except (*FAULTS, NotImplementedError) as error:
        raise BadInput(f"The model in {called[:80]} cannot be used ({_reason(error)}); {way_out}.") from error


def _reason(error: Exception) -> str:
    # Why it cannot be read, without the place where it was unpacked.
    cause = error.__cause__ or error
    if isinstance(cause, OSError) and cause.filename:
        return f"{cause.strerror}: {Path(str(cause.filename)).name[:80]}"
    if isinstance(cause, AttributeError | TypeError | LookupError) or str(folders.models_folder()) in str(cause):
        return SAYS_NOTHING  # a sentence for programmers, or about the folder where it was unpacked
    return str(cause).partition("\n")[0].rstrip(".")[:160]


class _Refusal(Exception):
    """Why a zip is no model's."""


def _refusal(reason: str) -> _Refusal:
    return _Refusal(reason)
