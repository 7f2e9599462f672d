import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import psutil
import pytest

from core import folders
from core.datasets import keep_dataset, load_table
from core.errors import BadInput, TrainingFailed
from core.evaluation import evaluate
from core.jobs import MAX_FINISHED_JOBS, REGISTRY, Registry, interrupted_jobs, train_and_save
from core.recipes import suited_recipes
from core.saved_models import load_model, model_info, stored_epochs, stored_evaluation
from core.traits import traits_of
from tests.toy import CLASS_NAMES, toy_data, toy_recipe

ROOT = Path(__file__).parents[1]
ENDLESS = {"epochs": 1000, "patience": 0, "learning_rate": 1e-6}


@pytest.fixture
def home(fresh_home, tmp_path, monkeypatch):
    monkeypatch.setattr(folders, "BUNDLED_MODELS", tmp_path / "shipped")
    return fresh_home


@pytest.fixture
def registry(home):
    registry = Registry()
    yield registry
    for job in registry.all():
        job.stop()


def until(condition, seconds=60):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def alive(pid):
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


def saved_names():
    return sorted(path.name for path in folders.models_folder().iterdir())


def test_training_ends_with_a_saved_model_and_its_record(home):
    told = list(train_and_save(toy_recipe("bow", epochs=3), data=toy_data(), seed=7))
    phases = list(dict.fromkeys(progress.phase for progress in told))
    assert phases == ["reading", "encoding", "training", "testing", "saving", "done"]
    assert [p.seconds for p in told] == sorted(p.seconds for p in told)
    record, model = told[-1].saved, told[-1].predictor
    assert list(record) == ["model", "recipe", "dataset", "seconds", "epochs", "best_epoch", "history", "test"]
    assert list(record["history"][0]) == ["epoch", "step", "train_loss", "valid_loss", "valid_accuracy", "seconds"]
    assert list(record["test"]) == ["n", "accuracy", "macro_f1", "loss", "ece"]
    assert (record["model"], record["recipe"], record["dataset"]) == ("toy-bow", "toy-bow", "toy")
    assert (record["epochs"], len(record["history"]), record["test"]["n"]) == (3, 3, 92)
    back = load_model("toy-bow")
    np.testing.assert_array_equal(back.predict_proba(["rain"]), model.predict_proba(["rain"]))
    assert (model.name, model.fingerprint) == (back.name, back.fingerprint)
    assert back.recipe.train.seed == 7
    data = toy_data()
    for split in ("test", "valid"):
        answers = stored_evaluation("toy-bow", split)
        assert (answers.split, answers.accuracy) == (split, evaluate(back, data.splits[split]).accuracy)
    epochs = stored_epochs("toy-bow")
    assert (epochs.predictions.shape, epochs.best_epoch) == ((3, 92), record["best_epoch"])
    assert [progress for progress in told if progress.answers is not None] == []


def test_a_second_model_gets_a_name_of_its_own(home):
    (folders.BUNDLED_MODELS / "toy-bow").mkdir(parents=True)
    for _ in range(2):
        *_, done = train_and_save(toy_recipe("bow", epochs=1), data=toy_data())
    assert done.saved["model"] == "toy-bow-3"
    assert saved_names() == ["toy-bow-2", "toy-bow-3"]


def test_a_name_that_cannot_be_is_told_before_the_work(home):
    (folders.BUNDLED_MODELS / "toy-bow").mkdir(parents=True)
    for name in ("No name", "toy-bow"):
        with pytest.raises(BadInput):
            next(train_and_save(toy_recipe("bow"), name=name, data=toy_data()))


def test_to_stop_asking_leaves_nothing_behind(home):
    told = train_and_save(toy_recipe("bow", epochs=1), data=toy_data())
    while next(told).phase != "saving":
        pass
    told.close()
    assert saved_names() == []


def test_a_job_trains_in_a_process_of_its_own(registry):
    job = registry.start(toy_recipe("bow", epochs=2), name="mine", data=toy_data(), seed=3)
    assert job.state == "running"
    assert job.pid != os.getpid()
    assert registry.get(job.id) is job
    job.wait(120)
    assert (job.state, job.error, job.traceback) == ("done", None, None)
    assert job.progress.predictor is None
    assert job.progress.saved["model"] == job.name == model_info("mine").name
    assert len(job.progress.history) == 2
    assert not alive(job.pid)
    job.stop()
    assert job.state == "done"


def test_stop_ends_a_job_within_two_seconds_and_leaves_nothing(registry):
    job = registry.start(toy_recipe("bow", **ENDLESS), data=toy_data())
    until(lambda: job.progress is not None and job.progress.history)
    leftover = folders.models_folder() / f".tmp-{os.uname().nodename}-{job.pid}-ab12"
    leftover.mkdir()
    started = time.monotonic()
    job.stop()
    assert time.monotonic() - started < 2
    assert (job.state, job.error) == ("stopped", None)
    assert not alive(job.pid)
    assert saved_names() == []


def test_a_mistake_in_the_data_is_one_sentence(registry):
    data = toy_data()
    labels = np.minimum(data.train.labels, 1)
    job = registry.start(toy_recipe("bow"), data=replace(data, train=replace(data.train, labels=labels)))
    job.wait(120)
    assert job.state == "failed"
    assert CLASS_NAMES[2] in job.error
    assert job.traceback is None


def test_a_bug_in_the_child_keeps_its_traceback(registry, caplog):
    data = toy_data()
    job = registry.start(toy_recipe("bow"), data=replace(data, train=replace(data.train, texts=None)))
    job.wait(120)
    assert job.state == "failed"
    assert job.error.startswith("Training ended by a fault in Whyword (")
    assert "Traceback (most recent call last)" in job.traceback
    assert job.traceback in caplog.text


def test_a_killed_child_is_noticed(registry):
    job = registry.start(toy_recipe("bow", **ENDLESS), data=toy_data())
    os.kill(job.pid, signal.SIGKILL)
    job.wait(10)
    assert job.state == "failed"
    assert "lack of memory" in job.error


def test_a_child_does_not_outlive_its_parent(home):
    code = (
        "import time; from core.jobs import REGISTRY; from tests.toy import toy_data, toy_recipe\n"
        f"job = REGISTRY.start(toy_recipe('bow', **{ENDLESS}), data=toy_data())\n"
        "while not (job.progress and job.progress.history): time.sleep(0.02)\n"
        "print(job.pid, flush=True); time.sleep(600)"
    )
    with subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True) as parent:
        child = int(parent.stdout.readline())
        assert alive(child)
        parent.kill()
    until(lambda: not alive(child), seconds=10)


def test_two_running_jobs_never_write_the_same_name(registry):
    first = registry.start(toy_recipe("bow", **ENDLESS), data=toy_data())
    second = registry.start(toy_recipe("bow", **ENDLESS), data=toy_data())
    assert (first.name, second.name) == ("toy-bow", "toy-bow-2")
    with pytest.raises(BadInput, match="toy-bow is being trained; choose another name"):
        registry.start(toy_recipe("bow"), name="toy-bow", data=toy_data())
    first.stop()
    assert registry.start(toy_recipe("bow", **ENDLESS), name="toy-bow", data=toy_data()).state == "running"


def test_a_registry_remembers_the_last_jobs_and_all_that_run(registry):
    running = registry.start(toy_recipe("bow", **ENDLESS), data=toy_data())
    ended = []
    for _ in range(MAX_FINISHED_JOBS):
        ended.append(registry.start(toy_recipe("bow", **ENDLESS), data=toy_data()))
        ended[-1].stop()
    assert registry.get(ended[0].id) is None
    assert registry.all() == (*reversed(ended[1:]), running)


def test_an_unknown_id_is_no_job():
    assert REGISTRY.get("never-heard-of") is None


def test_a_job_is_found_by_its_id_from_anywhere(home):
    job = REGISTRY.start(toy_recipe("bow", **ENDLESS), data=toy_data())
    assert REGISTRY.get(job.id) is job
    job.stop()


def test_no_room_to_save_is_told_before_a_job_starts(registry, home):
    home.write_text("a file where the folder should be")
    with pytest.raises(TrainingFailed, match="WHYWORD_HOME"):
        registry.start(toy_recipe("bow"), name="mine", data=toy_data())
    assert registry.all() == ()


@pytest.fixture
def queue(home):
    registry = Registry(at_once=1, places=2)
    yield registry
    for job in reversed(registry.active()):
        job.stop()


def endless(registry, **settings):
    return registry.start(toy_recipe("bow", **ENDLESS), data=toy_data(), **settings)


def test_one_job_runs_and_the_others_wait_in_their_order(queue):
    jobs = [endless(queue) for _ in range(3)]
    assert [job.state for job in jobs] == ["running", "waiting", "waiting"]
    assert [queue.before(job) for job in jobs] == [0, 1, 2]
    assert [job.pid is None for job in jobs] == [False, True, True]
    jobs[1].stop()
    assert (jobs[1].state, queue.before(jobs[2])) == ("stopped", 1)
    jobs[0].stop()
    until(lambda: jobs[2].state == "running")
    assert [job.state for job in jobs] == ["stopped", "stopped", "running"]
    assert queue.active() == (jobs[2],)


def test_a_queue_that_is_full_says_so_and_takes_one_again_later(queue):
    jobs = [endless(queue) for _ in range(3)]
    with pytest.raises(BadInput, match=r"^2 trainings already wait .*; try again when one of them has ended\.$"):
        endless(queue)
    assert len(queue.all()) == 3
    jobs[2].stop()
    assert endless(queue).state == "waiting"


def test_a_job_that_waited_trains_to_the_end_after_one_that_was_killed(queue):
    killed = endless(queue)
    waiting = queue.start(toy_recipe("bow", epochs=2), data=toy_data(), name="mine")
    os.kill(killed.pid, signal.SIGKILL)
    waiting.wait(120)
    assert (killed.state, waiting.state) == ("failed", "done")
    assert model_info("mine").dataset == "toy"
    assert queue.active() == ()


def test_two_jobs_never_write_the_same_name_even_when_one_waits(queue):
    jobs = [endless(queue) for _ in range(2)]
    assert [job.name for job in jobs] == ["toy-bow", "toy-bow-2"]
    with pytest.raises(BadInput, match="toy-bow-2 is being trained"):
        endless(queue, name="toy-bow-2")


def test_a_system_without_room_for_another_process_is_a_reason(queue, monkeypatch):
    def no_room(*arguments):
        raise BlockingIOError(11, "Resource temporarily unavailable")

    monkeypatch.setattr("core.jobs.job.start_child", no_room)
    job = endless(queue)
    assert job.state == "failed"
    assert "could not start (Resource temporarily unavailable)" in job.error
    assert queue.active() == ()


def test_the_jobs_of_this_process_run_one_at_a_time(home):
    assert (REGISTRY.at_once, REGISTRY.places) == (1, 8)


INTERRUPTED = """
import sys, time
from core.datasets import keep_dataset
from core.jobs import REGISTRY
from tests.test_jobs import recipe_of_notes
job = REGISTRY.start(recipe_of_notes(), name="mine", seed=3, owner="me")
while not (job.progress and len(job.progress.history) > 1): time.sleep(0.02)
print(job.id, flush=True)
time.sleep(600)
"""


def recipe_of_notes():
    recipe = toy_recipe("bow", epochs=10, batch=80, patience=0, learning_rate=1e-4)
    return replace(recipe, data=replace(recipe.data, dataset="notes"))


@pytest.fixture
def notes(home, tmp_path, monkeypatch):
    """A data set that a job finds by its name, as those of pages do."""
    splits = toy_data().splits.values()
    rows = [
        (text, CLASS_NAMES[label]) for split in splits for text, label in zip(split.texts, split.labels, strict=True)
    ]
    path = tmp_path / "notes.csv"
    path.write_text("text,label\n" + "".join(f'"{text}",{label}\n' for text, label in rows))
    keep_dataset(load_table(path, "text", "label"), path)
    monkeypatch.setenv("WHYWORD_KEEP_SECONDS", "0.2")


@pytest.mark.parametrize("how", [signal.SIGKILL])
def test_a_job_whose_app_has_ended_is_known_and_goes_on_to_the_same_result(notes, registry, how, monkeypatch):
    with subprocess.Popen([sys.executable, "-c", INTERRUPTED], cwd=ROOT, stdout=subprocess.PIPE, text=True) as app:
        id = app.stdout.readline().strip()
        assert interrupted_jobs() == ()  # its app still runs
        app.send_signal(how)
    (found,) = interrupted_jobs()
    assert (found.id, found.name, found.seed, found.owner) == (id, "mine", 3, "me")
    assert found.recipe == recipe_of_notes()
    monkeypatch.setenv("WHYWORD_KEEP_SECONDS", "1000")
    job = registry.go_on(found.id, owner="me")
    assert interrupted_jobs() == ()
    job.wait(240)
    whole = registry.start(recipe_of_notes(), name="whole", seed=3)
    whole.wait(240)
    assert (job.state, whole.state) == ("done", "done")
    texts = ["rain", "soup and bread", "the old cat"]
    np.testing.assert_array_equal(*(load_model(name).predict_proba(texts) for name in ("mine", "whole")))
    assert interrupted_jobs() == () and not any(folders.runs_folder().glob("[!.]*"))


def test_what_was_stopped_or_has_failed_is_not_taken_for_interrupted(notes, registry):
    stopped = registry.start(recipe_of_notes(), name="stopped")
    until(lambda: stopped.progress is not None and stopped.progress.history)
    stopped.stop()
    killed = registry.start(recipe_of_notes(), name="killed")
    os.kill(killed.pid, signal.SIGKILL)
    killed.wait(10)
    assert (stopped.state, killed.state) == ("stopped", "failed")
    assert interrupted_jobs() == () and not (folders.runs_folder() / "stopped").exists()


DAMAGE = ["", "[]", "{}", '{"name": "../x", "recipe": "{}"}', "\x00", '{"name": 3}']


@pytest.mark.parametrize("content", DAMAGE)
def test_a_damaged_record_of_a_job_is_left_out(home, content):
    folder = folders.runs_folder() / ".jobs"
    folder.mkdir()
    (folder / "abc.json").write_text(content)
    assert interrupted_jobs() == ()
    with pytest.raises(BadInput, match="no longer there"):
        Registry().go_on("abc")


def test_a_job_goes_on_where_nothing_can_be_written_down_of_it(notes, registry):
    (folders.runs_folder() / ".jobs").write_text("a file where the folder should be")
    job = registry.start(recipe_of_notes(), name="mine")
    assert job.state == "running" and interrupted_jobs() == ()
    job.stop()


def test_a_job_that_is_asked_to_keeps_the_best_epoch_so_far(registry):
    job = registry.start(toy_recipe("bow", **ENDLESS), name="mine", data=toy_data())
    assert not job.can_keep_best
    until(lambda: job.can_keep_best)
    job.keep_best()
    job.wait(60)
    assert (job.state, job.error, job.is_enough) == ("done", None, True)
    assert 1 <= job.progress.saved["epochs"] == len(job.progress.history) < ENDLESS["epochs"]
    assert model_info("mine").accuracy == job.progress.saved["test"]["accuracy"]
    assert not job.can_keep_best


@pytest.mark.parametrize("enough_after", [0, 1])
def test_of_what_is_tried_the_best_so_far_is_kept(home, enough_after):
    recipes = suited_recipes("auto", "toy", traits_of(toy_data()))
    asked = []

    def is_enough():
        asked.append(None)
        return len(asked) > enough_after

    *_, done = train_and_save(recipes[0], others=recipes[1:], data=toy_data(), name="mine", is_enough=is_enough)
    assert len(done.trials) == enough_after + 1 and sum(trial.is_chosen for trial in done.trials) == 1


@pytest.mark.parametrize("family", ["bow", "ngram"])
def test_amid_an_epoch_the_best_epoch_before_it_is_kept(home, family):
    told = []
    run = train_and_save(toy_recipe(family, **ENDLESS), data=toy_data(), is_enough=lambda: told[-1].epoch == 3)
    for progress in run:
        told.append(progress)
    assert told[-1].saved["epochs"] == len(told[-1].history) == 2
