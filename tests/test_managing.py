"""Models that were trained here: renamed, deleted and brought back, by the library and on the command line."""

import json
import os
import shutil
import time

import pytest

from core import folders
from core.__main__ import main
from core.datasets import delete_own, is_remembered, keep_dataset, load_table
from core.errors import BadInput, UnknownName
from core.findings import save_global_words, stored_global_words
from core.saved_models import (
    delete_model,
    free_name,
    is_taken,
    list_models,
    load_model,
    model_info,
    remove_leftovers,
    rename_model,
    restore_model,
)
from core.saved_models.places import DELETED, UNDO_SECONDS
from tests.test_saved_models import TEXTS, home, save, ship  # noqa: F401
from tests.toy import toy_model, toy_table


def hidden():
    return [path.name for path in folders.models_folder().iterdir() if path.name.startswith(".")]


def test_a_renamed_model_answers_as_before_and_keeps_its_fingerprint(home):  # noqa: F811
    save("one")
    before = model_info("one")
    assert rename_model("one", "two").name == "two"
    assert model_info("two").fingerprint == before.fingerprint
    assert load_model("two").predict_proba(TEXTS).tolist() == toy_model("bow").predict_proba(TEXTS).tolist()
    with pytest.raises(UnknownName):
        load_model("one")
    assert rename_model("two", "two").name == "two"


def test_what_was_found_out_about_a_model_stays_with_it_under_another_name(home):  # noqa: F811
    from core.findings import global_words
    from tests.toy import toy_data

    save("one")
    *_, words = global_words(toy_model("bow"), toy_data().test)
    save_global_words("one", words, toy_data().fingerprint)
    rename_model("one", "two")
    assert stored_global_words("two").classes == words.classes


@pytest.mark.parametrize("new", ["two", "shipped", "../three", "", "A", ".deleted-x=y", "a/b", "x" * 64, "a\0b"])
def test_a_name_that_cannot_be_or_is_taken_changes_nothing(home, new):  # noqa: F811
    ship("shipped")
    save("one")
    save("two")
    with pytest.raises(BadInput):
        rename_model("one", new)
    assert {info.name for info in list_models()} == {"one", "two", "shipped"} and hidden() == []


def test_a_model_that_ships_is_neither_renamed_nor_deleted(home):  # noqa: F811
    ship("shipped")
    for change in (lambda: rename_model("shipped", "two"), lambda: delete_model("shipped", for_good=False)):
        with pytest.raises(BadInput, match="ships with Whyword and cannot be"):
            change()


def test_a_deleted_model_comes_back_as_it_was(home):  # noqa: F811
    save("one")
    before = model_info("one")
    delete_model("one", for_good=False)
    assert not is_taken("one") and list_models() == () and free_name("one") == "one"
    remove_leftovers()
    restore_model("one")
    assert model_info("one") == before and hidden() == []


def test_the_version_that_was_deleted_last_comes_back(home):  # noqa: F811
    for family in ("bow", "ngram"):
        save("one", family)
        last = model_info("one").fingerprint
        delete_model("one", for_good=False)
        time.sleep(0.02)
    restore_model("one")
    assert model_info("one").fingerprint == last


def test_a_deleted_model_takes_no_name_from_one_that_came_meanwhile(home):  # noqa: F811
    save("one")
    delete_model("one", for_good=False)
    save("one", "ngram")
    with pytest.raises(BadInput, match="another model called one by now"):
        restore_model("one")
    rename_model("one", "two")
    restore_model("one")
    assert {info.name for info in list_models()} == {"one", "two"}


def test_after_an_hour_a_deleted_model_is_gone(home):  # noqa: F811
    save("one")
    delete_model("one", for_good=False)
    (kept,) = folders.models_folder().glob(f"{DELETED}*")
    past = time.time() - UNDO_SECONDS - 1
    os.utime(kept, (past, past))
    save("two")
    assert hidden() == []
    with pytest.raises(BadInput, match="one is gone"):
        restore_model("one")


@pytest.mark.parametrize("name", ["*", "../one", "", "o?e"])
def test_no_name_brings_back_another_model(home, name):  # noqa: F811
    save("one")
    delete_model("one", for_good=False)
    with pytest.raises(BadInput):
        restore_model(name)
    assert list_models() == ()


def test_a_model_is_renamed_on_the_command_line(home, capsys):  # noqa: F811
    save("one")
    assert main(["rename", "one", "two", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"renamed": "one", "model": "two"}
    assert main(["rename", "one", "three"]) == 2
    assert "no model called 'one'" in capsys.readouterr().err
    assert main(["delete", "two"]) == 0 and hidden() == []


def test_whether_the_texts_of_a_model_are_still_here_is_known_without_reading_them(fresh_home, tmp_path):
    path = toy_table(tmp_path / "notes.csv", rows=317)
    data = load_table(path, "note", "kind")
    assert not is_remembered(data.fingerprint)
    keep_dataset(data, path)
    assert is_remembered(data.fingerprint)
    delete_own("notes")
    assert not is_remembered(data.fingerprint)
    shutil.rmtree(fresh_home)
    assert not is_remembered(data.fingerprint)
