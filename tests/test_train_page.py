"""The Train page: what cannot be started, what is shown of a run, and how it ends."""

import pytest

from core.jobs import REGISTRY
from core.recipes import suited_recipes
from core.saved_models import model_info
from core.traits import traits_of
from pages.ui.render.charts import accuracies, losses
from pages.ui.train.run_panel import clock, result_sentence
from tests.test_pages import ENDLESS, button, opened, two_models  # noqa: F401, the fixture is used by every test
from tests.toy import toy_data, toy_recipe


def test_settings_that_cannot_be_are_told_and_no_training_can_be_started():
    at = opened("train", recipe="docstrings-bow")
    assert not button(at, "Start training").disabled
    epochs = next(field for field in at.number_input if field.label == "Epochs")
    epochs.set_value(100_000).run()
    assert button(at, "Start training").disabled
    assert r"Epochs is 100\,000\, and has to be from 1" in at.warning[0].value
    epochs.set_value(3).run()
    assert not button(at, "Start training").disabled and not at.warning


def test_an_emptied_name_is_the_one_that_was_proposed():
    at = opened("train", recipe="docstrings-bow")
    name = next(field for field in at.text_input if field.label == "Name of the model")
    proposed = name.value
    at = name.set_value("  ").run()
    assert name.placeholder == proposed
    button(at, "Start training").click().run()
    (job,) = REGISTRY.active()
    job.stop()
    job.wait(60)
    assert job.name == proposed


def test_a_training_is_ended_with_the_best_epoch_so_far_and_says_what_was_used():
    job = REGISTRY.start(toy_recipe("bow", **ENDLESS), data=toy_data(), name="mine")
    at = opened("train", job=job.id)
    assert "Epochs 1000" in " ".join(caption.value.replace("\\", "") for caption in at.caption).replace(",", "")
    while not job.can_keep_best:
        job.wait(0.1)
    button(at.run(), "Stop and keep the best epoch").click().run()
    job.wait(60)
    assert "the best so far is kept" in [*at.run().success, *at.warning][0].value and model_info("mine").accuracy > 0


def test_of_what_is_solved_for_the_tries_are_counted_and_no_epochs():
    recipes = suited_recipes("auto", "toy", traits_of(toy_data()))
    job = REGISTRY.start(recipes[0], others=recipes[1:], data=toy_data(), name="mine")
    job.wait(60)
    figures = {metric.label: metric.value for metric in opened("train", job=job.id).metric}
    assert figures["Tried"] == str(len(job.progress.trials)) and "Epoch" not in figures


@pytest.mark.parametrize(
    ("accuracy", "most_frequent", "expected", "good", "said"),
    [
        (0.107, 0.12, 0.884, False, "always naming the most frequent class gets 12.0%"),
        (0.7, 0.12, 0.884, False, "with its usual settings this recipe gets about 88.4%"),
        (0.88, 0.12, 0.884, True, "Saved. It gets 88.0% of the test documents right."),
        (0.9, 0.9, None, False, "no better than guessing"),
    ],
)
def test_a_bad_result_is_no_success(accuracy, most_frequent, expected, good, said):
    found, sentence = result_sentence(accuracy, 500, most_frequent, expected)
    assert found is good and said in sentence


def test_the_time_of_a_run_is_told_to_the_second():
    assert [clock(seconds) for seconds in (0.4, 59.9, 60, 187.2)] == ["0 s", "59 s", "1 min 00 s", "3 min 07 s"]


def test_charts_of_a_run_say_when_they_begin():
    assert [figure([], 5).layout.annotations[0].text for figure in (losses, accuracies)] == [
        "Begins when the first epoch has ended"
    ] * 2
