"""A server for load programs: on an address of this machine, with its log and its memory."""

import os
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import psutil

from tests.served import ROOT, _when_up, free_port


@contextmanager
def serving(home, port=None, arguments=(), base="", **environment):
    """A fresh server that keeps its models in `home`: its address, its process and the file of its log."""
    port = port or free_port()
    log = Path(home).parent / f"server-{port}.log"
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.headless=true", f"--server.port={port}"]
    command += ["--server.address=127.0.0.1", *arguments]
    with log.open("ab") as file:
        process = subprocess.Popen(
            command, cwd=ROOT, env=os.environ | {"WHYWORD_HOME": str(home)} | environment, stdout=file, stderr=file
        )
    try:
        yield _when_up(f"http://127.0.0.1:{port}{base}", process), psutil.Process(process.pid), log
    finally:
        process.kill()
        process.wait(20)


def megabytes(process):
    """Memory of a process without its children."""
    return process.memory_info().rss / 1e6


def processor_seconds(process):
    """Of a process without its children."""
    times = process.cpu_times()
    return times.user + times.system
