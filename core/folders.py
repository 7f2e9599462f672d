"""Where things lie on this machine: models and data that Whyword keeps, and archives that are already there."""

import ctypes
import errno
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from secrets import token_hex

from platformdirs import user_data_path

BUNDLED_MODELS = Path(__file__).parent / "pretrained"
SWAP = {"linux": ("renameat2", True), "darwin": ("renamex_np", False)}
"""The call of each system that exchanges two names in one step, and whether it wants each path beside a folder."""


def home() -> Path:
    """The folder that Whyword writes to: `WHYWORD_HOME`, or the user's data folder."""
    chosen = os.environ.get("WHYWORD_HOME")
    return Path(chosen).expanduser() if chosen else user_data_path("whyword", appauthor=False)


def models_folder() -> Path:
    """Folder of the models trained on this machine; created when it is not there."""
    return _create_folder(home() / "models")


def datasets_folder() -> Path:
    """Folder of downloaded archives and of what was read out of them; created when it is not there."""
    return _create_folder(home() / "datasets")


def runs_folder() -> Path:
    """Folder of training runs under way, for those that are to be resumed; created when it is not there."""
    return _create_folder(home() / "runs")


def encoded_folder() -> Path:
    """Folder of encoded documents, kept so that none is encoded twice; created when it is not there."""
    return _create_folder(home() / "cache" / "encoded")


def compiled_folder() -> Path:
    """Folder of what XLA has compiled; created when it is not there."""
    return _create_folder(home() / "cache" / "compiled")


def findings_folder() -> Path:
    """Folder of what was found out about whole models, which takes a while; created when it is not there."""
    return _create_folder(home() / "cache" / "findings")


def archives_folder() -> Path | None:
    """The folder of archives that `WHYWORD_DATA` names, used as it is; None when the variable is not set."""
    chosen = os.environ.get("WHYWORD_DATA")
    return Path(chosen).expanduser().resolve() if chosen else None


@contextmanager
def temporary_beside(path: Path) -> Iterator[Path]:
    """A path beside the given one, with its suffix, for a file or a folder that is deleted at the end."""
    part = path.with_name(f".{path.stem}-{token_hex(4)}{path.suffix}")
    try:
        yield part
    finally:
        if part.is_dir():
            shutil.rmtree(part, ignore_errors=True)
        else:
            part.unlink(missing_ok=True)


@contextmanager
def atomic_write(path: Path) -> Iterator[Path]:
    """A path to write a file or a folder to, which then takes the place of `path`, so that no reader sees half of it.

    When writing fails, nothing is left of it and what was at `path` before stays.
    """
    with temporary_beside(path) as part:
        yield part
        if part.is_dir() and path.is_dir():  # which cannot be renamed onto another
            replace_folder(part, path, aside=path.with_name(f".{path.name}-{token_hex(4)}"))
        else:
            part.replace(path)


def replace_folder(new: Path, place: Path, aside: Path) -> None:
    """Put a folder in the place of another, and delete that one.

    Where the system can exchange two names, there is no moment without a folder at `place`. Elsewhere the old one steps
    aside first, to the path `aside`, and comes back when the new one cannot take its place. Raises OSError.
    """
    if place.exists() and exchange(new, place):
        shutil.rmtree(new, ignore_errors=True)
        return
    if place.exists():
        place.rename(aside)
    try:
        new.rename(place)
    except OSError:
        if aside.exists():
            aside.rename(place)
        raise
    shutil.rmtree(aside, ignore_errors=True)


def exchange(one: Path, other: Path) -> bool:
    """Let two folders take each other's name in one step; False where the system or the disk cannot do that.

    Raises OSError when one of them is not there or may not be renamed.
    """
    name, has_folders = SWAP.get(sys.platform, ("", False))
    call = getattr(ctypes.CDLL(None, use_errno=True), name, None) if name else None
    if call is None:
        return False
    here = ctypes.c_int(-100)  # AT_FDCWD: paths are meant from the working directory
    before = [here] if has_folders else []
    paths = [*before, ctypes.c_char_p(os.fsencode(one)), *before, ctypes.c_char_p(os.fsencode(other))]
    if call(*paths, ctypes.c_uint(2)) == 0:  # RENAME_EXCHANGE of Linux and RENAME_SWAP of macOS
        return True
    number = ctypes.get_errno()
    if number in (errno.ENOSYS, errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP):
        return False
    raise OSError(number, os.strerror(number), str(one), None, str(other))


def _create_folder(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder
