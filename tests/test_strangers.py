"""Strangers who try to get at what is another's, to leave something behind, or to be counted as somebody else."""

import json
import logging
import os
import tempfile
import time
from pathlib import Path

import pytest
from streamlit import config
from streamlit.testing.v1 import AppTest

from core import folders, owners
from core.coach import choose_anew
from core.datasets import delete_own, keep_dataset, load_table, own_datasets, restore_own
from core.datasets.tables import remember_choices
from core.encoders.cached import encoded_splits
from core.errors import BadInput
from core.findings import save_global_words
from core.jobs import Registry, interrupted_jobs
from core.jobs.records import InterruptedJob, Record
from core.limits import STRANGERS, is_demo, limits
from core.saved_models import is_taken
from pages.ui.score import form as score_form
from pages.ui.shared import belongings, typed_text, uploaded, visitor
from pages.ui.shared.request_log import STREAMLIT_FAULTS
from pages.ui.train import form
from tests.test_demo import ENDLESS, ME, OTHER, ROOT, WAIT, demo, opened, save, table, words  # noqa: F401
from tests.toy import toy_data, toy_recipe

pytestmark = pytest.mark.usefixtures("home")


def written(home):
    return sorted(str(path.relative_to(home)) for path in home.rglob("*") if path.is_file())


def interrupted(name, owner="somebody", started=None):
    recipe = toy_recipe("bow")
    job = InterruptedJob(
        id=f"id-{name}"[:32],
        recipe=recipe,
        others=None,
        name=name,
        seed=0,
        owner=owner,
        started=time.time() if started is None else started,
    )
    return Record(job)


@pytest.mark.parametrize("given", ["1", "true", "True", "yes", "on", " 1 ", "2"])
def test_a_server_that_is_meant_to_be_open_to_strangers_is(given):
    assert is_demo({"WHYWORD_DEMO": given}) and limits({"WHYWORD_DEMO": given}) == STRANGERS


@pytest.mark.parametrize("given", ["", "0", "false", "No", "off"])
def test_a_server_that_is_not_meant_to_be_open_is_not(given):
    assert not is_demo({"WHYWORD_DEMO": given}) and not is_demo({})


def test_a_secret_that_is_true_or_stands_beside_an_empty_variable_counts(monkeypatch):
    class Secrets(dict):
        def load_if_toml_exists(self):
            return True

    monkeypatch.setenv("WHYWORD_DEMO", "")
    monkeypatch.setattr(visitor.st, "secrets", Secrets(WHYWORD_DEMO=True))
    visitor._take_secrets()
    assert visitor.is_demo()


def test_nobody_is_let_in_where_the_secrets_cannot_be_read(tmp_path, monkeypatch):
    monkeypatch.delenv("WHYWORD_DEMO", raising=False)
    (tmp_path / "secrets.toml").write_text("WHYWORD_DEMO = tru")
    before = config.get_option("secrets.files")
    config.set_option("secrets.files", [str(tmp_path / "secrets.toml")])
    try:
        at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=WAIT).run()
    finally:
        config.set_option("secrets.files", before)
    assert [error.value for error in at.error] == [
        "The app's file secrets.toml cannot be read; correct it, or take it away, and reload the page."
    ]
    assert not at.title and not at.exception


@pytest.mark.parametrize("name", [f"a-visitor-{OTHER}-visitor-{ME}", f"-visitor--visitor-{OTHER}{OTHER}", "a"])
def test_a_name_made_of_others_marks_is_its_makers_own(name):
    owners.ask_by(lambda: ME)
    assert owners.owner_of(owners.marked(name)) == ME


def test_a_mark_needs_the_key_of_the_server(home, tmp_path, monkeypatch):
    first = visitor._mark("a cookie")
    visitor._key.cache_clear()  # as after a restart, or for another server on the same folder
    assert visitor._mark("a cookie") == first != visitor._mark("another")
    assert (home / "visitors.key").stat().st_mode & 0o077 == 0
    monkeypatch.setenv("WHYWORD_HOME", str(tmp_path / "elsewhere"))
    assert visitor._mark("a cookie") != first
    (tmp_path / "file").touch()
    monkeypatch.setenv("WHYWORD_HOME", str(tmp_path / "file"))
    assert visitor._mark("a cookie") == visitor._mark("a cookie")


def test_more_sessions_of_a_browser_may_ask_no_more(demo, monkeypatch):  # noqa: F811
    save("toy-bow")
    monkeypatch.setenv("WHYWORD_REQUESTS", "1")
    assert "That was much" not in words(opened(model="toy-bow", who="me"))
    at = opened(model="toy-bow", who="me")
    at.text_area(key="text").set_value("bread and rain")
    at.button[0].click().run()
    assert "That was much within a minute" in words(at).replace("\\", "")
    assert "That was much" not in words(opened(model="toy-bow", who="another"))


def test_two_trainings_of_a_visitor_do_not_save_under_one_name(monkeypatch):
    registry = Registry(at_once=1, places=5)
    owners.ask_by(lambda: ME)
    first = registry.start(toy_recipe("bow", **ENDLESS), data=toy_data(), name="mine")
    try:
        with pytest.raises(BadInput, match="is being trained; choose another name"):
            registry.start(toy_recipe("bow", **ENDLESS), data=toy_data(), name="mine")
        second = registry.start(toy_recipe("bow", **ENDLESS), data=toy_data())
        save(f"toy-bow-visitor-{ME}")
        third = registry.start(toy_recipe("bow", **ENDLESS), data=toy_data())
        assert len({first.name, second.name, third.name}) == 3
        assert all(owners.owner_of(job.name) == ME for job in (first, second, third))
    finally:
        for job in registry.all():
            job.stop()


def test_two_servers_on_one_folder_do_not_train_under_one_name(home):
    held = interrupted("mine")  # and its server is alive
    with pytest.raises(BadInput, match="A model called mine is being trained"):
        Registry().start(toy_recipe("bow"), name="mine")
    held.forget()


def test_a_clock_that_was_put_back_does_not_change_whose_turn_it_is(monkeypatch):
    registry = Registry(at_once=1)
    try:
        jobs = [registry.start(toy_recipe("bow", **ENDLESS), data=toy_data(), name="first")]
        monkeypatch.setattr(time, "time", lambda: 5.0)
        jobs += [registry.start(toy_recipe("bow", **ENDLESS), data=toy_data(), name=name) for name in ("b", "c")]
        assert [registry.before(job) for job in jobs] == [0, 1, 2]
    finally:
        for job in registry.all():
            job.stop()


@pytest.mark.parametrize("started", ["1e400", "NaN", "1e17", "-5", '"x"', "[]"])
def test_a_record_of_a_training_with_a_time_that_cannot_be_is_left_out(home, started):
    interrupted("fine").forget()
    interrupted("odd", started=5.0)._lock.release()
    path = folders.runs_folder() / ".jobs" / "id-odd.json"
    path.write_text(path.read_text().replace("5.0", started))
    assert interrupted_jobs() == ()


@pytest.mark.parametrize("recipe", ['"\\"text\\""', '"[]"', '"{}"', '"[[1, 2]]"', '"1"', "3"])
def test_a_record_of_a_training_with_a_recipe_that_is_none_is_left_out(home, recipe):
    interrupted("odd")._lock.release()
    path = folders.runs_folder() / ".jobs" / "id-odd.json"
    record = json.loads(path.read_text()) | {"recipe": json.loads(recipe)}
    path.write_text(json.dumps(record))
    assert interrupted_jobs() == ()


def test_nothing_of_a_visitor_is_kept_to_work_faster(home, tmp_path):
    recipe, name = toy_recipe("bow"), f"notes-visitor-{ME}"
    encoded_splits(recipe.data, toy_data().named(name))
    save(f"mine-visitor-{ME}")
    save_global_words(f"mine-visitor-{ME}", None, "0" * 12)
    assert not [path for path in written(home) if path.startswith("cache")]
    encoded_splits(recipe.data, toy_data())
    assert [path for path in written(home) if path.startswith("cache")]


def test_a_visitor_who_has_left_leaves_nothing_of_any_kind(home, tmp_path):
    before = written(home)
    owners.ask_by(lambda: ME)
    own = keep_dataset(load_table(table(tmp_path), "text", "label"), tmp_path / "notes.csv")
    remember_choices("0" * 12, own.name, own.original, own.table_choices)  # as other choices do
    owners.ask_by(lambda: None)
    save(f"mine-visitor-{ME}")
    interrupted(f"cut-visitor-{ME}")._lock.release()
    (folders.runs_folder() / f"cut-visitor-{ME}" / "state").mkdir(parents=True)
    interrupted("public")._lock.release()
    belongings.delete_of(OTHER)
    assert is_taken(f"mine-visitor-{ME}") and len(interrupted_jobs()) == 2
    belongings.delete_of(ME)
    assert [path for path in written(home) if ME in path or "tables" in path or "cut" in path] == before
    assert [job.name for job in interrupted_jobs()] == ["public"]


def test_a_clock_that_jumps_takes_nothing_from_who_is_here(demo, monkeypatch):  # noqa: F811
    monkeypatch.setattr(visitor, "_mark", lambda token: {"me": ME}.get(token, OTHER))
    for name in (f"mine-visitor-{ME}", f"old-visitor-{OTHER}"):
        save(name)
    lease = visitor.Lease("me")
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 30 * 24 * 3600)
    visitor.delete_old()
    assert is_taken(f"mine-visitor-{ME}") and not is_taken(f"old-visitor-{OTHER}")
    visitor._sessions.clear()
    assert lease.visitor == "me"


def test_each_visitor_has_an_undo_of_their_own(tmp_path):
    for who in (ME, OTHER):
        owners.ask_by(lambda who=who: who)
        keep_dataset(load_table(table(tmp_path), "text", "label"), tmp_path / "notes.csv")
        delete_own(f"notes-visitor-{who}")
    owners.ask_by(lambda: ME)
    restore_own(f"notes-visitor-{ME}")
    assert [own.name for own in own_datasets()] == [f"notes-visitor-{ME}"]


def test_a_visitor_may_keep_only_so_many_data_sets(tmp_path, monkeypatch):
    monkeypatch.setenv("WHYWORD_DATA_SETS", "2")
    owners.ask_by(lambda: ME)
    data = load_table(table(tmp_path), "text", "label")
    for name in ("one", "two"):
        keep_dataset(data.named(name), tmp_path / "notes.csv")
    with pytest.raises(BadInput, match="You have 2 data sets here, and no more may be; delete one"):
        keep_dataset(data.named("three"), tmp_path / "notes.csv")
    owners.ask_by(lambda: OTHER)
    keep_dataset(data.named("three"), tmp_path / "notes.csv")


def test_a_table_with_more_rows_than_may_be_is_not_chosen_anew(tmp_path, monkeypatch):
    own = keep_dataset(load_table(table(tmp_path), "text", "label"), tmp_path / "notes.csv")
    monkeypatch.setenv("WHYWORD_MOST_ROWS", "50")
    with pytest.raises(BadInput, match="a data set may have 50 here"):
        choose_anew(own.name, own.table_choices)


def test_the_same_table_of_two_visitors_has_for_each_its_own_name(demo, tmp_path):  # noqa: F811
    for name in ("first", "second"):
        keep_dataset(load_table(table(tmp_path), "text", "label").named(name), tmp_path / "notes.csv")
    opened("data", dataset="first")
    at = opened("data", dataset="second")
    assert not at.exception and "first" not in words(at)


def test_whether_another_has_a_model_cannot_be_asked(demo):  # noqa: F811
    save(f"secret-visitor-{OTHER}")
    owners.ask_by(lambda: ME)
    assert form.may_replace(f"secret-visitor-{OTHER}")


NAMES = [
    "notes.csv",
    "a" * 300 + ".csv",
    "é" * 200 + ".csv.gz",
    "a\0b.csv",
    "..",
    ".",
    "",
    ".csv",
    "a\\b/c.csv",
    "x\n.csv",
]
NAMES += ["\ud800.csv", "no ending", "." * 300, "a." + "b" * 300]


@pytest.mark.parametrize("given", NAMES)
def test_a_file_of_any_name_can_be_kept(given, tmp_path):
    path = tmp_path / uploaded.file_name(given)
    path.write_text("")
    assert path.parent == tmp_path and path.is_file() and path.name.isprintable()
    assert given not in NAMES[:1] or path.name == given
    for ending in (".csv", ".csv.gz"):
        assert path.name.endswith(ending) or not given.endswith(ending)


def test_a_table_with_a_long_name_is_added(tmp_path):
    at = opened("data")
    at.file_uploader[0].upload("a" * 300 + ".csv", table(tmp_path).read_bytes()).run()
    assert not at.exception and "60 documents of 2 classes" in words(at).replace("\\", "")


def test_uploads_of_a_server_that_was_killed_are_deleted(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    gone, mine, foreign = (tmp_path / f"whyword-{name}" for name in ("4194305-a", f"{os.getpid()}-b", "c"))
    for folder in (gone, mine, foreign):
        folder.mkdir()
    uploaded.remove_left()
    assert sorted(tmp_path.iterdir()) == sorted([mine, foreign])


def test_a_click_on_a_disabled_button_does_not_start_a_second_prediction(monkeypatch):
    class Run:
        is_active, task = True, "task"

    run = Run()
    monkeypatch.setattr(score_form, "current_run", lambda task: run)
    assert score_form.start(None, "task", None) is run


@pytest.mark.parametrize("kept", [5, "text", [], {"draft": "a"}, {"asked": 1}])
def test_a_draft_that_is_none_is_passed_over(kept):
    assert typed_text.as_draft(kept) is None
    assert typed_text.as_draft({"draft": 1, "asked": "b"}) == ("1", "b")


def test_where_strangers_meet_the_words_of_a_fault_stay_out_of_the_log(demo, caplog):  # noqa: F811
    log = logging.getLogger(STREAMLIT_FAULTS)
    try:
        raise ValueError("".join(["sec", "ret words"]))
    except ValueError as error:
        log.error("Uncaught app execution", exc_info=error)
    assert "secret" not in caplog.text and "ValueError" in caplog.text and "test_strangers.py" in caplog.text


def test_where_strangers_meet_a_failed_training_is_logged_without_its_name(demo, caplog):  # noqa: F811
    from core.jobs.child import Failure
    from core.jobs.job import Job, _log_failure

    job = Job(toy_recipe("bow"), name="secret", data=toy_data())
    _log_failure(
        job, Failure("The model secret failed.", 'Traceback:\n  File "a.py", line 3, in fit\nValueError: secret')
    )
    assert "secret" not in caplog.text and 'File "a.py", line 3, in fit' in caplog.text and job.id in caplog.text


NOTE = {
    "created": [5, None, "\ud800"],
    "source": [5, "../x", None],
    "documents": [{}, [], {"train": "x", "valid": 1, "test": 1}],
    "sentences": [[5], 5, None],
    "class_names": [[1, 2], "", None],
    "choices": [None, 5, "x"],
    "remarks": [5, [5], [{"kind": "x"}], "x"],
    "left_out": [-1, "x", None, True],
    "fingerprint": [5, None],
}


@pytest.mark.parametrize("key, value", [(key, value) for key, values in NOTE.items() for value in values])
def test_an_altered_note_of_a_data_set_does_not_hide_the_others(tmp_path, key, value):
    for name in ("good", "bad"):
        keep_dataset(load_table(table(tmp_path), "text", "label").named(name), tmp_path / "notes.csv")
    note = folders.datasets_folder() / "bad" / "about.json"
    note.write_text(json.dumps(json.loads(note.read_text()) | {key: value}))
    assert [own.name for own in own_datasets()] == ["good"]


def test_a_data_set_where_nothing_can_be_written_is_told_in_a_sentence(tmp_path, monkeypatch):
    keep_dataset(load_table(table(tmp_path), "text", "label"), tmp_path / "notes.csv")

    def refused(*_):
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(Path, "rename", refused)
    from core.datasets.own import rename_own

    for change in (lambda: delete_own("notes"), lambda: rename_own("notes", "other")):
        with pytest.raises(BadInput, match="Read-only file system"):
            change()
    assert [own.name for own in own_datasets()] == ["notes"]


def test_a_session_on_a_folder_that_cannot_be_written_to_goes_on(demo, home, monkeypatch):  # noqa: F811
    save("toy-bow")
    monkeypatch.setattr(os, "link", lambda *_: (_ for _ in ()).throw(OSError(30, "Read-only file system")))
    visitor._key.cache_clear()
    assert not opened("models").exception
    visitor._key.cache_clear()
