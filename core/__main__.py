"""The library from a terminal: `python -m core --help`.

With --json, stdout is one JSON object and nothing else. Progress and messages go to stderr. The exit status is 0, or 2
with one sentence on stderr for a mistake that the user can put right, or 130 after Ctrl-C.
"""

import argparse
import io
import json
import logging
import os
import sys
from collections.abc import Callable, Sequence
from typing import NoReturn

from core import commands
from core.commands import Answer
from core.errors import BadInput, WhywordError

OF_ONE = ("process_id", "command", "wait", "data", "input", "output")  # may differ from process to process


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return the exit status."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    for name in ("absl", "jax", "orbax"):
        logging.getLogger(name).setLevel(logging.ERROR)
    try:
        options = parser().parse_args(arguments)
        alone = _joined(options)
        record, lines = options.command(options)
        if alone:
            _print(json.dumps(record, allow_nan=False) if options.json else "\n".join(lines))
        return 0
    except WhywordError as error:
        print(error, file=sys.stderr, flush=True)
        if "jax" in sys.modules and sys.modules["jax"].distributed.is_initialized():
            os._exit(2)  # an orderly end would wait for the other processes, which wait for this one
        return 2
    except KeyboardInterrupt:
        print("Stopped; nothing half-done is left behind.", file=sys.stderr)
        return 130


def parser() -> argparse.ArgumentParser:
    """All commands and their options."""
    top = _Parser(prog="python -m core", description="Train text classifiers and see why they decide as they do.")
    chosen = top.add_subparsers(metavar="COMMAND", required=True)
    _add(chosen, commands.datasets)
    _add(chosen, commands.recipes)
    _add(chosen, commands.models)
    train = _add(chosen, commands.train)
    train.add_argument("recipe", metavar="RECIPE", help="a recipe; with --data a model family, such as bow or convnet")
    train.add_argument("--name", help="of the saved model; one of that name that was trained here is replaced")
    train.add_argument("--seed", type=int, metavar="N", help="of first weights, order and dropout")
    train.add_argument("--epochs", type=int, metavar="N", help="most epochs to train")
    train.add_argument("--set", action="extend", nargs="+", default=[], metavar="KEY=VALUE", help="any setting")
    train.add_argument("--data", metavar="FILE", help="a table of your own: .csv, .tsv, .parquet or .jsonl")
    train.add_argument("--text", metavar="COLUMN", help="of the texts in FILE")
    train.add_argument("--label", metavar="COLUMN", help="of the classes in FILE")
    train.add_argument(
        "--resume", action="store_true", help="keep the state of the run as it goes; go on if one was interrupted"
    )
    _add_processes(train)
    evaluate = _add(chosen, commands.evaluate, model=True)
    evaluate.add_argument("--split", choices=("train", "valid", "test"), default="test", help="test by default")
    predict = _add(chosen, commands.predict, model=True)
    predict.add_argument(
        "input", metavar="INPUT", help="a .csv, .tsv, .parquet or .jsonl table, or .txt with a text a line"
    )
    predict.add_argument("output", metavar="OUTPUT", help="any of these; .txt holds the classes only")
    predict.add_argument("--text", metavar="COLUMN", help='of the texts in INPUT; "text" or the only one by default')
    _add_processes(predict)
    explain = _add(chosen, commands.explain, model=True)
    text = explain.add_mutually_exclusive_group(required=True)
    text.add_argument("--text", help="the text itself")
    text.add_argument("--file", help="a file with the text, in UTF-8")
    explain.add_argument("--label", metavar="CLASS", help="to speak for or against; the most probable by default")
    explain.add_argument("--samples", type=int, default=5000, metavar="N", help="texts to try; 5000 by default")
    explain.add_argument("--words", type=int, default=15, metavar="N", help="strongest words to show; 15 by default")
    explain.add_argument("--seed", type=_seed, default=0, metavar="N", help="of the samples; 0 by default")
    return top


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise BadInput(f"{message[:1].upper()}{message[1:]}; see {self.prog} --help.")


def _add(
    chosen: "argparse._SubParsersAction[_Parser]",
    command: Callable[[argparse.Namespace], Answer],
    *,
    model: bool = False,
) -> argparse.ArgumentParser:
    what = (command.__doc__ or "").partition("\n")[0]
    one = chosen.add_parser(command.__name__, help=what, description=what)
    one.set_defaults(command=command)
    if model:
        one.add_argument("model", metavar="MODEL", help="name or folder of a model")
    one.add_argument("--json", action="store_true", help="print one JSON object")
    return one


def _add_processes(command: argparse.ArgumentParser) -> None:
    group = command.add_argument_group("many processes", "each is started with the same command")
    group.add_argument("--distributed", action="store_true", help="work together with the other processes")
    group.add_argument("--coordinator", metavar="HOST:PORT", help="of process 0; a cluster tells it by itself")
    group.add_argument("--processes", type=int, metavar="N", help="how many there are")
    group.add_argument("--process-id", type=int, metavar="I", help="which this one is, from 0")
    group.add_argument("--wait", type=int, default=300, metavar="SECONDS", help="for the others; 300 by default")


def _joined(options: argparse.Namespace) -> bool:
    # Joins the other processes, if there are to be any, and says whether this one has to tell the result.
    if not getattr(options, "distributed", False):
        if any(getattr(options, name, None) is not None for name in ("coordinator", "processes", "process_id")):
            raise BadInput("--coordinator, --processes and --process-id go with --distributed; add it.")
        return True
    from core.devices import check_same, is_first, join

    # The library that connects processes writes to standard output, which is for the answer: it gets stderr instead.
    sys.stdout = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), 1)
    join(options.coordinator, options.processes, options.process_id, wait=options.wait)
    check_same(repr(sorted((name, value) for name, value in vars(options).items() if name not in OF_ONE)))
    return is_first()


def _seed(text: str) -> int:
    if not text.isdecimal() or int(text) >= 2**32:
        raise argparse.ArgumentTypeError(f"a seed is a whole number from 0 to {2**32 - 1:,}, not {text!r}")
    return int(text)


def _print(text: str) -> None:
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        print(text, flush=True)
    except OSError as error:
        os.dup2(
            os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno()
        )  # or Python complains again when it closes stdout
        if not isinstance(error, BrokenPipeError):  # which is no mistake: `| head` has seen enough
            raise BadInput(f"The answer cannot be printed ({error.strerror}); print it to another place.") from error


if __name__ == "__main__":
    sys.exit(main())
