"""One run in a process of its own: a Task as JSON in, a Run as JSON out. `__main__` starts it."""

import json
import resource
import sys
from importlib import import_module

from tests.benchmarks.training.contenders import CONTENDERS, Task


def main():
    """Import what the contender needs, which counts, and run it."""
    task = Task(**json.loads(sys.argv[1]))
    module, function = next(contender.work for contender in CONTENDERS if contender.name == task.name).split(":")
    work = getattr(import_module(f"tests.benchmarks.training.{module}"), function)
    imports = task.seconds
    score = work(task)
    print(json.dumps({**score._asdict(), "seconds": task.seconds, "imports": imports, "peak": peak()}))


def peak():
    """Largest resident memory of this process so far, in GB."""
    size = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return size / 1e9 if sys.platform == "darwin" else size * 1024 / 1e9


if __name__ == "__main__":
    main()
