import json
import resource
import shutil
import socket
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from core import folders
from core.config import FAMILIES
from core.errors import BadInput, DamagedModel, TrainingFailed, UnknownName
from core.evaluation import evaluate
from core.saved_models import (
    check_name,
    delete_model,
    free_name,
    list_models,
    load_model,
    model_info,
    remove_leftovers,
    save_model,
    stored_epochs,
    stored_evaluation,
    stored_history,
)
from core.saved_models.catalogue import FORMAT
from core.saved_models.weights import fingerprint
from core.schema import Evaluation
from tests.toy import CLASS_NAMES, toy_data, toy_model, toy_run

TEXTS = ("The cat was there.", "Some very old bread and soup", "", "rain", "nothing of all this is known")


@pytest.fixture
def home(fresh_home, tmp_path, monkeypatch):
    monkeypatch.setattr(folders, "BUNDLED_MODELS", tmp_path / "shipped")
    (tmp_path / "shipped").mkdir()
    return fresh_home


def save(name, family="bow"):
    model, answers, data = toy_model(family), toy_run(family).answers, toy_data()
    test, valid = evaluate(model, data.test, answers.test), evaluate(model, data.valid, answers.valid)
    return save_model(model, test, name=name, valid=valid, epochs=answers.epochs)


def as_older(folder):
    """Make of a saved model what format 2 kept of it."""
    for name in ("valid_predictions.npz", "epoch_predictions.npz", "reference.npz"):
        (folder / name).unlink()
    record = json.loads((folder / "model.json").read_text())
    record = {key: value for key, value in record.items() if key != "valid"} | {"format": 2}
    (folder / "model.json").write_text(json.dumps(record))
    sign(folder)


def ship(name):
    return save(name).rename(folders.BUNDLED_MODELS / name)


def sign(folder):
    """Give a changed folder the fingerprint of its files, as a forger would."""
    record = json.loads((folder / "model.json").read_text())
    record["fingerprint"] = fingerprint(folder, record["class_names"])
    (folder / "model.json").write_text(json.dumps(record))


@pytest.mark.parametrize("family", FAMILIES)
def test_a_model_comes_back_as_it_was_saved(home, family):
    model = toy_model(family)
    save("one", family)
    back = load_model("one")
    np.testing.assert_array_equal(back.predict_proba(TEXTS), model.predict_proba(TEXTS))
    assert back.graph == model.graph  # so that nothing is compiled anew
    assert (back.recipe, back.history, back.class_names) == (model.recipe, model.history, model.class_names)
    assert back.temperature == model.temperature != 1
    assert back.read(TEXTS[0]) == model.read(TEXTS[0])
    assert [back.novelty(text) for text in TEXTS] == [model.novelty(text) for text in TEXTS]
    assert back.data_fingerprint == toy_data().fingerprint
    assert back.fingerprint == model_info("one").fingerprint
    assert len(back.fingerprint) == 12


def test_a_model_is_named_by_its_folder_and_found_by_its_path(home, tmp_path):
    moved = save("one").rename(tmp_path / "two")
    assert load_model(moved).name == load_model(f"{tmp_path}/two").name == stored_evaluation(moved).model == "two"


def test_listing_needs_no_jax(home):
    save("one")
    code = "import sys; from core.saved_models import list_models as l; print(len(l()) > 0, 'jax' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "True False\n"


def test_stored_answers_give_the_figures_of_the_evaluation(home):
    save("one")
    fresh, stored = evaluate(toy_model("bow"), toy_data().test), stored_evaluation("one")
    assert (stored.model, stored.dataset, stored.split) == ("one", "toy", "test")
    assert stored.accuracy == fresh.accuracy == model_info("one").accuracy
    np.testing.assert_array_equal(stored.confusion, fresh.confusion)
    np.testing.assert_allclose(stored.probabilities, fresh.probabilities, atol=1e-3)
    np.testing.assert_allclose(stored.probabilities.sum(axis=1), 1, atol=1e-6)


def test_the_answers_to_validation_are_stored_beside_those_to_test(home):
    save("one")
    fresh, stored = evaluate(toy_model("bow"), toy_data().valid), stored_evaluation("one", "valid")
    assert (stored.model, stored.split, len(stored)) == ("one", "valid", 47)
    assert stored.accuracy == fresh.accuracy == model_info("one").valid["accuracy"]
    np.testing.assert_allclose(stored.probabilities, fresh.probabilities, atol=1e-3)
    with pytest.raises(UnknownName, match=r"no split with answers called 'train'\. Known: test, valid\.$"):
        stored_evaluation("one", "train")


def test_the_answers_after_every_epoch_are_stored_with_the_one_that_was_best(home):
    save("one")
    done, stored = toy_run("bow"), stored_epochs("one")
    assert (stored.model, stored.dataset, stored.class_names) == ("one", "toy", CLASS_NAMES)
    assert (len(stored), stored.best_epoch) == (len(done.history), done.best_epoch)
    assert (stored.predictions.dtype, stored.labels.dtype) == (np.int32, np.int32)
    np.testing.assert_array_equal(stored.predictions, done.answers.epochs)
    np.testing.assert_array_equal(stored.labels, toy_data().test.labels)
    np.testing.assert_array_equal(stored.predictions[stored.best_epoch - 1], stored_evaluation("one").predictions)


def test_a_model_of_the_format_before_loads_and_says_what_it_lacks(home):
    as_older(save("one"))
    model = load_model("one")
    np.testing.assert_array_equal(model.predict_proba(TEXTS), toy_model("bow").predict_proba(TEXTS))
    assert stored_evaluation("one").accuracy == model_info("one").accuracy
    assert stored_history("one") == toy_model("bow").history
    for read, what in (
        (lambda: stored_evaluation("one", "valid"), "its answers to the validation documents"),
        (lambda: stored_epochs("one"), "what it answered after every epoch"),
    ):
        with pytest.raises(BadInput, match=rf"^one was saved without {what}, .*; train it again to have that\.$"):
            read()
    assert "one was saved by an older version" in model.novelty("the cat").reason


def test_a_model_may_be_saved_with_its_test_answers_alone(home):
    save_model(toy_model("bow"), evaluate(toy_model("bow"), toy_data().test), name="one")
    assert load_model("one").novelty("the cat").percentile is not None
    with pytest.raises(BadInput, match="train it again"):
        stored_epochs("one")


def test_rounding_does_not_change_who_wins(home):
    close = np.array([[0.33331, 0.33334, 0.33335], [0.2, 0.40001, 0.39999], [0.39999, 0.2, 0.40001]], np.float32)
    names = {"model": "one", "dataset": "toy", "split": "test", "class_names": CLASS_NAMES}
    test = Evaluation(**names, labels=np.array([2, 1, 0], np.int32), probabilities=close, caveats=("Few documents.",))
    save_model(toy_model("bow"), test, name="one")
    stored = stored_evaluation("one")
    assert stored.predictions.tolist() == [2, 1, 2]
    assert stored.caveats == ("Few documents.",)


def test_models_are_listed_newest_first_and_shipped_ones_last(home):
    ship("shipped-b")
    ship("shipped-a")
    for name in ("first", "second", "third"):
        save(name)
    found = list_models()
    assert [info.name for info in found] == ["third", "second", "first", "shipped-a", "shipped-b"]
    assert [info.bundled for info in found] == [False, False, False, True, True]
    fields = ["name", "recipe", "dataset", "class_names", "accuracy", "parameters", "bytes", "created", "bundled"]
    assert list(found[0].to_json()) == fields
    assert found[0].parameters == toy_model("bow").parameters


def cut(name):
    return lambda folder: (folder / name).write_bytes((folder / name).read_bytes()[:20])


def flipped(folder):
    largest = max((path for path in (folder / "weights").rglob("*") if path.is_file()), key=lambda p: p.stat().st_size)
    altered = bytearray(largest.read_bytes())
    altered[len(altered) // 2] ^= 1
    largest.write_bytes(altered)


def renamed_class(folder):
    text = (folder / "model.json").read_text()
    (folder / "model.json").write_text(text.replace("animals", "machines"))


DAMAGES = {
    "no model.json": lambda folder: (folder / "model.json").unlink(),
    "model.json cut": cut("model.json"),
    "model.json of something else": lambda folder: (folder / "model.json").write_text("[1, 2]"),
    "no recipe": lambda folder: (folder / "recipe.json").unlink(),
    "recipe cut": cut("recipe.json"),
    "history cut": cut("history.json"),
    "encoder cut": cut("encoder.json"),
    "vocabulary cut": cut("vocabulary.npz"),
    "no vocabulary": lambda folder: (folder / "vocabulary.npz").unlink(),
    "another temperature": lambda folder: (folder / "calibration.json").write_text('{"temperature": 9.0}'),
    "no temperature": lambda folder: (folder / "calibration.json").unlink(),
    "answers cut": cut("test_predictions.npz"),
    "answers to validation cut": cut("valid_predictions.npz"),
    "no answers to validation": lambda folder: (folder / "valid_predictions.npz").unlink(),
    "epochs cut": cut("epoch_predictions.npz"),
    "no epochs": lambda folder: (folder / "epoch_predictions.npz").unlink(),
    "reference cut": cut("reference.npz"),
    "no weights": lambda folder: shutil.rmtree(folder / "weights"),
    "a bit of the weights": flipped,
    "a class renamed": renamed_class,
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_folder_says_which_and_what_to_do(home, damage, capfd):
    folder = save("one")
    damage(folder)
    for read in (load_model, stored_evaluation, stored_epochs):
        with pytest.raises(DamagedModel, match=r"one is incomplete or altered \(.+\); delete it or train it again\.$"):
            read("one")
    assert capfd.readouterr().err == ""
    delete_model("one")
    assert not list(folders.models_folder().iterdir())


def test_a_model_that_cannot_be_read_is_not_offered(home):
    save("good")
    cut("model.json")(save("bad"))
    assert [info.name for info in list_models()] == ["good"]


ALTERED = {
    "parameters as text": {"parameters": "many"},
    "parameters as a truth": {"parameters": True},
    "a data set as a number": {"dataset": 7},
    "a recipe as a list": {"recipe": ["a"]},
    "a class as a number": {"class_names": ["a", 2, "c"]},
    "a class twice": {"class_names": ["a", "a", "b"]},
    "class names as text": {"class_names": None},
    "no document": {"test": {"n": 0}},
    "half a document": {"test": {"n": 9.5}},
    "an accuracy that is no number": {"test": {"accuracy": float("nan")}},
    "an accuracy as text": {"test": {"accuracy": "0.9"}},
    "an endless loss": {"test": {"loss": float("inf")}},
    "a loss beyond all numbers": {"test": {"loss": 10**400}},
    "a caveat as a number": {"test": {"caveats": [3]}},
    "validation as a list": {"valid": [1]},
    "validation without figures": {"valid": {}},
    "half a validation document": {"valid": {"n": 4.5, "accuracy": 1, "macro_f1": 1, "ece": 0, "loss": 0}},
    "independence as a list": {"independence": [1]},
    "independence without counts": {"independence": {"groups": []}},
    "a count as text": {"independence": {"groups": [], "everything": ["9", 8], "related": None, "copied": [0, 0]}},
    "more copies than documents": {
        "independence": {"groups": [], "everything": [9, 8], "related": None, "copied": [10, 9]}
    },
}


@pytest.mark.parametrize("altered", ALTERED.values(), ids=ALTERED)
def test_figures_that_cannot_be_are_noticed_and_break_no_list(home, altered):
    save("good")
    folder = save("bad")
    record = json.loads((folder / "model.json").read_text())
    changed = record | altered | {"test": record["test"] | altered.get("test", {})}
    (folder / "model.json").write_text(json.dumps(changed))
    assert [info.name for info in list_models()] == ["good"]
    with pytest.raises(DamagedModel, match="incomplete or altered"):
        model_info("bad")


def test_a_model_does_not_hold_its_name_and_an_old_one_that_does_is_read(home):
    folder = save("one")
    record = json.loads((folder / "model.json").read_text())
    assert "name" not in record
    (folder / "model.json").write_text(json.dumps(record | {"name": "two"}))
    assert load_model("one").name == "one"


def test_a_folder_of_a_newer_version_says_so(home):
    folder = save("one")
    record = json.loads((folder / "model.json").read_text())
    (folder / "model.json").write_text(json.dumps(record | {"format": FORMAT + 1}))
    with pytest.raises(DamagedModel, match=rf"newer version of Whyword \(format {FORMAT + 1}\); update Whyword"):
        load_model("one")


def test_a_folder_of_an_older_version_says_so_and_is_not_offered(home):
    save("good")
    folder = save("one")
    record = json.loads((folder / "model.json").read_text())
    (folder / "model.json").write_text(json.dumps(record | {"format": 1}))
    for read in (load_model, stored_evaluation, stored_history, model_info):
        with pytest.raises(DamagedModel, match=r"an older version of Whyword \(format 1\); train it again\.$"):
            read("one")
    assert [info.name for info in list_models()] == ["good"]
    save("one")
    assert load_model("one").name == "one"


PARTS = ["tokens/encoder.json", "tokens/vocabulary.tiktoken", "bag/encoder.json", "bag/vocabulary.npz"]


@pytest.mark.parametrize("name", PARTS)
def test_damage_to_either_of_two_encoders_is_noticed(home, name):
    folder = save("one", "wide")
    (folder / name).write_bytes((folder / name).read_bytes()[:-3])
    with pytest.raises(DamagedModel, match="not as it was saved"):
        load_model("one")


IMPOSSIBLE = [f'"temperature": {value}' for value in ("0", "-1", "1e7", "NaN", "Infinity", '"warm"', "null", "[1]")]
IMPOSSIBLE += [f'"temperature": 1.5, "saturation": {value}' for value in ("-1", "1e7", "NaN", '"warm"', "null")]


@pytest.mark.parametrize("written", [*IMPOSSIBLE, '"temperature": 1.5, "other": 1'])
def test_a_calibration_that_cannot_be_is_noticed(home, written):
    folder = save("one")
    (folder / "calibration.json").write_text(f"{{{written}}}")
    sign(folder)
    with pytest.raises(DamagedModel, match="incomplete or altered"):
        load_model("one")


def test_a_temperature_that_grows_comes_back_and_one_of_an_older_version_does_not_grow(home):
    folder = save("one")
    for written, expected in (({"temperature": 1.5, "saturation": 0.2}, (1.5, 0.2)), ({"temperature": 2}, (2.0, 0.0))):
        (folder / "calibration.json").write_text(json.dumps(written))
        sign(folder)
        assert load_model("one").calibration == expected


def test_weights_that_do_not_fit_the_recipe_are_refused(home):
    folder = save("one")
    recipe = load_model("one").recipe.with_settings(embed=13)
    (folder / "recipe.json").write_text(recipe.to_json())
    sign(folder)
    with pytest.raises(DamagedModel, match="another shape"):
        load_model("one")


class Trap:
    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return (open, (str(self.path), "w"))


def test_nothing_in_a_folder_is_executed(home, tmp_path):
    folder = save("one")
    labels = np.array([Trap(tmp_path / "sprung")], dtype=object)
    np.savez(folder / "test_predictions.npz", probabilities=np.ones((1, 3), np.float16), labels=labels)
    sign(folder)
    with pytest.raises(DamagedModel):
        stored_evaluation("one")
    assert not (tmp_path / "sprung").exists()


def test_answers_of_another_model_are_noticed(home):
    folder = save("one")
    with np.load(folder / "test_predictions.npz") as stored:
        turned = {"probabilities": stored["probabilities"][::-1], "labels": stored["labels"]}
    np.savez(folder / "test_predictions.npz", **turned)
    sign(folder)
    with pytest.raises(DamagedModel, match="of another model"):
        stored_evaluation("one")


EPOCHS = {
    "of another model": (lambda said: (said + 1) % 3, "of another model"),
    "of another class": (lambda said: said + 3, "not of its classes"),
    "of other documents": (lambda said: said[:, 1:], "of another shape"),
    "of fewer epochs": (lambda said: said[1:], "of another shape"),
}


@pytest.mark.parametrize(("change", "sentence"), EPOCHS.values(), ids=EPOCHS)
def test_answers_after_every_epoch_that_cannot_be_are_noticed(home, change, sentence):
    folder = save("one")
    with np.load(folder / "epoch_predictions.npz") as stored:
        changed = change(stored["predictions"])
    np.savez(folder / "epoch_predictions.npz", predictions=changed)
    sign(folder)
    with pytest.raises(DamagedModel, match=sentence):
        stored_epochs("one")


REFERENCES = {
    "of another vocabulary": {"rarity": np.ones(7, np.float16)},
    "of fewer percentiles": {"quantiles": np.zeros(100)},
    "no number": {"mean": np.nan},
}


@pytest.mark.parametrize("change", REFERENCES.values(), ids=REFERENCES)
def test_a_reference_that_cannot_be_is_noticed(home, change):
    folder = save("one")
    with np.load(folder / "reference.npz") as stored:
        changed = {**stored} | change
    np.savez(folder / "reference.npz", **changed)
    sign(folder)
    with pytest.raises(DamagedModel, match="what its documents are like is"):
        load_model("one")


@pytest.mark.parametrize(
    "name", ["", ".", "..", "../one", "a/b", "/one", "One", "-one", ".one", "one\n", "o" * 64, "ö"]
)
def test_a_name_that_is_no_name_is_refused_and_never_a_path(home, name):
    with pytest.raises(BadInput, match="cannot be a model's name"):
        check_name(name)
    with pytest.raises(UnknownName):
        model_info(name)


def test_an_unknown_model_lists_the_known_ones(home):
    save("one")
    for name in ("two", "no/such/folder", "~nobody-here/model", "nul/\0", "x" * 5000):
        with pytest.raises(UnknownName, match=r"There is no model called .* Known: one\.$"):
            load_model(name)


def test_a_model_of_the_same_name_is_replaced(home):
    save("one")
    before = model_info("one")
    save("one", "convnet")
    assert model_info("one").fingerprint != before.fingerprint
    assert [path.name for path in folders.models_folder().iterdir()] == ["one"]


def test_shipped_models_are_neither_replaced_nor_deleted(home):
    ship("shipped")
    with pytest.raises(BadInput, match="ships with Whyword and cannot be replaced; choose another name"):
        save("shipped")
    with pytest.raises(BadInput, match="ships with Whyword and cannot be deleted"):
        delete_model("shipped")
    cut("recipe.json")(folders.BUNDLED_MODELS / "shipped")
    with pytest.raises(DamagedModel, match="install Whyword again"):
        load_model("shipped")


def test_free_names_count_up(home):
    ship("toy-bow")
    assert free_name("toy-bow") == "toy-bow-2"
    save("toy-bow-2")
    assert free_name("toy-bow", taken=["toy-bow-3"]) == "toy-bow-4"
    assert free_name("My Täble (1)-bow") == "my-t-ble-1-bow"
    assert free_name("...") == "model"


@pytest.mark.parametrize("room", [0, 300, 2_000, 100_000])
def test_a_full_disk_leaves_nothing_half_written(home, room):
    save("one")
    model, test = toy_model("bow"), evaluate(toy_model("bow"), toy_data().test)
    before = model_info("one")
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, resource.RLIM_INFINITY))
    try:
        with pytest.raises(TrainingFailed, match=r"The model one cannot be saved in .* \(File too large\); make room"):
            save_model(replace(model, name="other"), test, name="one")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    assert [path.name for path in folders.models_folder().iterdir()] == ["one"]
    assert model_info("one") == before


def test_a_place_that_cannot_be_written_to_says_so(home):
    home.write_text("a file where the folder should be")
    with pytest.raises(TrainingFailed, match="WHYWORD_HOME"):
        save("one")
    assert list_models() == ()


def test_what_a_killed_save_left_is_removed_by_the_next(home):
    gone = subprocess.Popen(["true"])
    gone.wait()
    host, root = socket.gethostname(), folders.models_folder()
    names = {"dead": f".tmp-{host}-{gone.pid}-ab12", "alive": f".tmp-{host}-1-ab12", "elsewhere": ".tmp-else-1-ab12"}
    for name in (*names.values(), ".tmp-junk"):
        (root / name).mkdir()
        (root / name / "model.json").write_text("{}")
    assert list_models() == ()
    save("one")
    assert sorted(path.name for path in root.iterdir()) == sorted([names["alive"], names["elsewhere"], "one"])
    remove_leftovers()
    assert len(list(root.iterdir())) == 3


def test_the_training_is_told_without_loading_the_weights(home):
    save("mine")
    assert stored_history("mine") == toy_model("bow").history
    (home / "models" / "mine" / "history.json").write_text("[]")
    with pytest.raises(DamagedModel, match="delete it or train it again"):
        stored_history("mine")
