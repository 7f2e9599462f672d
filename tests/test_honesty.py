"""Whether the sentences and colours of an explanation are as often right as they say, where the truth is known."""

import numpy as np
import pytest

from core.explanation import check_by_deletion, explain, explanation_snapshots
from core.schema import CaveatKind
from core.schema.explanation_text import fidelity
from pages.ui.explain.trust import banner, trust
from tests.planted import Dashes, Noise, Sum, planted_text, with_random_weights


@pytest.mark.parametrize("count", [3, 5, 7, 12, 40])
def test_a_random_highlight_passes_the_check_in_one_text_of_twenty_at_most(count):
    rng = np.random.default_rng(count)
    verdicts = []
    for seed in range(120):
        model = Sum(rng.normal(size=count))
        why = explain(model, planted_text(count), label="yes", samples=50, words=count)
        verdicts.append(check_by_deletion(model, with_random_weights(why, rng), seed=seed).passed)
    decided = [verdict for verdict in verdicts if verdict is not None]
    # 5% may; of 120 that is more than 12 in one of 100 runs.
    assert sum(decided) <= 12
    assert len(decided) in (0, len(verdicts))
    assert (not decided) == (count < 7)


def test_the_strongest_words_of_a_certain_model_pass_although_its_probability_hardly_moves():
    weights = np.full(40, 0.1)
    weights[:5] = 1.2
    check = check_by_deletion(
        Sum(weights), explain(Sum(weights), planted_text(40), samples=2000, words=40, log_odds=True)
    )
    assert check.passed
    assert check.without_log_odds == pytest.approx(3.5, abs=0.01)
    assert check.p_value <= 0.05


def test_on_noise_hardly_a_word_is_marked_for_sure():
    coloured = 0
    for seed in range(20):
        why = explain(Noise(), planted_text(60), samples=1000, words=60, seed=seed)
        coloured += sum(word.significant for word in why.marked(25))
    assert coloured <= 3


def test_on_noise_the_fit_is_poor_however_few_the_samples():
    for samples in (250, 1000):
        why = explain(Noise(), planted_text(40), samples=samples, words=40)
        assert why.fit_r2 < 0.1
        kinds = {caveat.kind for caveat in why.caveats}
        assert kinds & {CaveatKind.POOR_FIT, CaveatKind.TOO_FEW_SAMPLES}


def test_intervals_of_the_words_that_are_shown_hold_the_weights_of_very_many_samples():
    # The strongest of many are chosen, so that plain intervals would miss more often than they say.
    model = Sum(np.random.default_rng(2).normal(size=100) * 0.2)
    truth = {
        word.start: word.weight
        for word in explain(model, planted_text(100), samples=60_000, words=100, label="yes").words
    }
    held, right = [], []
    for seed in range(1, 11):
        for snapshot in explanation_snapshots(model, planted_text(100), samples=2000, seed=seed, label="yes"):
            for word in snapshot.marked(10):
                held.append(word.low <= truth[word.start] <= word.high)
                right.append(not word.significant or word.weight * truth[word.start] > 0)
    assert np.mean(held) >= 0.93
    assert np.mean(right) >= 0.99


def test_nothing_is_marked_where_there_are_too_few_samples():
    (only,) = explanation_snapshots(Sum(np.ones(200) * 0.1), planted_text(200), samples=900)
    assert only.samples == 900
    assert only.marked(25) == ()
    assert CaveatKind.TOO_FEW_SAMPLES in {caveat.kind for caveat in only.caveats}


@pytest.mark.parametrize("words", [7, 60, 215, 230, 700])
def test_words_are_marked_in_every_picture_of_a_run_that_may_end_by_itself(words):
    weights = np.full(words, 0.001)
    weights[:: words // 5][:5] = [3, -2.5, 2, -1.5, 1]
    model = Sum(weights)
    for snapshot in explanation_snapshots(model, planted_text(words), label="yes", log_odds=True):
        assert snapshot.marked(25)
        assert CaveatKind.TOO_FEW_SAMPLES not in {caveat.kind for caveat in snapshot.caveats}
    assert snapshot.converged


def test_as_many_other_draws_have_the_same_strongest_words_as_is_said():
    model = Sum(np.random.default_rng(4).normal(size=60) * 0.15)
    runs = [explain(model, planted_text(60), samples=1500, words=60, seed=seed, label="yes") for seed in range(30)]
    tops = [frozenset(word.start for word in run.words[:5]) for run in runs]
    same = np.mean([one == other for i, one in enumerate(tops) for other in tops[:i]])
    said = np.mean([run.top_stability for run in runs])
    assert said == pytest.approx(same, abs=0.15)


def test_a_single_word_is_marked_and_nothing_is_said_of_words_that_act_together():
    for samples in (250, 1000, 5000):
        why = explain(Sum([1.5]), "w0", label="yes", samples=samples)
        assert [word.word for word in why.marked(5)] == ["w0"]
        assert why.words[0].significant and why.fit_r2 == 1
        assert "one word of this text" in trust(why) and "R²" not in fidelity(why) and banner(why) is None
        assert CaveatKind.POOR_FIT not in {caveat.kind for caveat in why.caveats}


def test_a_small_weight_is_not_marked_however_certain_it_is():
    weights = np.full(20, 0.02)
    weights[0] = 2.0
    why = explain(Sum(weights), planted_text(20), samples=5000, words=20, label="yes")
    assert sum(word.significant for word in why.words) > 1
    assert [word.word for word in why.marked(25)] == ["w0"]
    assert len(why.marked(25, smallest_share=0.0)) == 20


def test_what_moves_the_answer_and_cannot_be_marked_is_told():
    why = explain(Dashes(), "a good film -- and that is all there is to say", label="yes")
    (caveat,) = [caveat for caveat in why.caveats if caveat.kind is CaveatKind.UNMARKED_EFFECT]
    assert "70" in caveat.text or "69" in caveat.text
    with_signs = explain(Dashes(), "a good film -- and that is all there is to say", label="yes", units="signs")
    assert with_signs.words[0].word == "--"
    assert not [caveat for caveat in with_signs.caveats if caveat.kind is CaveatKind.UNMARKED_EFFECT]
