"""From the confusion matrix to the documents: its order, its table, the search, the list, and the view as a whole."""

import io
import json
import re
import time
from dataclasses import replace
from html import unescape
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from core import folders
from core.datasets import DATASETS, DatasetSpec, imdb
from core.datasets.rows import Rows
from core.errors import BadInput
from core.evaluation import evaluate
from core.saved_models import model_info, save_model
from core.schema import Evaluation, Split
from pages.ui.evaluate.confusion import cell_sentence
from pages.ui.render import matrix, tables
from pages.ui.shared import documents as scored
from pages.ui.shared.search import LONGEST, containing
from tests.toy import CLASS_NAMES, toy_data, toy_model

ROOT = Path(__file__).parents[1]
PATIENT = 60  # seconds


def answers(classes=4, documents=61, names=None, labels=None, predictions=None):
    """A made-up evaluation; each prediction with a probability of its own."""
    rng = np.random.default_rng(7)
    labels = np.arange(documents) % classes if labels is None else np.asarray(labels)
    predictions = rng.integers(0, classes, len(labels)) if predictions is None else np.asarray(predictions)
    probabilities = rng.dirichlet(np.full(classes, 9.0), len(labels)).astype(np.float32)
    probabilities[np.arange(len(labels)), predictions] += 1
    return Evaluation(
        model="m",
        dataset="d",
        split="test",
        class_names=names or tuple(f"class {number}" for number in range(classes)),
        labels=labels.astype(np.int32),
        probabilities=probabilities / probabilities.sum(axis=1, keepdims=True),
    )


def seen(html):
    """The table as it is read: the words of every cell, row by row."""
    rows = [re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", row) for row in re.findall(r"<tr>(.*?)</tr>", html)]
    return [[unescape(re.sub(r"<[^>]*>", " ", cell)).strip() for cell in row] for row in rows]


def titles(html):
    return [unescape(title) for title in re.findall(r'<td[^>]*title="([^"]*)"', html)]


def test_classes_that_are_taken_for_each_other_stand_side_by_side():
    confusion = 90 * np.eye(7, dtype=np.int64)
    for one, other in ((0, 4), (5, 2)):
        confusion[one, other], confusion[other, one] = 20, 11
    order = matrix.order_by_confusion(confusion)
    assert sorted(order) == list(range(7))
    assert {abs(order.index(0) - order.index(4)), abs(order.index(5) - order.index(2))} == {1}


def test_a_large_class_does_not_outweigh_what_a_small_one_is_taken_for():
    confusion = np.diag([9000, 40, 900, 9])
    confusion[0, 2], confusion[1, 3] = 45, 20  # 0.5% of one class, a third of the other
    order = matrix.order_by_confusion(confusion)
    assert abs(order.index(1) - order.index(3)) == 1


@pytest.mark.parametrize("confusion", [[[3, 1], [2, 5]], np.diag([4, 5, 6]), np.zeros((3, 3), int)])
def test_where_nothing_can_be_grouped_the_order_stays(confusion):
    assert matrix.order_by_confusion(np.array(confusion)) == tuple(range(len(confusion)))


def test_a_hundred_classes_are_put_in_order_at_once():
    confusion = np.random.default_rng(0).integers(0, 9, (100, 100))
    started = time.perf_counter()
    assert sorted(matrix.order_by_confusion(confusion)) == list(range(100))
    assert time.perf_counter() - started < 2


def test_every_document_is_in_the_cell_of_its_classes_and_every_mistake_in_a_row_and_a_column():
    result = answers(4)
    cells = {(i, j): matrix.documents_in(result, i, j) for i in range(4) for j in range(4)}
    assert [len(cells[cell]) for cell in sorted(cells)] == result.confusion.ravel().tolist()
    assert sorted(np.concatenate(list(cells.values()))) == list(range(len(result)))
    mistakes = set(np.flatnonzero(result.labels != result.predictions))
    assert set(matrix.documents_in(result, None, None)) == mistakes
    for i in range(4):
        assert set(matrix.documents_in(result, i, None)) == {row for row in mistakes if result.labels[row] == i}
        assert set(matrix.documents_in(result, None, i)) == {row for row in mistakes if result.predictions[row] == i}


@pytest.mark.parametrize("classes", [2, 4, 20])
def test_every_filled_cell_has_its_figure_and_its_title(classes):
    result = answers(classes, documents=263)
    html = matrix.matrix_html(result, matrix.DOCUMENTS, range(classes))
    head, *rows = seen(html)
    assert head[1:] == [row[0] for row in rows] == list(result.class_names)
    figures = [[int(figure or 0) for figure in row[1:]] for row in rows]
    assert figures == result.confusion.tolist()
    assert len(titles(html)) == np.count_nonzero(result.confusion)


def test_shares_are_those_of_the_row_or_of_the_column():
    result = answers(3, documents=97)
    for figures, axis in ((matrix.OF_ROW, 1), (matrix.OF_COLUMN, 0)):
        _, *rows = seen(matrix.matrix_html(result, figures, range(3)))
        shares = np.array([[float(figure) for figure in row[1:]] for row in rows])
        assert np.allclose(shares.sum(axis=axis), 100, atol=0.2)


def test_a_title_tells_documents_and_both_shares():
    result = answers(2, labels=[0, 0, 0, 0, 1], predictions=[0, 0, 0, 1, 1])
    told = titles(matrix.matrix_html(result, matrix.DOCUMENTS, (0, 1)))
    assert told[1] == "1 document of class 0 predicted as class 1: 25.0% of the row, 50.0% of the column"
    assert told[2] == "1 document of class 1 recognised: 100.0% of the row, 50.0% of the column"


def test_rows_and_columns_follow_the_order():
    result = answers(3)
    head, *rows = seen(matrix.matrix_html(result, matrix.DOCUMENTS, (2, 0, 1)))
    assert head[1:] == ["class 2", "class 0", "class 1"]
    assert rows[0][2] == str(result.confusion[2, 0])


def test_small_figures_do_not_round_to_nothing_or_to_all():
    labels = np.repeat([0, 1, *range(2, 9)], [999, *[4] * 8])
    predictions = labels.copy()
    predictions[0] = 1
    _, first, *_ = seen(matrix.matrix_html(answers(9, labels=labels, predictions=predictions), matrix.OF_ROW, range(9)))
    assert first[1:3] == [">99", "<1"]


def test_the_largest_mistake_has_the_strongest_orange_and_the_rest_are_weaker():
    labels, predictions = np.repeat([0, 1, 2], 40), np.repeat([0, 1, 2], 40)
    predictions[:9], predictions[40:42] = 1, 2
    html = matrix.matrix_html(answers(3, labels=labels, predictions=predictions), matrix.DOCUMENTS, range(3))
    strengths = [float(strength) for strength in re.findall(r'class="wrong" style="--s:([\d.]+)"', html)]
    assert strengths[0] == 1 and 0 < strengths[1] < 1


def test_headings_say_what_a_class_lacks():
    result = answers(3, labels=[0, 0, 1], predictions=[0, 2, 0])
    html = matrix.matrix_html(result, matrix.DOCUMENTS, range(3))
    assert "No test document: class 2" in html and "Never predicted: class 1" in html


def test_markup_in_class_names_is_text_in_the_matrix():
    evil = '"><img src=x onerror=alert(1)>'
    html = matrix.matrix_html(answers(2, names=(evil, "two")), matrix.DOCUMENTS, (0, 1))
    assert "<img" not in html and seen(html)[0][1] == evil


@pytest.mark.parametrize(
    ("cell", "told"),
    [
        ((None, None), "2 of 6 documents got a wrong class."),
        ((0, None), "1 of 3 documents of a got another class."),
        ((None, 1), "1 of 2 documents predicted as b are of another."),
        ((1, None), "1 of 2 documents of b got another class."),
        ((3, None), "No mistake among 1 document of d."),
        ((0, 0), "2 documents of a recognised: 66.7% of the class."),
        ((0, 1), "1 document of a predicted as b: 33.3% of the class."),
        ((3, 1), "No document of d is predicted as b."),
        ((2, 0), "The test split has no document of c, so nothing is known about this class."),
        ((0, 4), "No document of the test split is predicted as e."),
    ],
)
def test_a_cell_is_told_in_a_sentence(cell, told):
    result = answers(5, names=tuple("abcde"), labels=[0, 0, 0, 1, 1, 3], predictions=[0, 0, 1, 1, 2, 3])
    assert cell_sentence(result, *cell) == told


def test_a_model_without_a_mistake_is_told_so():
    assert cell_sentence(answers(2, labels=[0, 1], predictions=[0, 1]), None, None) == "No mistake among 2 documents."


TEXTS = ("A Colour photo", "colours of a car", "no such word", "Straße", "subject: a car\nnothing")


@pytest.mark.parametrize(
    ("wanted", "regular", "found"),
    [
        ("colour", False, [1, 1, 0, 0, 0]),
        (" a car ", False, [0, 1, 0, 0, 1]),
        ("STRASSE", False, [0, 0, 0, 1, 0]),
        ("colou?r", True, [1, 1, 0, 0, 0]),
        ("^subject:.*car$", True, [0, 0, 0, 0, 1]),
        (r"\bstra\pL+e\b", True, [0, 0, 0, 1, 0]),
        ("c.r", False, [0, 0, 0, 0, 0]),
        ("", False, [1, 1, 1, 1, 1]),
    ],
)
def test_texts_are_found_by_words_or_by_an_expression(wanted, regular, found):
    assert containing(TEXTS, wanted, regular).astype(int).tolist() == found


@pytest.mark.parametrize("expression", ["(", "[a", "a{2,1}", "(?<x", "*", "\\"])
def test_an_expression_that_is_none_gets_a_sentence(expression):
    with pytest.raises(BadInput, match="not a regular expression that can be"):
        containing(TEXTS, expression, True)


def test_what_is_wrong_with_an_expression_is_said():
    with pytest.raises(BadInput, match=r"can be searched for: missing \)\. Fix the pattern to search"):
        containing(TEXTS, "(waste", True)


@pytest.mark.parametrize("expression", ["^(([a-z])+.)+[A-Z]([a-z])+$", "(a+)+$", "(?:a|a)*c"])
def test_an_expression_that_would_run_for_ever_elsewhere_ends(expression):
    started = time.perf_counter()
    containing(["a" * 30_000 + "b", "word " * 20_000] * 5, expression, True)
    assert time.perf_counter() - started < 3


@pytest.mark.parametrize("expression", ["((a{1000}){1000}){1000}", "(?R)", "((?1))", "(?a)(?u)a", "(?<a>(?&a))"])
def test_an_expression_without_bounds_is_refused_before_it_takes_memory(expression):
    with pytest.raises(BadInput, match="not a regular expression"):
        containing(["a text"], expression, True)


def test_what_is_looked_for_has_a_length_that_is_checked():
    with pytest.raises(BadInput, match="more than 200"):
        containing(TEXTS, "a" * (LONGEST + 1), False)


def test_documents_are_put_in_order_and_equals_stay_as_they_are():
    result, rows, lengths = answers(3, documents=23), np.array([20, 3, 8, 11]), np.arange(23) % 4
    sure = result.probabilities.max(axis=1)
    orders = {order: scored.in_order(result, rows, order, lengths).tolist() for order in scored.BY_LENGTH}
    orders |= {order: scored.in_order(result, rows, order).tolist() for order in scored.ORDERS if order not in orders}
    assert orders[scored.LONGEST] == [3, 11, 8, 20] and orders[scored.SHORTEST] == [8, 20, 3, 11]
    assert orders[scored.SUREST] == sorted(rows, key=lambda row: -sure[row]) == orders[scored.UNSUREST][::-1]
    assert orders[scored.AS_IT_IS] == [3, 8, 11, 20]


def test_a_list_tells_place_classes_probabilities_words_and_text():
    result = answers(2, labels=[0, 1, 1], predictions=[0, 0, 1])
    texts = ("one", "two\nwords " + "x" * 900, "three")
    split = Split(dataset="d", name="test", texts=texts, labels=result.labels, class_names=result.class_names)
    table = scored.answers_table(result, np.array([2, 1]), split, whole=False)
    assert table["position"].tolist() == [2, 1] and table["words"].tolist() == [1, 3]
    assert table["true_class"].tolist() == ["class 1", "class 1"]
    assert table["predicted_class"].tolist() == ["class 1", "class 0"]
    assert table["confidence"].tolist() == [result.probabilities[2, 1], result.probabilities[1, 0]]
    assert table["true_probability"].tolist() == result.probabilities[[2, 1], 1].tolist()
    assert table["text"][0] == "three" and len(table["text"][1]) == tables.BEGINNING
    assert scored.answers_table(result, np.array([1]), split, whole=True)["text"].tolist() == [texts[1]]
    assert "text" not in scored.answers_table(result, np.array([1]), None, whole=True)


@pytest.mark.parametrize(
    "text", ['=HYPERLINK("http://evil")', "+1+cmd|' /C calc'!A0", "@SUM(A1)", "-2+3", "\t=1", "＝1"]
)
def test_no_text_of_an_export_is_run_as_a_formula(text):
    written = tables.as_csv(pd.DataFrame({"text": [text], "n": [-1]}))
    back = pd.read_csv(io.BytesIO(written), dtype=str)
    assert back["text"][0] == f"'{text}" and back["n"][0] == "-1"


@pytest.mark.parametrize("text", ["-12.5", "+3", "plain = text", "", 'with "quotes", commas\nand lines', "Ünïcode 🙂"])
def test_other_texts_are_exported_as_they_are(text):
    written = tables.as_csv(pd.DataFrame({"text": [text]}))
    assert written.startswith(b"\xef\xbb\xbf")
    assert pd.read_csv(io.BytesIO(written), dtype=str, keep_default_na=False)["text"][0] == text


# --- the view ---


def erring():
    """The toy model's answers, of which every tenth is made wrong."""
    result = evaluate(toy_model("bow"), toy_data().test)
    wrong = np.arange(0, len(result), 10)
    probabilities = result.probabilities.copy()
    probabilities[wrong] = np.roll(probabilities[wrong], 1, axis=1)
    return replace(result, probabilities=probabilities)


@pytest.fixture(autouse=True)
def home(fresh_home, shared_home, tmp_path, monkeypatch):
    """A home with a model whose data set is in the catalogue, and with one of film reviews, which are not here."""
    (shared_home / "datasets").mkdir(exist_ok=True)
    fresh_home.mkdir()
    monkeypatch.setattr(folders, "BUNDLED_MODELS", tmp_path / "shipped")
    data = toy_data()
    in_catalogue(monkeypatch, data)
    save_model(toy_model("bow"), erring(), name="erring")
    save_model(toy_model("convnet"), replace(erring(), dataset="imdb"), name="imdb-convnet")
    yield fresh_home
    st.cache_resource.clear()


def in_catalogue(monkeypatch, data):
    rows = Rows([], [], [])
    for name, split in data.splits.items():
        rows.texts.extend(split.texts)
        rows.labels.extend(split.class_names[label] for label in split.labels)
        rows.splits.extend([name] * len(split))
    spec = DatasetSpec(
        name="toy",
        title="A toy",
        summary="",
        licence="",
        source="",
        download_bytes=0,
        class_names=data.class_names,
        read=lambda fetch: rows,
    )
    monkeypatch.setitem(DATASETS, "toy", spec)


def opened(page="evaluate", **address):
    at = AppTest.from_file(str(ROOT / "pages" / f"{page}.py"), default_timeout=PATIENT)
    for name, value in ({"model": "erring"} | address).items():
        at.query_params[name] = value
    return at.run()


def told(at):
    return [element.value.replace("\\", "") for element in (*at.caption, *at.info, *at.warning, *at.error)]


def data_of(at, kind):
    return [json.loads(element.proto.json) for element in at.get("bidi_component") if kind in element.proto.json]


def chosen_place(at):
    (data,) = data_of(at, "whyword-matrix") or data_of(at, "Confusion matrix")
    return tuple(data["chosen"])


def listed(at):
    return at.dataframe[0].value


def a_mistake(result):
    i, j = np.argwhere(result.confusion * (1 - np.eye(3)) > 0)[0]
    return CLASS_NAMES[i], CLASS_NAMES[j]


def test_without_a_cell_all_mistakes_are_listed_the_most_confident_first():
    at, result = opened(), erring()
    wrong = np.flatnonzero(result.labels != result.predictions)
    assert sorted(listed(at)["position"]) == wrong.tolist()
    assert listed(at)["confidence"].is_monotonic_decreasing
    assert f"{len(wrong)} of {len(result)} documents got a wrong class." in told(at)
    assert chosen_place(at) == (None, None)


def test_the_cell_in_the_address_is_framed_and_its_documents_are_listed():
    true, predicted = a_mistake(erring())
    at = opened(true=true, pred=predicted)
    assert chosen_place(at) == (CLASS_NAMES.index(true), CLASS_NAMES.index(predicted))
    assert set(listed(at)["true_class"]) == {true} and set(listed(at)["predicted_class"]) == {predicted}
    assert not {"true_class", "predicted_class"} & {*at.dataframe[0].proto.column_order}


def test_a_cell_is_chosen_with_the_two_boxes_and_left_with_a_button():
    at = opened()
    at.selectbox(key="true").select("food").run()
    assert set(listed(at)["true_class"]) == {"food"} and "food" not in set(listed(at)["predicted_class"])
    at.selectbox(key="pred").select("food").run()
    assert set(listed(at)["predicted_class"]) == {"food"} and chosen_place(at) == (1, 1)
    next(button for button in at.button if button.label == "All mistakes").click().run()
    assert at.selectbox(key="true").value is None and chosen_place(at) == (None, None)


def test_a_document_of_a_cell_is_opened_beside_the_matrix_above_the_list():
    true, predicted = a_mistake(erring())
    figure, beside = opened(true=true, pred=predicted).columns[:2]
    assert figure.get("bidi_component") and not figure.get("html")
    drawn = [element.type for element in beside]
    assert drawn.index("html") < drawn.index("dataframe")


def test_a_cell_of_another_models_classes_is_forgotten():
    at = opened(true="alt.atheism", pred="food")
    assert (at.selectbox(key="true").value, at.selectbox(key="pred").value) == (None, "food")
    at = AppTest.from_file(str(ROOT / "pages" / "evaluate.py"), default_timeout=PATIENT)
    at.session_state["true"] = "chosen for another model"
    at.run()
    assert not at.exception and at.selectbox(key="true").value is None


def test_grouping_moves_the_frame_with_its_cell():
    at = opened(true="weather", pred="weather")
    at.toggle(key="grouped").set_value(True).run()
    order = matrix.order_by_confusion(erring().confusion)
    assert chosen_place(at) == (order.index(2), order.index(2))


def test_documents_are_searched_in_words_and_with_an_expression():
    at = opened(true="food", pred="food")
    whole = listed(at)["position"].tolist()
    at.text_input(key="containing").set_value("SOUP").run()
    texts = toy_data().test.texts
    assert sorted(listed(at)["position"]) == sorted(row for row in whole if "soup" in texts[row].lower())
    at.text_input(key="containing").set_value("^(so.p|bread)\\b").run()
    assert any("None of these documents" in sentence for sentence in told(at)) and not at.dataframe
    at.toggle(key="regular").set_value(True).run()
    expected = [row for row in whole if re.match("(so.p|bread)\\b", texts[row].lower())]
    assert expected and sorted(listed(at)["position"]) == sorted(expected)


def test_an_invalid_expression_gets_a_sentence_and_loses_nothing():
    at = opened()
    whole = len(listed(at))
    at.toggle(key="regular").set_value(True)
    at.text_input(key="containing").set_value("(soup").run()
    assert "not a regular expression" in at.warning[0].value and not at.exception
    assert len(listed(at)) == whole and at.text_input(key="containing").value == "(soup"


def test_the_order_is_that_of_the_whole_list():
    at = opened()
    at.selectbox(key="order").select(scored.LONGEST).run()
    assert listed(at)["words"].is_monotonic_decreasing and not at.exception


def test_only_a_page_of_a_long_list_is_sent_to_the_browser(monkeypatch):
    monkeypatch.setattr("pages.ui.shared.documents.A_PAGE", 7)
    at = opened(true="food", pred="food")
    first = listed(at)["position"].tolist()
    assert len(first) == 7
    pages = next(element for element in at.get("pagination"))
    assert pages.proto.num_pages == -(-int(erring().confusion[1, 1]) // 7)


def test_the_first_document_can_be_read_and_explained():
    true, predicted = a_mistake(erring())
    at = opened(true=true, pred=predicted)
    row = int(listed(at)["position"].iloc[0])
    assert toy_data().test.texts[row] in "".join(element.value for element in at.html)
    link = at.page_link[0].proto
    assert "Explain this answer" in link.label
    assert f"document=erring%3A{row}" in link.query_string
    assert f"label={predicted}" in link.query_string and f"against={true}" in link.query_string


def test_a_right_answer_is_explained_without_another_class():
    link = opened(true="food", pred="food").page_link[0].proto
    assert "label=food" in link.query_string and "against" not in link.query_string


def test_the_link_of_a_document_explains_it_and_leads_back_to_its_cell():
    at = opened("explain", document="erring:45", label="food", against="weather")
    assert at.selectbox(key="model").value == "erring"
    assert at.text_area(key="text").value == toy_data().test.texts[45]
    pickers = {box.label: box.value for box in at.selectbox}
    assert (pickers["For the class"], pickers["rather than"]) == ("food", "weather")
    assert {"true=weather", "pred=food"} <= set(at.page_link[0].proto.query_string.split("&"))
    at.text_area(key="text").set_value("There was soup.")
    at.button[0].click().run()
    assert "document" not in at.query_params and at.text_area(key="text").value == "There was soup."
    assert not at.exception


@pytest.mark.parametrize("named", ["erring:99999", "erring:-1", "erring:²", "nobody:3", "imdb-convnet:3", ":", "<b>"])
def test_a_link_to_no_document_is_forgiven(named):
    at = opened("explain", document=named, label="<b>")
    assert not at.exception and not at.error


def test_a_download_that_fails_says_so_where_it_was_asked_for_and_the_page_stays(monkeypatch):
    monkeypatch.setattr(imdb, "ARCHIVE", replace(imdb.ARCHIVE, url="http://127.0.0.1:9/reviews.tar.gz"))
    at = opened(model="imdb-convnet")
    next(button for button in at.button if "Download" in button.label).click().run()
    assert not at.exception and not at.get("progress")
    assert "127" in at.error[0].value and len(listed(at))
    assert "Download" in str([button.label for button in at.button])


def test_without_the_data_the_answers_are_listed_and_the_download_is_offered():
    at = opened(model="imdb-convnet")
    assert len(listed(at)) and "text" not in listed(at)
    assert any("not on this machine yet" in sentence for sentence in told(at))
    (label,) = [button.label.replace("\\", "") for button in at.button if "Download" in button.label]
    assert label == "Download IMDB movie reviews (84 MB)"
    assert any("Licence: none stated" in caption.value.replace("\\", "") for caption in at.caption)
    assert not at.text_input and not at.page_link and not at.exception


@pytest.mark.parametrize("changed", ["texts", "labels"])
def test_texts_of_a_data_set_that_has_changed_are_not_shown(changed, monkeypatch):
    data = toy_data()
    texts = ("Another text.", *data.test.texts[1:]) if changed == "texts" else data.test.texts
    labels = np.roll(data.test.labels, 1) if changed == "labels" else data.test.labels
    in_catalogue(monkeypatch, replace(data, test=replace(data.test, texts=texts, labels=labels)))
    at = opened()
    assert any("has changed since, so its texts cannot be shown" in sentence for sentence in told(at))
    assert "text" not in listed(at) and not at.page_link


def test_an_empty_document_is_called_so_and_not_explained(monkeypatch):
    data = toy_data()
    row = int(np.flatnonzero(erring().labels != erring().predictions)[0])
    texts = tuple(" \n" if place == row else text for place, text in enumerate(data.test.texts))
    empty = replace(data, test=replace(data.test, texts=texts))
    in_catalogue(monkeypatch, empty)
    save_model(replace(toy_model("bow"), data_fingerprint=empty.fingerprint), erring(), name="emptied")
    at = opened(model="emptied")
    at.selectbox(key="order").select(scored.SHORTEST).run()
    assert listed(at)["position"][0] == row and listed(at)["words"][0] == 0
    assert "This document is empty; the model can only guess." in told(at) and not at.page_link


def test_a_table_of_ones_own_that_is_gone_is_told():
    save_model(toy_model("bow"), replace(erring(), dataset="mine"), name="of-mine")
    at = opened(model="of-mine")
    assert any("no longer where it was" in sentence for sentence in told(at)) and len(listed(at))


def test_a_model_that_never_predicts_a_class_and_a_class_without_documents_are_told():
    labels = np.where(erring().labels == 2, 0, erring().labels).astype(np.int32)
    probabilities = erring().probabilities * np.float32([1, 0, 1])
    probabilities /= probabilities.sum(axis=1, keepdims=True)
    save_model(toy_model("bow"), replace(erring(), labels=labels, probabilities=probabilities), name="odd")
    assert model_info("odd").accuracy < 1
    for cell, sentence in (
        ({"true": "weather"}, "The test split has no document of weather, so nothing is known about this class."),
        ({"pred": "food"}, "No document of the test split is predicted as food."),
        ({"true": "food", "pred": "food"}, "No document of the test split is predicted as food."),
    ):
        at = opened(model="odd", **cell)
        assert sentence in told(at) and not at.dataframe and not at.exception


def test_a_model_without_a_mistake_shows_no_empty_list():
    result = erring()
    perfect = np.eye(3, dtype=np.float32)[result.labels]
    save_model(toy_model("bow"), replace(result, probabilities=perfect), name="perfect")
    at = opened(model="perfect")
    assert f"No mistake among {len(result)} documents." in told(at) and not at.dataframe and not at.exception
