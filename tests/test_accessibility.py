"""What axe finds in every view, in both themes: nothing; what the keyboard reaches; and what moves as it is loaded."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.served import SHIFTS
from tests.test_browser import SLOW, browser, erring, see, server, settled  # noqa: F401, the fixtures are asked for
from tests.test_browser import pytestmark as pytestmark

MODEL = "model=docstrings-bow"
SHOWN = "h2, [data-testid=stMetric], .whyword-verdict, [data-testid=stFileUploader]"
VIEWS = {
    "Explain": f"/?{MODEL}",
    "Confusion": f"/evaluate?{MODEL}&true=jax&pred=numpy",
    "Classes": f"/evaluate?{MODEL}&view=Classes",
    "Confidence": f"/evaluate?{MODEL}&view=Confidence",
    "Learning": f"/evaluate?{MODEL}&view=Learning",
    "Words": f"/evaluate?{MODEL}&view=Words",
    "Slices": f"/evaluate?{MODEL}&view=Slices",
    "Labels": f"/evaluate?{MODEL}&view=Labels",
    "Compare": "/compare?model=imdb-best",
    "Figures": "/compare?model=imdb-best&compared=Figures",
    "Texts": "/compare?model=imdb-best&compared=One%20text",
    "Predict": f"/score?{MODEL}",
    "Models": "/models",
    "Train": "/train?recipe=docstrings-bow",
    "Data": "/data?dataset=docstrings",
}


MOST_MOVED = 0.1  # the sum of layout shifts up to which a page counts as calm (web.dev, "Cumulative Layout Shift")
STREAMLITS = ("presentation-role-conflict", "<section")  # the frame of its file picker, which the app does not write


def still(page):
    """Wait until the script has ended and nothing fades any more: half a fade has half the contrast."""
    settled(page)
    ending = "animation => animation.effect.getTiming().iterations !== Infinity"
    page.evaluate(f"Promise.allSettled(document.getAnimations().filter({ending}).map(one => one.finished))")


def least_moved(page):
    """The sum of shifts, of two loads where the first was too much: on a busy machine a page may come in pieces."""
    moved = page.evaluate("shifted")
    if moved < MOST_MOVED:
        return moved
    page.reload()
    see(page.locator(SHOWN).filter(visible=True).first)
    still(page)
    return min(moved, page.evaluate("shifted"))


def violations(page):
    """Each violation of any level, with where it is and what would mend it."""
    found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    nodes = [(rule["id"], node) for rule in found for node in rule["nodes"]]
    return [
        (name, node["target"], node["failureSummary"])
        for name, node in nodes
        if (name, node["html"].partition(" ")[0]) != STREAMLITS
    ]


def lasting_violations(page):
    """Those of two looks in turn that agree: on a busy machine a page may fade once more while axe looks."""
    still(page)
    last = violations(page)
    for _ in range(4):
        page.wait_for_timeout(700)
        still(page)
        found = violations(page)
        if found == last:
            break
        last = found
    return found


def use_tools(page):
    """Leave a word out by keys, a tag in a picker then, and choose a tool, over which the mouse then stands."""
    page.locator("[data-start][tabindex='0']").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator(".whyword-told")).to_contain_text(": ")
    page.keyboard.press("Enter")
    see(page.locator("[data-tag]").first)
    expect(page.locator("[data-start]").nth(1)).to_be_focused()
    page.get_by_role("radio", name="A second opinion").click()
    see(page.get_by_text("Other ways to weigh the same words"))


@pytest.fixture(scope="module", params=["light", "dark"])
def page(browser, request):  # noqa: F811
    context = browser.new_context(color_scheme=request.param, viewport={"width": 1280, "height": 1000})
    context.set_default_timeout(SLOW)
    context.add_init_script(SHIFTS)
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("name", VIEWS)
def test_no_view_keeps_somebody_from_reading_or_using_it(page, server, name):  # noqa: F811
    page.goto(server + VIEWS[name])
    see(page.get_by_role("heading", level=1))
    settled(page)
    see(page.locator("[data-start]" if name == "Explain" else SHOWN).filter(visible=True).first)
    assert lasting_violations(page) == []
    assert least_moved(page) < MOST_MOVED
    if name == "Explain":
        use_tools(page)
        assert lasting_violations(page) == []
