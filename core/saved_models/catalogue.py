"""Which models there are, what they are called and what is known of them without loading them."""

from __future__ import annotations

import re
import time
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, TypeVar
from zipfile import BadZipFile

from core import folders, owners
from core.errors import BadInput, DamagedModel, UnknownName, WhywordError
from core.saved_models.unpacking import folder_bytes, read_json
from core.schema import Independence, TextLengths

FORMAT, OLDEST = 4, 2  # format 3 had a temperature alone, format 2 the answers on the test split only
MAX_READINGS, READING_PAUSE_SECONDS = 10, 0.01  # of a model that is replaced while it is read
NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}")
FAULTS = (
    *(OSError, EOFError, ValueError, LookupError, TypeError, AttributeError, RuntimeError, MemoryError),
    ArithmeticError,
    *(BadZipFile, zlib.error, WhywordError),
)
Result = TypeVar("Result")


class ModelKey(NamedTuple):
    """What tells one saved model from all others: its name, and the fingerprint of what lies under that name."""

    name: str
    fingerprint: str


@dataclass(frozen=True, kw_only=True)
class ModelInfo:
    """What there is to know of a saved model without loading it.

    Attributes:
        name: the folder's name.
        recipe, dataset: names.
        class_names: in the order of the model's outputs.
        test: figures of the test split, as `Evaluation.summary` gives them, and its caveats.
        valid: the same of the validation split; None when its answers were not kept.
        parameters: number of trained figures.
        bytes: size of the folder.
        created: ISO 8601, UTC.
        bundled: whether it ships with Whyword and so cannot be deleted or replaced.
        fingerprint: 12 hex digits over all that decides its answers.
        data_fingerprint: of the data set that it learned from.
        folder: where it lies.
        independence: of its test documents; None when that was not kept, as by older versions.
        lengths: of its test documents, and how right it is about shorter texts; None when that was not kept.
    """

    name: str
    recipe: str
    dataset: str
    class_names: tuple[str, ...]
    test: dict[str, Any]
    parameters: int
    bytes: int
    created: str
    bundled: bool
    fingerprint: str
    data_fingerprint: str
    folder: Path
    valid: dict[str, Any] | None = None
    independence: Independence | None = None
    lengths: TextLengths | None = None

    @property
    def key(self) -> ModelKey:
        """What results of this model are kept under."""
        return ModelKey(self.name, self.fingerprint)

    @property
    def accuracy(self) -> float:
        """Share of the test split that the model gets right, in [0, 1]."""
        return float(self.test["accuracy"])

    def to_json(self) -> dict[str, Any]:
        """One entry of what `python -m core models --json` prints."""
        names = ("name", "recipe", "dataset", "class_names", "accuracy", "parameters", "bytes", "created", "bundled")
        return {name: getattr(self, name) for name in names} | {"class_names": list(self.class_names)}


def list_models() -> tuple[ModelInfo, ...]:
    """The models that can be used, newest trained first, then those that ship; damaged ones are left out.

    Reads only each model's `model.json`.
    """
    mine, shipped = _roots()
    trained = sorted(_infos(mine), key=lambda info: (info.created, info.name), reverse=True)
    names = {info.name for info in trained}
    return (*trained, *(info for info in _infos(shipped) if info.name not in names))


def model_info(name: str) -> ModelInfo:
    """What there is to know of the model of that name, which is never taken for a path.

    Raises UnknownName, and DamagedModel when its `model.json` cannot be read.
    """
    return read_info(named(name))


def check_name(name: str) -> None:
    """Raise BadInput unless a trained model may be called so."""
    if not NAME.fullmatch(name):
        raise BadInput(
            f"{name[:70]!r} cannot be a model's name; use up to 63 small letters, digits, dots, dashes and "
            "underscores, of which the first is a letter or digit."
        )
    if not owners.may_change(name):
        raise BadInput(f"{name[:70]} is not a model of yours; only models that you have trained can be changed here.")
    if (folders.BUNDLED_MODELS / name).is_dir():
        raise BadInput(f"{name} is a model that ships with Whyword and cannot be replaced; choose another name.")


def is_taken(name: str) -> bool:
    """Whether a model trained here has that name, damaged or not, and would be replaced by another one."""
    return bool(NAME.fullmatch(name)) and (_roots()[0] / name).is_dir()


def free_name(wanted: str, taken: Iterable[str] = ()) -> str:
    """A name that no model has: the wanted one as far as it can be a name, else with -2, -3, ... behind it."""
    base = re.sub(r"[^a-z0-9._]+", "-", wanted.lower()).strip("._-")[:55] or "model"
    used = {*taken, *(path.name for root in _roots() for path in root.glob("*"))}
    candidates = (base, *(f"{base}-{number}" for number in range(2, len(used) + 3)))
    return next(name for name in candidates if name not in used)


def find(name_or_folder: str | Path) -> Path:
    """The folder of a model, given its name, or a path, which has a separator in it or is a `Path`.

    Raises UnknownName.
    """
    if isinstance(name_or_folder, str) and Path(name_or_folder).name == name_or_folder:
        return named(name_or_folder)
    try:
        folder = Path(name_or_folder).expanduser().resolve(strict=True)
    except (OSError, ValueError, RuntimeError) as error:
        raise _unknown(str(name_or_folder)) from error
    if not folder.is_dir():
        raise _unknown(str(name_or_folder))
    return folder


def named(name: str) -> Path:
    """The folder of the model of that name, trained here or shipped. Raises UnknownName."""
    for root in _roots():
        if NAME.fullmatch(name) and owners.is_visible(name) and (root / name).is_dir():
            return root / name
    raise _unknown(name)


def settled(folder: Path, read: Callable[[], Result]) -> Result:
    """What `read` makes of the files in a model's folder; read anew when another version took its place meanwhile.

    Raises what `read` raises of a model that stays where it is.
    """
    for _ in range(MAX_READINGS - 1):
        before = _identity(folder)
        try:
            result = read()
        except DamagedModel:
            if _has_stayed(folder, before):
                raise
        else:
            if _has_stayed(folder, before):
                return result
        time.sleep(READING_PAUSE_SECONDS)
    return read()


def _identity(folder: Path) -> tuple[int, int, int] | None:
    # What tells the folder from another one of the same name; None while there is none.
    with suppress(OSError):
        state = folder.stat()
        return state.st_dev, state.st_ino, state.st_mtime_ns
    return None


def _has_stayed(folder: Path, before: tuple[int, int, int] | None) -> bool:
    return before is not None and before == _identity(folder)


def read_info(folder: Path) -> ModelInfo:
    """What the folder's `model.json` says. Raises DamagedModel."""
    return settled(folder, lambda: _read_info(folder))


def _read_info(folder: Path) -> ModelInfo:
    with reading(folder):
        size = folder_bytes(folder)  # first, since a pipe would be waited for without end
        record = read_json(folder / "model.json")
        if not OLDEST <= record["format"] <= FORMAT:
            newer = record["format"] > FORMAT
            age, way_out = ("a newer", "update Whyword to use it") if newer else ("an older", "train it again")
            raise DamagedModel(
                f"The model in {folder} was written by {age} version of Whyword (format {record['format']}); {way_out}."
            )
        if not isinstance(record["class_names"], list):
            raise ValueError("model.json has no list of classes")
        same = ("recipe", "dataset", "test", "parameters", "created", "fingerprint", "data_fingerprint")
        info = ModelInfo(
            name=folder.name,
            class_names=tuple(record["class_names"]),
            bytes=size,
            bundled=folder.parent == folders.BUNDLED_MODELS,
            folder=folder,
            valid=record.get("valid"),
            independence=_optional(Independence.from_json, record, "independence"),
            lengths=_optional(TextLengths.from_json, record, "lengths"),
            **{key: record[key] for key in same},
        )
        _check_figures(info)
    return info


def _optional(read: Callable[[Any], Result], record: dict[str, Any], name: str) -> Result | None:
    # What older versions did not keep.
    figures = record.get(name)
    return None if figures is None else read(figures)


def _check_figures(info: ModelInfo) -> None:
    # So that one altered file cannot break what lists or prints them all.
    names = (info.recipe, info.dataset, info.created, info.fingerprint, info.data_fingerprint, *info.class_names)
    sound = (
        all(isinstance(name, str) for name in names)
        and len(set(info.class_names)) == len(info.class_names) > 1
        and _is_count(info.parameters)
        and all(_are_sound(figures) for figures in (info.test, info.valid) if figures is not None)
    )
    if not sound:
        raise ValueError("model.json has figures that cannot be")


def _are_sound(figures: dict[str, Any]) -> bool:
    caveats = figures.get("caveats", [])
    return (
        isinstance(caveats, list)
        and all(isinstance(caveat, str) for caveat in caveats)
        and _is_count(figures["n"])
        and all(_is_figure(figures[key], 1) for key in ("accuracy", "macro_f1", "ece"))
        and _is_figure(figures["loss"], 1e6)
    )


def _is_count(value: Any) -> bool:
    return type(value) is int and 0 < value < 2**63


def _is_figure(value: Any, most: float) -> bool:
    return type(value) in (int, float) and 0 <= value <= most  # never true of NaN


@contextmanager
def reading(folder: Path) -> Iterator[None]:
    """Turn what can go wrong in reading a model's files into a DamagedModel with the way out."""
    try:
        yield
    except DamagedModel:
        raise
    except FAULTS as error:
        reason = str(error).partition("\n")[0]
        if isinstance(error, OSError) and error.filename:
            reason = f"{error.strerror}: {Path(error.filename).name}"
        way_out = "install Whyword again" if folder.parent == folders.BUNDLED_MODELS else "delete it or train it again"
        raise DamagedModel(f"The model in {folder} is incomplete or altered ({reason[:120]}); {way_out}.") from error


def _roots() -> tuple[Path, Path]:
    # Without making the first: shipped models can be used where nothing can be written.
    return folders.home() / "models", folders.BUNDLED_MODELS


def _unknown(name: str) -> UnknownName:
    return UnknownName("model", name, [info.name for info in list_models()])


def _infos(root: Path) -> Iterator[ModelInfo]:
    for file in sorted(root.glob("*/model.json")):
        if NAME.fullmatch(file.parent.name) and owners.is_visible(file.parent.name):
            try:
                info = read_info(file.parent)
            except DamagedModel:
                continue
            yield info
