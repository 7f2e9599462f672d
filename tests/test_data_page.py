"""The Data page with a table of one's own: brought, looked at, kept, renamed, deleted, brought back, learned from."""

from dataclasses import replace

import pandas as pd
import pytest

from core.datasets import (
    delete_own,
    keep_dataset,
    likely_columns,
    load_dataset,
    load_table,
    own_datasets,
    read_rows,
)
from core.errors import BadInput
from core.evaluation.intervals import wilson
from core.evaluation.other_data import evaluate_on, knows_classes
from core.saved_models import load_model
from core.schema import Trial
from pages.ui.data import upload
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
    next(box for box in at.text_input if box.label == "Name").set_value("letters")
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


@pytest.fixture
def odd(tmp_path):
    """A table with texts that are nearly the same, an author of several rows, and small letters in a code page."""
    frame = pd.read_csv(toy_table(tmp_path / "odd.csv", rows=317))
    frame = frame.assign(author=[f"Zoë {row // 4}" for row in range(len(frame))])
    again = frame.iloc[:24].assign(note="Again: " + frame["note"].iloc[:24])
    pd.concat([frame, again]).to_csv(tmp_path / "odd.csv", index=False, encoding="cp1252")
    return tmp_path / "odd.csv"


def test_what_is_worth_a_look_is_shown_and_a_button_does_something_about_it(odd):
    at = brought(opened("data"), odd)
    said = [box.label.replace("\\", "") for box in at.expander]
    assert any("The column 'author' may put related rows together" in label for label in said)
    assert any("nearly the same as one above" in label for label in said)
    at = pressed(at, "Keep only the first of each")
    assert not any("nearly the same as one above;" in box.label for box in at.expander)
    at = pressed(at, "Keep rows with the same 'author' in one split".replace("'", "\\'"))
    assert at.selectbox(key=f"way-{upload_of(at).id}").value == "by group"
    at = pressed(at, "Add this data set")
    (own,) = own_datasets()
    assert (own.choices["drop"], own.choices["group"]) == (("near-duplicates",), "author")
    expected = load_table(odd, "note", "kind", group="author", drop=["near-duplicates"])
    assert own.fingerprint == expected.fingerprint == load_dataset("odd").fingerprint
    at = pressed(at, "Undo")
    assert (
        not at.exception
        and own_datasets()[0].fingerprint == load_table(odd, "note", "kind", group="author").fingerprint
    )
    assert at.selectbox(key="dataset").value == "odd"


def upload_of(at):
    return at.session_state["upload"]


def test_a_table_is_read_once_as_long_as_only_choices_change(odd, monkeypatch):
    reads = []
    monkeypatch.setattr(upload, "read_rows", lambda *how: reads.append(how) or read_rows(*how))
    at = pressed(brought(opened("data"), odd), "Keep only the first of each")
    next(box for box in at.text_input if box.label == "Name of the data set").set_value("another name")
    pressed(at, "Add this data set")
    assert len(reads) == 1 and own_datasets()[0].name == "another-name"


def test_the_way_to_split_is_chosen_with_its_column(odd):
    at = brought(opened("data"), odd)
    at.selectbox(key=f"way-{upload_of(at).id}").set_value("by group").run()
    assert at.selectbox(key=f"way-group-{upload_of(at).id}").value == "author"
    assert any("drawn by the groups of the column 'author'" in sentence.replace("\\", "") for sentence in told(at))


def test_how_a_file_is_written_is_shown_and_can_be_put_right(odd):
    at = brought(opened("data"), odd)
    key = f"written-encoding-{upload_of(at).id}"
    assert at.selectbox(key=key).options[0] == "found out: cp1252"
    at.selectbox(key=key).set_value("utf-8").run()
    assert any("UTF\\-8" in sentence for sentence in told(at)) and not at.exception
    at.selectbox(key=key).set_value("found out").run()
    assert any("documents of 3 classes" in sentence for sentence in told(at))
    at.selectbox(key=key.replace("encoding", "heading")).set_value("no").run()
    assert [*upload_of(at).first.columns] == ["1", "2", "3"]


def test_the_sheet_of_an_excel_file_is_chosen(tmp_path, notes):
    with pd.ExcelWriter(tmp_path / "book.xlsx") as book:
        pd.DataFrame({"note": ["x"], "kind": ["y"]}).to_excel(book, sheet_name="Last year", index=False)
        pd.read_csv(notes).to_excel(book, sheet_name="<This> year", index=False)
    at = brought(opened("data"), tmp_path / "book.xlsx")
    box = next(box for box in at.selectbox if box.label == "Sheet")
    assert box.options == ["Last year", "<This> year"]
    box.set_value("<This> year").run()
    assert any("317 documents of 3 classes" in sentence for sentence in told(at)) and not at.exception


ANSWERS = (("cat", "animals"), ("storm", "weather"))


def test_a_model_is_measured_on_a_data_set_whose_classes_it_knows(tmp_path):
    rows = [(f"The {word} was nearby, number {row}", kind) for row in range(40) for word, kind in ANSWERS]
    pd.DataFrame(rows, columns=["note", "kind"]).to_csv(tmp_path / "posts.csv", index=False)
    keep_dataset(load_table(tmp_path / "posts.csv", "note", "kind"), tmp_path / "posts.csv")
    at = opened("evaluate", model="toy-bow")
    assert at.selectbox(key="documents-toy-bow").options == ["its own test documents", "posts"]
    at.selectbox(key="documents-toy-bow").set_value("posts").run()
    expected = evaluate_on(load_model("toy-bow"), load_dataset("posts").test)
    assert not at.exception and len(expected) == 16 and set(expected.labels) == {0, 2}
    assert {metric.label: metric.value for metric in at.metric}["Accuracy"] == f"{expected.accuracy:.1%}"
    assert any("Asked about 16 test documents of posts" in sentence for sentence in told(at))
    with pytest.raises(BadInput, match="does not know the class"):
        evaluate_on(load_model("toy-bow"), replace(load_dataset("posts").test, class_names=("animals", "tea")))
    assert not knows_classes(("animals", "tea"), load_dataset("posts").class_names)


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
    assert likely_columns(frame.rename(columns={"category": "Queue"})) == ("said", "Queue")
    for name in ("Kategorie", "Catégorie", "категория", "类别"):
        assert likely_columns(frame.rename(columns={"category": name})) == ("said", name)
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
    assert "Cross-validation" not in table


def test_what_cross_validation_decided_is_in_the_table_of_what_was_tried():
    trial = Trial(title="one", accuracy=wilson(80, 100), macro_f1=0.5, seconds=3.0, settings={}, cross_validated=0.71)
    assert tried_table([trial])["Cross-validation"].tolist() == ["71.0%"]
