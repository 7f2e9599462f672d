"""Figures as they are shown: none above 100%, none certain by rounding, differences of what stands beside them."""

import io
import json
from dataclasses import replace

import pandas as pd
import pytest

from core.format import interval, percent, points_apart, signed, whole_percent
from core.schema import DeletionCheck, PickedDocument, Scale
from core.schema.explanation_text import amount, in_units, left_out_alone, word_worth
from pages.ui.evaluate.words import pick_table
from pages.ui.explain import deletion_check, marked_text
from pages.ui.explain.export import as_csv, as_html, as_json
from pages.ui.render import charts, tables
from pages.ui.render.chart_table import chart_table
from pages.ui.shared.explanation_settings import Marking
from pages.ui.shared.widgets import arrow
from tests.test_leading import leading
from tests.test_ui import explanation


def test_only_what_is_certain_is_written_as_certain():
    assert [whole_percent(share) for share in (0, 0.0001, 0.5, 0.9999, 1)] == ["0%", "<1%", "50%", ">99%", "100%"]
    assert interval((1.0, 0.9812, 0.99999)) == "100.0% (98.1 to >99.9)"
    shown = tables.shown_as(pd.DataFrame({"Share": [1.0, 0.99996, 0.5, None]}), ["Share"]).to_html()
    assert all(f">{figure}</td>" in shown for figure in ("100.0%", ">99.9%", "50.0%", "")), shown


@pytest.mark.parametrize(("stored", "shown"), [(1.0, ">99.9%"), (0.9996, ">99.9%"), (0.5, "50.0%"), (0.0, "<0.1%")])
def test_a_probability_that_was_rounded_when_it_was_stored_is_not_shown_as_certain(stored, shown):
    classes = {"true_class": "food", "predicted_class": "food"}
    pick = PickedDocument(position=0, probability=stored, words=(("soup", 1.0),), covered=1.0, **classes)
    assert pick_table([pick])["Confidence"][0] == shown


@pytest.mark.parametrize(("before", "after"), [(0.98449, 0.97051), (0.879, 0.892), (0.99996, 0.5), (1.0, 0.0)])
def test_a_difference_is_that_of_the_figures_beside_it(before, after):
    shown = [float(percent(share).lstrip("<>").rstrip("%")) for share in (before, after)]
    written = [100.0 if share == 99.9 else share for share in shown]
    assert points_apart(after, before) == round(written[1] - written[0], 1)


def test_a_figure_below_zero_has_a_minus_sign_and_no_hyphen():
    assert [signed(value) for value in (1.25, -4.35, 0.04, -0.04, -1234)] == ["+1.2", "−4.3", "0.0", "0.0", "−1,234.0"]
    assert [signed(value, 0) for value in (3, -12, 0)] == ["+3", "−12", "0"]
    assert in_units(-4.352, replace(explanation("soup", (0, 4, 0.9)), scale=Scale.LOG_ODDS)) == "−4.35 log-odds"
    assert [arrow(change) for change in (0.1, -0.1, 0.0)] == ["up", "down", "off"]


def test_no_probability_leaves_0_to_100_percent():
    why = explanation("soup", (0, 4, 0.9))
    assert [in_units(value, why) for value in (1.207, 1.0, 0.5, -0.2)] == [
        "more than 100%",
        "100.0%",
        "50.0%",
        "less than 0%",
    ]


def test_how_far_the_answer_moves_is_the_difference_of_the_percentages_beside_it():
    why = explanation("soup", (0, 4, 0.9))
    of_it = {why.class_name: 0.75151, "another": 0.24849}
    moved = replace(why, probabilities=of_it, words=(replace(why.words[0], drop=0.75151 - 0.91505),))
    assert points_apart(0.91505, 0.75151) == 16.3 and round(100 * (0.91505 - 0.75151), 1) == 16.4
    assert left_out_alone(moved.words[0], moved) == "; without it alone the answer moves by +16.3 points"


def test_a_lime_weight_is_called_so_and_stands_beside_what_leaving_the_word_out_does():
    why = explanation("soup", (0, 4, -0.339))
    (word,) = why.words
    apart = replace(why, words=(replace(word, drop=-0.017),))
    assert "LIME weight −33.9 (" in word_worth(word, why)
    assert word_worth(apart.words[0], apart).endswith("; without it alone the answer moves by +1.7 points")
    assert marked_text.apart_sentence(why) == ""
    assert "“soup” has −33.9, but without it alone the answer moves by +1.7 points" in marked_text.apart_sentence(apart)
    assert marked_text.apart_sentence(replace(why, words=(replace(word, drop=-0.30),))) == ""
    figure = marked_text.word_weights(apart)
    assert list(figure.data[1].x) == pytest.approx([-1.7]) and figure.layout.xaxis.title.text.startswith(
        "LIME weight for"
    )


def test_the_last_picture_says_what_the_answer_loses_without_each_word():
    why = leading("bow", samples=200)
    assert all(word.drop is not None for word in why.words)
    assert set(why.to_json()["words"][0]) == {"word", "start", "end", "weight", "low", "high", "drop"}


def test_a_verdict_on_few_words_tells_what_the_chart_shows_of_many():
    why = explanation("soup", (0, 4, 0.2))
    made = _check(curve=(0.95, 0.94, 0.3, 0.97), random_curve=(0.95, 0.95, 0.95, 0.97))
    assert "with 130 of 500 words left out, the strongest first, the model says 30.0%, in random orders 95.0%" in (
        deletion_check.order_sentence(made, why)
    )
    assert "of a text without words the model says 97.0%" in deletion_check.empty_sentence(made, why)
    flat = _check(curve=(0.95, 0.94, 0.93, 0.92), random_curve=(0.95, 0.95, 0.95, 0.92))
    assert deletion_check.order_sentence(flat, why) == deletion_check.empty_sentence(flat, why) == ""
    assert deletion_check.deletion_chart(made, why).layout.yaxis.range == (0, 100)
    assert "does not move them" in deletion_check.removal_effect(made, why)


def _check(curve, random_curve):
    return DeletionCheck(
        count=5,
        whole=0.95,
        without=0.94,
        whole_log_odds=2.94,
        without_log_odds=2.75,
        random=(0.95, 0.95),
        random_log_odds=(2.94, 2.94),
        p_value=0.4,
        removed=(0, 5, 130, 500),
        curve=curve,
        random_curve=random_curve,
    )


def test_every_scale_has_bounds_for_what_is_worth_a_sentence():
    assert set(deletion_check.MIN_APART) == set(Scale)


def test_what_is_exported_says_what_it_is_of():
    why = leading("bow", samples=200)
    table = pd.read_csv(io.StringIO(as_csv(why)))
    assert table["text"][0] == why.text and json.loads(table["probabilities"][0]) == why.probabilities
    assert set(table["class"]) == {why.class_name} and set(table["model"]) == {why.model}
    assert set(table["unit"]) == {"probability"} and table["start"].tolist() == [word.start for word in why.words]
    told = json.loads(as_json(why, "abc"))
    assert (told["text"], told["unit"], told["fingerprint"]) == (why.text, "probability", "abc")
    assert all(told["text"][word["start"] : word["end"]] == word["word"] for word in told["words"])


def test_the_page_to_keep_begins_with_the_probabilities_and_has_the_weights_of_the_app():
    why = leading("bow", samples=200)
    page = as_html(why, "abc", Marking(25))
    falling = sorted(why.probabilities, key=lambda name: -why.probabilities[name])
    shares = [page.index(f"<td>{name}</td><td>") for name in falling]
    assert shares == sorted(shares) and shares[-1] < page.index('<div class="text">')
    assert f"<td>{amount(why.words[0].weight, why)}</td>" in page and "<th>LIME weight</th>" in page


@pytest.mark.parametrize(
    ("figure", "told"),
    [
        (lambda: charts.class_probabilities(explanation("soup", (0, 4, 0.4))), ("food", "%")),
        (lambda: marked_text.word_weights(explanation("<b> soup", (4, 8, 0.4))), ("soup", "LIME weight +40.0")),
        (
            lambda: deletion_check.deletion_chart(_check((0.9, 0.8, 0.3, 0.9), (0.9, 0.9, 0.8, 0.9)), explanation("a")),
            ("130", "30.0%"),
        ),
    ],
)
def test_a_chart_has_its_figures_as_a_table(figure, told):
    table = chart_table(figure(), "A chart")
    assert "<summary>A chart: as a table</summary>" in table and table.count("<table>") >= 1
    assert all(part in table for part in told), table
    assert "<b>" not in table


def test_a_chart_without_figures_has_no_table():
    assert chart_table(charts.losses([], 3), "Loss") == ""
