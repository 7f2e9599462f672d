"""Long work on a page: how far it is, a Stop that keeps what there is, and Go on."""

import time
from threading import Event

import pytest
from streamlit.testing.v1 import AppTest

from pages.ui.shared.background import Background

LEAVE = Event()
READING = "Reading …"


def counting():
    """A page whose work has four steps."""
    import streamlit as st

    from pages.ui.shared.long_work import last_of
    from pages.ui.shared.snapshots import Snapshots

    numbers = st.session_state.setdefault("numbers", Snapshots(iter(range(1, 5))))
    st.write(f"Result {last_of(numbers, 'count', lambda number: (number / 4, f'{number} of 4'))}")


def reading():
    """A page whose work has no steps, and ends when it is let."""
    import streamlit as st

    from pages.ui.shared.background import made
    from pages.ui.shared.widgets import mistakes_shown
    from tests.test_long_work import READING, read

    with mistakes_shown():
        work = made("file", st.session_state.get("file", "one"), lambda: read(st.session_state), READING)
        st.write("Nothing" if work is None else f"Result {work.result()}")


def read(state):
    """Waits for `LEAVE`; what it then gives, or raises, is no more than that it has ended."""
    LEAVE.wait(60)
    return "read"


def shown(at):
    assert not at.exception
    return [element.value for element in (*at.markdown, *at.warning)]


@pytest.fixture(autouse=True)
def nobody_waits():
    LEAVE.clear()
    yield
    LEAVE.set()


def stopped(place, page):
    at = AppTest.from_function(page, default_timeout=60)
    at.session_state[f"stopped-work-{place}"] = True
    return at


def test_work_goes_to_its_end_and_leaves_no_bar_and_no_button():
    at = AppTest.from_function(counting, default_timeout=60).run()
    assert shown(at) == ["Result 4"] and not at.button and not at.get("progress")


def test_stopped_work_shows_what_there_is_and_is_gone_on_with():
    at = stopped("count", counting).run()
    assert shown(at) == ["Result 1"] and "Stopped: 1 of 4" in str(at.get("progress")[0].proto)
    assert [button.label for button in at.button] == ["Go on"]
    at.button[0].click().run()
    assert shown(at) == ["Result 4"] and not at.button


def test_work_without_steps_is_stopped_and_found_done_when_it_is_gone_on_with():
    at = stopped("file", reading)
    at.session_state["work-file"] = ("one", Background(lambda: read(None)))
    at.run()
    assert shown(at) == ["Nothing"] and [button.label for button in at.button] == ["Go on"]
    assert [caption.value for caption in at.caption] == [f"Stopped: {READING}"]
    LEAVE.set()
    at.button[0].click().run()
    assert shown(at) == ["Result read"] and not at.button and not at.caption


def test_other_work_at_the_same_place_is_begun_anew_though_the_last_was_stopped():
    LEAVE.set()
    at = stopped("file", reading)
    at.session_state["work-file"] = ("one", Background(lambda: time.sleep(60)))
    at.session_state["file"] = "two"
    assert shown(at.run()) == ["Result read"]


def test_what_goes_wrong_in_the_background_is_raised_where_it_is_waited_for():
    def fail():
        raise ZeroDivisionError

    work = Background(fail)
    assert work.ends_within(60)
    with pytest.raises(ZeroDivisionError):
        work.result()
