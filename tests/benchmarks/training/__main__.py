"""Contenders side by side, from raw archive to test score: `python -m tests.benchmarks.training [--only NAME ...]`.

Every run is a fresh process with an empty `WHYWORD_HOME`, one after another, with all the machine's threads. The clock
starts when that process has begun, before its imports, and ends with the test score; the memory is the largest that the
process itself had (the tutorial convnet's worker processes come on top). A contender that is scored but once reaches
the threshold with that score; a recipe of ours looks at validation instead, since it sees the test split once.

One Markdown table comes on standard output, also when the command is interrupted; progress goes to standard error.
"""

import argparse
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from core.folders import archives_folder, home
from tests.benchmarks.training.archives import ARCHIVES
from tests.benchmarks.training.contenders import BASELINES, CONTENDERS, THRESHOLDS, tell

ROOT = Path(__file__).parents[3]
HEADER = (
    "contender",
    "data set",
    "test accuracy",
    "seconds to test score",
    f"seconds to {THRESHOLDS['imdb']} on test (recipes: on validation)",
    "peak memory, GB",
    "time / tutorial's",
)


class Run(NamedTuple):
    """What a child process said of itself; times in seconds, memory in GB."""

    accuracy: float
    reached: float | None
    seconds: float
    imports: float
    peak: float


def main():
    """Run all that is asked for and print the table of what has ended well. Returns the exit status."""
    arguments = parsed()
    contenders = chosen(arguments.only)
    data = data_folder({contender.dataset for contender in contenders})
    runs = {contender: [] for contender in contenders}
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    status = 0
    try:
        for seed in arguments.seeds:
            for contender in contenders:
                run = measured(contender, seed, arguments, data)
                runs[contender] += [run] if run else []
                status |= run is None
    except KeyboardInterrupt:
        tell("interrupted; the table has what was done by then")
        status = 130
    print(table(runs))
    return status


def parsed():
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", nargs="+", metavar="NAME", help="contenders with one of these in their names")
    parser.add_argument("--seeds", nargs="+", type=int, default=[0], metavar="N")
    early = "end the tutorial convnet with the epoch that reaches the threshold"
    parser.add_argument("--until-threshold", action="store_true", help=early)
    trial = parser.add_argument_group("to try the command out")
    trial.add_argument("--documents", type=int, metavar="N", help="most documents of each split")
    trial.add_argument("--epochs", type=int, metavar="N", help="instead of each contender's own")
    return parser.parse_args()


def chosen(only):
    """The contenders that are asked for and can be run here."""
    asked = [c for c in CONTENDERS if not only or any(name.lower() in c.name.lower() for name in only)]
    if not asked:
        sys.exit(f"There is no such contender; there are {', '.join(c.name for c in CONTENDERS)}.")
    for contender in asked:
        if not installed(contender):
            tell(f"{contender.name} is left out: pip install {contender.package[1]}")
    return [contender for contender in asked if installed(contender)]


def installed(contender):
    return contender.package is None or find_spec(contender.package[0]) is not None


def data_folder(datasets):
    """The folder that has the archives of these data sets."""
    folder = archives_folder() or home() / "datasets"
    missing = [ARCHIVES[dataset] for dataset in sorted(datasets) if not (folder / ARCHIVES[dataset]).is_file()]
    if missing:
        sys.exit(f"{folder} does not hold {' and '.join(missing)}; set WHYWORD_DATA to a folder that does.")
    return folder


def measured(contender, seed, arguments, data):
    """One run, or None when it failed."""
    tell(f"{contender.name}, seed {seed} ...")
    task = {"name": contender.name, "dataset": contender.dataset, "seed": seed}
    task |= {key: getattr(arguments, key) for key in ("documents", "epochs", "until_threshold")}
    with tempfile.TemporaryDirectory() as folder:
        # TMPDIR too, so that what a contender unpacks goes with the folder, even when it was killed.
        places = {"WHYWORD_DATA": str(data), "WHYWORD_HOME": f"{folder}/home", "TMPDIR": folder}
        answer = child(json.dumps(task), {**os.environ, **places})
    if answer is None:
        tell(f"{contender.name}, seed {seed} failed")
        return None
    run = Run(**json.loads(answer))
    tell(f"  {run.accuracy:.4f} after {run.seconds:.1f} s ({run.imports:.1f} s of them imports), {run.peak:.2f} GB")
    return run


def child(task, environment):
    """The last line that the child process printed, or None when it failed. It ends with this process, and its own."""
    command = [sys.executable, "-m", "tests.benchmarks.training.child", task]
    process = subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    try:
        output, _ = process.communicate()
    except BaseException:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        raise
    return None if process.returncode else output.splitlines()[-1]


def table(runs):
    """Markdown: a line for each contender that has run, the data sets one after the other."""
    ran = sorted((contender for contender in runs if runs[contender]), key=lambda contender: contender.dataset)
    bases = {c.dataset: middle(runs[c], "seconds") for c in ran if BASELINES[c.dataset] == c.name}
    rows = [HEADER, ("---",) * len(HEADER), *(row(c, runs[c], bases.get(c.dataset)) for c in ran)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in rows)


def row(contender, runs, base):
    """The cells of a contender: the mean of its accuracies, the medians of its times, the largest of its peaks."""
    seconds = middle(runs, "seconds")
    return (
        f"`{contender.name}`" if contender.is_recipe else contender.name,
        contender.dataset,
        f"{statistics.mean(run.accuracy for run in runs):.4f}",
        f"{seconds:.1f}",
        reached(contender, runs),
        f"{max(run.peak for run in runs):.2f}",
        f"{seconds / base:.3f}" if base else "–",
    )


def reached(contender, runs):
    """The median of the times to the threshold, on what, and how many of the runs got there if not all did."""
    times = [run.reached for run in runs if run.reached is not None]
    if not times:
        return "–"
    where = " (validation)" if contender.is_recipe else ""
    return f"{statistics.median(times):.1f}{where}{f', {len(times)} of {len(runs)}' if len(times) < len(runs) else ''}"


def middle(runs, name):
    """The median of a figure over the runs."""
    return statistics.median(getattr(run, name) for run in runs)


if __name__ == "__main__":
    sys.exit(main())
