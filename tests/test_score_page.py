"""The Predict page: a file brought, predicted, stopped and gone on with, and taken away."""

import time

import pandas as pd
import pytest

from core.saved_models import delete_model, load_model
from core.scoring import ScoreProgress
from pages.ui.score.form import likely_label
from pages.ui.score.result import class_counts
from pages.ui.score.run_panel import activity
from tests.test_pages import opened, two_models  # noqa: F401, the fixture is for all
from tests.toy import CLASS_NAMES, toy_split


@pytest.fixture
def table(two_models, tmp_path):  # noqa: F811
    split = toy_split("train", 83, 8)
    labels = [CLASS_NAMES[label] for label in split.labels]
    pd.DataFrame({"id": range(83), "said": split.texts, "kind": labels}).to_csv(tmp_path / "notes.csv", index=False)
    return tmp_path / "notes.csv"


def brought(path):
    at = opened("score")
    at.file_uploader[0].upload(path.name, path.read_bytes()).run()
    return at


def predicted(at):
    next(button for button in at.button if button.label == "Predict").click()
    at.run()
    deadline = time.monotonic() + 60
    while not at.success and time.monotonic() < deadline:
        time.sleep(0.05)
        at.run()
    assert not at.exception
    return at


def test_a_file_is_predicted_and_compared_with_its_labels(table):
    at = predicted(brought(table))
    assert {box.label: box.value for box in at.selectbox if box.label.startswith("Column")} == {
        "Column of texts": "said",
        "Column of true classes": "kind",
    }
    figures = {metric.label: metric.value for metric in at.metric}
    assert (figures["Rows"], figures["Guesses"]) == ("83", "0")
    model = load_model(at.selectbox(key="model").value)
    answers = model.predict_proba(toy_split("train", 83, 8).texts).argmax(axis=1)
    right = (answers == toy_split("train", 83, 8).labels).mean()
    assert figures["Accuracy"].startswith(f"{right:.1%}")
    first = next(frame.value for frame in at.dataframe if "prediction" in frame.value.columns)
    assert list(first.columns[: 1 + len(CLASS_NAMES)]) == ["prediction", *(f"p_{name}" for name in CLASS_NAMES)]
    assert first["p_food"].str.fullmatch(r"[<>]?\d+\.\d%").all() and not first["p_food"].isin(["0.0%", "100.0%"]).any()


def test_a_file_meant_for_a_model_that_is_deleted_elsewhere_is_not_predicted_by_another(table):
    at = brought(table)
    at.selectbox(key="model").set_value("toy-bow").run()
    delete_model("toy-bow")
    next(button for button in at.button if button.label == "Predict").click().run()
    assert any("stands in for it" in box.value for box in at.warning) and not at.exception
    assert "score-run" not in at.session_state and not at.success


def test_a_file_that_cannot_be_read_is_told(two_models, tmp_path):  # noqa: F811
    (tmp_path / "in.csv").write_text("text,x\nthe cat,1,2,3\n")
    at = brought(tmp_path / "in.csv")
    assert not at.exception
    assert any("cannot be read as a table" in box.value.replace("\\", "") for box in at.warning)


def test_how_a_file_is_written_can_be_chosen(two_models, tmp_path):  # noqa: F811
    with pd.ExcelWriter(tmp_path / "notes.xlsx") as book:
        pd.DataFrame({"text": ["the cat", "some soup"]}).to_excel(book, sheet_name="Old", index=False)
        pd.DataFrame({"said": ["rain", "bread", "dogs"]}).to_excel(book, sheet_name="New", index=False)
    at = brought(tmp_path / "notes.xlsx")
    assert any("2 rows and 1 column" in box.value for box in at.caption)
    next(box for box in at.selectbox if box.label == "Sheet").set_value("New").run()
    assert any("3 rows and 1 column" in box.value for box in at.caption)
    assert next(box for box in at.selectbox if box.label == "Column of texts").value == "said"
    (tmp_path / "in.csv").write_bytes("text\ncafé and crème\nthé\n".encode("cp1252"))
    at = brought(tmp_path / "in.csv")
    assert any("“Encoding” under “How the file is written” reads" in box.value for box in at.caption)


def test_a_column_of_labels_is_one_whose_cells_are_classes():
    first = pd.DataFrame({"a": ["x", "y", "z"], "b": ["food ", "animals", "?"], "c": [1, 2, 3]})
    assert likely_label(first, ["a", "b", "c"], CLASS_NAMES) == "b"
    assert likely_label(first, ["a", "c"], CLASS_NAMES) is None


def test_many_classes_are_drawn_as_the_most_frequent_and_the_others():
    bar = class_counts({f"class {i}": i for i in range(31)}).data[0]
    assert (len(bar.x), bar.x[0], bar.x[-1]) == (21, 30, sum(range(11)))


def test_a_run_says_how_long_it_will_yet_take():
    step = ScoreProgress(phase="predicting", rows=3_000, total=9_000, seconds=20.0, resumed=1_000)
    assert activity(step) == "Predicting: 3,000 of 9,000 rows, about 60 s left"
    assert activity(None) == "Reading the file"
