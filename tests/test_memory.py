"""What would need more memory than there is, is told in a sentence before it is tried."""

import json
import shutil
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import jax
import numpy as np
import pytest
import tensorstore

from core import folders, memory
from core.batching import train_batches
from core.config import FAMILIES
from core.errors import BadInput, DamagedModel, TrainingFailed
from core.jobs import train_and_save
from core.saved_models import list_models, load_model, model_info, stored_evaluation, stored_history
from core.saved_models.weights import fingerprint
from core.training.memory import needed_bytes
from core.training.run import first_state, prepare
from core.training.step import on_devices, train_step
from tests.toy import toy_data, toy_recipe

ROOT = Path(__file__).parents[1]
SHIPPED = "newsgroups-bow"
TABLE = "bag.embedding.table"


@pytest.fixture
def folder(fresh_home, tmp_path, monkeypatch):
    """A model of our own that is like one that ships."""
    monkeypatch.setattr(folders, "BUNDLED_MODELS", tmp_path / "shipped")
    return Path(shutil.copytree(ROOT / "core" / "pretrained" / SHIPPED, folders.models_folder() / "one"))


def sign(folder):
    """Give a changed folder the fingerprint of its files, as a forger would."""
    record = json.loads((folder / "model.json").read_text())
    record["fingerprint"] = fingerprint(folder, record["class_names"])
    (folder / "model.json").write_text(json.dumps(record))


def claim(folder, **changes):
    """Let what is written beside the table of a model's weights say something else of it."""
    store = {"driver": "ocdbt", "base": f"file://{folder}/weights/", "path": f"{TABLE}/"}
    stored = tensorstore.open({"driver": "zarr", "kvstore": store}).result()
    claimed = stored.spec().to_json()["metadata"] | changes
    spec = {"driver": "zarr", "kvstore": store, "metadata": claimed}
    tensorstore.open(spec, create=True, delete_existing=True).result()
    sign(folder)


CLAIMS = {
    "400 GB": {"shape": [1_000_000_000, 100], "chunks": [1_000_000_000, 100]},
    "400 GB in one piece": {"chunks": [1_000_000_000, 100]},
    "numbers of another kind": {"dtype": "<f8"},
    "other numbers": {"shape": [30_001, 33]},
}


@pytest.mark.parametrize("changes", CLAIMS.values(), ids=CLAIMS)
def test_weights_that_claim_what_the_recipe_does_not_say_are_never_read(folder, changes, monkeypatch):
    claim(folder, **changes)
    monkeypatch.setattr("core.saved_models.loading.read_weights", lambda folder: pytest.fail("they were read"))
    with pytest.raises(DamagedModel, match=r"one is incomplete or altered \(its weights .*\); delete it or train"):
        load_model("one")


def test_a_folder_that_claims_400_gb_does_not_end_the_process(folder):
    claim(folder, **CLAIMS["400 GB"])
    command = [sys.executable, "-m", "core", "explain", "one", "--text", "a text"]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert told.returncode == 2
    assert told.stderr.count("\n") == 1 and "incomplete or altered" in told.stderr


def test_weights_for_which_there_is_no_room_are_not_read(folder, monkeypatch):
    monkeypatch.setattr("core.saved_models.loading.free_bytes", lambda: 500_000)
    with pytest.raises(DamagedModel, match=r"one takes .* MB of memory, and 500 kB are free; use it on a larger mach"):
        load_model("one")


def test_an_archive_that_unpacks_to_more_than_there_is_room_for_is_not_read(folder, monkeypatch):
    monkeypatch.setattr("core.saved_models.loading.free_bytes", lambda: 1 << 30)
    path = folder / "test_predictions.npz"
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("probabilities.npy", "w", force_zip64=True) as file,
    ):
        for _ in range(1100):
            file.write(bytes(1 << 20))
    sign(folder)
    assert (folder / "test_predictions.npz").stat().st_size < 5_000_000
    for read in (load_model, stored_evaluation, stored_history):
        with pytest.raises(DamagedModel, match=r"one takes 1.2 GB of memory, and 1.1 GB are free"):
            read("one")


def test_an_array_that_is_shorter_than_it_claims_is_noticed(folder):
    header = np.lib.format.magic(1, 0)
    text = "{'descr': '<f2', 'fortran_order': False, 'shape': (100000000000, 4)}".ljust(117) + "\n"
    with zipfile.ZipFile(folder / "test_predictions.npz", "w") as archive:
        archive.writestr("probabilities.npy", header + len(text).to_bytes(2, "little") + text.encode())
    sign(folder)
    with pytest.raises(DamagedModel, match="incomplete or altered"):
        stored_evaluation("one")


@pytest.mark.parametrize("key", ["dataset", "recipe", "class_names"])
def test_half_a_character_in_a_record_is_noticed_before_a_page_has_to_show_it(folder, key):
    record = json.loads((folder / "model.json").read_text())
    record[key] = ["a", "\ud800"] if key == "class_names" else "\ud800"
    (folder / "model.json").write_text(json.dumps(record))
    assert list_models() == ()
    with pytest.raises(DamagedModel, match="incomplete or altered"):
        model_info("one")


def test_half_a_character_in_the_name_of_a_class_is_told_before_training(fresh_home):
    data = toy_data()
    names = ("animals", "\udc80", "weather")
    parts = {name: replace(split, class_names=names) for name, split in data.splits.items()}
    with pytest.raises(TrainingFailed, match=r"The class '\\udc80' has half a character in its name; correct it"):
        list(train_and_save(toy_recipe("bow", epochs=1), data=replace(data, **parts)))


ABSURD = {
    "bow": {"embed": 4096, "hidden": 4096, "batch": 4096},
    "convnet": {"embed": 4096, "hidden": 4096, "kernel": 101, "widths": 101, "batch": 4096},
    "transformer": {"embed": 4096, "hidden": 4096, "heads": 64, "layers": 48, "batch": 4096},
}


@pytest.mark.parametrize("family", ["convnet", "transformer"])
def test_settings_at_their_largest_are_refused_with_the_gigabytes(fresh_home, family):
    recipe = toy_recipe(family, **ABSURD[family])
    with pytest.raises(BadInput, match=r"Training with these settings takes about [\d,]+ GB of memory, and .* are fre"):
        list(train_and_save(recipe, data=toy_data()))
    assert list(folders.models_folder().iterdir()) == []


@pytest.mark.parametrize("family", FAMILIES)
def test_what_training_takes_is_about_what_xla_counts(fresh_home, family):
    data = toy_data()
    recipe = toy_recipe(family, embed=96, hidden=160, batch=128)
    setup, params = prepare(recipe, data)
    needed = needed_bytes(recipe, setup.layout, len(data.class_names), setup.train)
    compiled = replace(setup, descent=None)  # a linear model takes less: its steps are not compiled
    state = first_state(compiled, params, started=0.0).train_state
    batch = on_devices(next(train_batches(setup.train, data.train.labels, setup.layout, seed=0, epoch=1)))
    step = train_step.lower(setup.graph, setup.optimizer, setup.loss, state, batch, setup.key).compile()
    counted = step.memory_analysis().temp_size_in_bytes + step.memory_analysis().argument_size_in_bytes
    assert 0.4 < counted / needed < 1.7


def test_memory_that_is_free_is_that_of_the_machine_or_of_its_container(tmp_path, monkeypatch):
    monkeypatch.setattr(memory, "MEMINFO", tmp_path / "meminfo")
    monkeypatch.setattr(memory, "GROUP", tmp_path)
    assert memory.free_bytes() is None
    (tmp_path / "meminfo").write_text("MemTotal: 9000 kB\nMemAvailable:    7000 kB\n")
    assert memory.free_bytes() == 7_168_000
    (tmp_path / "memory.max").write_text("max\n")
    (tmp_path / "memory.current").write_text("4000000\n")
    assert memory.free_bytes() == 7_168_000
    (tmp_path / "memory.max").write_text("5000000\n")
    assert memory.free_bytes() == 1_000_000
    (tmp_path / "memory.stat").write_text("file 7\ninactive_file 2500\n")
    assert memory.free_bytes() == 1_002_500


class XlaRuntimeError(RuntimeError):
    pass


@pytest.mark.parametrize(
    "error", [MemoryError(), np._core._exceptions._ArrayMemoryError((9, 9), np.dtype("f4"))], ids=["Python", "numpy"]
)
def test_a_lack_of_memory_in_training_is_one_sentence(error):
    sentence = r"^There is not enough memory to train with these settings.*; choose a smaller batch"
    with pytest.raises(TrainingFailed, match=sentence), memory.training_in_memory():
        raise error


def test_a_lack_of_memory_of_xla_is_one_sentence_and_its_bugs_stay_loud():
    with pytest.raises(TrainingFailed, match="not enough memory"), memory.training_in_memory():
        np.asarray(jax.jit(lambda: jax.numpy.ones((1 << 44,)) + 1)())
    with pytest.raises(RuntimeError, match="INTERNAL"), memory.training_in_memory():
        raise XlaRuntimeError("INTERNAL: a bug")
    with pytest.raises(ValueError, match="a bug"), memory.training_in_memory():
        raise ValueError("a bug")


@pytest.mark.parametrize("kilobytes", [2_600_000, 4_200_000])  # too few for the weights, and for a step
def test_the_command_line_says_it_in_a_sentence(fresh_home, kilobytes):
    train = f"ulimit -v {kilobytes}; exec {sys.executable} -m core train docstrings-bow --set embed=4096 hidden=4096"
    told = subprocess.run(["bash", "-c", train], cwd=ROOT, capture_output=True, text=True)
    assert told.returncode == 2, told.stderr[-2000:]
    assert "Traceback" not in told.stderr and "memory" in told.stderr.splitlines()[-1]
