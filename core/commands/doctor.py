"""Find out whether everything works here, as a report of a fault needs it."""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import time
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from core import folders
from core.commands.terminal import Answer, table
from core.errors import WhywordError
from core.format import duration_or_dash, size
from core.kept_files import KINDS, MOST_BYTES, kept_files
from core.memory import free_bytes, is_out_of_memory

PACKAGES = (
    "jax",
    "flax",
    "optax",
    "grain",
    "orbax-checkpoint",
    "numpy",
    "scipy",
    "scikit-learn",
    "pandas",
    "streamlit",
)
TEXT = "It is a dull film, but the music is splendid and the last scene is worth the wait."
SAMPLES = 1000


def add_options(parser: argparse.ArgumentParser) -> None:
    """None of its own."""


def run(options: argparse.Namespace) -> Answer:
    """Look at versions, devices, room, data and models, and explain one text."""
    from core.datasets import DATASETS, is_available

    models = [_tried(info.name) for info in _models()]
    record = {
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "versions": {name: _version(name) for name in PACKAGES},
        "devices": _devices(),
        "cores": os.cpu_count(),
        "memory": {"free_bytes": free_bytes()},
        "disk": _disk(),
        "kept_bytes": _kept_bytes(),
        "datasets": {name: is_available(name) for name in DATASETS},
        "models": models,
        "explanation": _timed_explanation([model["name"] for model in models if model["loads"]]),
    }
    record["problems"] = list(_problems(record))
    return record, _lines(record)


def _models() -> list[Any]:
    from core.saved_models import list_models

    return list(list_models())


def _tried(name: str) -> dict[str, Any]:
    from core.saved_models import load_model

    started, error = time.perf_counter(), None
    try:
        load_model(name)
    except Exception as reason:  # whatever it is belongs into the report
        error = _reason_of(reason)
    return {"name": name, "loads": error is None, "seconds": time.perf_counter() - started, "error": error}


def _timed_explanation(names: list[str]) -> dict[str, Any] | None:
    # Of the first model that knows a word of the text; None without any model.
    from core.explanation import explain
    from core.saved_models import load_model

    for name in names:
        try:
            model, started = load_model(name), time.perf_counter()
            explain(model, TEXT, samples=SAMPLES)
        except Exception:  # none of its words is in this text, or what else keeps a model from answering
            continue
        return {"model": name, "samples": SAMPLES, "seconds": time.perf_counter() - started}
    return None


def _reason_of(error: Exception) -> str:
    if isinstance(error, WhywordError):
        return str(error)
    reason = "There is not enough memory for it" if is_out_of_memory(error) else str(error).partition("\n")[0][:200]
    return f"{type(error).__name__}: {reason}"


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _devices() -> list[str]:
    import jax

    try:
        return [f"{device.platform}: {device.device_kind}" for device in jax.devices()]
    except RuntimeError:  # JAX_PLATFORMS names what is not here; a problem says so
        return []


def _disk() -> dict[str, Any]:
    home = folders.home()
    first = next(path for path in (home, *home.parents) if path.exists())  # a file of that name is in the way
    there = next(folder for folder in (first, *first.parents) if folder.is_dir())
    is_writable = first.is_dir() and os.access(there, os.W_OK)
    return {"home": str(home), "free_bytes": shutil.disk_usage(there).free, "writable": is_writable}


def _kept_bytes() -> dict[str, int]:
    # What can be made anew, by its kind.
    taken = dict.fromkeys(KINDS, 0)
    for kept in kept_files():
        taken[kept.kind] += kept.bytes
    return taken


def _problems(record: dict[str, Any]) -> Iterator[str]:
    for name, found in record["versions"].items():
        if found is None:
            yield f"{name} is not installed; run pip install -r requirements.txt."
    if not record["devices"]:
        yield f"JAX finds no device; unset JAX_PLATFORMS, which is {os.environ.get('JAX_PLATFORMS', '')!r}."
    if not record["disk"]["writable"]:
        yield f"Nothing can be written to {record['disk']['home']}; set WHYWORD_HOME to another folder."
    if sum(record["kept_bytes"].values()) > MOST_BYTES:
        yield f"More than {size(MOST_BYTES)} are kept to work faster; python -m core clean deletes the oldest."
    for model in record["models"]:
        if not model["loads"]:
            yield model["error"]
    if record["explanation"] is None:
        yield "No text could be explained, for want of a model that loads."


def _lines(record: dict[str, Any]) -> Iterator[str]:
    versions = ", ".join(f"{name} {found or '(missing)'}" for name, found in record["versions"].items())
    disk, free, why = record["disk"], record["memory"]["free_bytes"], record["explanation"]
    yield f"Python {record['python']} on {record['system']}, {record['cores']} cores"
    yield versions
    yield f"Devices: {', '.join(record['devices']) or 'none'}"
    yield f"Memory: {'unknown' if free is None else size(free)} free; disk: {size(disk['free_bytes'])} free"
    yield f"Folder: {disk['home']}{'' if disk['writable'] else ' (nothing can be written to it)'}"
    sizes = ", ".join(f"{name} {size(count)}" for name, count in record["kept_bytes"].items())
    yield f"Kept to work faster: {sizes}"
    yield f"Data sets here: {', '.join(name for name, here in record['datasets'].items() if here) or 'none'}"
    rows = [
        (model["name"], "loads" if model["loads"] else "does not load", duration_or_dash(model["seconds"]))
        for model in record["models"]
    ]
    yield from table(("model", "", "time"), rows)
    if why is not None:
        yield f"One explanation by {why['model']}, {why['samples']:,} samples: {duration_or_dash(why['seconds'])}"
    yield from record["problems"] or ("No problem was found.",)
