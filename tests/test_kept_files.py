"""What was written to work faster: how much it is, and the oldest of it deleted."""

import json
import os
import time

import pytest

from core import folders
from core.__main__ import main
from core.kept_files import KINDS, clean, kept_files

OLD = 7200  # seconds


@pytest.fixture(autouse=True)
def home(fresh_home):
    for age, (kind, size) in enumerate({"runs": 3000, "encoded": 2000, "findings": 1000}.items()):
        folder = fresh_home / KINDS[kind][0] / "one"
        folder.mkdir(parents=True)
        (folder / "part").write_bytes(bytes(size))
        for path in (folder / "part", folder):
            os.utime(path, (time.time() - OLD * (9 - age),) * 2)
    (fresh_home / "models" / "mine").mkdir(parents=True)
    (fresh_home / "runs" / ".jobs").mkdir()
    return fresh_home


def kinds():
    return [kept.kind for kept in kept_files()]


def test_the_oldest_goes_until_the_rest_is_small_enough():
    assert kinds() == ["runs", "encoded", "findings"]
    assert [kept.kind for kept in clean(10**9)] == []
    least = sum(kept.bytes for kept in kept_files()) - 1
    assert [kept.kind for kept in clean(least)] == ["runs"]
    clean(0)
    assert kinds() == []
    assert (folders.home() / "models" / "mine").is_dir() and (folders.runs_folder() / ".jobs").is_dir()


def test_what_was_written_a_moment_ago_stays(home):
    (home / "runs" / "one" / "part").write_bytes(b"now")
    clean(0)
    assert kinds() == ["runs"]


def test_the_command_line_deletes_and_tells(capsys):
    assert main(["clean", "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert record["deleted"] == 0 and set(record["kept_bytes"]) == set(KINDS)
    assert main(["clean", "--keep-mb", "0"]) == 0
    assert "3 entries deleted" in capsys.readouterr().out
    assert main(["clean", "--keep-mb", "-1"]) == 2


def test_without_a_home_there_is_nothing(fresh_home, monkeypatch, tmp_path):
    monkeypatch.setenv("WHYWORD_HOME", str(tmp_path / "nowhere"))
    assert kept_files() == clean(0) == ()
