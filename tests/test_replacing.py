"""A model is replaced while others read it, and by processes that are killed in the midst of it."""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

from core import folders
from core.saved_models import (
    delete_model,
    list_models,
    model_info,
    remove_leftovers,
    stored_evaluation,
    stored_history,
)
from core.saved_models.places import ASIDE, GONE, TEMPORARY, put, temporary_folder

ROOT = Path(__file__).parents[1]
VERSIONS = ("newsgroups-bow", "docstrings-bow")
WAYS = ("one step", "two renames")
REPLACING = """
import shutil, sys
from core import folders
from core.saved_models.places import put, temporary_folder
shipped = folders.BUNDLED_MODELS
folders.BUNDLED_MODELS = folders.home() / "shipped"
if sys.argv[1] == "two renames":
    folders.SWAP.clear()
print("ready", flush=True)
while True:
    for version in sys.argv[2:]:
        new = temporary_folder("one")
        shutil.copytree(shipped / version, new)
        put(new, folders.models_folder() / "one")
"""


@pytest.fixture
def home(fresh_home, tmp_path, monkeypatch):
    monkeypatch.setattr(folders, "BUNDLED_MODELS", tmp_path / "shipped")
    return fresh_home


@pytest.fixture(params=WAYS)
def way(request, monkeypatch):
    if request.param == "two renames":
        monkeypatch.setattr(folders, "SWAP", {})
    return request.param


def place(version, folder):
    return Path(shutil.copytree(ROOT / "core" / "pretrained" / version, folder))


def fingerprints():
    stored = (ROOT / "core" / "pretrained" / version / "model.json" for version in VERSIONS)
    return {json.loads(path.read_text())["fingerprint"] for path in stored}


@contextmanager
def replacing(way):
    """A process that replaces the model "one" as fast as it can, until it is killed."""
    command = [sys.executable, "-c", REPLACING, way, *VERSIONS]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as process:
        try:
            process.stdout.readline()
            yield process
        finally:
            process.kill()


def leftover(kind, name="one"):
    """A path like those of a process that is no more."""
    gone = subprocess.Popen(["true"])
    gone.wait()
    return folders.models_folder() / temporary_folder(name, kind).name.replace(f"-{os.getpid()}-", f"-{gone.pid}-")


def test_two_folders_take_each_others_name_in_one_step(tmp_path):
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
        (tmp_path / name / name).touch()
    if folders.exchange(tmp_path / "one", tmp_path / "other"):
        assert (tmp_path / "one" / "other").exists() and (tmp_path / "other" / "one").exists()
        with pytest.raises(FileNotFoundError):
            folders.exchange(tmp_path / "one", tmp_path / "nowhere")
    assert sys.platform != "linux" or (tmp_path / "one" / "other").exists()


def test_a_model_takes_the_place_of_another_and_nothing_else_is_left(home, way):
    place(VERSIONS[0], folders.models_folder() / "one")
    put(place(VERSIONS[1], temporary_folder("one")), folders.models_folder() / "one")
    assert model_info("one").dataset == "docstrings"
    assert [path.name for path in folders.models_folder().iterdir()] == ["one"]


def test_an_old_model_comes_back_when_the_new_one_cannot_take_its_place(home, way):
    place(VERSIONS[0], folders.models_folder() / "one")
    with pytest.raises(OSError):
        put(folders.models_folder() / "nothing", folders.models_folder() / "one")
    assert model_info("one").dataset == "newsgroups"


@pytest.mark.parametrize("way", WAYS)
def test_a_process_killed_while_it_replaces_a_model_leaves_one_of_both(home, way):
    chance = random.Random(3)
    place(VERSIONS[0], folders.models_folder() / "one")
    for _ in range(10):
        with replacing(way) as process:
            time.sleep(chance.uniform(0.01, 0.2))
            process.send_signal(signal.SIGKILL)
        assert way == "two renames" or model_info("one").fingerprint in fingerprints()
        remove_leftovers()
        assert [path.name for path in folders.models_folder().iterdir()] == ["one"]
        assert stored_history("one")


def test_a_model_that_is_replaced_all_the_time_is_always_listed_and_read(home):
    place(VERSIONS[0], folders.models_folder() / "one")
    known, seen = fingerprints(), set()
    with replacing("one step"):
        for _ in range(150):
            (info,) = list_models()
            assert info.fingerprint in known
            seen.add(info.fingerprint)
    assert len(seen) == 2


def test_what_is_read_of_a_model_is_of_one_version(home, monkeypatch):
    folder = place(VERSIONS[0], folders.models_folder() / "one")
    other = place(VERSIONS[1], home / "other")
    from core.saved_models import loading

    check, times = loading._check, []

    def replaced_meanwhile(info):
        check(info)
        if not times:
            folders.exchange(folder, other)
        times.append(info.fingerprint)

    monkeypatch.setattr(loading, "_check", replaced_meanwhile)
    assert stored_evaluation("one").dataset == "docstrings"
    assert len(set(times)) == 2


@pytest.mark.parametrize("kind", [TEMPORARY, ASIDE])
def test_a_whole_model_without_a_version_in_its_place_is_recovered(home, kind):
    place(VERSIONS[0], leftover(kind))
    remove_leftovers()
    assert [path.name for path in folders.models_folder().iterdir()] == ["one"]
    assert model_info("one").dataset == "newsgroups"


def test_a_whole_model_of_an_older_version_is_recovered_under_the_name_of_its_recipe(home):
    path = leftover(TEMPORARY)
    place(VERSIONS[0], path.with_name(path.name.partition("=")[0]))
    remove_leftovers()
    assert model_info("newsgroups-bow").dataset == "newsgroups"


def test_the_model_that_stepped_aside_comes_back_before_the_one_that_was_to_follow(home):
    place(VERSIONS[1], leftover(TEMPORARY))
    place(VERSIONS[0], leftover(ASIDE))
    remove_leftovers()
    assert [path.name for path in folders.models_folder().iterdir()] == ["one"]
    assert model_info("one").dataset == "newsgroups"


def test_half_a_model_and_one_that_was_being_deleted_are_not_recovered(home):
    place(VERSIONS[0], leftover(GONE))
    (place(VERSIONS[0], leftover(TEMPORARY)) / "recipe.json").unlink()
    remove_leftovers()
    assert list(folders.models_folder().iterdir()) == []


def test_what_somebody_has_stopped_is_not_recovered(home):
    path = leftover(TEMPORARY)
    place(VERSIONS[0], path)
    remove_leftovers(stopped=int(path.name.rpartition("-")[0].rpartition("-")[2]))
    assert list(folders.models_folder().iterdir()) == []


def test_a_deleted_model_leaves_nothing(home):
    place(VERSIONS[0], folders.models_folder() / "one")
    delete_model("one")
    assert list(folders.models_folder().iterdir()) == []
