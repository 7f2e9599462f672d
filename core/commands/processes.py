"""Options of commands that many processes may work on together, each started with the same command."""

import argparse
import os
import sys

from core.errors import BadInput

MAY_DIFFER = ("process_id", "run", "wait", "data", "input", "output")  # options, from process to process


def add_process_options(parser: argparse.ArgumentParser) -> None:
    """The group of options that join processes."""
    group = parser.add_argument_group("many processes", "each is started with the same command")
    group.add_argument("--distributed", action="store_true", help="work together with the other processes")
    group.add_argument("--coordinator", metavar="HOST:PORT", help="of process 0; a cluster tells it by itself")
    group.add_argument("--processes", type=int, metavar="N", help="how many there are")
    group.add_argument("--process-id", type=int, metavar="I", help="which this one is, from 0")
    group.add_argument("--wait", type=int, default=300, metavar="SECONDS", help="for the others; 300 by default")


def join_processes(options: argparse.Namespace) -> bool:
    """Join the other processes, if there are to be any, and say whether this one has to print the answer.

    Raises BadInput when the options do not belong together, and when the others do not come or do something else.
    """
    if not getattr(options, "distributed", False):
        if any(getattr(options, name, None) is not None for name in ("coordinator", "processes", "process_id")):
            raise BadInput("--coordinator, --processes and --process-id go with --distributed; add it.")
        return True
    from core.devices import check_same, is_first, join

    # The library that connects processes writes to standard output, which is for the answer: it gets stderr instead.
    sys.stdout = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), 1)
    join(options.coordinator, options.processes, options.process_id, wait=options.wait)
    check_same(repr(sorted((name, value) for name, value in vars(options).items() if name not in MAY_DIFFER)))
    return is_first()
