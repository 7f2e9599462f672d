"""Settings that are searched: what is tried, who goes on, what is kept on the way, and what is refused."""

import json
import threading

import pytest

from core import folders, halving
from core.__main__ import main
from core.errors import BadInput, TrainingFailed
from core.halving import fit_searched, rounds_of
from core.jobs import REGISTRY, InterruptedJob, train_and_save
from core.jobs.records import Record, interrupted_jobs
from core.recipes import recipe
from core.saved_models import load_model
from core.schema import best_record
from core.search_space import MOST_TRIES, check_search, setting_of, settings_around
from pages.ui.train.run_panel import activity, chosen_sentence, tried_table
from pages.ui.train.settings import used_sentence
from tests.test_pages import opened
from tests.toy import toy_data, toy_recipe, toy_table

SMALL = toy_recipe("bow", epochs=4)


@pytest.fixture(scope="module")
def searched(tmp_path_factory):
    """All that a search of five settings tells, and what it leaves."""
    home = tmp_path_factory.mktemp("searched")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WHYWORD_HOME", str(home))
        told = list(train_and_save(SMALL, name="mine", data=toy_data(), search=5))
        left = [*folders.runs_folder().glob("[!.]*")]
        model = load_model("mine")
    return told, left, model


def test_first_the_recipes_own_settings_are_tried_then_others_near_them():
    first, *others = settings_around(SMALL, 9)
    assert first == {} and all(others) and len({json.dumps(each) for each in others}) == 8
    assert settings_around(SMALL, 9)[:4] == settings_around(SMALL, 4)
    for name, value in others[0].items():
        assert setting_of(SMALL.with_settings(**others[0]), name) == value != setting_of(SMALL, name)


@pytest.mark.parametrize("name", ["newsgroups-bow", "imdb-convnet", "imdb-transformer", "imdb-best"])
def test_all_that_is_tried_can_be(name):
    around = settings_around(recipe(name), MOST_TRIES)
    assert len({recipe(name).with_settings(**each) for each in around}) == MOST_TRIES


def test_half_goes_on_until_one_is_left():
    assert rounds_of(8, 25) == [(8, 3), (4, 6), (2, 12)]
    assert rounds_of(5, 4) == [(5, 1), (3, 2), (2, 4)]
    assert rounds_of(2, 1) == [(2, 1)]


def test_the_winner_is_trained_to_its_end_and_saved_with_what_was_tried(searched):
    told, left, model = searched
    saved, trials = told[-1].saved, told[-1].trials
    assert len(trials) == 5 and [trial.is_chosen for trial in trials].count(True) == 1
    chosen = next(trial for trial in trials if trial.is_chosen)
    assert all(setting_of(model.recipe, name) == value for name, value in chosen.settings.items())
    assert sorted(trial.epochs for trial in trials) == [1, 1, 2, 4, 4]
    assert len(model.history) == 4 and saved["epochs"] == 4
    best = best_record(model.history)
    assert chosen.accuracy.value == best.valid_accuracy == max(trial.accuracy.value for trial in trials)
    assert [each["title"] for each in saved["trials"]] == [trial.title for trial in trials]
    assert left == []


def test_a_search_tells_how_far_it_is(searched):
    told, _, _ = searched
    search = [progress for progress in told if progress.phase == "searching"]
    fractions = [progress.fraction for progress in search]
    assert fractions == sorted(fractions) and fractions[-1] == 1.0
    assert search[0].trials == ()
    assert activity(search[-1]).startswith("Trying settings: 5 tried so far")


def test_what_was_tried_is_shown_by_the_names_of_the_settings(searched):
    told, _, _ = searched
    table = tried_table(told[-1].trials)
    assert list(table.columns) == ["Tried", "Validation accuracy", "Epochs", "Time", ""]
    assert table["Tried"][0] == "The settings above" and "Learning rate" in table["Tried"][1]
    assert "half" in chosen_sentence(told[-1].trials)
    assert used_sentence(SMALL, None, 8).startswith("Searches 8 settings")


def test_a_search_that_was_interrupted_goes_on_to_the_same_end(searched, fresh_home):
    whole, _, model = searched
    first = fit_searched(SMALL, toy_data(), tries=5, keep="mine")
    for progress in first:
        if len(progress.trials) == 5 and progress.epoch == 2:
            break
    first.close()
    rest = list(fit_searched(SMALL, toy_data(), tries=5, keep="mine"))
    assert next(progress for progress in rest if progress.phase == "searching").fraction > 0.3
    told = whole[-1].trials
    assert [(trial.title, trial.accuracy, trial.epochs) for trial in rest[-1].trials] == [
        (trial.title, trial.accuracy, trial.epochs) for trial in told
    ]
    texts = toy_data().test.texts
    assert (rest[-1].predictor.predict_proba(texts) == model.predict_proba(texts)).all()


def test_enough_ends_a_search_with_the_best_so_far(fresh_home):
    enough = threading.Event()
    for progress in fit_searched(SMALL, toy_data(), tries=5, keep="mine", is_enough=enough.is_set):
        if len(progress.trials) == 2:
            enough.set()
    assert progress.phase == "done" and len(progress.trials) == 2 and progress.predictor is not None


def test_settings_that_cannot_be_trained_are_told_and_the_others_go_on(fresh_home, monkeypatch):
    usual = halving.fit

    def fit(recipe, *arguments, **options):
        if recipe != SMALL and "until" in options:
            raise TrainingFailed("The loss was no longer a finite number.")
        return usual(recipe, *arguments, **options)

    monkeypatch.setattr(halving, "fit", fit)
    *_, last = fit_searched(SMALL, toy_data(), tries=3, keep="mine")
    assert [bool(trial.reason) for trial in last.trials] == [False, True, True]
    assert last.trials[0].is_chosen and last.trials[1].accuracy is None
    assert tried_table(last.trials)[""][1].startswith("The loss")
    monkeypatch.setattr(halving, "fit", lambda *_, **__: (_ for _ in ()).throw(TrainingFailed("Too little memory.")))
    with pytest.raises(TrainingFailed, match="Too little memory"):
        list(fit_searched(SMALL, toy_data(), tries=2, keep="other"))


@pytest.mark.parametrize("tries", [1, 33, -2])
def test_too_few_and_too_many_are_refused(tries):
    with pytest.raises(BadInput, match=rf"tries 2 to 32 settings, not {tries}"):
        check_search(SMALL, tries)


@pytest.mark.parametrize("family", [None, "auto", "ngram", "baseline"])
def test_what_needs_no_search_is_refused_in_a_sentence(family, tmp_path, capsys, fresh_home):
    toy_table(tmp_path / "notes.csv")
    command = ["train", *([family] if family else []), "--data", str(tmp_path / "notes.csv"), "--search", "4"]
    assert main([*command, "--text", "text", "--label", "label"]) == 2
    assert "auto, ngram and baseline take seconds" in capsys.readouterr().err
    assert main(["train", "newsgroups-ngram", "--search", "4"]) == 2
    with pytest.raises(BadInput, match="settings of a network"):
        REGISTRY.start(toy_recipe("ngram"), data=toy_data(), search=4)


def test_an_interrupted_search_is_written_down(fresh_home):
    job = InterruptedJob(id="abc", recipe=SMALL, others=None, name="mine", seed=None, owner=None, started=1.0, search=8)
    record = Record(job)
    record._lock.release()
    assert interrupted_jobs() == (job,)


def test_the_train_page_searches_only_where_there_is_something_to_search():
    at = opened("train", recipe="docstrings-bow")
    box = next(box for box in at.checkbox if box.label == "Search settings")
    assert box.value is False and "Settings to try" not in [box.label for box in at.selectbox]
    box.check().run()
    assert next(box for box in at.selectbox if box.label == "Settings to try").value == 8
    at = opened("train", recipe="docstrings-ngram")
    assert "Search settings" not in [box.label for box in at.checkbox]
