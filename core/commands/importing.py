"""Bring a model that was exported as a zip on another machine."""

import argparse
from pathlib import Path

from core.commands.terminal import Answer
from core.errors import BadInput
from core.format import percent_or_dash


def add_options(parser: argparse.ArgumentParser) -> None:
    """The zip, and the model's name from now on."""
    parser.add_argument("file", metavar="FILE", help="a zip that `export MODEL FILE.zip` has written")
    parser.add_argument("--name", help="of the model; the one that it had by default")


def run(options: argparse.Namespace) -> Answer:
    """Check it and keep it."""
    from core.saved_models import check_place

    path = Path(options.file)
    if not path.is_file():
        raise BadInput(f"There is no file {path}; check the name.")
    if options.name:
        check_place(options.name)
    from core.sharing.receiving import receive_archive

    info = receive_archive(path, options.name)
    figures = f"{info.dataset}, {percent_or_dash(info.accuracy)} of {info.test['n']:,} test documents right"
    return {"model": info.name, "file": str(path)}, (f"{info.name} is here: {figures}.",)
