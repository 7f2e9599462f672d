"""What is killed, full, damaged or cut, at random moments: `python -m tests.load.faults [--times 20]`.

Each fault is made so many times. Nothing that was saved may be lost, nothing half-written be listed, and the app has to
serve again without help. The program ends with status 1 when one of them was not so.
"""

import argparse
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

from core import folders
from core.datasets import imdb, load_dataset
from core.errors import DamagedModel, DatasetMissing, TrainingFailed
from core.jobs import Registry
from core.saved_models import list_models, load_model, remove_leftovers, stored_history
from tests.load import server_faults  # noqa: F401  (its faults are made too)
from tests.load.fault import FAULTS, fault, save, whole
from tests.served import ROOT
from tests.toy import toy_data, toy_recipe

ENDLESS = {"epochs": 1000, "patience": 0, "learning_rate": 1e-6}
SAVING = """
from core.saved_models import load_model, save_model, stored_evaluation
model, answers = load_model("one"), stored_evaluation("one")
print("ready", flush=True)
while True:
    save_model(model, answers, name="one")
"""


@fault
def training_child_killed(times, chance):
    """Kill -9 of the process that trains: a failed job with its reason, and the next one trains."""
    registry = Registry(at_once=1)
    for _ in range(times):
        job = registry.start(toy_recipe("bow", **ENDLESS), data=toy_data(), name="killed")
        time.sleep(chance.uniform(0, 3))
        if job.pid:
            os.kill(job.pid, signal.SIGKILL)
        job.wait(20)
        if job.state != "failed" or "killed" not in (job.error or ""):
            yield f"the job is {job.state}: {job.error}"
        yield from whole(set())


@fault
def server_killed_in_mid_save(times, chance):
    """Kill -9 of a process that saves one model over the other."""
    save("one")
    for _ in range(times):
        with subprocess.Popen([sys.executable, "-c", SAVING], cwd=ROOT, stdout=subprocess.PIPE) as process:
            process.stdout.readline()
            time.sleep(chance.uniform(0, 0.5))
            process.kill()
        yield from whole({"one"})
        remove_leftovers()
        yield from whole({"one"})
        left = [path.name for path in folders.models_folder().iterdir() if path.name != "one"]
        yield from (f"{name} is left" for name in left)


@fault
def full_disk(times, chance):
    """A disk that is full at a random byte of a save."""
    save("one")
    for _ in range(times):
        with _room(chance.randint(0, 400_000)):
            try:
                save("one")
            except TrainingFailed as error:
                if "make room" not in str(error):
                    yield f"told as: {error}"
        yield from whole({"one"})


@contextmanager
def _room(most):
    # Files that may be no larger, which the system tells as it tells a full disk.
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@fault
def damaged_file(times, chance):
    """A file of a model that is cut, gone, or has other bytes: told in a sentence, and others are still there."""
    save("good")
    for number in range(times):
        folder = save("bad")
        file = chance.choice(sorted(path for path in folder.rglob("*") if path.is_file()))
        _damage(file, chance, number % 3)
        try:
            load_model("bad")
            if file.name not in ("epoch_predictions.npz", "global_words.json"):
                stored_history("bad")
        except DamagedModel:
            pass
        if "good" not in {info.name for info in list_models()}:
            yield f"others were lost by {file.name}"
        shutil.rmtree(folder)


def _damage(file, chance, how):
    content = bytearray(file.read_bytes())
    if how == 0:
        file.unlink()
    elif how == 1:
        file.write_bytes(content[: chance.randrange(len(content) + 1)])
    else:
        for _ in range(chance.randint(1, 20)):
            content[chance.randrange(len(content))] = chance.randrange(256)
        file.write_bytes(content)


@fault
def download_cut(times, chance):
    """A server that ends in the middle of an archive: nothing is kept of it."""
    before = imdb.ARCHIVE
    for _ in range(times):
        with _cutting(chance.randint(0, 200_000)) as address:
            imdb.ARCHIVE = replace(before, url=f"{address}/{before.filename}")
            try:
                load_dataset("imdb")
                yield "half an archive was read"
            except DatasetMissing:
                pass
            finally:
                imdb.ARCHIVE = before
        kept = [path.name for path in folders.datasets_folder().iterdir()]
        yield from (f"{name} is left" for name in kept)


@contextmanager
def _cutting(most):
    class Cutting(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Length", "84000000")
            self.end_headers()
            self.wfile.write(os.urandom(most))

        def log_message(self, *_):
            """Nothing."""

    with HTTPServer(("127.0.0.1", 0), Cutting) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def main(arguments=None):
    """Make all faults, or those that are named; gives how many were not stood."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--times", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", choices=[name.replace(" ", "-") for name in FAULTS], action="append")
    options = parser.parse_args(arguments)
    failed = 0
    for name, made in FAULTS.items():
        if options.only and name.replace(" ", "-") not in options.only:
            continue
        started = time.monotonic()
        with tempfile.TemporaryDirectory() as folder, _home(Path(folder) / "home"):
            wrong = list(made(options.times, random.Random(options.seed)))
        failed += bool(wrong)
        print(f"{name}: {options.times} times, {len(wrong)} wrong {wrong[:3]}, {time.monotonic() - started:.0f} s")
    return failed


@contextmanager
def _home(folder):
    before = {name: os.environ.get(name) for name in ("WHYWORD_HOME", "WHYWORD_DATA")}
    os.environ["WHYWORD_HOME"] = str(folder)
    os.environ.pop("WHYWORD_DATA", None)
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name, None) if value is None else os.environ.update({name: value})


if __name__ == "__main__":
    sys.exit(1 if main() else 0)
