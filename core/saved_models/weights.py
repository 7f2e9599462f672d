"""Arrays to and from a folder by orbax, and the fingerprint over all files of a model."""

import hashlib
import json
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

RECIPE, HISTORY, CALIBRATION, WEIGHTS = "recipe.json", "history.json", "calibration.json", "weights"
ANSWERS = {"test": "test_predictions.npz", "valid": "valid_predictions.npz"}
EPOCHS, REFERENCE = "epoch_predictions.npz", "reference.npz"
SPARE = 1_000_000  # bytes for what stands beside the arrays
OWN = (RECIPE, HISTORY, CALIBRATION, *ANSWERS.values(), EPOCHS, REFERENCE)
FILES = (*OWN, "**/encoder.json", "**/vocabulary.*", f"{WEIGHTS}/**/*")


def write_weights(folder: Path, arrays: Any) -> None:
    """Write a nested dict of arrays. Of many processes all call this. Raises OSError when there is no room for them."""
    from core.devices import is_first

    if is_first():
        room = folder.with_suffix(".room")  # tried first, since orbax tells a full disk in pages of tracebacks
        room.write_bytes(bytes(_bytes(arrays) + SPARE))
        room.unlink()
    with _checkpointer() as checkpointer:
        checkpointer.save(folder.resolve(), arrays)
    if is_first():
        (folder / "commit_success.txt").unlink(missing_ok=True)  # says where it was written, which is nobody's business


def stored_shapes(folder: Path) -> Any:
    """The nested dict of the shape and the dtype's name of each array, from what is written beside the arrays alone.

    Raises ValueError when an array lies there in pieces larger than itself.
    """
    with _checkpointer() as checkpointer:
        return _claimed(checkpointer.metadata(folder.resolve()).item_metadata.tree)


def _claimed(tree: Any) -> Any:
    if isinstance(tree, dict):
        return {str(key): _claimed(value) for key, value in tree.items()}
    pieces = tree.storage.chunk_shape
    if any(piece > max(size, 1) for piece, size in zip(pieces, tree.shape, strict=True)):
        raise ValueError("its weights lie in pieces larger than themselves")
    return tuple(tree.shape), str(tree.dtype)


def read_weights(folder: Path) -> Any:
    """The nested dict of numpy arrays that `write_weights` wrote."""
    with _checkpointer() as checkpointer:
        return checkpointer.restore(folder.resolve())


def fingerprint(folder: Path, class_names: Sequence[str]) -> str:
    """12 hex digits over the names of the classes and every byte of the model's files.

    Over bytes and not over arrays, so that a damaged file is noticed before a library trips over it.
    """
    digest = hashlib.sha256(json.dumps(list(class_names)).encode())
    files = (path for pattern in FILES for path in folder.glob(pattern) if path.is_file())
    for path in sorted(files, key=lambda path: path.relative_to(folder).parts):
        digest.update(f"\n{path.relative_to(folder).as_posix()} {path.stat().st_size}\n".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def _bytes(tree: Any) -> int:
    return sum(map(_bytes, tree.values())) if isinstance(tree, dict) else tree.nbytes


def _checkpointer() -> Any:
    import orbax.checkpoint as ocp

    logging.getLogger("absl").setLevel(logging.ERROR)  # it tells each save and restore in a dozen lines
    return ocp.PyTreeCheckpointer()
