"""What a notebook shows of results: the page's marks and figures, escaped, and nothing that a page needs."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from core import explain
from pages.ui.render.format import percent
from pages.ui.render.highlight import highlighted, legend, verdict
from tests.answers import HARD, answered, drawn
from tests.toy import toy_model

ROOT = Path(__file__).parents[1]
ODD = "<script>alert(1)</script>"


def why(text="The old cat was there, and some bread.", family="bow"):
    return explain(toy_model(family), text, samples=300)


@pytest.mark.parametrize("family", ["bow", "ngram"])
def test_an_explanation_is_shown_as_the_page_marks_it(family):
    explanation = why(family=family)
    html = explanation._repr_html_()
    for part in (verdict(explanation), legend(explanation), highlighted(explanation)):
        assert part in html
    assert "border-bottom:2px solid" in html and "background:rgba(47,127,209" in html  # a line, and not colour alone
    assert "color:inherit" in html and "color:#" not in html  # so that it can be read on white and on black


def test_an_evaluation_is_shown_with_its_figures_and_its_matrix():
    result = drawn(263, 4, seed=3)
    html = result._repr_html_()
    for figure in (percent(result.accuracy), percent(result.macro_f1), f"{result.loss:.3f}", percent(result.ece)):
        assert figure in html
    assert html.count("<tr>") == 5
    assert all(f">{count:,}</td>" in html for count in result.confusion.ravel().tolist() if count)
    assert "2px solid" in html and "2px dashed" in html


@pytest.mark.parametrize("name", HARD)
def test_hard_answers_are_shown(name):
    assert "Confusion matrix" in HARD[name]._repr_html_()


def test_of_many_classes_those_with_most_mistakes_are_shown():
    result = drawn(900, 26, seed=2)
    html = result._repr_html_()
    assert html.count("<tr>") == 21 and "6 classes with fewer mistakes are left out" in html


def test_no_text_becomes_a_tag():
    odd = replace(answered([0, 1], [[0.9, 0.1], [0.8, 0.2]], model=ODD), class_names=(ODD, "a & b"), caveats=(ODD,))
    assert "<script" not in odd._repr_html_() and "a &amp; b" in odd._repr_html_()
    assert "<script" not in why(f"cat {ODD} bread")._repr_html_()


def test_neither_needs_what_the_app_needs():
    code = (
        "import sys, numpy as np; from core.schema import Evaluation; "
        "e = Evaluation(model='m', dataset='d', split='test', class_names=('a', 'b'), labels=np.array([0, 1]), "
        "probabilities=np.eye(2, dtype=np.float32)); assert 'Confusion' in e._repr_html_(); "
        "print([name for name in ('streamlit', 'plotly', 'jax', 'IPython') if name in sys.modules])"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert told.stdout.strip() == "[]"
