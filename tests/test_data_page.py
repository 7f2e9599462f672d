"""The Data page with a table of one's own: brought, looked at, kept, renamed, deleted, brought back, learned from."""

import pandas as pd
import pytest

from core.datasets import delete_own, keep_dataset, likely_columns, load_dataset, load_table, own_datasets
from core.evaluation.intervals import wilson
from core.schema import Trial
from pages.ui.train.run_panel import tried_table
from tests.test_pages import opened, two_models  # noqa: F401, the fixture is for all
from tests.toy import toy_table


@pytest.fixture(autouse=True)
def no_own_data(two_models):  # noqa: F811
    """What is read out of corpora is kept for all tests, in the same folder."""
    yield
    for own in own_datasets():
        delete_own(own.name)


@pytest.fixture
def notes(tmp_path):
    return toy_table(tmp_path / "notes.csv", rows=317)


def brought(at, path, name=None):
    at.file_uploader[0].upload(name or path.name, path.read_bytes()).run()
    return at


def pressed(at, label):
    next(button for button in at.button if button.label == label).click()
    return at.run()


def told(at):
    return [box.value for kind in ("markdown", "caption", "info", "warning", "error") for box in getattr(at, kind)]


def test_a_table_is_brought_and_is_then_the_data_set_that_is_shown(notes):
    at = brought(opened("data"), notes)
    assert [box.value for box in at.selectbox if box.label.startswith("Column")] == ["note", "kind"]
    assert any("317 documents of 3 classes" in literal.replace("\\", "") for literal in told(at))
    at = pressed(at, "Add this data set")
    assert not at.exception
    assert at.selectbox(key="dataset").value == "notes"
    assert load_dataset("notes").fingerprint == load_table(notes, "note", "kind").fingerprint
    assert {metric.label: metric.value for metric in at.metric}["Documents"] == f"{len(load_dataset('notes').train):,}"
    assert any("Read from notes.csv" in sentence.replace("\\", "") for sentence in told(at))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "cannot be read|no rows"),
        (b"note,kind\n", "no rows"),
        (b"note\na\nb\n", "second column"),
        (b"note,kind\n" + b"a text,only\n" * 30, "different label"),
        (b"\x89PNG\r\n\x1a\n\x00\x00" * 40, "cannot be read|not UTF-8"),
        (b"note,kind\na,b,c\n", "fields"),
    ],
)
def test_a_table_that_cannot_be_used_is_a_sentence_and_the_page_goes_on(content, said, tmp_path):
    path = tmp_path / "odd.csv"
    path.write_bytes(content)
    at = brought(opened("data"), path)
    assert not at.exception
    assert pd.Series(told(at)).str.replace("\\", "").str.contains(said).any()
    assert own_datasets() == ()


def test_another_table_of_the_same_name_needs_another_name(notes, tmp_path):
    at = pressed(brought(opened("data"), notes), "Add this data set")
    (tmp_path / "other").mkdir()
    at = pressed(brought(at, toy_table(tmp_path / "other" / "notes.csv", rows=251)), "Add this data set")
    assert any("another data set called notes" in sentence for sentence in told(at))
    next(box for box in at.text_input if box.label == "Name of the data set").set_value("other notes")
    at = pressed(at, "Add this data set")
    assert at.selectbox(key="dataset").value == "other-notes"
    assert {own.name for own in own_datasets()} == {"notes", "other-notes"}


def test_a_data_set_is_renamed_deleted_and_brought_back(notes):
    at = pressed(brought(opened("data"), notes), "Add this data set")
    next(box for box in at.text_input if box.label == "Name").set_value("letters").run()
    at = pressed(at, "Rename")
    assert at.selectbox(key="dataset").value == "letters"
    at = pressed(at, "Delete")
    assert own_datasets() == () and at.selectbox(key="dataset").value != "letters"
    at = pressed(at, "Undo")
    assert [own.name for own in own_datasets()] == ["letters"] and at.selectbox(key="dataset").value == "letters"
    assert not at.exception


def test_a_class_that_looks_like_markdown_stays_as_it_is(tmp_path):
    path = tmp_path / "odd.csv"
    names = ("![x](http://example.org/x.png)", "<b>bold</b>", ":red[a]")
    rows = [{"text": f"word{i} text number {i}", "label": names[i % 3]} for i in range(60)]
    pd.DataFrame(rows).to_csv(path, index=False)
    at = pressed(brought(opened("data"), path), "Add this data set")
    assert not at.exception
    assert load_dataset("odd").class_names == tuple(sorted(names))
    assert not any("](http" in sentence for sentence in told(at))


def test_data_of_ones_own_has_recipes_on_the_train_page(notes):
    data = load_table(notes, "note", "kind")
    keep_dataset(data, notes)
    at = opened("train", recipe="notes-auto")
    assert at.selectbox(key="recipe").value == "notes-auto" and not at.exception
    assert [box.label for box in at.number_input] == ["Seed"]
    at = opened("train", recipe="notes-bow")
    assert len(at.number_input) > 5 and not at.exception


def test_columns_are_guessed_by_what_they_hold_and_how_they_are_called():
    rows = 40
    texts = [f"a rather long text, number {row}, of some words" for row in range(rows)]
    frame = pd.DataFrame({"id": range(rows), "shop": ["a", "b"] * 20, "category": list("abcd") * 10, "said": texts})
    assert likely_columns(frame) == ("said", "category")
    assert likely_columns(frame[["id", "shop", "said"]]) == ("said", "shop")
    assert likely_columns(frame[["said"]]) == ("said", None)
    assert likely_columns(frame[["id", "said"]]) == ("said", None)


def test_what_was_tried_is_a_table_with_the_chosen_one_marked():
    trials = [
        Trial(title=title, accuracy=wilson(right, 100), macro_f1=0.5, seconds=3.0, settings={}, is_chosen=right == 90)
        for title, right in (("one", 80), ("other", 90))
    ]
    table = tried_table(trials)
    assert table["Tried"].tolist() == ["one", "other"]
    assert table[""].tolist() == ["", "chosen"]
    assert table["Validation accuracy"].iloc[1].startswith("90.0% (")
