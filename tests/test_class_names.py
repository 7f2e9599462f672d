"""Classes of any name and of any number, from a table to the pages."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import streamlit as st
from sklearn.metrics import precision_recall_fscore_support
from streamlit.testing.v1 import AppTest

from core import folders
from core.__main__ import main
from core.evaluation import evaluate, independence, report_intervals
from core.saved_models import load_model, model_info, save_model, stored_evaluation
from core.schema import Evaluation, Independence, Score, Split
from pages.ui.data.corpus import class_balance
from pages.ui.evaluate.classes import report_order
from pages.ui.evaluate.independence import copies_sentence, relatives_sentence
from pages.ui.render import matrix
from pages.ui.shared.widgets import literal
from tests.answers import drawn
from tests.test_pages import ROOT
from tests.toy import toy_data, toy_model

LONG = "a" * 100 + " " + "b" * 99
NAMES = ("accuracy", "macro avg", "C#", "50%", "don't know", "a:b", "हिन्दी", LONG, "<b>")
TELLING = ("cat", "bread", "rain", "piano", "river", "tulip", "hammer", "lorry", "violet")
EACH = 46
VIEWS = ("Mistakes", "Classes", "Confidence", "Learning", "Words", "Slices", "Labels")
PAIRS = 150


def told(capsys, *arguments):
    """What a command says with --json."""
    assert main([*arguments, "--json"]) == 0
    return json.loads(capsys.readouterr().out, parse_constant=pytest.fail)


def write_table(path):
    """Notes on nine things, a class each, by six authors a class; one in twelve is on the thing of another class."""
    rows = []
    for place, (name, word) in enumerate(zip(NAMES, TELLING, strict=True)):
        for number in range(EACH):
            said = TELLING[(place + 1) % len(TELLING)] if number % 12 == 11 else word
            rows.append((f"note {number} of a {said}", name, f"{place}-{number % 6}"))
    pd.DataFrame(rows, columns=["note", "kind", "author"]).to_csv(path, index=False)


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A home with a model called named, trained on classes of hard names, and one called many, of 150 classes."""
    folder = tmp_path_factory.mktemp("class-names")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WHYWORD_HOME", str(folder / "home"))
        patch.setattr(folders, "BUNDLED_MODELS", folder / "shipped")
        write_table(folder / "notes.csv")
        columns = ("--text", "note", "--label", "kind", "--group", "author")
        settings = (
            "--name",
            "named",
            "--epochs",
            "20",
            "--set",
            "batch=16",
            "learning_rate=0.02",
            "embed=19",
            "dropout=0",
        )
        assert main(["train", "bow", "--data", str(folder / "notes.csv"), *columns, *settings, "--json"]) == 0
        save_model(replace(toy_model("bow"), class_names=many().class_names), many(), name="many")
        yield folder
    st.cache_resource.clear()


def many():
    """Answers of 150 classes, of which the later ones are mixed up more."""
    rng = np.random.default_rng(3)
    labels = np.repeat(np.arange(PAIRS), 7)
    wrong = rng.random(len(labels)) < labels / PAIRS / 2
    probabilities = np.full((len(labels), PAIRS), 0.1 / PAIRS)
    probabilities[np.arange(len(labels)), np.where(wrong, (labels + 1) % PAIRS, labels)] += 0.9
    return Evaluation(
        model="many",
        dataset="toy",
        split="test",
        class_names=tuple(f"kind {number}" for number in range(PAIRS)),
        labels=labels.astype(np.int32),
        probabilities=probabilities.astype(np.float32),
    )


def opened(page="evaluate", **address):
    """The page as somebody sees it who comes by a link."""
    at = AppTest.from_file(str(ROOT / "pages" / f"{page}.py"), default_timeout=60)
    for name, value in address.items():
        at.query_params[name] = value
    return at.run()


def captions(at):
    return [caption.value for caption in at.caption]


def test_evaluate_gives_every_class_its_figures_whatever_it_is_called(home, capsys):
    answer, stored = told(capsys, "evaluate", "named"), stored_evaluation("named")
    assert sorted(answer["class_names"]) == sorted(NAMES)
    expected = precision_recall_fscore_support(stored.labels, stored.predictions, labels=range(9), zero_division=np.nan)
    assert [row["name"] for row in answer["classes"]] == answer["class_names"]
    for key, figures in zip(("precision", "recall", "f1-score", "support"), expected, strict=True):
        found = [np.nan if row[key] is None else row[key] for row in answer["classes"]]
        assert found == pytest.approx(figures, nan_ok=True)
    assert answer["report"]["accuracy"] == answer["accuracy"]
    assert 0.5 < answer["accuracy"] < 1


def test_evaluate_tells_the_classes_in_a_table_too(home, capsys):
    assert main(["evaluate", "named"]) == 0
    said = capsys.readouterr().out
    assert [name for name in NAMES if name not in said] == []


@pytest.mark.parametrize("name", NAMES)
def test_explain_speaks_for_a_class_of_any_name(name, home, capsys):
    word = TELLING[NAMES.index(name)]
    answer = told(capsys, "explain", "named", "--text", f"note of a {word}", "--label", name, "--samples", "500")
    assert answer["class_name"] == name
    assert set(answer["probabilities"]) == set(NAMES)
    assert answer["words"][0]["word"] == word
    assert main(["explain", "named", "--text", f"note of a {word}", "--label", name, "--samples", "500"]) == 0
    assert name in capsys.readouterr().out


def test_predict_writes_the_names_as_they_are(home, tmp_path, capsys):
    pd.DataFrame({"text": [f"note of a {word}" for word in TELLING]}).to_csv(tmp_path / "in.csv", index=False)
    told(capsys, "predict", "named", str(tmp_path / "in.csv"), str(tmp_path / "out.csv"))
    found = pd.read_csv(tmp_path / "out.csv", dtype=str, keep_default_na=False)
    model = load_model("named")
    given = model.predict_proba(found["text"].tolist()).argmax(axis=1)
    assert [model.class_names[place] for place in given] == found.iloc[:, 1].tolist()


@pytest.mark.parametrize("view", VIEWS)
def test_every_view_shows_classes_of_any_name(view, home):
    at = opened(view=view, model="named")
    assert not at.exception and not at.error


@pytest.mark.parametrize("name", NAMES)
def test_a_cell_is_chosen_by_a_class_of_any_name(name, home):
    at = opened(model="named", true=name)
    stored = stored_evaluation("named")
    assert at.selectbox(key="true").value == name and not at.exception
    place = stored.class_names.index(name)
    wrong, documents = stored.confusion[place].sum() - stored.confusion[place, place], stored.confusion[place].sum()
    start = f"{wrong} of {documents} documents of " if wrong else f"No mistake among {documents} documents of "
    assert any(caption.startswith(start + literal(name)) for caption in captions(at))


def test_markup_in_the_name_of_a_class_is_text_in_the_matrix(home):
    html = matrix.matrix_html(stored_evaluation("named"), matrix.DOCUMENTS, range(9))
    assert "<b>" not in html and "&lt;b&gt;" in html


@pytest.mark.parametrize("page", ["explain", "compare", "train"])
def test_the_other_pages_show_classes_of_any_name(page, home):
    at = opened(page, model="named")
    assert not at.exception and not at.error


@pytest.mark.parametrize("name", NAMES)
def test_a_link_to_explain_asks_for_a_class_of_any_name(name, home):
    at = opened("explain", model="named", text="note of a hammer", label=name)
    assert next(box.value for box in at.selectbox if box.label == "For the class") == name
    assert not at.exception and not at.error
    assert all("<b>" not in element.value for element in at.html)


def test_two_models_with_classes_of_any_name_are_compared(home):
    model, kept = load_model("named"), stored_evaluation("named")
    save_model(model, kept, name="named-too")
    at = opened("compare", model="named", other="named-too", compared="Figures")
    assert not at.exception and not at.error
    tables = [frame.value["Class"].tolist() for frame in at.dataframe if "Class" in frame.value]
    assert any(names[:9] == list(kept.class_names) for names in tables)


@pytest.mark.parametrize("view", VIEWS)
def test_every_view_shows_150_classes(view, home):
    at = opened(view=view, model="many")
    assert not at.exception and not at.error


def test_of_150_classes_the_matrix_shows_the_most_confused_and_the_chosen(home):
    result = stored_evaluation("many")
    wrong = result.confusion.sum(axis=0) + result.confusion.sum(axis=1) - 2 * result.confusion.diagonal()
    at = opened(model="many")
    assert at.slider(key="shown-classes").value == 40
    shown = matrix.most_confused(result.confusion)
    assert len(shown) == 40 and list(shown) == sorted(shown)
    assert wrong[list(shown)].min() >= np.delete(wrong, shown).max()
    assert 2 not in shown and 2 in matrix.most_confused(result.confusion, always=[2])
    at.selectbox(key="true").set_value("kind 2").run()
    assert not at.exception
    assert any("documents of kind 2" in caption for caption in captions(at))
    at.slider(key="shown-classes").set_value(150).run()
    assert not at.exception


def test_the_page_tells_the_relatives_of_a_model_trained_with_groups(home):
    info = model_info("named")
    assert info.independence.groups == ("author",)
    assert info.independence.related == Score(0, 0)
    assert info.independence.everything.documents == info.test["n"]
    told_here = " ".join(captions(opened(model="named")))
    assert literal("No test document shares its author with a training or validation document.") in told_here


def test_the_page_tells_relatives_and_copies_and_warns_where_validation_is_not_like_test(home):
    data = toy_data()
    test = evaluate(toy_model("bow"), data.test)
    valid = replace(evaluate(toy_model("bow"), data.valid), split="valid")
    unlike = replace(valid, labels=(valid.labels + 1) % 3)
    found = Independence(groups=("thread",), everything=Score(92, 90), related=Score(30, 29), copied=Score(3, 3))
    save_model(toy_model("bow"), test, name="related", valid=unlike, independence=found)
    save_model(toy_model("bow"), test, name="alike", valid=valid, independence=independence(data, test))
    at, alike = opened(model="related"), opened(model="alike")
    assert literal(f"{relatives_sentence(found)} {copies_sentence(found)}") in captions(at)
    assert "right less often on validation" in at.warning[0].value
    assert [each for each in alike.warning if "on validation" in each.value] == []


def test_a_model_of_an_older_version_says_that_relatives_were_not_kept(home):
    assert model_info("many").independence is None
    told_here = captions(opened(model="many"))
    assert "How many test documents have relatives or copies in training was not kept with this model." in told_here


def test_of_many_classes_the_worst_and_the_largest_are_listed_first():
    report = report_intervals(drawn(500, 23, seed=4))
    order = report_order(report)
    found = [report.classes[place].f1.value for place in order]
    assert found == sorted(found) and sorted(order) == [*range(23)]
    assert report_order(report_intervals(drawn(100, 4, seed=4))) == [0, 1, 2, 3]
    split = Split(
        dataset="many",
        name="train",
        texts=("text",) * 300,
        labels=np.repeat(np.arange(24), np.arange(1, 25)).astype(np.int32)[:300],
        class_names=tuple(f"class {place}" for place in range(24)),
    )
    figure = class_balance(split)
    assert [*figure.data[0].x[:2]] == [24, 23] and figure.layout.yaxis.ticktext[0] == "class 23"
