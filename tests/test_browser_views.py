"""The views of the Evaluate page and the Compare page in a real browser."""

import re

import pytest
from playwright.sync_api import expect

from core import load_dataset
from core.evaluation import at_threshold
from core.saved_models import stored_epochs, stored_evaluation
from tests.test_browser import (  # noqa: F401, fixtures and the marks
    browser,
    erring,
    page,
    pick_row,
    pytestmark,
    see,
    server,
    settled,
)


def percent(share):
    return f"{100 * share:.1f}%"


def test_the_epoch_slider_moves_the_matrix_and_the_address(page):  # noqa: F811
    page.goto("/evaluate?model=newsgroups-bow&view=Learning")
    kept = stored_epochs("newsgroups-bow")
    right = [percent(accuracy) for accuracy in (kept.predictions == kept.labels).mean(axis=1)]
    figure = page.get_by_test_id("stMetric").filter(has_text="Right on the test documents")
    expect(figure).to_contain_text(right[kept.best_epoch - 1])
    expect(page.get_by_test_id("stDataFrame")).to_be_visible()
    slider = page.get_by_role("slider", name="After epoch")
    slider.press("Home")
    expect(figure).to_contain_text(right[0])
    expect(page).to_have_url(re.compile("epoch=1(&|$)"))
    slider.press("ArrowRight")
    expect(figure).to_contain_text(right[1])
    expect(page.get_by_text("So it answered after epoch 2")).to_be_visible()


def test_the_threshold_moves_the_matrix_and_the_figures(page):  # noqa: F811
    page.goto("/evaluate?model=imdb-convnet&view=Classes")
    stored = stored_evaluation("imdb-convnet")
    slider = page.get_by_role("slider", name="Predict positive from")
    slider.press("End")
    moved = at_threshold(stored, 1.0)
    shown = page.get_by_test_id("stMetric").filter(has_text="Accuracy").last
    expect(shown).to_contain_text(percent(moved.accuracy))
    matrix = page.get_by_role("grid", name="Confusion matrix").last
    expect(matrix).to_contain_text(f"{moved.confusion[1, 0]:,}")


def test_a_cell_leads_to_the_words_that_push_its_documents_there(page):  # noqa: F811
    page.goto("/evaluate?model=newsgroups-bow&true=talk.religion.misc&pred=comp.graphics")
    page.get_by_role("button", name="Look into these documents").click()
    expect(page.get_by_text("Push to comp.graphics", exact=True)).to_be_visible()
    expect(page.get_by_text("nearest training document is")).to_be_visible()


def test_a_training_document_like_those_of_a_cell_arrives_at_its_explanation(page):  # noqa: F811
    page.goto("/evaluate?model=newsgroups-bow&true=talk.religion.misc&pred=comp.graphics")
    page.get_by_role("button", name="Look into these documents").click()
    expect(page.get_by_text("nearest training document is")).to_be_visible()
    pick_row(page, 0, page.get_by_test_id("stDataFrame").last)
    caption = see(page.get_by_text(re.compile("^Training document [0-9,]+$")))
    row = int(re.sub("[^0-9]", "", caption.inner_text()))
    text = load_dataset("newsgroups").train.texts[row]
    expect(page.locator(".whyword-text").last).to_contain_text(text[:200])
    page.get_by_role("link", name="Explain this document").click()
    expect(page.get_by_role("link", name="back to the cell")).to_contain_text(f"Training document {row:,}")
    expect(page.get_by_label("Text", exact=True)).to_have_value(text)


def test_the_score_without_headers_is_there_in_a_moment(page):  # noqa: F811
    page.goto("/evaluate?model=newsgroups-bow&view=Words")
    page.get_by_role("button", name="Score without headers").click()
    after = page.get_by_test_id("stMetric").filter(has_text="Accuracy after")
    expect(after).to_contain_text("points")


def test_two_models_stand_beside_each_other_with_one_text(page):  # noqa: F811
    page.goto("/compare?model=imdb-convnet&other=imdb-best&compared=One+text")
    expect(page.locator(".whyword-text")).to_have_count(2)
    expect(page.locator(".whyword-text mark").nth(10)).to_be_visible()
    page.get_by_role("radio", name="Figures").or_(page.get_by_role("button", name="Figures")).first.click()
    expect(page.get_by_role("grid", name="Confusion matrix")).to_have_count(2)


pytestmark = [*pytestmark, pytest.mark.data]


@pytest.mark.parametrize("view", ["Classes", "Confidence", "Learning", "Slices"])
def test_no_axis_of_shares_goes_below_none_or_beyond_all(page, view):  # noqa: F811
    page.goto(f"/evaluate?model=newsgroups-ngram&view={view}")
    see(page.locator(".js-plotly-plot").first)
    settled(page)
    ticks = page.locator(".js-plotly-plot .xtick text, .js-plotly-plot .ytick text").all_text_contents()
    shares = [float(tick.rstrip("%").replace("−", "-")) for tick in ticks if tick.endswith("%")]
    assert shares and all(0 <= share <= 100 for share in shares), ticks


def test_a_text_of_which_the_model_is_sure_is_not_called_certain(page):  # noqa: F811
    page.goto("/?model=imdb-best&text=" + "+".join(["superb"] * 12))
    expect(page.locator(".whyword-verdict")).to_contain_text("positive>99.9%")
    see(page.get_by_text("12 words; test documents typically have 168"))
    expect(page.locator("[data-testid=stMain]")).not_to_contain_text("100.0%")
