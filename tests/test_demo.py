"""What strangers may do who share a server, and what each of them leaves behind."""

import os
import time
import tomllib
from dataclasses import asdict
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from core import folders, owners
from core.config import check_length
from core.datasets import delete_own, keep_dataset, load_dataset, load_table, own_datasets
from core.datasets.own import rename_own
from core.errors import BadInput, UnknownName
from core.evaluation import evaluate
from core.jobs import REGISTRY, Registry
from core.limits import OWN_MACHINE, STRANGERS, VARIABLES, Limits, limits
from core.recipes import RECIPES
from core.saved_models import delete_model, is_taken, list_models, load_model, rename_model, save_model
from pages.ui.shared import visitor
from pages.ui.train import form
from tests.toy import toy_data, toy_model, toy_recipe

ROOT = Path(__file__).parents[1]
WAIT = 180
ENDLESS = {"epochs": 1000, "patience": 0, "learning_rate": 1e-6}
ME, OTHER = "0123abcd", "89ef0123"


pytestmark = pytest.mark.usefixtures("home")


@pytest.fixture
def demo(monkeypatch):
    monkeypatch.setenv("WHYWORD_DEMO", "1")


def save(name):
    model = toy_model("bow")
    return save_model(model, evaluate(model, toy_data().test), name=name)


def opened(page="explain", who=None, **address):
    at = AppTest.from_file(str(ROOT / "pages" / f"{page}.py"), default_timeout=WAIT)
    for name, value in address.items():
        at.query_params[name] = value
    if who:
        at.session_state["visitor"] = who
    return at.run()


def mark(at):
    return visitor._mark(at.session_state["visitor"])


def words(at):
    return " ".join(element.value for element in (*at.caption, *at.info, *at.warning, *at.error, *at.markdown))


def table(folder, rows=60):
    path = folder / "notes.csv"
    lines = [f'"rain and storm number {row}",{"weather" if row % 2 else "food"}\n' for row in range(rows)]
    path.write_text("text,label\n" + "".join(lines))
    return path


def until(condition, seconds=30):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_on_ones_own_machine_nothing_is_in_the_way():
    assert limits({}) == OWN_MACHINE == Limits()
    assert not any(value for name, value in asdict(OWN_MACHINE).items() if name != "longest_text")


@pytest.mark.parametrize("given, wanted", [("7", 7), ("0", 0), ("-1", 30), ("many", 30), ("", 30), ("9" * 5000, 30)])
def test_a_server_sets_its_limits_by_the_environment(given, wanted):
    assert limits({"WHYWORD_DEMO": "1", "WHYWORD_REQUESTS": given}).requests == wanted
    assert limits({"WHYWORD_DEMO": "1"}) == STRANGERS


def test_every_limit_stands_in_the_readme_with_its_default():
    readme = (ROOT / "pages" / "README.md").read_text()
    missing = [
        name for name, value in asdict(STRANGERS).items() if f"| `{VARIABLES[name]}` | {value:,} |" not in readme
    ]
    assert missing == []


def test_a_text_is_as_long_as_the_server_allows(monkeypatch):
    check_length("a" * 5_000)
    monkeypatch.setenv("WHYWORD_LONGEST_TEXT", "4999")
    with pytest.raises(BadInput, match="has 5,000 characters; explain a part of it, of at most 4,999"):
        check_length("a" * 5_000)


def test_a_name_tells_whose_it_is():
    owners.ask_by(lambda: ME)
    assert owners.marked("notes") == f"notes-visitor-{ME}" == owners.marked(owners.marked("notes"))
    assert owners.owner_of(owners.marked("notes")) == ME
    assert owners.marked(f"notes-visitor-{OTHER}") == f"notes-visitor-{ME}"
    assert len(owners.marked("n" * 90)) == 63 and owners.unmarked(f"a-visitor-{OTHER}-b") == "a-b"
    assert [owners.owner_of(name) for name in ("notes", f"notes-visitor-{ME}-2", "notes-visitor-xyz")] == [None] * 3


def test_a_visitor_sees_and_changes_only_what_is_theirs(home):
    for name in ("public", f"a-visitor-{ME}", f"b-visitor-{OTHER}"):
        save(name)
    assert len(list_models()) == 3
    owners.ask_by(lambda: ME)
    assert {info.name for info in list_models()} == {"public", f"a-visitor-{ME}"}
    with pytest.raises(UnknownName) as told:
        load_model(f"b-visitor-{OTHER}")
    assert OTHER not in str(told.value.known)
    for name, error in (("public", BadInput), (f"b-visitor-{OTHER}", UnknownName)):
        with pytest.raises(error):
            delete_model(name)
    with pytest.raises(BadInput, match="not a model of yours"):
        rename_model("public", "mine")
    with pytest.raises(BadInput, match="not a model of yours"):
        save("another")
    assert rename_model(f"a-visitor-{ME}", "b").name == f"b-visitor-{ME}"
    rename_model(f"b-visitor-{ME}", "a")
    delete_model(f"a-visitor-{ME}")
    assert [info.name for info in list_models()] == ["public"]


def test_data_of_a_visitor_bear_a_mark_and_are_theirs_alone(home, tmp_path):
    public = keep_dataset(load_table(table(tmp_path), "text", "label"), tmp_path / "notes.csv")
    owners.ask_by(lambda: ME)
    own = keep_dataset(load_table(table(tmp_path), "text", "label"), tmp_path / "notes.csv")
    assert own.name == f"notes-visitor-{ME}"
    assert load_dataset(own.name).name == own.name
    assert rename_own(own.name, "letters").name == f"letters-visitor-{ME}"
    for change in (lambda: delete_own(public.name), lambda: rename_own(public.name, "mine")):
        with pytest.raises(BadInput, match="not a data set of yours"):
            change()
    owners.ask_by(lambda: OTHER)
    assert [own.name for own in own_datasets()] == ["notes"]
    with pytest.raises(UnknownName):
        load_dataset(f"letters-visitor-{ME}")


def test_a_table_of_a_visitor_has_its_bounds(tmp_path, monkeypatch):
    path = table(tmp_path)
    monkeypatch.setenv("WHYWORD_MOST_ROWS", "50")
    with pytest.raises(BadInput, match="This table has 60 documents; a data set may have 50 here"):
        keep_dataset(load_table(path, "text", "label"), path)
    monkeypatch.setenv("WHYWORD_LARGEST_TABLE", "1000")
    with pytest.raises(BadInput, match="is larger than"):
        load_table(path, "text", "label")


def test_a_visitor_has_a_place_and_minutes_of_their_own(monkeypatch):
    monkeypatch.setenv("WHYWORD_TRAININGS", "1")
    monkeypatch.setenv("WHYWORD_TRAINING_MINUTES", "1")
    registry = Registry(at_once=1, places=5)
    first = registry.start(toy_recipe("bow", **ENDLESS), data=toy_data(), owner="me")
    with pytest.raises(BadInput, match="1 training of yours is going on, and no more may here; wait until"):
        registry.start(toy_recipe("bow", **ENDLESS), data=toy_data(), owner="me")
    second = registry.start(toy_recipe("bow", **ENDLESS), data=toy_data(), owner="another")
    second.stop()
    first.stop()
    first.seconds = 70
    with pytest.raises(BadInput, match="You have trained for 1 minute within an hour"):
        registry.start(toy_recipe("bow", **ENDLESS), data=toy_data(), owner="me")


def test_a_training_ends_with_the_minutes_of_its_visitor(monkeypatch):
    monkeypatch.setenv("WHYWORD_TRAINING_MINUTES", "1")
    registry = Registry()
    monkeypatch.setattr(registry, "_seconds_left", lambda owner: 0.5)
    job = registry.start(toy_recipe("bow", **ENDLESS), data=toy_data(), owner="me")
    job.wait(60)
    assert (job.state, job.traceback) == ("failed", None)
    assert "which is all that is left here" in job.error
    assert list(folders.models_folder().iterdir()) == []


def test_training_is_off_where_memory_is_short_and_says_so(demo, monkeypatch):
    before = REGISTRY.all()
    monkeypatch.setenv("WHYWORD_TRAINING_MEMORY", str(10**15))
    at = opened("train", recipe="docstrings-bow")
    assert "Training is off here for now" in words(at)
    start = next(button for button in at.button if button.label == "Start training")
    assert start.disabled
    with pytest.raises(BadInput, match=r"^Training is off here"):  # a browser may send a click all the same
        REGISTRY.start(toy_recipe("bow"), data=toy_data())
    assert REGISTRY.all() == before


def test_visitors_start_no_download(demo, monkeypatch):
    before = REGISTRY.all()
    monkeypatch.setattr("core.datasets.load_dataset", lambda *_, **__: pytest.fail("it was fetched"))
    monkeypatch.delenv("WHYWORD_DATA", raising=False)
    data, train = opened("data", dataset="imdb"), opened("train", recipe="imdb-convnet")
    assert "can start no download" in words(data)
    assert "Download" not in str([button.label for button in (*data.button, *train.button)])
    assert "visitors cannot fetch it" in words(train)
    with pytest.raises(BadInput, match="are not on this server"):
        form.start(form.Wanted(RECIPES["imdb-convnet"], ""), "mine", True)
    assert REGISTRY.all() == before


def test_a_visitor_asks_only_so_often_within_a_minute(demo, monkeypatch):
    save("toy-bow")
    monkeypatch.setenv("WHYWORD_REQUESTS", "2")
    at = opened(model="toy-bow")
    for text in ("rain and soup", "soup and rain", "bread and rain"):
        at.text_area(key="text").set_value(text)
        at.button[0].click().run()
    assert "That was much within a minute; go on in" in words(at).replace("\\", "")
    at.text_area(key="text").set_value("rain and soup")
    at.button[0].click().run()
    assert "That was much" not in words(at)  # what is known already costs nothing
    assert "That was much" not in words(opened(model="toy-bow"))


def test_a_file_to_predict_has_its_bounds_and_counts_as_a_request(demo, tmp_path, monkeypatch):
    save("toy-bow")
    monkeypatch.setenv("WHYWORD_REQUESTS", "1")
    at = opened("score", model="toy-bow")
    assert "a file may have 20,000 rows and 20 MB here" in words(at)
    at.file_uploader[0].upload("notes.csv", table(tmp_path).read_bytes()).run()
    next(button for button in at.button if button.label == "Predict").click().run()
    until(lambda: at.run().success)
    at.checkbox(key="score-novelty").set_value(True).run()
    next(button for button in at.button if button.label == "Predict").click().run()
    assert "That was much within a minute" in words(at).replace("\\", "")
    monkeypatch.setenv("WHYWORD_MOST_ROWS", "50")
    at = opened("score", model="toy-bow")
    at.file_uploader[0].upload("notes.csv", table(tmp_path).read_bytes()).run()
    assert "This file has 60 rows; it may have 50 here, so bring a part of it." in words(at).replace("\\", "")
    monkeypatch.setenv("WHYWORD_LARGEST_TABLE", "1000")
    at = opened("score", model="toy-bow")
    at.file_uploader[0].upload("notes.csv", table(tmp_path).read_bytes()).run()
    assert "is larger than 1.0 kB; give a smaller table." in words(at).replace("\\", "")


def test_what_a_visitor_trains_is_theirs_and_goes_with_their_last_session(demo, monkeypatch):
    save("toy-bow")
    mine, other = opened("train", recipe="docstrings-bow"), opened("train")
    mine.text_input[0].set_value("secret").run()
    next(button for button in mine.button if button.label == "Start training").click().run()
    (job,) = REGISTRY.active()
    assert job.name == f"secret-visitor-{mark(mine)}" and job.owner == mine.session_state["visitor"]
    assert "secret" not in words(other.run())
    job.stop()
    save(job.name)
    assert is_taken(job.name)
    again = opened("evaluate", who=mine.session_state["visitor"])
    assert job.name in again.selectbox(key="model").options
    assert opened("evaluate", model=job.name).selectbox(key="model").options == ["toy-bow"]
    monkeypatch.setattr(visitor, "GRACE_SECONDS", 0)
    st.cache_resource.clear()  # as when a session ends
    until(lambda: not is_taken(job.name))
    assert [info.name for info in list_models()] == ["toy-bow"]


def test_a_second_session_of_a_browser_keeps_what_the_first_made(demo, monkeypatch):
    name = f"secret-visitor-{ME}"
    save(name)
    monkeypatch.setattr(visitor, "GRACE_SECONDS", 0.1)
    monkeypatch.setattr(visitor, "_mark", lambda token: ME)
    first, second = visitor.Lease("me"), visitor.Lease("me")
    first.end()
    time.sleep(0.3)
    assert is_taken(name)
    second.end()
    back = visitor.Lease("me")  # the connection was cut for a moment
    time.sleep(0.3)
    assert is_taken(name)
    back.end()
    until(lambda: not is_taken(name))


def test_what_a_server_that_is_no_more_left_goes_after_hours(demo, monkeypatch):
    old, new = f"old-visitor-{ME}", f"new-visitor-{OTHER}"
    for name in (old, new, "public"):
        os.utime(save(name), (time.time(),) * 2)
    os.utime(folders.models_folder() / old, (time.time() - 13 * 3600,) * 2)
    os.utime(folders.models_folder() / "public", (time.time() - 13 * 3600,) * 2)
    visitor.delete_old()
    assert {info.name for info in list_models()} == {new, "public"}


def test_secrets_stand_for_the_environment(monkeypatch):
    class Secrets(dict):
        def load_if_toml_exists(self):
            return True

    monkeypatch.setenv("WHYWORD_DEMO", "")
    monkeypatch.delenv("WHYWORD_DEMO")
    monkeypatch.setenv("WHYWORD_REQUESTS", "5")
    monkeypatch.setattr(visitor.st, "secrets", Secrets(WHYWORD_DEMO=1, WHYWORD_REQUESTS=9, WHYWORD_OTHER=3))
    visitor._take_secrets()
    assert visitor.is_demo() and limits().requests == 5 and "WHYWORD_OTHER" not in os.environ


def test_forged_requests_large_messages_and_tracebacks_are_shut_out():
    config = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text())
    server = config["server"]
    assert server["enableXsrfProtection"] and server["enableCORS"]
    assert (server["maxUploadSize"], server["maxMessageSize"]) == (200, 50)
    assert config["client"]["showErrorDetails"] == "none" and not config["browser"]["gatherUsageStats"]
