"""The line that each run of a page leaves for who serves the app."""

import json
import logging

import pytest
from streamlit.testing.v1 import AppTest

from tests.served import ROOT


@pytest.fixture
def demo(monkeypatch):
    monkeypatch.setenv("WHYWORD_DEMO", "1")


@pytest.fixture
def lines(monkeypatch):
    """What is written, read."""
    found = []

    class Listening(logging.Handler):
        def emit(self, record):
            found.append(json.loads(record.getMessage()))

    log = logging.getLogger("whyword.requests")
    monkeypatch.setattr(log, "handlers", [Listening()])
    log.setLevel(logging.INFO)
    return found


def run(script):
    return AppTest.from_string(script, default_timeout=60).run()


def test_a_run_leaves_one_line_without_what_was_typed(demo, lines):
    at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60).run()
    at.text_area(key="text").set_value("Nobody else may read this: zyzzyva")
    at.button[0].click().run()
    assert [line["page"] for line in lines] == ["Explain", "Explain"] and not at.exception
    assert {line["outcome"] for line in lines} == {"done"} and len({line["request"] for line in lines}) == 2
    assert all(line["milliseconds"] >= 0 and len(line["visitor"]) == 8 for line in lines)
    assert "zyzzyva" not in json.dumps(lines)


FAILING = """
from pages.ui.shared.request_log import logged
with logged("Failing"):
    raise RuntimeError("what somebody has typed")
"""


def test_a_page_that_fails_stays_loud_and_shows_the_number_of_its_line(demo, lines):
    at = run(FAILING)
    (line,) = lines
    assert at.exception and line["outcome"] == "RuntimeError"
    assert line["request"] in at.caption[0].value and "typed" not in json.dumps(line)


def test_a_page_that_stops_where_nothing_is_chosen_yet_leaves_a_line_too(demo, lines):
    at = run(FAILING.replace('raise RuntimeError("what somebody has typed")', "import streamlit; streamlit.stop()"))
    assert [line["outcome"] for line in lines] == ["ended early"] and not at.exception


def test_on_ones_own_machine_nothing_is_written_unless_asked_for(lines, monkeypatch):
    script = FAILING.replace('raise RuntimeError("what somebody has typed")', "pass")
    run(script)
    assert lines == []
    monkeypatch.setenv("WHYWORD_LOG", "1")
    run(script)
    assert [line["outcome"] for line in lines] == ["done"]
