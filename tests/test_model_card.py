"""Model cards: their sections, their figures, which are those of the pages, and names that are only text."""

import json
import re
from dataclasses import replace
from html import unescape

import numpy as np
import pytest

from core.__main__ import main
from core.datasets import keep_dataset, load_table
from core.evaluation import by_class, by_confidence, calibration_error, report_intervals
from core.findings import stored_global_words
from core.saved_models import model_info, rename_model, save_model, stored_evaluation
from core.sharing.card import WORST, model_card
from core.sharing.document import Code, Document, Items, Rows, Section, Sentences, in_markdown
from pages.ui.evaluate.classes import interval_table
from pages.ui.evaluate.confidence import calibration_error_sentence, calibration_sentence
from pages.ui.evaluate.independence import relatives_sentence
from pages.ui.evaluate.slices import slice_table
from pages.ui.render.format import percent, size
from tests.answers import SHIPPED
from tests.test_pages import opened
from tests.test_saved_models import home, save  # noqa: F401
from tests.toy import toy_data, toy_model, toy_table

SECTIONS = [
    *("Model description", "Intended uses and limits", "Training data", "Training procedure", "Evaluation"),
    *("Results by class", "Calibration", "Where it is worse", "Strongest words by class", "How to use it"),
]
ODD = ("<script>alert(1)</script>", "a | b", "![x](http://example.org/x.png)", "*_`#~$&", "line\nbreak", "-", "1.")


def section(card, title):
    return next(each for each in card.sections if each.title == title)


def rows(card, title):
    return [row for block in section(card, title).blocks if isinstance(block, Rows) for row in block.rows]


def sentences(card, title):
    blocks = section(card, title).blocks
    return [text for block in blocks if isinstance(block, Items) for text in block.texts] + [
        block.text for block in blocks if isinstance(block, Sentences)
    ]


def plain(markdown):
    return re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", markdown)


@pytest.mark.parametrize("name", SHIPPED)
def test_every_figure_of_a_card_is_the_one_on_the_pages(name):
    card, info, result = model_card(name), model_info(name), stored_evaluation(name)
    figures = {row[0]: row[1] for row in rows(card, "Evaluation")}
    assert figures["Accuracy"] == percent(result.accuracy)
    by_classes = interval_table(report_intervals(result)).astype({"Documents": object})
    told = [[cell or "-" for cell in row[:4]] + [f"{row[4]:,}"] for row in by_classes.values.tolist()]
    assert [list(row) for row in rows(card, "Results by class")] == told
    kinds = (("class", by_class(result)), ("confidence", by_confidence(result)))
    slices = {kind: slice_table(parts) for kind, parts in kinds}
    for kind, part, *told in rows(card, "Where it is worse"):
        row = slices[kind][slices[kind]["Slice"] == part].iloc[0]
        assert told == [f"{row['Documents']:,}", row["Accuracy"], row["Compared with the rest"]]
    assert len(rows(card, "Where it is worse")) == min(WORST, sum(len(parts) for _, parts in kinds))
    calibration = [calibration_sentence(result), calibration_error_sentence(calibration_error(result), len(result))]
    assert sentences(card, "Calibration")[:2] == calibration
    if info.independence and relatives_sentence(info.independence):
        assert relatives_sentence(info.independence) in sentences(card, "Training data")
    described = dict(rows(card, "Model description"))
    assert (described["Parameters"], described["Size"]) == (size(info.parameters, ""), size(info.bytes))


def test_the_cards_of_the_evaluate_page_say_what_the_model_card_says(shared_home):
    at = opened("evaluate", model="newsgroups-bow")
    shown = {metric.label: metric.value for metric in at.metric}
    assert {row[0]: row[1] for row in rows(model_card("newsgroups-bow"), "Evaluation")} == shown


def test_a_card_has_its_sections_in_order_in_both_forms():
    card = model_card("newsgroups-ngram")
    assert [each.title for each in card.sections] == SECTIONS
    assert re.findall(r"^#{2,3} (.*)$", card.markdown(), re.MULTILINE) == SECTIONS
    assert re.findall(r"<h[23]>(.*?)</h[23]>", card.html()) == SECTIONS
    assert card.markdown().startswith("---\nlibrary_name: whyword\n")


def test_the_strongest_words_and_the_licence_are_told():
    card, words = model_card("newsgroups-bow"), stored_global_words("newsgroups-bow")
    first = words.classes[0]
    row = next(row for row in rows(card, "Strongest words by class") if row[0] == first.class_name)
    assert row[1].split(", ")[0] == first.speaking_for[0].word
    assert "Usenet" in dict(rows(card, "Training data"))["Licence of the data"]


def test_a_card_of_ones_own_data_has_its_file_its_hash_and_its_split(home, tmp_path):  # noqa: F811
    data = load_table(toy_table(tmp_path / "notes.csv", rows=317), "note", "kind")
    own = keep_dataset(data, tmp_path / "notes.csv")
    answers = stored = None
    from core.evaluation import evaluate

    model = replace(toy_model("bow"), data_fingerprint=data.fingerprint)
    answers = evaluate(toy_model("bow"), toy_data().test)
    save_model(model, replace(answers, dataset="notes"), name="one")
    stored = dict(rows(model_card("one"), "Training data"))
    assert stored["SHA-256 of the file"] == own.source_sha256 and "notes.csv" in stored["Source"]
    assert stored["Training documents"] == f"{own.documents['train']:,}"
    words, found = stored_global_words("one"), rows(model_card("one"), "Strongest words by class")
    assert [row[0] for row in found] == list(model.class_names)
    assert found[0][1].split(", ")[0] == words.classes[0].speaking_for[0].word
    rename_model("one", "two")
    assert model_card("two").title == "Model card: two"


def test_names_that_mean_something_elsewhere_are_only_text(home):  # noqa: F811
    model = replace(toy_model("bow"), class_names=ODD[:3])
    probabilities = np.eye(3, dtype=np.float32)[toy_data().test.labels]
    answers = replace(
        stored_evaluation(save("plain").parent / "plain"), class_names=ODD[:3], probabilities=probabilities
    )
    save_model(model, answers, name="odd")
    card = model_card("odd")
    assert "are not on this machine" in sentences(card, "Strongest words by class")[0]
    markdown, page = card.markdown(), card.html()
    assert "<script>" not in markdown.replace("\\<script\\>", "") and "<script>" not in page
    assert "a \\| b" in markdown and "!\\[x" not in markdown.replace("\\!\\[x", "")
    columns = {line.count("|") - line.count("\\|") for line in markdown.splitlines() if line.startswith("| a ")}
    assert columns == {6}
    assert all(plain(name) in plain(markdown) and name in unescape(page) for name in ODD[:3])


@pytest.mark.parametrize("text", ODD)
def test_no_text_is_read_as_markdown_or_html(text):
    blocks = (Sentences(text), Items((text,)), Rows((text,), ((text,),)))
    document = Document(title=text, sections=(Section(text, blocks),))
    assert not re.search(r"<(script|img|a)\b", document.html())
    line = in_markdown(text)
    assert "\n" not in line and re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", line) == text.replace("\n", " ")
    assert not re.match(r"([-+=#>]|\d+[.)])(\s|$)", line)


def test_code_with_fences_in_it_stays_whole():
    document = Document(title="t", sections=(Section("s", (Code("a ``` b\n```python"),)),))
    assert "````python\na ``` b\n```python\n````" in document.markdown()
    assert "<code>a ``` b" in document.html()


def test_a_card_is_printed_or_written_on_the_command_line(tmp_path, capsys):
    assert main(["card", "newsgroups-ngram"]) == 0
    printed = capsys.readouterr().out
    assert printed.strip() == model_card("newsgroups-ngram").markdown().strip()
    assert main(["card", "newsgroups-ngram", str(tmp_path / "card.html"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["model"] == "newsgroups-ngram"
    assert (tmp_path / "card.html").read_text(encoding="utf-8") == model_card("newsgroups-ngram").html()
    for arguments, said in (
        (["card", "newsgroups-ngram", str(tmp_path / "card.pdf")], "neither .md nor .html"),
        (["card", "newsgroups-ngram", str(tmp_path / "no" / "card.md")], "cannot be written"),
        (["card", "none"], "no model called 'none'"),
    ):
        assert main(arguments) == 2
        assert said in capsys.readouterr().err
