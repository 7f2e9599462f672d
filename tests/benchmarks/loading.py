"""How long each shipped model takes to load, imports apart: `python -m tests.benchmarks.loading`."""

import statistics
import time

from core.saved_models import list_models, load_model


def seconds(name):
    """Median of seven loads, in seconds; the first, which imports, is not counted."""
    load_model(name)
    taken = []
    for _ in range(7):
        started = time.perf_counter()
        load_model(name)
        taken.append(time.perf_counter() - started)
    return statistics.median(taken)


if __name__ == "__main__":
    for info in list_models():
        if info.bundled:
            print(f"{info.name:16} {seconds(info.name):.2f} s")
