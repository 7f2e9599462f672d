"""Where things lie on this machine: models and data that Whyword keeps, and archives that are already there."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from secrets import token_hex

from platformdirs import user_data_path

BUNDLED_MODELS = Path(__file__).parent / "pretrained"


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
        if part.is_dir():  # which cannot be renamed onto another
            shutil.rmtree(path, ignore_errors=True)
        part.replace(path)


def _create_folder(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder
