"""Pictures of all pages, in both themes and both widths: `python -m tests.pictures [FOLDER]`.

Each is one full page as PAGES has it, `NAME-THEME-WIDTH.png` in FOLDER (by default `pictures`), taken when nothing
moves any more. With `--readme` only those that the READMEs show are taken, into `.assets`. Texts of film reviews and
newsgroups are in the pictures where `WHYWORD_DATA` names a folder that has them.
"""

import argparse
import csv
import random
import tempfile
from pathlib import Path
from typing import NamedTuple

from tests.served import chromium, served

THEMES, WIDTHS, HEIGHT = ("light", "dark"), (1280, 390), 900
TALLEST = 4000  # pixels
WAIT = 180_000  # milliseconds; a machine under load reads the docstrings for a minute
SCRIPT_ENDED = "document.querySelector('[data-testid=stApp]')?.getAttribute('data-test-script-state') === 'notRunning'"
TALL = "document.querySelector('[data-testid=stMain]').scrollHeight"
SHORT_TEXT = "text=not+bad+at+all"
TABLE, CHART = "[data-testid=stDataFrame]", ".js-plotly-plot"
ASSETS = Path(__file__).parents[1] / ".assets"


class Page(NamedTuple):
    """A state of a page.

    Attributes:
        path: its address.
        shows: what is seen once it is there, as a selector.
        click: what is then clicked, by its text; "" for nothing.
        brings: whether a table is brought before.
    """

    path: str
    shows: str = "h2"
    click: str = ""
    brings: bool = False


PAGES = {
    "explain": Page("/?model=newsgroups-ngram", "[data-start]"),
    "explain-short": Page(f"/?model=imdb-best&{SHORT_TEXT}", "[data-start]"),
    "explain-what-if": Page("/?model=imdb-convnet", "[data-start]", "What if?"),
    "explain-sentences": Page("/?model=imdb-convnet", "[data-start]", "Sentence by sentence"),
    "explain-opinions": Page("/?model=imdb-convnet", "[data-start]", "A second opinion"),
    "explain-export": Page("/?model=imdb-convnet", "[data-start]", "Export"),
    "mistakes": Page("/evaluate?model=docstrings-bow&true=numpy&pred=scipy", ".whyword-matrix td"),
    "classes": Page("/evaluate?model=docstrings-bow&view=Classes", TABLE),
    "threshold": Page("/evaluate?model=imdb-best&view=Classes", TABLE),
    "confidence": Page("/evaluate?model=docstrings-bow&view=Confidence", CHART),
    "learning": Page("/evaluate?model=docstrings-bow&view=Learning", CHART),
    "words": Page("/evaluate?model=docstrings-bow&view=Words", CHART),
    "slices": Page("/evaluate?model=docstrings-bow&view=Slices", TABLE),
    "labels": Page("/evaluate?model=docstrings-bow&view=Labels", "[data-testid=stMetric]"),
    "compare": Page("/compare?model=imdb-best", "[data-testid=stMetric]"),
    "compare-text": Page("/compare?model=imdb-best", "[data-testid=stMetric]", "One text"),
    "predict": Page("/score?model=imdb-best", "[data-testid=stFileUploader]"),
    "train": Page("/train?recipe=docstrings-bow", "[data-testid=stTextInput]"),
    "train-settings": Page("/train?recipe=docstrings-bow", "h2", "Settings"),
    "models": Page("/models", TABLE),
    "data": Page("/data?dataset=docstrings", CHART),
    "data-own": Page("/data?dataset=docstrings", brings=True),
    "how": Page("/how", ".whyword-picture"),
}
IN_READMES = {  # picture: state, height
    "explain": ("explain", 1480),
    "evaluate": ("mistakes", 1160),
    "own": ("data-own", 1420),
}
TICKETS = {
    "billing": (
        "I was charged twice for",
        "The invoice is wrong for",
        "Please refund what I paid for",
        "No receipt for",
    ),
    "delivery": ("The parcel never came:", "What came was broken:", "Where is my order of", "You sent the wrong"),
    "account": ("My password stopped working for", "Please delete my data on", "I am locked out of", "Who can see"),
    "praise": ("Thank you for the quick help with",),
}
THINGS = ("the kettle", "two lamps", "a blue chair", "garden tools", "the toaster", "old records", "my membership")
SINCE = ("last Monday", "early in March", "before the holidays", "yesterday", "a week ago", "on the second of July")
WISHES = ("Call me", "Nobody answers", "This is urgent", "I can wait", "I asked twice", "See the photo", "Any news")


def main():
    """Take the pictures and say where they are."""
    arguments = parsed()
    folder = ASSETS if arguments.readme else Path(arguments.folder)
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as home, served(home) as (address, _), chromium() as browser:
        if arguments.readme:
            for name, (state, height) in IN_READMES.items():
                with opened(browser, "light", WIDTHS[0]) as page:
                    take(page, address, PAGES[state], folder / f"{name}.png", height)
            return
        for theme in THEMES:
            for width in WIDTHS:
                for name in arguments.pages or PAGES:
                    with opened(browser, theme, width) as page:  # a fresh one, which keeps no draft of another
                        take(page, address, PAGES[name], folder / f"{name}-{theme}-{width}.png")


def parsed():
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", nargs="?", default="pictures")
    parser.add_argument("--pages", nargs="+", choices=PAGES, metavar="NAME", help="only these")
    parser.add_argument("--readme", action="store_true", help="only those of the READMEs, into .assets")
    return parser.parse_args()


def opened(browser, theme, width):
    """A page of a fresh browser; it closes at the end of a `with`."""
    page = browser.new_page(
        color_scheme=theme,
        viewport={"width": width, "height": HEIGHT},
        reduced_motion="reduce",
    )
    page.set_default_timeout(WAIT)
    return page


def take(page, address, state, path, height=None):
    """One picture: of the whole page, or of its first `height` pixels."""
    page.goto(address + state.path)
    page.locator(state.shows).first.wait_for()
    still(page)
    if state.brings:
        bring(page)
    if state.click:
        page.get_by_text(state.click, exact=True).first.click()
        still(page)
    width = page.viewport_size["width"]
    page.set_viewport_size({"width": width, "height": height or min(page.evaluate(TALL), TALLEST)})
    still(page)
    page.screenshot(path=path)
    page.set_viewport_size({"width": width, "height": HEIGHT})
    print(path, flush=True)


def bring(page):
    """Upload the table of tickets on the Data page, and look at what it contradicts itself in."""
    page.get_by_text("Add a table of your own").click()
    with tempfile.TemporaryDirectory() as folder:
        page.mouse.move(0, 0)
        page.locator("input[type=file]").set_input_files(tickets(Path(folder) / "tickets.csv"))
        page.get_by_role("button", name="Add this data set").wait_for()
    page.get_by_text("with several labels").first.click()
    still(page)
    page.get_by_role("heading").first.scroll_into_view_if_needed()


def tickets(path):
    """A table as people have them: copies, a text of two classes, one class small. Gives its path."""
    chance, rows = random.Random(3), []
    for number in range(320):
        label = chance.choices(list(TICKETS), (40, 35, 23, 2))[0]
        about = chance.choice(TICKETS[label]), chance.choice(THINGS), chance.choice(SINCE)
        rows.append((1000 + number, f"{' '.join(about)}. {'. '.join(chance.sample(WISHES, 2))}.", label))
    rows += [(2000 + place, text, label) for place, (_, text, label) in enumerate(chance.sample(rows, 14))]
    rows += [(3000 + place, text, "account") for place, (_, text, _) in enumerate(rows[:4])]
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter=";").writerows([("number", "message", "team"), *rows])
    return path


def still(page):
    """Wait until the script has ended and nothing was drawn for a moment."""
    for _ in range(2):
        page.wait_for_timeout(600)
        page.wait_for_function(SCRIPT_ENDED)


if __name__ == "__main__":
    main()
