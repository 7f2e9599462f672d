"""The Models page: what there is, another name, deleting and the undo; and what other pages say of a deleted model."""

import io
import shutil
import zipfile

import pytest

from core import folders
from core.saved_models import delete_model, is_taken, list_models, model_info, rename_model
from pages.ui.models.listing import models_table, origin
from pages.ui.models.taking import card_text, packed_model, packed_network
from pages.ui.render.format import percent
from pages.ui.shared import cache
from tests.test_pages import TEXT, opened, tool, two_models  # noqa: F401, the fixture is for all

pytestmark = pytest.mark.usefixtures("two_models")


def pressed(at, label):
    next(button for button in at.button if button.label == label).click()
    return at.run()


def told(at):
    kinds = ("markdown", "caption", "info", "warning", "error")
    return " ".join(box.value.replace("\\", "") for kind in kinds for box in getattr(at, kind))


def renamed(at, name):
    next(box for box in at.text_input if box.label == "Name").set_value(name)
    return pressed(at, "Rename")


def test_the_list_has_every_model_with_what_it_learned_from():
    at = opened("models", model="toy-bow")
    assert not at.exception
    frame = at.dataframe[0].value
    info = model_info("toy-bow")
    row = frame[frame["Model"] == "toy-bow"].iloc[0]
    assert set(frame["Model"]) == {info.name for info in list_models()}
    assert (row["Learned from"], row["Accuracy"], row["Created"]) == ("toy", percent(info.accuracy), info.created[:10])
    assert at.selectbox(key="model").value == "toy-bow"


def test_a_model_is_renamed_deleted_and_brought_back():
    before = model_info("toy-bow").fingerprint
    at = renamed(opened("models", model="toy-bow"), "letters")
    assert at.selectbox(key="model").value == "letters" and model_info("letters").fingerprint == before
    at = pressed(at, "Delete")
    assert not is_taken("letters") and at.selectbox(key="model").value == "imdb-best"
    assert "letters was deleted" in told(at) and len(at.toast) == 0
    at = pressed(at, "Undo")
    assert at.selectbox(key="model").value == "letters" and model_info("letters").fingerprint == before
    assert not at.exception and "letters was deleted" not in told(at)


@pytest.mark.parametrize("name", ["imdb-best", "../out", "Großes Modell", ".deleted"])
def test_a_name_that_cannot_be_is_a_sentence_and_the_page_goes_on(name):
    at = renamed(opened("models", model="toy-bow"), name)
    assert not at.exception and len(at.warning) == 1
    assert is_taken("toy-bow") and len(at.dataframe) == 1


def test_a_name_that_came_back_meanwhile_leaves_the_undo_there():
    at = pressed(opened("models", model="toy-bow"), "Delete")
    rename_model("imdb-best", "toy-bow")
    at = pressed(at, "Undo")
    assert "rename that one first" in told(at) and not at.exception
    rename_model("toy-bow", "imdb-best")
    at = pressed(at, "Undo")
    assert is_taken("toy-bow") and is_taken("imdb-best")


def test_a_model_that_ships_keeps_its_name_and_stays():
    folders.BUNDLED_MODELS.mkdir()
    shutil.move(folders.models_folder() / "toy-bow", folders.BUNDLED_MODELS / "toy-bow")
    at = opened("models", model="toy-bow")
    assert {"Rename", "Delete"}.isdisjoint(button.label for button in at.button)
    assert "It ships with Whyword" in told(at)


def test_strangers_rename_and_delete_nothing(monkeypatch):
    monkeypatch.setenv("WHYWORD_DEMO", "1")
    at = opened("models", model="toy-bow")
    assert not at.exception
    assert {"Rename", "Delete", "Undo"}.isdisjoint(button.label for button in at.button)
    assert len(at.file_uploader) == 0


def test_a_model_whose_own_data_set_is_gone_says_so():
    assert "Its data set, toy, was deleted" in told(opened("models", model="toy-bow"))
    assert "deleted" not in origin(model_info("imdb-best"))
    assert list(models_table(list_models())["Whose"]) == ["yours", "yours"]


@pytest.mark.parametrize("page", ["explain", "evaluate", "compare", "models"])
def test_a_page_that_shows_a_model_which_is_deleted_meanwhile_goes_on_with_another(page):
    address = {"model": "toy-bow"} | ({"text": TEXT} if page == "explain" else {})
    at = opened(page, **address)
    delete_model("toy-bow", for_good=False)
    cache.model.clear()
    at = at.run()
    assert not at.exception
    assert at.selectbox(key="model").value == "imdb-best"


def test_a_tool_at_work_on_a_deleted_model_says_what_to_do():
    at = opened(model="toy-bow", text=TEXT)
    at.select_slider(key="samples").set_value(500).run()
    delete_model("toy-bow", for_good=False)
    cache.model.clear()
    at = tool(at, "What if?")
    assert not at.exception


def test_a_model_is_taken_away_and_brought_back_under_another_name():
    info = model_info("toy-bow")
    content = packed_model(info)
    delete_model("toy-bow")
    at = opened("models", model="imdb-best")
    at.file_uploader[0].upload("toy-bow.zip", content).run()
    box = next(box for box in at.text_input if box.label == "Name of the model")
    assert box.value == "toy-bow"
    box.set_value("imdb-best").run()
    at = pressed(at, "Add this model")
    assert "give this one another name" in told(at) and not at.exception
    next(box for box in at.text_input if box.label == "Name of the model").set_value("toy-two").run()
    at = pressed(at, "Add this model")
    assert at.selectbox(key="model").value == "toy-two" and not at.exception
    assert model_info("toy-two").fingerprint == info.fingerprint


def test_what_is_no_model_is_a_sentence_and_the_page_goes_on():
    at = opened("models")
    at.file_uploader[0].upload("odd.zip", b"PK\x05\x06" + bytes(18)).run()
    next(box for box in at.text_input if box.label == "Name of the model").set_value("odd").run()
    at = pressed(at, "Add this model")
    assert "odd.zip is no zip of a model: it is empty" in told(at) and not at.exception
    assert len(at.dataframe) == 1


def test_the_network_comes_in_a_folder_of_its_own_with_the_card():
    with zipfile.ZipFile(io.BytesIO(packed_network(model_info("toy-bow")))) as archive:
        assert {"toy-bow/network.stablehlo", "toy-bow/encoder.json", "toy-bow/README.md"} <= set(archive.namelist())
        assert archive.read("toy-bow/README.md").decode() == card_text(model_info("toy-bow"), "md")
    assert card_text(model_info("toy-bow"), "html").startswith("<!doctype html>")
