"""Write a model to take it elsewhere: a zip for `import`, or its network as StableHLO."""

import argparse
from pathlib import Path

from core.commands.terminal import Answer
from core.errors import BadInput
from core.format import size_or_dash

HELP = (
    "ending in .zip: the model's folder, for `import`; in .stablehlo: its network alone; else a new folder with the "
    "network, its encoder and its model card"
)


def add_options(parser: argparse.ArgumentParser) -> None:
    """The model, and where to write it."""
    parser.add_argument("model", metavar="MODEL", help="name of a model")
    parser.add_argument("file", metavar="FILE", help=HELP)


def run(options: argparse.Namespace) -> Answer:
    """Write it."""
    from core.saved_models import model_info

    path = Path(options.file)
    model_info(options.model)
    if not path.absolute().parent.is_dir():
        raise BadInput(f"There is no folder {path.absolute().parent}; make it, or choose another place.")
    kind = _write(options.model, path)
    files = [path] if path.is_file() else [part for part in path.rglob("*") if part.is_file()]
    written = sum(part.stat().st_size for part in files)
    record = {"model": options.model, "file": str(path), "kind": kind, "bytes": written}
    return record, (f"{options.model} is in {path} ({size_or_dash(written)}).",)


def _write(name: str, path: Path) -> str:
    from core.saved_models import load_model
    from core.sharing.archive import write_archive
    from core.sharing.card import model_card
    from core.sharing.stablehlo import write_network, write_network_folder

    if path.suffix.lower() == ".zip":
        write_archive(name, path)
        return "zip"
    if path.suffix.lower() == ".stablehlo":
        write_network(load_model(name), path)
        return "stablehlo"
    if path.suffix:
        raise BadInput(f"{path.name} ends in {path.suffix}; use .zip, .stablehlo, or a new folder without an ending.")
    write_network_folder(load_model(name), path, model_card(name).markdown())
    return "folder"
