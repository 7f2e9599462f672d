"""The app as a person meets it: a real server, a real browser, no sleeps."""

import os
import re
import shutil
from contextlib import suppress

import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import TimeoutError, expect

from core.__main__ import main
from core.datasets import load_table, remember_table
from core.evaluation import evaluate
from core.saved_models import load_model, rename_model, save_model
from core.training import fit
from tests.served import CHROMIUM, chromium, served
from tests.toy import toy_recipe, toy_table

# As it stands in Streamlit's header while a script runs, if only for a moment.
STREAMLITS_STOP = """document.body.insertAdjacentHTML(
  'beforeend', '<div data-testid="stStatusWidget"><button>Stop</button></div>')"""
# Labels of figures that do not have the room they need.
CUT_LABELS = """[...document.querySelectorAll('[data-testid=stMetricLabel] *')]
  .filter(one => one.scrollWidth > one.clientWidth + 1 && getComputedStyle(one).overflowX === 'hidden')
  .map(one => one.textContent)"""
SLOW = 90_000  # milliseconds that a machine under load may take for what usually takes seconds
expect.set_options(timeout=SLOW)

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM and not os.environ.get("CI"), reason="there is no Chromium on this machine"),
]


@pytest.fixture(scope="module")
def erring(shared_home):
    """The answers of a model that errs here and there, which the app will have as "erring", and its test documents."""
    table = toy_table(shared_home / "notes.csv")
    data = load_table(table, "note", "kind")
    remember_table(data, table, "note", "kind")
    predictor = list(fit(toy_recipe("bow", epochs=3), data, seed=5))[-1].predictor
    result = evaluate(predictor, data.test)
    save_model(predictor, result, name="erring")
    return result, data.test


@pytest.fixture(scope="module")
def server(shared_home, erring):
    """The address of the app, as `streamlit run app.py` starts it."""
    with served(shared_home) as (address, _):
        yield address


@pytest.fixture(scope="module")
def browser():
    with chromium() as started:
        yield started


@pytest.fixture
def page(browser, server):
    """A page of the app; whatever it complains of in the browser's console fails the test."""
    context = browser.new_context(base_url=server, viewport={"width": 1280, "height": 900})
    context.set_default_timeout(SLOW)
    page, complaints = context.new_page(), []
    page.on("console", lambda message: complaints.append(message) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(error))
    page.on("request", lambda request: complaints.append(request.url) if not _is_ours(request.url, server) else None)
    yield page
    context.close()
    assert [str(complaint) for complaint in complaints if not _is_a_probe(complaint)] == []


def _is_ours(url, server):
    return url.startswith((server, "data:", "blob:"))


def _is_a_probe(complaint):
    # On a deep link Streamlit first asks below the page's own address for its server, and the browser notes the 404.
    return "/_stcore/" in str(getattr(complaint, "location", {}).get("url"))


def see(locator):
    expect(locator).to_be_visible()
    return locator


def holds(page, label, value):
    # A field is in the page a moment before its value is.
    expect(page.get_by_label(label, exact=True)).to_have_value(value)


def settled(page):
    """Wait until the script has run to its end: what is clicked by its place must not move any more."""
    page.wait_for_function("document.querySelector('[data-testid=stApp]').dataset.testScriptState === 'notRunning'")


def choose(page, label, option):
    """Choose an option of a picker; a picker that is drawn anew meanwhile closes its list, which is opened again."""
    for _ in range(9):
        settled(page)
        page.get_by_label(label, exact=True).click()
        with suppress(TimeoutError):
            page.get_by_role("option", name=option).click(timeout=5000)
            return
    raise AssertionError(f"{option} could not be chosen in {label}")


def page_link(page, name):
    """The link of the navigation to the page of that name."""
    return page.get_by_test_id("stTopNav").get_by_role("link", name=name)


def marked(page, word):
    return page.locator(".whyword-text mark").filter(has_text=re.compile(f"^{word}$"))


def ask(page, text, model="docstrings-bow"):
    """Type a text on the Explain page and send it."""
    page.goto(f"/?model={model}")
    see(page.locator(".whyword-verdict"))
    page.get_by_label("Text", exact=True).fill(text)
    page.get_by_role("button", name=re.compile("^Explain")).click()


def start_training(page, name, epochs):
    page.goto("/train?recipe=docstrings-bow")
    page.get_by_label("Name of the model", exact=True).fill(name)
    page.get_by_text("Settings", exact=True).click()
    page.get_by_label("Epochs", exact=True).fill(str(epochs))
    page.get_by_role("button", name="Start training").click()
    return see(page.get_by_role("button", name="Stop training"))


def test_a_deep_link_as_the_first_visit_shows_its_page_and_the_navigation(page):
    page.goto("/train?recipe=docstrings-bow")
    see(page.get_by_role("heading", name="Train a model"))
    see(page.get_by_role("button", name="Start training"))
    holds(page, "Recipe", "docstrings-bow")
    for name in ("Explain", "Evaluate", "Train", "Data"):
        see(page_link(page, name))


def test_the_first_view_explains_an_example(page):
    page.goto("/")
    see(page.locator(".whyword-text mark").first)
    holds(page, "Text", re.compile("."))
    see(page.locator(".js-plotly-plot").nth(1))


def test_a_typed_text_has_its_words_highlighted(page):
    ask(page, "Return the rows of a DataFrame whose index label is missing in the other DataFrame or Series.")
    see(marked(page, "DataFrame").first)
    see(page.locator(".whyword-verdict", has_text="pandas"))
    see(page.get_by_text("speaks for pandas"))


def test_a_draft_marks_the_answer_as_outdated_and_outlives_another_page_model_and_reload(page):
    ask(page, "Return the rows of a DataFrame whose index label is missing in the other DataFrame or Series.")
    see(marked(page, "DataFrame").first)
    draft, changed = "A layer with a kernel.", page.get_by_text("Text changed: press Explain")
    page.get_by_label("Text", exact=True).fill(draft)
    see(changed)
    page_link(page, "Data").click()
    see(page.get_by_role("heading", name="What do the texts look like?"))
    page_link(page, "Explain").click()
    holds(page, "Text", draft)
    see(changed)
    page.reload()
    holds(page, "Text", draft)
    see(changed)
    page.get_by_label("Text", exact=True).press("Control+Enter")
    expect(changed).to_be_hidden()
    see(page.locator(".whyword-text", has_text=draft))


def test_what_was_typed_comes_back_after_a_document_was_opened(page):
    typed = "Return the rows of a DataFrame whose index label is missing in the other DataFrame or Series."
    ask(page, typed)
    see(marked(page, "DataFrame").first)
    page_link(page, "Evaluate").click()
    see(page.get_by_role("link", name="Explain this answer")).click()
    see(page.get_by_role("link", name="back to its cell"))
    page.go_back()
    see(page.get_by_role("heading", name="How good is the model?"))
    page.go_back()
    see(page.locator(".whyword-verdict"))
    holds(page, "Text", typed)
    see(marked(page, "DataFrame").first)


def test_enter_in_the_field_of_a_name_renames_and_the_page_opened_elsewhere_follows(page):
    page.goto("/evaluate?model=erring")
    see(page.get_by_role("heading", name="Confusion matrix"))
    other = page.context.new_page()
    other.goto("/models?model=erring")
    see(other.get_by_role("button", name="Rename or delete")).click()
    other.get_by_label("Name", exact=True).fill("erring-2")
    other.get_by_label("Name", exact=True).press("Enter")
    try:
        holds(other, "Model", "erring-2")
        page.get_by_role("radio", name="Classes").click()
        holds(page, "Model", "erring-2")
        expect(page).to_have_url(re.compile("model=erring-2(&|$)"))
    finally:
        rename_model("erring-2", "erring")


def test_a_clicked_word_is_left_out_and_comes_back(page):
    ask(page, "Return the rows of a DataFrame whose index label is missing in the other DataFrame or Series.")
    see(marked(page, "DataFrame").first)
    word = page.locator(".whyword-words [data-start]").filter(has_text="Series")
    word.click()
    see(page.get_by_test_id("stMetric").filter(has_text="Without 1 word: pandas"))
    see(page.locator(".whyword-words [title='left out']"))
    word.click()
    page.get_by_test_id("stMetric").wait_for(state="detached")


def test_the_very_word_that_is_clicked_is_left_out(page):
    ask(page, "An index of an index is an index label of the DataFrame in the other DataFrame or Series.")
    see(marked(page, "DataFrame").first)
    page.locator(".whyword-words [data-start]").filter(has_text=re.compile("^index$")).nth(1).click()
    see(page.get_by_text("index (2)").first)
    page.locator(".whyword-words [data-start]").filter(has_text="Series").click()
    see(page.get_by_test_id("stMetric").filter(has_text="Without 2 words: pandas"))
    gone = page.locator(".whyword-words [title='left out']")
    expect(gone).to_have_text(["index", "Series"])
    expect(gone.first).to_have_attribute("data-start", "15")


def test_a_replaced_word_is_taken_over_into_the_text(page):
    ask(page, "Return the rows of a DataFrame whose index label is missing in the other DataFrame or Series.")
    see(marked(page, "DataFrame").first)
    page.get_by_role("radio", name="What if?").click()
    page.get_by_label("with", exact=True).fill("table")
    page.get_by_label("with", exact=True).press("Enter")
    see(page.get_by_role("button", name="Go on with this text")).click()
    see(page.locator(".whyword-text", has_text="table"))
    holds(page, "Text", re.compile("table"))


def test_the_tools_are_reached_by_keyboard_and_the_word_count_of_the_check_is_told(page):
    ask(page, "Return the rows of a DataFrame whose index label is missing in the other DataFrame or Series.")
    see(page.get_by_text("strongest words for pandas"))
    page.get_by_role("radio", name="A second opinion").focus()
    page.keyboard.press("Enter")
    see(page.get_by_text("Integrated gradients:"))


def test_markup_that_is_typed_is_shown_as_text(page):
    evil = '<script>alert(1)</script> ![x](http://127.0.0.1:9/x.png) <img src=x onerror="alert(2)"> DataFrame index'
    page.on("dialog", lambda dialog: pytest.fail(f"a script ran: {dialog.message}"))
    ask(page, evil)
    see(page.locator(".whyword-text", has_text=evil))
    see(marked(page, "DataFrame"))
    expect(page.locator(".whyword-text").locator("img, script")).to_have_count(0)


def test_markup_in_a_message_is_shown_as_text(page):
    evil = "![x](http://127.0.0.1:9/x.png) <b>name</b> :red[word]"
    page.goto("/train?recipe=docstrings-bow")
    page.get_by_label("Name of the model", exact=True).fill(evil)
    page.get_by_role("button", name="Start training").click()
    message = see(page.get_by_test_id("stAlert").filter(has_text="cannot be a model"))
    expect(message).to_contain_text(evil)
    expect(message.locator("img, b")).to_have_count(0)


@pytest.mark.parametrize("text", ["🙂", "zyzzyva qwerty", "\u200f<|endoftext|>\u200f שלום"])
def test_a_text_that_cannot_be_explained_gets_a_sentence(page, text):
    ask(page, text)
    see(page.get_by_test_id("stAlert").filter(has_text="none of the words"))
    settled(page)
    expect(page.get_by_test_id("stException")).to_have_count(0)


def test_a_model_is_trained_and_is_at_once_in_the_pickers(page):
    start_training(page, "trained-in-browser", 2)
    expect(page.get_by_test_id("stAlert").filter(has_text="Saved.")).to_be_visible(timeout=4 * SLOW)
    page.get_by_role("link", name="See what it mixes up").click()
    see(page.get_by_role("heading", name="How good is the model?"))
    holds(page, "Model", "trained-in-browser")
    page_link(page, "Explain").click()
    see(page.locator(".whyword-text mark").first)
    page.get_by_label("Model", exact=True).click()
    see(page.get_by_role("option", name="trained-in-browser"))


def a_table_with_near_copies(tmp_path):
    table = toy_table(tmp_path / "letters.csv", rows=307)
    lines = table.read_text(encoding="utf-8").splitlines()
    table.write_text("\n".join([*lines, *(f"Again {line}" for line in lines[1:25])]), encoding="utf-8")
    return table


def add_table_without_near_copies(page, table):
    """Bring a table, take the coach's remedy for its near copies, and keep it."""
    page.goto("/data?dataset=docstrings")
    page.get_by_text("Add a table of your own").click()
    page.locator("input[type=file]").set_input_files(table)
    see(page.get_by_text("331 documents of 3 classes"))
    see(page.get_by_text("22 texts are nearly the same as one above")).click()
    page.get_by_role("button", name="Keep only the first of each").click()
    see(page.get_by_text("only the first is kept"))
    see(page.get_by_text("309 documents of 3 classes"))
    page.get_by_role("button", name="Add this data set").click()
    see(page.get_by_text("Read from letters.csv"))
    expect(page).to_have_url(re.compile("dataset=letters"))


def downloaded(page, button):
    """The path of what a button of the page has the browser download."""
    with page.expect_download() as download:
        see(page.get_by_role("button", name=button)).click()
    return download.value.path()


def test_a_table_of_ones_own_becomes_a_model_that_explains_predicts_and_is_taken_elsewhere(page, tmp_path, monkeypatch):
    table = a_table_with_near_copies(tmp_path)
    add_table_without_near_copies(page, table)
    page.get_by_role("link", name="Train a model on it").click()
    holds(page, "Recipe", "letters-auto")
    page.get_by_role("button", name="Start training").click()
    expect(page.get_by_test_id("stAlert").filter(has_text="Saved.")).to_be_visible(timeout=4 * SLOW)
    page.get_by_role("link", name="Explain a text with it").click()
    holds(page, "Model", "my-letters-auto")
    see(page.locator(".whyword-text mark").first)
    page.get_by_role("button", name="Examples").click()
    see(page.get_by_text("A test document: weather"))

    page.goto("/score?model=my-letters-auto")
    page.locator("input[type=file]").set_input_files(table)
    page.get_by_role("button", name="Predict", exact=True).click()
    predicted = pd.read_csv(downloaded(page, "Download the table as CSV"))
    page.goto("/models?model=my-letters-auto")
    shutil.copy(downloaded(page, "Model (zip)"), tmp_path / "taken.zip")

    monkeypatch.setenv("WHYWORD_HOME", str(tmp_path / "elsewhere"))
    assert main(["import", str(tmp_path / "taken.zip"), "--name", "there"]) == 0
    there = load_model("there")
    probabilities = predicted[[f"p_{name}" for name in there.class_names]]
    assert len(predicted) == 331
    np.testing.assert_allclose(there.predict_proba(predicted["note"].tolist()), probabilities, atol=1e-6)


def test_a_training_run_outlives_a_reload_and_a_page_switch_and_can_be_stopped(page):
    start_training(page, "never-finished", 200)
    see(page.get_by_text(re.compile("Training: epoch")))
    expect(page).to_have_url(re.compile("job="))
    address = page.url
    page.reload()
    see(page.get_by_role("heading", name="never-finished"))
    expect(page).to_have_url(address)
    page.set_viewport_size({"width": 390, "height": 844})
    see(page.get_by_test_id("stMetricLabel").filter(has_text="Validation accuracy"))
    assert page.evaluate(CUT_LABELS) == []
    page.set_viewport_size({"width": 1280, "height": 900})
    page_link(page, "Data").click()
    see(page.get_by_role("heading", name="What do the texts look like?"))
    page_link(page, "Train").click()
    stop = see(page.get_by_role("button", name="Stop training"))
    page.evaluate(STREAMLITS_STOP)
    expect(page.get_by_role("button", name="Stop", exact=True)).to_have_count(0)
    stop.click()
    see(page.get_by_text("Nothing was saved"))
    page.goto("/evaluate")
    page.get_by_label("Model", exact=True).click()
    see(page.get_by_role("option").first)
    expect(page.get_by_role("option", name="never-finished")).to_have_count(0)


def test_settings_in_red_start_nothing_and_a_run_is_ended_with_its_best_epoch_whose_name_is_asked_about_then(page):
    page.goto("/train?recipe=docstrings-bow")
    start = see(page.get_by_role("button", name="Start training"))
    page.get_by_label("Name of the model", exact=True).fill("kept-early")
    page.get_by_text("Settings", exact=True).click()
    epochs = page.get_by_label("Epochs", exact=True)
    for impossible in ("0", "100000"):
        epochs.fill(impossible)
        epochs.press("Tab")
        expect(start).to_be_disabled()
    epochs.fill("200")
    epochs.press("Tab")
    expect(start).to_be_enabled()
    start.click()
    keep = see(page.get_by_role("button", name="Stop and keep the best epoch"))
    expect(keep).to_be_enabled(timeout=2 * SLOW)
    keep.click()
    expect(page.get_by_test_id("stAlert").filter(has_text="the best so far is kept")).to_be_visible(timeout=2 * SLOW)
    page.get_by_label("Name of the model", exact=True).fill("kept-early")
    page.get_by_label("Name of the model", exact=True).press("Tab")
    see(page.get_by_text("Replace the model kept-early, which is there already"))
    start.click()
    see(page.get_by_text("tick that it is to be replaced, or choose another name"))


def a_mistake(result):
    """The classes of a cell off the diagonal, and its most confident document."""
    wrong = np.where(np.eye(len(result.confusion), dtype=bool), 0, result.confusion)
    i, j = np.unravel_index(wrong.argmax(), wrong.shape)
    rows = np.flatnonzero((result.labels == i) & (result.predictions == j))
    first = rows[np.argsort(-result.probabilities[rows, j], kind="stable")[0]]
    return result.class_names[i], result.class_names[j], int(first)


def cell(page, true, predicted):
    what = f" of {true} recognised:" if true == predicted else f"{true} predicted as {predicted}:"
    return page.get_by_role("grid", name="Confusion matrix").get_by_title(re.compile(what))


def framed(page):
    return page.locator(".whyword-matrix [aria-selected=true]")


def pick_row(page, row, listed=None):
    # A list is drawn, the heading and each row 35 pixels high; what takes its clicks lies above the drawing.
    settled(page)
    (listed or page.get_by_test_id("stDataFrame").first).locator(".dvn-scroller").click(
        position={"x": 18, "y": 35 * (row + 1) + 17}
    )


def test_the_confusion_matrix_can_be_read(page):
    page.goto("/evaluate?model=docstrings-bow")
    table = see(page.get_by_role("grid", name="Confusion matrix"))
    for name in ("numpy", "pandas", "streamlit"):
        see(table.get_by_role("rowheader", name=name))
        see(table.get_by_role("columnheader", name=name))
    documents = table.inner_text()
    page.get_by_text("Row %").click()
    page.wait_for_function(
        "before => document.querySelector('.whyword-matrix table').innerText != before", arg=documents
    )


def test_a_clicked_cell_leads_to_its_documents_and_a_document_to_its_explanation(page, erring):
    result, split = erring
    true, predicted, first = a_mistake(result)
    page.goto("/evaluate?model=erring")
    cell(page, true, predicted).click()
    see(page.get_by_text(re.compile(f"documents? of {true} predicted as {predicted}: ")))
    see(page.locator(".whyword-text", has_text=split.texts[first][:60]))
    expect(framed(page)).to_have_attribute("title", re.compile("of the column$"))
    expect(page).to_have_url(re.compile(f"true={true}&pred={predicted}"))
    page.get_by_role("link", name="Explain this answer").click()
    see(page.locator(".whyword-text mark").first)
    holds(page, "Text", split.texts[first])
    holds(page, "Model", "erring")
    holds(page, "For the class", predicted)
    holds(page, "rather than", true)
    page.get_by_role("link", name="back to its cell").click()
    see(page.get_by_text(re.compile(f"documents? of {true} predicted as {predicted}: ")))
    see(framed(page))


def test_back_returns_from_an_explanation_to_the_document_in_its_cell_then_to_all_mistakes(page, erring):
    result, split = erring
    place = int(result.confusion.diagonal().argmax())
    name, rows = result.class_names[place], np.flatnonzero((result.labels == place) & (result.predictions == place))
    first, second = rows[np.argsort(-result.probabilities[rows, place], kind="stable")][:2]
    page.goto("/evaluate?model=erring")
    cell(page, name, name).click()
    see(framed(page))
    see(page.get_by_text(f"Document {first}: predicted"))  # the list of the cell is there
    pick_row(page, 1)
    see(page.get_by_text(f"Document {second}: predicted"))
    page.get_by_role("link", name="Explain this answer").click()
    holds(page, "Text", split.texts[second])
    page.go_back()
    see(page.get_by_text(f"Document {second}: predicted"))
    holds(page, "Model", "erring")
    expect(framed(page)).to_have_attribute("title", re.compile(f"^[0-9]+ documents of {name} recognised"))
    page.go_back()
    page.get_by_text(f"Document {second}: predicted").wait_for(state="detached")
    see(framed(page))
    page.go_back()
    see(page.get_by_text(re.compile("documents got a wrong class")))
    framed(page).wait_for(state="detached")


def test_back_returns_from_an_explanation_to_the_document_in_its_split(page):
    page.goto("/data?dataset=docstrings")
    page.get_by_role("radio", name="Test").click()
    expect(page).to_have_url(re.compile("split=Test"))
    pick_row(page, 1)
    expect(page).to_have_url(re.compile("read-document="))
    address = page.url
    page.get_by_role("button", name="Explain this text").click()
    see(page.locator(".whyword-verdict"))
    start = page.get_by_label("Text", exact=True).input_value().split("\n")[0]
    page.go_back()
    expect(page).to_have_url(address)
    see(page.locator(".whyword-text", has_text=start))
    page.go_back()
    page.go_back()
    expect(page.get_by_role("radio", name="Training")).to_be_checked()


def test_a_cell_is_chosen_by_keys_and_left_again(page, erring):
    page.goto("/evaluate?model=erring&true=animals&pred=animals")
    see(framed(page)).focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    see(page.get_by_text("documents of food recognised"))
    expect(framed(page)).to_be_focused()
    page.keyboard.press("Enter")
    see(page.get_by_text(re.compile("documents got a wrong class")))
    framed(page).wait_for(state="detached")


def test_a_document_of_any_length_that_is_picked_in_the_list_arrives_at_its_explanation(page, erring):
    result, split = erring
    longest = max(range(len(split)), key=lambda row: len(split.texts[row]))
    true, predicted = (result.class_names[position[longest]] for position in (result.labels, result.predictions))
    page.goto(f"/evaluate?model=erring&true={true}&pred={predicted}")
    choose(page, "Order", "Longest first")
    see(page.get_by_text(f"Document {longest}:"))
    pick_row(page, 1)
    page.get_by_text(f"Document {longest}:").wait_for(state="detached")
    pick_row(page, 0)
    see(page.locator(f"a[href*='document=erring%3A{longest}&']").first).click()
    see(page.locator(".whyword-verdict"))
    holds(page, "Text", split.texts[longest])


def test_the_listed_documents_can_be_taken_away(page, erring):
    result, split = erring
    page.goto("/evaluate?model=erring&true=food&pred=food")
    with page.expect_download() as download:
        page.get_by_role("button", name="Export as CSV", exact=True).click()
    table = pd.read_csv(download.value.path())
    assert len(table) == result.confusion[1, 1]
    assert set(table["text"]) == {split.texts[row] for row in table["position"]}


def test_a_mix_up_leads_to_its_cell(page, erring):
    true, predicted, _ = a_mistake(erring[0])
    page.goto("/evaluate?model=erring&view=Classes")
    see(page.get_by_text("Area under the ROC curve"))
    pick_row(page, 0, page.get_by_test_id("stDataFrame").last)
    see(page.get_by_text(re.compile(f"documents? of {true} predicted as {predicted}: ")))


def test_documents_of_a_corpus_are_listed_and_one_is_explained(page):
    page.goto("/data?dataset=docstrings")
    see(page.get_by_text("Pick a row to read it"))
    text = see(page.locator(".whyword-text")).inner_text()
    page.get_by_role("button", name="Explain this text").click()
    see(page.locator(".whyword-verdict"))
    holds(page, "Text", re.compile(r"^\s*" + r"\s+".join(map(re.escape, text.split())) + r"\s*$"))


@pytest.mark.parametrize(
    "address", ["/", "/evaluate?model=docstrings-bow", "/evaluate?model=erring", "/train", "/data?dataset=docstrings"]
)
def test_nothing_is_wider_than_a_telephone(page, address):
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(address)
    see(page.get_by_role("heading", level=1))
    settled(page)
    assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth") <= 390
    assert page.evaluate(CUT_LABELS) == []
