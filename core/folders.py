"""Where things lie on this machine: models and data that Whyword keeps, and archives that are already there."""

import os
from pathlib import Path

from platformdirs import user_data_path

BUNDLED_MODELS = Path(__file__).parent / "pretrained"


def home() -> Path:
    """The folder that Whyword writes to: `WHYWORD_HOME`, or the user's data folder."""
    chosen = os.environ.get("WHYWORD_HOME")
    return Path(chosen).expanduser() if chosen else user_data_path("whyword", appauthor=False)


def models_folder() -> Path:
    """Folder of the models trained on this machine; created when it is not there."""
    return _made(home() / "models")


def datasets_folder() -> Path:
    """Folder of downloaded archives and of what was read out of them; created when it is not there."""
    return _made(home() / "datasets")


def runs_folder() -> Path:
    """Folder of training runs under way, for those that are to be resumed; created when it is not there."""
    return _made(home() / "runs")


def encoded_folder() -> Path:
    """Folder of encoded documents, kept so that none is encoded twice; created when it is not there."""
    return _made(home() / "cache" / "encoded")


def compiled_folder() -> Path:
    """Folder of what XLA has compiled; created when it is not there."""
    return _made(home() / "cache" / "compiled")


def findings_folder() -> Path:
    """Folder of what was found out about whole models, which takes a while; created when it is not there."""
    return _made(home() / "cache" / "findings")


def given_data() -> Path | None:
    """The folder of archives that `WHYWORD_DATA` names, used as it is; None when the variable is not set."""
    chosen = os.environ.get("WHYWORD_DATA")
    return Path(chosen).expanduser().resolve() if chosen else None


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder
