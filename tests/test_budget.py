"""What is kept of results takes no more memory than it may."""

import gc
import time
import weakref
from dataclasses import dataclass
from threading import Thread

import numpy as np
import pytest
import streamlit as st
from sklearn.feature_extraction.text import CountVectorizer

from core.saved_models import ModelKey, list_models, model_info
from pages.ui.shared import budget, cache, explanations
from pages.ui.shared.budget import Budget, bounded, footprint
from tests.toy import toy_data, toy_model


@pytest.fixture(autouse=True)
def nothing_kept():
    st.cache_resource.clear()
    yield
    st.cache_resource.clear()


@dataclass
class Holder:
    array: np.ndarray
    name: str = ""


def wait_for(condition):
    """Until a thread that forgets has come so far."""
    deadline = time.monotonic() + 30
    while not condition() and time.monotonic() < deadline:
        gc.collect()
        time.sleep(0.02)
    assert condition()


def test_what_a_value_takes_is_counted_once():
    array = np.zeros(1_000_000, np.uint8)
    assert 1_000_000 <= footprint([Holder(array), {"a": array}, (array,)]) < 1_002_000
    assert footprint(["é" * 100_000]) > 100_000 and footprint(None) < 100
    circle = []
    circle.append(circle)
    assert footprint(circle) < 200


def test_what_holds_a_class_of_numbers_is_counted_too():
    words = CountVectorizer(dtype=np.float32).fit(["the cat", "a dog"])
    assert footprint([words, np.float32, np.zeros(1_000, np.uint8)]) > 1_000


def test_what_a_model_and_a_data_set_take_is_near_to_their_arrays_and_texts():
    model, data = toy_model("bow"), toy_data()
    assert 4 * model.parameters <= footprint(model) < 4 * model.parameters + 10_000_000
    assert footprint(data) > sum(map(len, data.train.texts))


def test_what_was_looked_at_longest_ago_goes_first_and_the_last_stays():
    kept, gone = Budget(2_500), []
    for name in "abacd":
        kept.note(name, np.zeros(1_000, np.uint8), (), lambda name=name: gone.append(name))
    assert gone == ["b", "a"] and kept.taken == 2_000
    kept.note("huge", np.zeros(9_000, np.uint8), (), lambda: gone.append("huge"))
    assert gone == ["b", "a", "c", "d"] and kept.taken == 9_000


def test_results_of_a_model_go_with_it():
    kept, gone = Budget(10_000), []
    for name, models in (("a", ["m"]), ("b", ["n"]), ("c", ["n", "m"])):
        kept.note(name, name, models, lambda name=name: gone.append(name))
    kept.forget_model("m")
    assert sorted(gone) == ["a", "c"]


@pytest.mark.parametrize("given, wanted", [("7", 7), ("many", 1_500), ("0", 1), ("", 1_500)])
def test_a_server_says_how_much_is_kept(monkeypatch, given, wanted):
    monkeypatch.setenv("WHYWORD_CACHE_MB", given)
    assert budget.usual_bytes() == wanted * 1_000_000


def test_a_cached_function_forgets_what_is_too_much_and_holds_no_arguments_that_are_no_key():
    calls, kept = [], Budget(2_500)

    def made(name, _data):
        calls.append(name)
        return np.zeros(1_000, np.uint8)

    look, data = bounded(st.cache_resource(made, max_entries=9, show_spinner=False), kept), Holder(np.zeros(3))
    for name in "aabcaca":
        look(name, data)
    assert "".join(calls) == "abca"
    watched = weakref.ref(data)
    del data
    gc.collect()
    assert watched() is None


def test_a_model_that_is_forgotten_is_really_gone(monkeypatch):
    names = [info.name for info in list_models() if info.bundled]
    key = model_info(names[0]).key
    gone = weakref.ref(cache.model(key))
    explanations.leading_snapshots(key, "the car and the game of hockey", None, None, 500, 0)
    assert gone() is not None
    monkeypatch.setenv("WHYWORD_CACHE_MB", "1")
    cache.model(model_info(names[1]).key)
    wait_for(lambda: gone() is None)


def test_a_cache_that_is_full_releases_a_model_and_its_results_without_locking_itself_out():
    kept, gone = Budget(10**9), []

    def release(value):
        gone.append(kept.forget_model_soon(value.fingerprint))

    def loaded(key):
        return key

    def asked(key):
        return [model(key)]

    model = bounded(st.cache_resource(loaded, max_entries=1, show_spinner=False, on_release=release), kept)
    result = bounded(st.cache_resource(asked, max_entries=9, show_spinner=False), kept)
    asking = Thread(target=lambda: [result(ModelKey("one", "1")), result(ModelKey("other", "2"))], daemon=True)
    asking.start()
    asking.join(30)
    assert not asking.is_alive()
    gone[0].join(30)
    assert not gone[0].is_alive()
    assert kept.taken == footprint(ModelKey("other", "2")) + footprint([ModelKey("other", "2")])
