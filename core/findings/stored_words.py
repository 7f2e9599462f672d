"""The words of a whole model, kept so that they are found once: beside a model that ships, else in the cache.

A file names the fingerprints of the model and of the data that they were found with, so that it cannot pass for that
of another model or of other documents.
"""

from __future__ import annotations

import hashlib
import json
from contextlib import suppress
from pathlib import Path
from typing import Any

from core.datasets import load_dataset
from core.errors import WhywordError
from core.findings.global_words import global_words
from core.folders import atomic_write, findings_folder
from core.owners import owner_of
from core.saved_models import ModelInfo, load_model, model_info
from core.saved_models.unpacking import read_json
from core.schema import GlobalWords, TextDataset

FORMAT = 1
SHIPPED = "global_words.json"


def stored_global_words(name: str, data_fingerprint: str | None = None) -> GlobalWords | None:
    """The words of the model of that name, or None when they were not found yet.

    Args:
        name: of a model.
        data_fingerprint: of the data set that they are wanted for; the one that the model learned from by default,
            for which the words of a model that ships are there without the data set.

    Raises UnknownName, and DamagedModel when the model's own record cannot be read.
    """
    info = model_info(name)
    data = info.data_fingerprint if data_fingerprint is None else data_fingerprint
    shipped = _read(info.folder / SHIPPED, info, data)
    with suppress(TypeError, AttributeError):  # a file that was altered counts as none
        if shipped is not None and _is_sound(shipped, info):
            return shipped
    with suppress(OSError):
        return _read(findings_folder() / _file(info, data), info, data)
    return None


def found_global_words(name: str) -> GlobalWords | None:
    """The stored words of a model, or those that are found now in its own test split, and kept.

    None when its data set is not on this machine, or is no longer the one that it learned from.

    Raises UnknownName, and DamagedModel when the model is not as it was saved.
    """
    stored, info = stored_global_words(name), model_info(name)
    if stored is not None:
        return stored
    try:
        data = load_dataset(info.dataset, download=False)
    except WhywordError:
        return None
    if data.fingerprint != info.data_fingerprint or not len(data.test):
        return None
    *_, words = global_words(load_model(name), data.test)
    save_global_words(name, words, data.fingerprint)
    return words


def save_global_words(name: str, words: GlobalWords, data_fingerprint: str) -> None:
    """Keep the words of a model for the next time, unless it is a visitor's, which leaves nothing behind.

    A folder that cannot be written to is no error.

    Raises UnknownName, and DamagedModel when the model's own record cannot be read.
    """
    info = model_info(name)
    if owner_of(name) is not None:
        return
    with suppress(OSError):
        _write(findings_folder() / _file(info, data_fingerprint), words, info, data_fingerprint)


def ship_global_words(name: str, data: TextDataset) -> Path:
    """Find the words of a model on the test split of its data set, and put them into the model's own folder.

    The file is no part of what the model's fingerprint is over. Raises what `global_words` raises.
    """
    info = model_info(name)
    *_, words = global_words(load_model(name), data.test)
    _write(info.folder / SHIPPED, words, info, data.fingerprint)
    return info.folder / SHIPPED


def as_shipped(info: ModelInfo, words: GlobalWords) -> dict[str, Any]:
    """What the file beside a model that ships says of its words, which are those of its own data set."""
    return {"found_with": _key(info, info.data_fingerprint), "words": words.to_json()}


def check_shipped(info: ModelInfo) -> None:
    """Raise ValueError when the file of words in a model's folder, if there is one, says what cannot be."""
    path = info.folder / SHIPPED
    if path.is_file() and not _is_sound(_read(path, info, info.data_fingerprint), info):
        raise ValueError("its words are damaged, or those of another model")


def _is_sound(words: GlobalWords | None, info: ModelInfo) -> bool:
    if words is None or [each.class_name for each in words.classes] != list(info.class_names):
        return False
    effects = [effect for each in words.classes for effect in (*each.speaking_for, *each.speaking_against)]
    counts = [
        words.documents,
        words.total,
        *(count for effect in effects for count in (effect.documents, effect.occurs)),
    ]
    counts += [place + 1 for effect in effects for place in effect.examples] + [
        pick.position + 1 for pick in words.picks
    ]
    figures = [effect.total for effect in effects] + [pick.probability for pick in words.picks]
    figures += [pick.covered for pick in words.picks] + [weight for pick in words.picks for _, weight in pick.words]
    names = [effect.word for effect in effects] + [word for pick in words.picks for word, _ in pick.words]
    names += [*words.caveats, words.method, *(n for p in words.picks for n in (p.true_class, p.predicted_class))]
    return (
        all(type(count) is int and 0 < count < 2**31 for count in counts)
        and all(type(figure) in (int, float) and abs(figure) < 1e9 for figure in figures)
        and all(isinstance(name, str) for name in names)
        and all(pick.position < info.test["n"] for pick in words.picks)
    )


def _file(info: ModelInfo, data_fingerprint: str) -> str:
    return f"words-{hashlib.sha256(repr(_key(info, data_fingerprint)).encode()).hexdigest()[:16]}.json"


def _read(path: Path, info: ModelInfo, data_fingerprint: str) -> GlobalWords | None:
    with suppress(OSError, ValueError, LookupError, TypeError, AttributeError):
        written = read_json(path)
        if written["found_with"] == _key(info, data_fingerprint):
            return GlobalWords.from_json(written["words"] | {"model": info.name})  # it may have been renamed
    return None


def _write(path: Path, words: GlobalWords, info: ModelInfo, data_fingerprint: str) -> None:
    record = {"found_with": _key(info, data_fingerprint), "words": words.to_json()}
    with atomic_write(path) as part:
        part.write_text(json.dumps(record, allow_nan=False, separators=(",", ":")), encoding="utf-8")


def _key(info: ModelInfo, data_fingerprint: str) -> list[str | int]:
    return [FORMAT, info.fingerprint, data_fingerprint]
