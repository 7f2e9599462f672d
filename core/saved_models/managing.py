"""Models that were trained here: given another name, deleted, and brought back."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from core import folders, owners
from core.errors import BadInput
from core.saved_models.catalogue import ModelInfo, check_name, is_taken, model_info, named
from core.saved_models.places import DELETED, discard, remove_leftovers, temporary_folder


def rename_model(name: str, new: str) -> ModelInfo:
    """Give a model another name, in one step; what was found out about it stays with it.

    Raises UnknownName, and BadInput for a model that ships, for a name that cannot be or is taken, and where the
    folder of models cannot be written to.
    """
    folder = _own(name, "renamed")
    new = owners.marked(new)
    check_name(new)
    if new != name:
        if is_taken(new):
            raise BadInput(f"There is another model called {new}; choose another name.")
        with _explained(name, "renamed"):
            folder.rename(folders.models_folder() / new)
    return model_info(new)


def delete_model(name: str, *, for_good: bool = True) -> None:
    """Delete a trained model, damaged or not.

    Args:
        name: of the model.
        for_good: whether nothing is kept; else `restore_model` brings it back for an hour.

    Raises UnknownName, and BadInput for one that ships with Whyword or where nothing can be written.
    """
    folder = _own(name, "deleted")
    with _explained(name, "deleted"):
        if for_good:
            discard(folder)
            return
        remove_leftovers()
        os.utime(folder)  # from now on the hour runs
        folder.rename(temporary_folder(name, DELETED))


def restore_model(name: str) -> None:
    """Bring back the model of that name that was deleted last.

    Raises BadInput for a name that cannot be, when there is another one of its name by now, and when it is gone.
    """
    check_name(name)
    if is_taken(name):
        raise BadInput(f"There is another model called {name} by now; rename that one first.")
    deleted = sorted(folders.models_folder().glob(f"{DELETED}*={name}"), key=_modified)
    if not deleted:
        raise BadInput(
            f"The model {name} is gone: a deleted one is kept for an hour. Train it again, or bring its zip."
        )
    with _explained(name, "brought back"):
        deleted[-1].rename(folders.models_folder() / name)


def _own(name: str, done: str) -> Path:
    folder = named(name)
    if not owners.may_change(name):
        raise BadInput(f"{name} is not a model of yours and cannot be {done} here.")
    if folder.parent == folders.BUNDLED_MODELS:
        raise BadInput(f"{name} ships with Whyword and cannot be {done}.")
    return folder


def _modified(folder: Path) -> float:
    return folder.stat().st_mtime


@contextmanager
def _explained(name: str, done: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise BadInput(f"The model {name} cannot be {done} ({reason}); look at its list anew, or try again.") from error
