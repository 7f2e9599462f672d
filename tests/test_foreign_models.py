"""A model's folder from elsewhere, whose fingerprint fits and whose records say what cannot be."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest

from core.datasets import is_remembered
from core.encoders import load_encoder
from core.errors import BadInput, DamagedModel
from core.findings import stored_global_words
from core.saved_models import list_models, load_model, stored_history, unpacking
from tests.test_memory import ROOT, folder, sign  # noqa: F401
from tests.toy import toy_model


def altered(path, **changes):
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


WRONG = ["x", None, True, [], -1, float("nan"), 1e300]


@pytest.mark.parametrize("key", ["epoch", "train_loss", "valid_accuracy"])
@pytest.mark.parametrize("value", WRONG, ids=map(repr, WRONG))
def test_a_history_of_what_are_no_figures_is_not_shown(folder, key, value):  # noqa: F811
    history = json.loads((folder / "history.json").read_text())
    history[0][key] = value
    (folder / "history.json").write_text(json.dumps(history))
    sign(folder)
    with pytest.raises(DamagedModel, match="incomplete or altered"):
        stored_history("one")


LARGE = {"ngrams": 10**9, "characters": 10**9}


@pytest.mark.parametrize("key", LARGE)
@pytest.mark.parametrize("value", [10**9, -1, "2", 1.5, None])
def test_an_encoder_that_would_never_end_is_refused(folder, key, value):  # noqa: F811
    altered(folder / "encoder.json", **{key: value})
    sign(folder)
    with pytest.raises(DamagedModel, match="incomplete or altered"):
        load_model("one")


def test_words_in_another_order_or_without_weights_are_refused(folder):  # noqa: F811
    with np.load(folder / "vocabulary.npz") as stored:
        arrays = dict(stored)
    wrong = ({"idf": arrays["idf"][:-1]}, {"idf": arrays["idf"] * np.nan}, {"steps": arrays["steps"] * 0})
    for changes in wrong:
        np.savez(folder / "vocabulary.npz", **arrays | changes)
        sign(folder)
        with pytest.raises(DamagedModel, match="incomplete or altered"):
            load_model("one")


def tokens(folder):  # noqa: F811
    return (folder / "vocabulary.tiktoken").read_text().splitlines()


CUTS = {
    "a byte is missing": lambda lines: [line for line in lines if not line.endswith(" 65")],
    "a rank beyond all": lambda lines: [*lines[:-1], lines[-1].split()[0] + " 99999999999999"],
    "a rank twice": lambda lines: [*lines[:-1], lines[-1].split()[0] + " 1"],
    "nothing": lambda lines: [],
}


@pytest.mark.parametrize("cut", CUTS.values(), ids=CUTS)
def test_tokens_over_which_a_library_would_panic_are_refused(tmp_path, cut):
    toy_model("convnet").encoder.save(tmp_path)
    assert load_encoder(tmp_path).size
    (tmp_path / "vocabulary.tiktoken").write_text("\n".join(cut(tokens(tmp_path))))
    with pytest.raises(ValueError, match="no whole vocabulary"):
        load_encoder(tmp_path)


def test_a_record_without_end_is_not_read(folder, monkeypatch):  # noqa: F811
    monkeypatch.setattr(unpacking, "MOST_RECORD", 100)
    assert "one" not in {info.name for info in list_models()}


def test_a_text_is_no_list_of_classes(folder):  # noqa: F811
    altered(folder / "model.json", class_names="ab")
    assert "one" not in {info.name for info in list_models()}


def test_words_that_are_none_are_not_shown(folder):  # noqa: F811
    assert stored_global_words("one") is not None
    path = folder / "global_words.json"
    record = json.loads(path.read_text())
    record["words"]["classes"][0]["speaking_for"][0]["total"] = "x"
    path.write_text(json.dumps(record))
    assert stored_global_words("one") is None


@pytest.mark.parametrize("fingerprint", ["../../secret", "/etc/passwd", "", "a" * 300, "a\0b"])
def test_no_fingerprint_leads_to_another_file(fresh_home, fingerprint):
    from core.datasets import remembered_table

    assert not is_remembered(fingerprint)
    with pytest.raises(BadInput, match="no longer where it was"):
        remembered_table(fingerprint)


def test_the_doctor_reports_a_machine_without_the_device_that_is_asked_for(fresh_home):
    (fresh_home / "models").parent.mkdir(parents=True, exist_ok=True)
    home = fresh_home / "a file"
    home.touch()
    command = [sys.executable, "-m", "core", "doctor", "--json"]
    environment = os.environ | {"JAX_PLATFORMS": "tpu", "WHYWORD_HOME": str(home)}
    told = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert told.returncode == 0, told.stderr
    problems = " ".join(json.loads(told.stdout)["problems"])
    assert "JAX finds no device" in problems and "Nothing can be written" in problems
