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
from collections.abc import Sequence
from typing import NoReturn

from core.commands import (
    Verb,
    card,
    clean,
    datasets,
    delete,
    doctor,
    evaluate,
    explain,
    export,
    importing,
    models,
    predict,
    recipes,
    rename,
    train,
)
from core.commands.processes import join_processes
from core.errors import BadInput, WhywordError
from core.memory import is_out_of_memory, out_of_memory

VERBS: dict[str, Verb] = {
    "datasets": datasets,
    "recipes": recipes,
    "models": models,
    "train": train,
    "evaluate": evaluate,
    "predict": predict,
    "explain": explain,
    "card": card,
    "export": export,
    "import": importing,
    "rename": rename,
    "delete": delete,
    "clean": clean,
    "doctor": doctor,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return the exit status."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    for name in ("absl", "jax", "orbax"):
        logging.getLogger(name).setLevel(logging.ERROR)
    try:
        options = parser().parse_args(arguments)
        prints_answer = join_processes(options)
        record, lines = options.run(options)
        if prints_answer:
            _print(json.dumps(record, allow_nan=False) if options.json else "\n".join(lines))
        return 0
    except WhywordError as error:
        print(error, file=sys.stderr, flush=True)
        if "jax" in sys.modules and sys.modules["jax"].distributed.is_initialized():
            os._exit(2)  # an orderly end would wait for the other processes, which wait for this one
        return 2
    except Exception as error:
        if not is_out_of_memory(error):
            raise
        print(out_of_memory("do this", "close other programs, or do it on a larger machine"), file=sys.stderr)
        return 2
    except KeyboardInterrupt as stop:
        print(stop.args[0] if stop.args else "Stopped; nothing half-done is left behind.", file=sys.stderr)
        return 130


def parser() -> argparse.ArgumentParser:
    """All verbs and their options."""
    top = _Parser(prog="python -m core", description="Train text classifiers and see why they decide as they do.")
    subparsers = top.add_subparsers(metavar="COMMAND", required=True)
    for name, verb in VERBS.items():
        summary = (verb.__doc__ or "").partition("\n")[0]
        subparser = subparsers.add_parser(name, help=summary, description=summary)
        subparser.set_defaults(run=verb.run)
        subparser.add_argument("--json", action="store_true", help="print one JSON object")
        verb.add_options(subparser)
    return top


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise BadInput(f"{message[:1].upper()}{message[1:]}; see {self.prog} --help.")


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
