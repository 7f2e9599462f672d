"""Every page as Streamlit runs it, without a browser."""

import gc
import json
import re
import time
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qsl

import numpy as np
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from core import folders
from core.__main__ import main
from core.evaluation import evaluate
from core.explanation import EXPLAINERS, DirectExplainer, caveats, first_samples
from core.format import percent
from core.jobs import REGISTRY
from core.recipes import RECIPES
from core.saved_models import delete_model, list_models, rename_model, save_model, stored_evaluation
from core.schema import Caveat, Scale
from pages.ui.shared import visitor
from pages.ui.shared.examples import examples
from pages.ui.shared.turns import TURNS
from pages.ui.shared.widgets import literal
from pages.ui.train.settings import FAMILY_SETTINGS, SETTINGS, TRAINING
from tests.toy import CLASS_NAMES, toy_data, toy_model, toy_recipe

ROOT = Path(__file__).parents[1]
TITLES = {
    "explain": "Which words decide?",
    "evaluate": "How good is the model?",
    "compare": "Which model is better?",
    "score": "Predict a file",
    "train": "Train a model",
    "models": "Which models are there?",
    "data": "What do the texts look like?",
    "how": "How does it work?",
}
WAIT = 180  # seconds; a machine under load reads the docstrings for a minute
TEXT = "There was soup again, and bread; perhaps a storm."


@pytest.fixture(autouse=True)
def two_models(fresh_home, shared_home, tmp_path, monkeypatch):
    """Two models in a home of their own: one of the user's data, one that stands for film reviews.

    What is read out of data sets is kept for all tests.
    """
    (shared_home / "datasets").mkdir(exist_ok=True)
    fresh_home.mkdir()
    (fresh_home / "datasets").symlink_to(shared_home / "datasets")
    monkeypatch.setattr(folders, "BUNDLED_MODELS", tmp_path / "shipped")
    test = evaluate(toy_model("bow"), toy_data().test)
    save_model(toy_model("bow"), test, name="toy-bow")
    save_model(toy_model("convnet"), replace(test, dataset="imdb"), name="imdb-best")
    yield
    st.cache_resource.clear()
    for job in REGISTRY.all():
        job.stop()


def opened(page="explain", **address):
    """The page as somebody sees it who comes by a link."""
    at = AppTest.from_file(str(ROOT / "pages" / f"{page}.py"), default_timeout=WAIT)
    for name, value in address.items():
        at.query_params[name] = value
    return at.run()


def explained(text, model="toy-bow", samples=500):
    at = opened(model=model)
    at.select_slider(key="samples").set_value(samples)
    at.text_area(key="text").set_value(text)
    at.button[0].click().run()
    return at


def tool(at, name):
    """The page with that tool at work."""
    return at.button_group(key="tool").set_value(name).run()


def picker(at, label):
    return next(element for element in (*at.selectbox, *at.multiselect) if element.label == label)


def html(at):
    clickable = "".join(json.loads(element.proto.json).get("html", "") for element in at.get("bidi_component"))
    return "".join(element.value for element in at.html) + clickable


def charts(at):
    return [json.loads(element.proto.spec) for element in at.get("plotly_chart")]


def test_what_the_first_run_of_a_page_loads_is_spared_the_garbage_collector_once():
    opened("data")
    spared = gc.get_freeze_count()
    assert spared > 0
    opened("data")
    assert gc.get_freeze_count() <= spared


@pytest.mark.parametrize("page", TITLES)
def test_a_page_can_be_run_alone(page):
    at = opened(page)
    assert [title.value for title in at.title] == [TITLES[page]]
    assert not at.exception and not at.error


@pytest.mark.parametrize("page", TITLES)
def test_a_page_can_be_reached_through_the_app(page):
    at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=WAIT).run()
    at.switch_page(f"pages/{page}.py").run()
    assert [title.value for title in at.title] == [TITLES[page]]
    assert not at.exception and not at.error


@pytest.mark.parametrize("page", ["explain", "evaluate", "models", "how", "score", "compare"])
def test_a_model_that_is_deleted_elsewhere_while_it_is_open_gives_way_with_a_sentence(page):
    at = opened(page, model="toy-bow")
    delete_model("toy-bow")
    at.run()
    assert not at.exception and not at.error
    said = r"toy\-bow is not here: it was deleted"
    assert said in at.warning[0].value and at.selectbox(key="model").value == "imdb-best"
    assert "imdb-best" in at.query_params["model"] and said in at.run().warning[0].value


@pytest.mark.parametrize("page", ["explain", "evaluate", "models", "score"])
def test_a_model_that_is_renamed_elsewhere_while_it_is_open_is_followed(page):
    at = opened(page, model="toy-bow")
    rename_model("toy-bow", "toy-renamed")
    at.run()
    assert at.selectbox(key="model").value == "toy-renamed" and not at.warning and not at.exception
    assert at.toast[0].value == r"toy\-bow is called toy\-renamed now."


def test_a_click_that_was_meant_for_a_model_deleted_elsewhere_does_not_reach_another():
    mine = opened("models", model="toy-bow")
    delete_model("toy-bow")
    next(button for button in mine.button if button.label == "Delete").click().run()
    assert not mine.exception and [info.name for info in list_models()] == ["imdb-best"]


def test_a_model_that_is_trained_anew_elsewhere_answers_in_the_open_page():
    at = explained(TEXT)
    before = charts(at)[0]["data"][0]["text"]
    delete_model("toy-bow")
    save_model(toy_model("convnet"), evaluate(toy_model("convnet"), toy_data().test), name="toy-bow")
    at.run()
    assert not at.exception and charts(at)[0]["data"][0]["text"] != before


@pytest.mark.parametrize("page", ["explain", "evaluate", "compare", "score", "train", "models", "data", "how"])
def test_an_address_of_another_app_or_at_odds_with_itself_opens_the_page(page):
    odd = dict.fromkeys(("model", "label", "view", "true", "dataset", "recipe"), "![x](http://127.0.0.1:9/x.png)")
    at = opened(page, document="toy-bow:train:99999999", against="food", seed="9" * 50, units="?", **odd)
    assert not at.exception and not at.error


@pytest.mark.parametrize(
    ("page", "name", "kind", "instead"),
    [
        ("data", "dataset", "data set", "this is another one"),
        ("train", "recipe", "recipe", "this is another one"),
        ("evaluate", "true", "class", "so none is"),
    ],
)
def test_what_an_address_names_and_is_not_here_is_told_once(page, name, kind, instead):
    at = opened(page, model="toy-bow", **{name: "gone"})
    assert not at.exception and not at.error
    assert [toast.value for toast in at.toast] == [f"gone is not a {kind} that can be chosen here; {instead}."]
    assert not at.run().toast


@pytest.mark.parametrize(("scale", "told"), [("log-odds", True), ("probability", False)])
def test_a_weight_in_log_odds_is_told_to_be_one(scale, told):
    at = opened("explain", model="toy-bow", text=TEXT, scale=scale)
    assert any("Weights are in log-odds here" in caption.value for caption in at.caption) is told and not at.exception


def test_home_explains_an_example_without_a_click():
    at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=WAIT).run()
    assert at.selectbox(key="model").value == "imdb-best"
    assert at.text_area(key="text").value == next(iter(examples("imdb").values()))
    assert "<mark" in html(at) and len(charts(at)) == 3


def test_a_typed_text_is_answered_and_its_words_are_marked():
    at = explained(TEXT)
    assert ">soup</mark>" in html(at) and 'class="whyword-verdict"' in html(at)
    bars = charts(at)[0]["data"][0]
    assert len(bars["x"]) == len(CLASS_NAMES)


def test_another_class_can_be_explained():
    at = explained(TEXT)
    picker = next(box for box in at.selectbox if box.label == "For the class")
    assert picker.value == "food"
    picker.select("weather").run()
    assert "speaks for weather" in html(at) and not at.exception


def test_an_example_is_taken_over_and_another_model_keeps_a_text_of_ones_own():
    at = explained("my own soup", model="imdb-best")
    at.selectbox(key="model").select("toy-bow").run()
    assert at.text_area(key="text").value == "my own soup"


def test_what_is_typed_is_a_draft_until_somebody_presses_explain():
    at = explained(TEXT)
    before = html(at)
    at.text_area(key="text").set_value("No soup, no bread").run()
    assert html(at) == before
    at.button[0].click().run()
    assert html(at) != before and ">soup</mark>" in html(at)


def test_another_model_is_asked_about_the_draft():
    at = explained("my own soup", model="imdb-best")
    at.text_area(key="text").set_value("another bread")
    at.selectbox(key="model").select("toy-bow").run()
    assert at.text_area(key="text").value == "another bread" and ">bread</mark>" in html(at)


def test_an_example_gives_way_when_the_model_is_for_other_texts():
    at = opened(model="imdb-best")
    at.selectbox(key="model").select("toy-bow").run()
    assert at.text_area(key="text").value == "" and "Type or paste a text" in at.info[0].value


def test_settings_change_how_an_explanation_is_made():
    at = explained(TEXT)
    at.slider(key="words").set_value(5)
    at.slider(key="smallest").set_value(0).run()
    marked = html(at).rpartition('class="whyword-text"')[2]
    assert marked.count("<mark") + marked.count("whyword-unsure") == 5


def test_words_that_the_model_does_not_know_are_listed():
    at = explained("some soup <script>zyzzyva qwerty")
    assert at.expander[0].label == "3 unknown words"
    assert any("knows 2 of the text's 5 words" in caption.value for caption in at.caption)


@pytest.mark.parametrize("model", ["toy-bow", "imdb-best"])
@pytest.mark.parametrize(
    "text",
    [
        "",
        " \n\t ",
        "🙂",
        "\x00",
        "soup\x00and\x00rain",
        "soup <|endoftext|> <|endoftext|>",
        "خبز soup خبز",
        "soup " * 200_000,
        "a" * 1_000_000,
    ],
    ids=["empty", "white", "emoji", "nul", "nuls", "endoftext", "rtl", "megabyte", "one-word-megabyte"],
)
def test_a_strange_text_gets_an_answer_or_a_sentence(text, model):
    at = explained(text, model)
    assert not at.exception and not at.error
    assert "whyword-text" in html(at) or at.warning or at.info


def test_a_text_of_unknown_words_says_so():
    at = explained("zyzzyva qwerty")
    assert "knows none of the words" in at.warning[0].value and "<mark" not in html(at)


def test_markup_in_a_text_is_escaped():
    at = explained("soup <script>alert(1)</script> ![x](http://a/b.png)")
    assert "<script" not in html(at) and "&lt;" in html(at)


def test_the_model_in_the_address_is_the_one_that_answers():
    assert opened("evaluate", model="imdb-best").selectbox(key="model").value == "imdb-best"
    assert opened("evaluate", model="toy-bow").selectbox(key="model").value == "toy-bow"
    assert opened("evaluate", model="<b>none</b>").selectbox(key="model").value == "imdb-best"


def test_a_model_that_was_damaged_gives_a_sentence():
    at = opened(model="toy-bow")
    (folders.models_folder() / "toy-bow" / "recipe.json").write_text("{}")
    st.cache_resource.clear()
    at.text_area(key="text").set_value(TEXT)
    at.button[0].click().run()
    assert "incomplete or altered" in at.error[0].value and not at.exception


def test_without_a_model_the_way_to_train_one_is_shown(fresh_home, monkeypatch):
    monkeypatch.setenv("WHYWORD_HOME", str(fresh_home / "empty"))
    at = opened("explain")
    assert "no model yet" in at.info[0].value and not at.exception


def test_evaluation_shows_the_figures_that_are_stored():
    at, result = opened("evaluate", model="toy-bow"), evaluate(toy_model("bow"), toy_data().test)
    assert at.metric[0].value == f"{100 * result.accuracy:.1f}%"
    assert [metric.label for metric in at.metric] == ["Accuracy", "Macro F1", "Loss", "Calibration error"]
    views = ["Mistakes", "Classes", "Confidence", "Learning", "Words", "Slices", "Labels"]
    assert at.get("segmented_control")[0].options == views


def test_the_view_in_the_address_is_the_one_that_is_shown():
    at = opened("evaluate", model="toy-bow", view="Classes")
    assert at.dataframe[0].value["Class"].tolist() == [*CLASS_NAMES, "Mean", "Weighted mean"]
    loss, accuracy = charts(opened("evaluate", model="toy-bow", view="Learning"))
    assert [trace["name"] for trace in loss["data"] + accuracy["data"]].count("Validation") == 2
    assert "whyword-matrix" not in html(at)
    assert "Confusion matrix" in [title.value for title in opened("evaluate", view="<b>none</b>").header]


def test_a_training_run_is_found_by_its_address_watched_and_saved():
    job = REGISTRY.start(toy_recipe("bow", epochs=4), data=toy_data(), name="mine")
    at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=WAIT).run()
    at.switch_page("pages/train.py")
    at.query_params["job"] = job.id
    at.run()
    assert at.header[0].value == "mine" and not at.exception
    job.wait(60)
    at.run()
    assert "test documents right" in [*at.success, *at.warning][0].value and not at.exception
    assert [metric.label for metric in at.metric] == ["Epoch", "Training loss", "Validation accuracy", "Time"]
    at.switch_page("pages/evaluate.py").run()
    assert "mine" in at.selectbox(key="model").options


def test_a_training_run_is_stopped_within_two_seconds_and_leaves_nothing():
    job = REGISTRY.start(toy_recipe("bow", epochs=1000, patience=0), data=toy_data(), name="mine")
    at = opened("train", job=job.id)
    stop, started = next(button for button in at.button if button.label == "Stop training"), time.monotonic()
    stop.click().run()
    assert time.monotonic() - started < 2 and job.state == "stopped"
    assert "Nothing was saved" in at.info[0].value
    assert "mine" not in [path.name for path in folders.models_folder().iterdir()]


ENDLESS = {"epochs": 1000, "patience": 0}


def button(at, label):
    return next(button for button in at.button if button.label == label)


def test_a_training_run_that_waits_shows_its_place_and_can_be_left():
    first, second = (REGISTRY.start(toy_recipe("bow", **ENDLESS), data=toy_data(), name=name) for name in "ab")
    at = opened("train", job=second.id)
    assert at.header[0].value == "b"
    assert "Waiting for its turn: 1 training before it" in at.get("progress")[0].proto.text
    assert [link.label for link in at.page_link if link.label.startswith("a")] == ["a: runs now"]
    button(at, "Stop training").click().run()
    assert (first.state, second.state) == ("running", "stopped")


def test_where_strangers_meet_nobody_sees_or_stops_what_another_has_started(monkeypatch):
    monkeypatch.setenv("WHYWORD_DEMO", "1")
    job = REGISTRY.start(toy_recipe("bow", **ENDLESS), data=toy_data(), name="secret", owner="another")
    for at in (opened("train"), opened("train", job=job.id)):
        assert not at.exception
        assert "1 training of other visitors runs or waits here" in " ".join(caption.value for caption in at.caption)
        assert "secret" not in str([*at.header, *at.page_link, *at.caption, *at.markdown])
        assert "Stop training" not in [button.label for button in at.button]
    mine = opened("train")
    job.owner = mine.session_state["visitor"]
    assert mine.run().header[0].value == "secret"
    assert button(mine, "Stop training")


def replacing(at):
    """The boxes that ask whether a model is to be replaced."""
    return [box for box in at.checkbox if box.label.startswith("Replace the model")]


def test_a_name_that_would_replace_a_model_asks_first():
    at = opened("train", recipe="docstrings-bow")
    assert not replacing(at)
    at.text_input[0].set_value("toy-bow").run()
    assert replacing(at)[0].label.startswith("Replace the model toy")
    button(at, "Start training").click().run()
    assert "is there already" in at.warning[0].value and REGISTRY.active() == ()
    replacing(at)[0].check()
    button(at, "Start training").click().run()
    assert [job.name for job in REGISTRY.active()] == ["toy-bow"]


def test_where_strangers_meet_no_model_is_replaced(monkeypatch):
    monkeypatch.setenv("WHYWORD_DEMO", "1")
    at = opened("train", recipe="docstrings-bow")
    at.text_input[0].set_value("toy-bow").run()
    assert not replacing(at)
    button(at, "Start training").click().run()
    assert "choose another name" in at.warning[0].value and REGISTRY.active() == ()


def test_the_secret_of_a_browser_is_the_same_under_every_mask():
    secret, masks = b"sixteen bytes of", (b"\x01\x02\x03\x04", b"abcd")
    masked = [bytes(one ^ mask[i % 4] for i, one in enumerate(secret)) for mask in masks]
    cookies = [f"2|{mask.hex()}|{text.hex()}|1" for mask, text in zip(masks, masked, strict=True)]
    assert {visitor._secret(cookie) for cookie in cookies} == {secret.hex()}
    assert [visitor._secret(cookie) for cookie in ("", "2|zz|00|1", "no cookie", "2||00|1")] == [""] * 4


def test_a_training_run_that_fails_says_why():
    data = toy_data()
    one_class = replace(data.train, labels=np.zeros_like(data.train.labels))
    job = REGISTRY.start(toy_recipe("bow"), data=replace(data, train=one_class), name="mine")
    job.wait(60)
    at = opened("train", job=job.id)
    assert job.error and literal(job.error) == at.error[0].value


def test_a_run_that_nobody_knows_any_more_is_told_of():
    at = opened("train", job="long-ago")
    assert "ended long ago" in at.caption[0].value and not at.exception


def test_a_name_that_cannot_be_is_refused_in_a_sentence():
    at = opened("train", recipe="docstrings-bow")
    at.text_input[0].set_value("../Evil ![x](http://a/b.png)")
    next(button for button in at.button if button.label == "Start training").click().run()
    assert "cannot be a model" in at.warning[0].value and "![x](" not in at.warning[0].value
    assert not REGISTRY.all() or REGISTRY.all()[0].state != "running"


@pytest.mark.parametrize("name", RECIPES)
def test_every_recipe_can_be_set_and_its_settings_are_its_own(name):
    at = opened("train", recipe=name)
    assert not at.exception
    shown, recipe = {field.label: field.value for field in at.number_input}, RECIPES[name]
    values = vars(recipe.train) | vars(recipe.model) | vars(recipe.data)
    names = (*TRAINING, *FAMILY_SETTINGS[recipe.model.family])
    assert shown == {SETTINGS[setting][0]: values[setting] for setting in names}


def test_a_recipe_without_its_data_points_to_the_download():
    at = opened("train", recipe="imdb-convnet")
    assert "not on this machine yet (84 MB" in at.info[0].value
    assert at.button[-1].disabled
    assert at.page_link[0].value == "Get it on the Data page"


def test_data_that_is_not_there_is_offered_with_its_size_and_licence():
    at = opened("data", dataset="imdb")
    assert "84 MB" in at.info[0].value and at.button[0].label.replace("\\", "") == "Download IMDB movie reviews (84 MB)"
    assert any("Licence: none stated" in caption.value for caption in at.caption)


def test_a_corpus_is_counted_and_its_documents_are_listed():
    at = opened("data", dataset="docstrings", split="Test")
    assert not at.exception and len(charts(at)) == 2
    documents = int(at.metric[0].value.replace(",", ""))
    assert sum(charts(at)[0]["data"][0]["x"]) == documents
    at.text_input(key="search").set_value("dataframe").run()
    listed = at.dataframe[0].value
    assert 0 < len(listed) < documents and not at.exception
    assert "dataframe" in html(at).lower()


def test_words_left_out_move_the_probability_and_are_struck_through():
    at = explained(TEXT)
    before = html(at).count('title="left out"')
    words = picker(at, "Leave words out")
    words.select(TEXT.index("soup")).run()
    assert not at.exception
    assert at.metric[0].label.replace("\\", "") == "Without 1 word: food"
    assert "points" in at.metric[0].delta
    assert before == 0 and html(at).count('title="left out"') == 1


def test_without_a_word_the_new_winner_is_named_beside_the_headline():
    at = explained("There was soup, and perhaps a storm.")
    answers = {"food": "soup", "weather": "storm"}
    winner = next(name for name in answers if f">{name}</span>" in headline(at))
    (other,) = {*answers} - {winner}
    assert 'role="status"></span>' in headline(at)
    picker(at, "Leave words out").select(at.text_area(key="text").value.index(answers[winner])).run()
    said = rf"Without 1 word: {winner} [\d.]+% \([−+][\d.]+ points\); predicted: {other} [\d.]+%</span>"
    assert re.search(said, headline(at)) and f">{winner}</span>" in headline(at)


def headline(at):
    return next(element.value for element in at.html if "whyword-verdict" in element.value)


def test_why_one_class_rather_than_another_is_in_log_odds():
    at = explained(TEXT)
    picker(at, "rather than").select("weather").run()
    assert not at.exception
    assert "food rather than weather" in html(at)
    assert "LIME weight (log-odds) for food over weather" in json.dumps(charts(at)[1]["layout"])


def test_the_check_says_whether_the_marked_words_matter():
    at = explained("There was soup again and very old soup and again the very old bread there today.")
    assert any("strongest words matter" in box.value for box in at.success) and not at.warning
    assert "Random words first" in json.dumps(charts(at)[2]["data"])


def test_a_text_unlike_the_training_data_gets_a_warning_and_no_seal():
    at = explained(f"{TEXT} The old and today, some perhaps nearby; was very there a rain again and the.")
    assert "Unusual vocabulary" in at.warning[0].value and not at.success
    assert any("strongest words matter" in box.value and "see the caution above" in box.value for box in at.info)


def test_how_it_works_is_told_with_pictures_of_the_text_and_the_samples_that_lime_draws():
    at = opened("how", model="toy-bow")
    at.text_area(key="text").set_value(TEXT)
    at.button[0].click().run()
    assert not at.exception and [header.value[:2] for header in at.header] == ["1.", "2.", "3.", "4.", "5."]
    assert ">soup</span>" in html(at) and ">soup</mark>" in html(at)
    first = first_samples(toy_model("bow"), TEXT, "food")
    assert [metric.value for metric in at.metric] == [percent(sample.probability) for sample in first]
    assert any("very short texts" in each.value for each in at.markdown)
    assert any("scikit" in each.value and "MIT licence" in each.value for each in at.markdown)


def test_the_check_says_when_nothing_can_be_learned_from_it():
    at = explained("The old soup was very nice.")
    assert any("too few words to check" in box.value for box in at.info)


def test_a_word_is_replaced_and_the_text_pinned_to_compare_with():
    at = tool(explained(TEXT), "What if?")
    picker(at, "Replace").select(TEXT.index("soup")).run()
    at.text_input[0].set_value("storm").run()
    assert any("“storm” for “soup”" in metric.label.replace("\\", "") for metric in at.metric)
    next(button for button in at.button if button.label.startswith("Pin this")).click().run()
    next(button for button in at.button if button.label == "Go on with this text").click().run()
    assert at.text_area(key="text").value == TEXT.replace("soup", "storm")
    at.run()
    assert "whyword-compared" in html(at)
    next(button for button in at.button if button.label == "Go back to the pinned text").click().run()
    assert at.text_area(key="text").value == TEXT


def test_stopping_keeps_the_picture_that_is_there_and_going_on_finishes_it():
    at = opened(model="toy-bow")
    question = ("toy-bow", TEXT, None, None, {"samples": None, "seed": 0, "units": "words", "log_odds": None})
    at.session_state["stopped"] = repr(question)
    at.text_area(key="text").set_value(TEXT)
    at.button[0].click().run()
    at.run()  # by now the picker of the class has a value of its own
    assert any("250 perturbed samples" in caption.value for caption in at.caption)
    next(button for button in at.button if button.label == "Go on").click().run()
    assert not any("250 perturbed samples" in caption.value for caption in at.caption)
    assert not any(button.label == "Go on" for button in at.button)


def test_an_explanation_gives_way_to_those_who_wait_and_can_be_gone_on_with(monkeypatch):
    monkeypatch.setattr(TURNS, "are_awaited", lambda: True)
    at = explained("warm bread and soup " * 60, samples=5000)  # so long that the first picture has enough
    assert any("since others are waiting" in caption.value for caption in at.caption)
    at.run()
    assert any("since others are waiting" in caption.value for caption in at.caption)
    next(button for button in at.button if button.label == "Go on").click().run()
    assert not any("since others are waiting" in caption.value for caption in at.caption)
    assert not any(button.label == "Go on" for button in at.button)


def test_variants_of_the_text_are_in_a_table():
    at = tool(explained(TEXT), "What if?")
    assert {"As it is", "Upper case", "Without punctuation"} <= set(at.dataframe[0].value["Version"])


def test_the_answer_is_followed_from_sentence_to_sentence():
    at = tool(explained("There was soup. Then a storm came. And bread again."), "Sentence by sentence")
    assert len(charts(at)[2]["data"][0]["x"]) == 3
    at = tool(explained(TEXT), "Sentence by sentence")
    assert any("single sentence" in box.value for box in at.info)


def test_other_methods_stand_beside_lime():
    at = tool(explained(TEXT), "A second opinion")
    assert not at.exception
    assert [*at.dataframe[0].value.columns] == [
        "Word",
        "LIME weight",
        "Leaving out one word, points",
        "Integrated gradients, log-odds",
    ]


def test_an_explainer_of_ones_own_is_a_second_opinion_and_a_method_of_the_command_line(monkeypatch, capsys):
    class Lengths(DirectExplainer):
        name, title, scale = "lengths", "Letters of the word", Scale.LOG_ODDS

        def weigh(self, masked, question, words, scale):
            return np.array([float(end - start) for start, end in masked.spans])[words], None

    monkeypatch.setitem(EXPLAINERS, "lengths", Lengths())
    frame = tool(explained(TEXT), "A second opinion").dataframe[0].value
    assert frame["Letters of the word, log-odds"].tolist() == [len(word.split()[0]) for word in frame["Word"]]
    assert main(["explain", "toy-bow", "--text", TEXT, "--method", "lengths", "--words", "2", "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert (record["method"], record["unit"], record["words"][0]["word"]) == ("lengths", "log-odds", "perhaps")
    assert [TEXT[word["start"] : word["end"]] for word in record["words"]] == [word["word"] for word in record["words"]]


@pytest.mark.parametrize("text", ["soup", "soup " * 1600])
def test_the_words_of_a_caveat_change_nothing_but_themselves(text, monkeypatch):
    def seen():
        st.cache_resource.clear()
        at = explained(text)
        assert not at.exception
        boxes = [(kind, box.value) for kind in ("warning", "info", "caption", "markdown") for box in getattr(at, kind)]
        return boxes, html(at), charts(at)

    sentences, other = [], "Quite other words."

    def reworded(kind, text):
        sentences.append(text)
        return Caveat(kind=kind, text=other)

    def with_other_words(value):
        for sentence in sentences:
            value = value.replace(literal(sentence), literal(other))
        return value

    before, *pictures_before = seen()
    monkeypatch.setattr(caveats, "Caveat", reworded)
    boxes, *pictures = seen()
    assert sentences
    assert boxes == [(kind, with_other_words(value)) for kind, value in before]
    assert pictures == pictures_before
    assert any(literal(other) in value for _, value in boxes)


def test_a_link_shows_the_explanation_again():
    at = explained(TEXT)
    picker(at, "rather than").select("weather").run()
    address = tool(at, "Export").code[0].value
    asked = dict(parse_qsl(address.partition("?")[2]))
    assert asked == {"model": "toy-bow", "text": TEXT, "label": "food", "against": "weather", "seed": "0"}
    again = opened(**(asked | {"seed": "7"}))
    assert again.text_area(key="text").value == TEXT
    assert "food rather than weather" in html(again)
    assert again.number_input(key="seed").value == 7


@pytest.mark.parametrize("seed", ["-3", "9" * 5000, "10000", "0" * 5000, "1e3", ""])
def test_a_link_with_nonsense_in_it_is_forgiven(seed):
    at = opened(model="toy-bow", text=TEXT, label="<b>", against="no class", seed=seed)
    assert not at.exception
    assert at.number_input(key="seed").value == 0


@pytest.mark.parametrize("model", ["toy-bow", "one-class"])
def test_evaluate_warns_of_a_model_that_gives_all_documents_one_class(model):
    answers = stored_evaluation("toy-bow")
    same = replace(answers, probabilities=np.tile(np.float32([0.2, 0.5, 0.3]), (len(answers), 1)))
    save_model(toy_model("bow"), same, name="one-class")
    warnings = [warning.value for warning in opened("evaluate", model=model).warning]
    is_told = any("tells no classes apart" in warning and "food" in warning for warning in warnings)
    assert is_told == (model == "one-class")
