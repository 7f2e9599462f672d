"""The views of the Evaluate page and the Compare page as Streamlit runs them, without a browser."""

import json
import re
import time
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import streamlit as st
from sklearn.metrics import accuracy_score, confusion_matrix, roc_auc_score
from streamlit.testing.v1 import AppTest

from core import folders
from core.datasets import DATASETS, load_table, remember_table
from core.evaluation import at_threshold, check_label_sets, costs, evaluate, label_set_rule, mean_cost
from core.saved_models import ModelKey, model_info, save_model, stored_epochs, stored_evaluation
from core.schema import Neighbour
from core.training import fit
from pages.ui.compare.models import comparison_sentence
from pages.ui.evaluate import slices
from pages.ui.evaluate.cell_words import neighbour_table
from pages.ui.evaluate.confidence import coverage_sentence
from pages.ui.shared import cache
from pages.ui.shared.snapshots import Snapshots
from pages.ui.shared.widgets import literal
from tests.test_pages import ROOT
from tests.toy import CLASS_NAMES, toy_data, toy_model, toy_recipe, toy_run, toy_table

VIEWS = ("Mistakes", "Classes", "Confidence", "Learning", "Words", "Slices", "Labels")
MARKUP = "![a](http://example.org/a.png) **shop**"


@pytest.fixture(autouse=True)
def three_models(fresh_home, tmp_path, monkeypatch):
    """Two models of one data set with all that is kept with a model, and an older one without."""
    fresh_home.mkdir()
    monkeypatch.setattr(folders, "BUNDLED_MODELS", tmp_path / "shipped")
    for family in ("bow", "ngram"):
        answers = toy_run(family).answers
        valid = evaluate(toy_model(family), toy_data().valid, answers.valid)
        save_model(toy_model(family), answered(family), name=f"toy-{family}", valid=valid, epochs=answers.epochs)
    save_model(toy_model("convnet"), answered("convnet"), name="toy-old")
    yield
    st.cache_resource.clear()


def answered(family):
    return evaluate(toy_model(family), toy_data().test)


def opened(page="evaluate", **address):
    """The page as somebody sees it who comes by a link."""
    at = AppTest.from_file(str(ROOT / "pages" / f"{page}.py"), default_timeout=60)
    for name, value in address.items():
        at.query_params[name] = value
    return at.run()


def warned(at, words):
    """Whether a warning of the page has these words."""
    return any(words in warning.value for warning in at.warning)


def metric(at, label):
    return next(each.value for each in at.metric if each.label == label)


def percent(share):
    return f"{100 * share:.1f}%"


@pytest.mark.parametrize("model", ["toy-bow", "toy-old"])
@pytest.mark.parametrize("view", VIEWS)
def test_every_view_opens_for_every_model(view, model):
    assert not opened(view=view, model=model).exception


def test_the_report_has_every_figure_with_its_interval():
    frame = opened(view="Classes", model="toy-bow").dataframe[0].value
    assert frame["Class"].tolist() == [*CLASS_NAMES, "Mean", "Weighted mean"]
    recall = stored_evaluation("toy-bow").classes[0]["recall"]
    assert frame["Recall"][0].startswith(f"{percent(recall)} (")


def test_curves_follow_the_class_that_is_chosen():
    at, stored = opened(view="Classes", model="toy-bow"), stored_evaluation("toy-bow")
    at.selectbox(key="curve-class").set_value(CLASS_NAMES[2]).run()
    area = roc_auc_score(stored.labels == 2, stored.probabilities[:, 2])
    assert f"ROC curve: {area:.3f}" in " ".join(caption.value for caption in at.caption)


def test_a_threshold_moves_the_matrix_and_the_figures(two_classes):
    at = opened(view="Classes", model="two")
    at.slider(key="threshold").set_value(90).run()
    stored = stored_evaluation("two")
    moved = (stored.probabilities[:, 1] >= 0.9).astype(int)
    assert not at.exception
    assert metric(at, "Cost per document") == f"{(moved != stored.labels).mean():.3f}"
    assert [each.value for each in at.metric if each.label == "Accuracy"][-1] == percent(
        accuracy_score(stored.labels, moved)
    )
    at.number_input(key="cost-wrongly").set_value(0.0)
    at.number_input(key="cost-missing").set_value(0.0).run()
    assert any("at least one of them is above 0" in box.value.replace("\\", "") for box in at.warning)
    assert not at.exception


def test_the_advised_threshold_is_the_cheapest_of_the_validation_documents(two_classes):
    at = opened(view="Classes", model="two")
    at.number_input(key="cost-missing").set_value(3.0).run()
    advised = costs(stored_evaluation("two", "valid"), 1, 3).cheapest
    cost = mean_cost(at_threshold(stored_evaluation("two"), advised), 1, 3)
    told = " ".join(caption.value for caption in at.caption).replace("\\", "")
    assert f"A threshold of {percent(advised)} costs least on the validation documents, and {cost:.3f}" in told


def test_a_model_without_answers_on_validation_advises_no_threshold(two_classes):
    save_model(*two_classes, name="two-old")
    at = opened(view="Classes", model="two-old")
    assert warned(at, "validation documents") and metric(at, "Cost per document") and not at.exception


def test_a_link_may_say_the_threshold(two_classes):
    assert opened(view="Classes", model="two", threshold="70").slider(key="threshold").value == 70


@pytest.mark.parametrize("page", ["explain", "evaluate"])
def test_a_link_to_a_model_that_is_not_here_says_so_until_another_is_chosen(page):
    at = opened(page, model="nope")
    assert at.warning[0].value.startswith("nope is not here: it was deleted") and not at.exception
    instead = at.selectbox(key="model").value
    other = next(name for name in at.selectbox(key="model").options if name != instead)
    at.selectbox(key="model").set_value(other).run()
    assert not any("nope" in box.value for box in at.warning) and not at.exception


def test_a_link_to_a_second_model_that_is_not_here_says_so_and_shows_another():
    at = opened("compare", model="toy-bow", other="nope")
    assert "nope is not a model that can be chosen here" in at.toast[0].value and not at.exception
    assert at.selectbox(key="other").value.startswith("toy-")


def test_a_link_to_a_second_model_of_other_classes_says_why_it_shows_another(two_classes):
    save_model(*two_classes, name="two-old")
    at = opened("compare", model="toy-bow", other="two-old")
    assert "cannot be compared" in at.toast[0].value and not at.exception
    assert at.selectbox(key="other").value.startswith("toy-")


@pytest.mark.parametrize(
    "named",
    ["noted:999999999", "noted:-1", "noted:no:1", "noted::1", "noted:test:1:1", "noted", ":", "nope:1"],
)
def test_a_link_to_a_document_that_is_not_here_says_so_once(named, of_a_table):
    at = opened("explain", document=named)
    assert "a document that is not here" in at.toast[0].value and not at.exception
    assert not at.run().toast and "document" not in at.query_params


@pytest.mark.parametrize("part", ["train", "valid", "test"])
def test_a_link_names_a_document_of_any_part(part, of_a_table, tmp_path):
    at = opened("explain", document=f"noted:{part}:3")
    text = load_table(tmp_path / "notes.csv", "note", "kind").splits[part].texts[3]
    assert at.text_area[0].value == text and not at.exception


def test_a_document_stays_when_another_model_is_chosen_and_the_page_is_opened_again(of_a_table):
    _, test = of_a_table
    at = opened("explain", document="noted:3", model="toy-bow")
    assert at.text_area[0].value == test[3] and at.selectbox(key="model").value == "toy-bow" and not at.toast


def test_forgotten_documents_are_listed_by_how_often():
    kept = stored_epochs("toy-bow")
    said = np.random.default_rng(1).integers(0, 3, kept.predictions.shape)
    said[kept.best_epoch - 1] = kept.predictions[kept.best_epoch - 1]
    save_model(toy_model("bow"), answered("bow"), name="forgetful", epochs=said)
    at = opened(view="Learning", model="forgetful", epoch=str(len(said)))
    next(group for group in at.get("segmented_control") if group.label == "Documents").set_value("Forgotten").run()
    right = said == answered("bow").labels
    times = (right[:-1] & ~right[1:]).sum(axis=0)[at.dataframe[0].value["position"]]
    assert times.tolist() == sorted(times, reverse=True) and len(set(times.tolist())) > 1 and not at.exception


@pytest.fixture
def two_classes():
    """A model of two classes, made of answers."""
    test = answered("bow")
    kept = test.labels < 2
    shares = test.probabilities[kept][:, :2] + 1e-3
    shares = shares / shares.sum(axis=1, keepdims=True)
    answers = replace(test, class_names=CLASS_NAMES[:2], labels=test.labels[kept], probabilities=shares)
    model = replace(toy_model("bow"), class_names=CLASS_NAMES[:2])
    save_model(model, answers, name="two", valid=replace(answers, split="valid", labels=answers.labels[::-1]))
    return model, answers


def test_label_sets_are_checked_on_the_test_documents():
    at = opened(view="Confidence", model="toy-bow")
    at.slider(key="coverage").set_value(90).run()
    rule = label_set_rule(stored_evaluation("toy-bow", "valid"), 0.9)
    told = coverage_sentence(rule, check_label_sets(rule, stored_evaluation("toy-bow")))
    assert told in [caption.value for caption in at.caption] and not at.exception


def test_what_an_older_model_has_not_kept_is_told_in_its_place():
    for view in ("Confidence", "Learning"):
        at = opened(view=view, model="toy-old")
        assert warned(at, "older version") and not at.exception
        assert at.get("plotly_chart")


def test_the_epoch_slider_moves_the_answers_and_the_lists():
    at, kept = opened(view="Learning", model="toy-bow"), stored_epochs("toy-bow")
    for epoch in (1, len(kept)):
        at.slider(key="epoch").set_value(epoch).run()
        right = kept.predictions[epoch - 1] == kept.labels
        assert metric(at, "Right on the test documents") == percent(right.mean()) and not at.exception
    lists = next(group for group in at.get("segmented_control") if group.label == "Documents")
    lists.set_value("Never right").run()
    never = np.flatnonzero((kept.predictions != kept.labels).all(axis=0))
    assert f"{len(never)} document" in " ".join(caption.value for caption in at.caption) and not at.exception


def test_slices_are_the_worst_first():
    at, stored = opened(view="Slices", model="toy-bow"), stored_evaluation("toy-bow")
    frame = at.dataframe[0].value
    recalls = {name: row["recall"] for name, row in zip(CLASS_NAMES, stored.classes, strict=True)}
    assert set(frame["Slice"]) == set(CLASS_NAMES) and frame["Documents"].sum() == len(stored)
    for _, row in frame.iterrows():
        assert row["Accuracy"].startswith(f"{percent(recalls[row['Slice']])} (")


def test_an_older_link_to_the_slices_by_confidence_still_opens_them():
    older, newer = (opened(view="Slices", model="toy-bow", slice=name) for name in ("How sure it is", "Confidence"))
    assert not older.exception and older.dataframe[0].value.equals(newer.dataframe[0].value)
    assert set(older.dataframe[0].value["Slice"]).isdisjoint(CLASS_NAMES)


@pytest.fixture
def of_a_table(tmp_path):
    """The rows by their texts of a table with two other columns, and the test texts of the model "noted" of it."""
    rows = pd.read_csv(toy_table(tmp_path / "notes.csv"))
    rows = rows.assign(**{MARKUP: [f"<b>{row % 3}</b> [x](y)" for row in rows.index], "price": rows.index / 8})
    rows.to_csv(tmp_path / "notes.csv", index=False)
    return rows.drop_duplicates("note").set_index("note"), learned(tmp_path / "notes.csv", "noted").texts


def learned(path, name):
    """The test documents of a table, which a model of that name has learned from."""
    data = load_table(path, "note", "kind")
    remember_table(data, path, "note", "kind")
    predictor = list(fit(toy_recipe("bow", epochs=2), data, seed=5))[-1].predictor
    save_model(predictor, evaluate(predictor, data.test), name=name)
    return data.test


def test_slices_by_another_column_of_a_table_of_ones_own(of_a_table):
    (rows, texts), right = of_a_table, stored_evaluation("noted").correct
    at = opened(view="Slices", model="noted", slice="A column")
    assert at.selectbox(key="slice-column").options == [MARKUP, "price"]
    frame = at.dataframe[0].value.set_index("Slice")
    for name, inside in rows.loc[list(texts), MARKUP].groupby(lambda text: rows.loc[text, MARKUP]).groups.items():
        chosen = np.isin(texts, inside)
        assert frame.loc[name, "Documents"] == chosen.sum()
        assert frame.loc[name, "Accuracy"].startswith(f"{percent(right[chosen].mean())} (")
    at.selectbox(key="slice-column").set_value("price").run()
    ranges = at.dataframe[0].value
    assert len(ranges) == 5 and ranges["Documents"].sum() == len(texts) and not at.exception


def test_markup_in_a_column_of_a_table_is_shown_as_it_is(of_a_table):
    at = opened(view="Slices", model="noted", slice="A column", **{"slice-column": MARKUP})
    part = at.dataframe[0].value["Slice"][0]
    assert f"Mistakes: {literal(part)}" in [heading.value for heading in at.header]


def test_a_table_without_other_columns_and_one_that_is_gone_are_told(tmp_path):
    learned(toy_table(tmp_path / "notes.csv"), "plain")
    at = opened(view="Slices", model="plain", slice="A column")
    assert any("has no other column" in caption.value for caption in at.caption) and not at.exception
    at = opened(view="Slices", model="toy-bow", slice="A column")
    assert warned(at, "no longer where it was") and not at.exception


def test_a_column_in_the_address_that_the_table_does_not_have_is_passed_over(of_a_table):
    at = opened(view="Slices", model="noted", slice="A column", **{"slice-column": "none"})
    assert at.selectbox(key="slice-column").value == MARKUP and not at.exception


def test_columns_are_offered_for_a_table_of_ones_own_only(of_a_table, monkeypatch):
    at = opened(view="Slices", model="noted")
    assert "A column" in slicing(at).options
    slicing(at).set_value("A column").run()
    monkeypatch.setitem(DATASETS, "toy", replace(DATASETS["imdb"], name="toy"))
    at.selectbox(key="model").set_value("toy-bow").run()
    assert "A column" not in slicing(at).options and slicing(at).value == "Class" and not at.exception


def slicing(at):
    return next(group for group in at.get("segmented_control") if group.label == "By")


def test_two_models_are_compared_on_the_same_documents():
    at = opened("compare", model="toy-bow", other="toy-ngram")
    first, second = stored_evaluation("toy-bow"), stored_evaluation("toy-ngram")
    assert [each.value for each in at.metric] == [percent(first.accuracy), percent(second.accuracy)]
    assert comparison_sentence(cache.comparison(ModelKey("toy-bow", "1"), ModelKey("toy-ngram", "2"))) in at.markdown[
        0
    ].value.replace("\\", "")
    at.get("segmented_control")[0].set_value("Figures").run()
    more = second.confusion - first.confusion
    assert (at.dataframe[3].value.iloc[:, 1:].to_numpy() == more).all() and not at.exception


def test_behind_the_mean_of_the_classes_stand_the_mistakes_of_all():
    at = opened(model="toy-bow", view="Classes")
    key = f"report-{model_info('toy-bow').fingerprint}"
    at.session_state[key] = {"selection": {"rows": [len(CLASS_NAMES)], "columns": [], "cells": []}}
    at.run()
    assert not at.exception and "All classes" in [header.value for header in at.header]


def test_a_model_marks_the_same_words_of_a_text_beside_another_as_alone():
    text = "The old soup was there again, and bread."
    beside = opened("compare", model="toy-bow", other="toy-ngram", compared="One text", text=text)
    alone = opened("explain", model="toy-bow", text=text)
    marks = next(each.value for each in beside.get("html") if 'class="whyword-text"' in each.value)
    shown = next(each.proto.json for each in alone.get("bidi_component") if "whyword-text" in each.proto.json)
    found = re.findall("<mark.*?</mark>", marks)
    assert found and found == re.findall("<mark.*?</mark>", json.loads(shown)["html"])


def test_a_text_in_front_of_two_models_is_explained_as_the_settings_say():
    at = opened(
        "compare", model="toy-old", other="toy-bow", compared="One text", text="The old soup was there, and bread."
    )
    at.select_slider(key="samples").set_value(500)
    at.selectbox(key="scale").set_value("log-odds").run()
    told = [caption.value for caption in at.caption if "perturbed samples" in caption.value]
    assert not at.exception and len(told) == 2
    assert all(re.match("500 perturbed samples", each) and "log" in each for each in told)


def test_a_link_to_another_model_that_is_not_here_says_so():
    at = opened("compare", model="toy-bow", other="gone")
    assert not at.exception and "gone is not a model" in at.toast[0].value


def test_two_models_explain_one_text_beside_each_other():
    at = opened(
        "compare", model="toy-bow", other="toy-ngram", compared="One text", text="The old soup was there again."
    )
    assert not at.exception
    texts = [each.value for each in at.get("html") if "whyword-text" in each.value]
    assert len(texts) == 2 and all("soup" in text for text in texts)


def test_a_model_without_another_of_its_kind_is_told_so(two_classes):
    at = opened("compare", model="two")
    assert "no other model" in at.info[0].value and not at.exception


def test_a_difference_that_may_be_chance_is_called_so():
    told = comparison_sentence(cache.comparison(ModelKey("toy-bow", "1"), ModelKey("toy-ngram", "2")))
    assert "chance" in told or "same documents" in told or "equally often" in told


def test_matrices_equal_those_of_scikit_learn():
    stored = stored_evaluation("toy-bow")
    assert (stored.confusion == confusion_matrix(stored.labels, stored.predictions, labels=range(3))).all()


def test_the_nearest_training_documents_are_told_with_their_beginning():
    train = toy_data().train
    near = [Neighbour(position=4, class_name=CLASS_NAMES[1], similarity=0.25, documents=3)]
    frame = neighbour_table(near, train)
    assert frame.to_dict("records") == [
        {"Similarity": "25.0%", "Near to": 3, "Words": len(train.texts[4].split()), "Text": train.texts[4]}
    ]


def test_a_document_that_was_opened_in_explain_does_not_disturb_the_comparison():
    at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    at.query_params["model"] = "toy-bow"
    at.session_state["opened"] = "The text of a test document."
    at.run()
    at.switch_page("pages/compare.py")
    at.query_params["compared"] = "Figures"
    assert not at.run().exception


def test_a_word_in_no_document_is_told_in_a_sentence(monkeypatch):
    monkeypatch.setattr(slices, "texts_of", lambda info, result: toy_data().test)
    at = opened(view="Slices", model="toy-bow", slice="A word")
    at.text_input(key="slice-word").set_value("zzqq").run()
    assert "nothing to compare" in " ".join(caption.value for caption in at.caption) and not at.exception


def test_what_goes_wrong_in_the_background_is_there_to_be_raised():
    def broken():
        yield 1
        raise OSError("the disk is gone")

    snapshots = Snapshots(broken())
    snapshots.go_on(lambda _: None)
    deadline = time.monotonic() + 20
    while not snapshots.done and time.monotonic() < deadline:
        time.sleep(0.01)
    assert isinstance(snapshots.error, OSError) and snapshots.last == 1
