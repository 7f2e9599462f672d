import json
import re
from dataclasses import replace

import jax
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core import load_dataset, load_model
from core.batching import Layout, gather
from core.errors import BadInput, UnknownName
from core.explanation import (
    check_by_deletion,
    explain,
    explanation_snapshots,
    first_samples,
    second_opinions,
    timeline,
    variants,
)
from core.explanation.local_model import draw_masks, fit_local, proximities
from core.explanation.masked_text import MOST_CHARACTERS, MOST_WORDS, masked_text
from core.explanation.question import answers
from core.gradients import integrated_gradients
from core.predictor import Predictor
from core.schema import Scale, TokenCoverage
from core.schema.explanation_text import fidelity
from core.units import unit_spans, units_of
from tests.planted import Sum, planted_text
from tests.test_units import SCRIPTS
from tests.toy import toy_data, toy_model


class Planted(Predictor):
    """The probability of "good" is a sum of planted word weights: LIME must find just those."""

    name = "planted"
    class_names = ("bad", "good")
    weights = {"splendid": 0.3, "dull": -0.2, "fine": 0.1}  # noqa: RUF012

    def predict_proba(self, texts):
        good = np.array([0.5 + sum(self.weights.get(w, 0) for w in re.findall(r"\w+", t.lower())) for t in texts])
        return np.stack([1 - good, good], axis=1).astype(np.float32)


class Flat(Planted):
    weights = {}  # noqa: RUF012


class Windowed(Planted):
    """Reads five words, and would read on if words before them went away."""

    def predict_proba(self, texts):
        return super().predict_proba([" ".join(re.findall(r"\w+", text)[:5]) for text in texts])

    def read(self, text):
        words = list(re.finditer(r"\w+", text))
        end = words[4].end() if len(words) > 5 else len(text)
        return TokenCoverage(tokens_read=min(5, len(words)), tokens_total=len(words), end=end)


TEXT = "A splendid film, if dull in parts; the music is fine."


def weights(explanation):
    return {word.word: word.weight for word in explanation.words}


def test_planted_words_are_found_with_their_weights():
    found = weights(explain(Planted(), TEXT, samples=2000))
    assert found["splendid"] == pytest.approx(0.3, abs=0.01)
    assert found["dull"] == pytest.approx(-0.2, abs=0.01)
    assert found["fine"] == pytest.approx(0.1, abs=0.01)
    assert max(abs(w) for word, w in found.items() if word not in Planted.weights) < 0.01


def test_words_come_strongest_first_and_as_many_as_asked():
    found = explain(Planted(), TEXT, samples=500, words=3).words
    assert [word.word for word in found] == ["splendid", "dull", "fine"]


def test_weights_speak_for_the_class_that_was_asked_about():
    good, bad = (weights(explain(Planted(), TEXT, label=label, samples=500)) for label in ("good", "bad"))
    assert good["splendid"] == pytest.approx(-bad["splendid"], abs=1e-6)


def test_the_most_probable_class_is_explained_by_default():
    assert explain(Planted(), "so dull", samples=100).class_name == "bad"


def test_a_repeated_word_is_weighed_where_it_stands():
    text = "splendid, and again splendid"
    found = list(explain(Planted(), text, samples=500, words=2).words)
    assert sorted((w.start, w.end) for w in found) == [(0, 8), (20, 28)]


def test_the_same_seed_gives_the_same_explanation_and_another_seed_another():
    first, again, other = (explain(Planted(), TEXT, samples=100, seed=seed).words for seed in (1, 1, 2))
    assert first == again
    assert first != other


def sentences(explanation):
    return [caveat.text for caveat in explanation.caveats]


def lime_itself(model, text, target, samples, **how):
    """What the lime package finds, and the masks that it has drawn."""
    from lime.lime_text import LimeTextExplainer

    explainer = LimeTextExplainer(bow=False, mask_string="", random_state=4, feature_selection="none", **how)
    fit, drawn = explainer.base.explain_instance_with_data, []
    explainer.base.explain_instance_with_data = lambda data, *rest, **how: drawn.append(data) or fit(data, *rest, **how)
    told = explainer.explain_instance(text, model.predict_proba, labels=[target], num_features=999, num_samples=samples)
    weights = [weight for _, weight in sorted(told.local_exp[target])]
    return np.array(weights), float(told.intercept[target]), float(told.score), drawn[0].astype(bool)


@pytest.mark.parametrize("family", ["bow", "ngram", "convnet", "transformer", "wide"])
def test_weights_equal_the_lime_packages_on_the_same_masks(family):
    model, text = toy_model(family), toy_data().test.texts[0]
    target = int(model.predict_proba([text])[0].argmax())
    weights, intercept, fit, masks = lime_itself(model, text, target, 300)
    ours = fit_local(masks, answers(masked_text(model, text).ask(masks), (target, None), Scale.PROBABILITY))
    assert ours.weights == pytest.approx(weights, abs=1e-4)
    assert ours.intercept == pytest.approx(intercept, abs=1e-4)
    assert ours.training_r2 == pytest.approx(fit, abs=1e-4)


@pytest.mark.parametrize("name", ["imdb-convnet", "newsgroups-bow"])
@pytest.mark.data
def test_weights_of_a_real_document_equal_the_lime_packages_on_the_same_masks(name):
    model = load_model(name)
    text = load_dataset(model.recipe.data.dataset).test.texts[4]
    text = text[: model.read(text).end]
    weights, _, _, masks = lime_itself(model, text, 0, 400, split_expression=units_of)
    ours = fit_local(masks, answers(masked_text(model, text).ask(masks), (0, None), Scale.PROBABILITY))
    assert ours.weights == pytest.approx(weights, abs=1e-4)


@pytest.mark.parametrize(
    "text", [*SCRIPTS.values(), "这部电影很好!!", "とてもラーメン", "เป็นน้ำดีมาก", "so 😡😡 👨‍👩‍👧 don't?!"]
)
def test_weights_equal_the_lime_packages_where_it_gets_the_same_units(text):
    # Its own words are runs of \w; its `split_expression` may be a function that finds others.
    model = toy_model("convnet")
    text = text[: model.read(text).end]
    weights, _, _, masks = lime_itself(model, text, 0, 300, split_expression=units_of)
    ours = fit_local(masks, answers(masked_text(model, text).ask(masks), (0, None), Scale.PROBABILITY))
    assert ours.weights == pytest.approx(weights, abs=1e-4)


def test_a_model_of_ones_own_is_asked_about_written_texts_and_gets_the_same_weights():
    ours, text = toy_model("convnet"), toy_data().test.texts[1]

    class Wrapped(Predictor):
        name, class_names = "wrapped", ours.class_names

        def predict_proba(self, texts):
            return ours.predict_proba(texts)

    own = explain(Wrapped(), text, samples=200, words=99)
    assert weights(own) == pytest.approx(weights(explain(ours, text, samples=200, words=99)), abs=1e-4)


def test_as_many_words_are_left_out_as_lime_leaves_out():
    # Of 1 to all words, each number as often; and each word as often as any other.
    masks = draw_masks(np.random.default_rng(0), 20_000, 8)
    gone = (~masks).sum(axis=1)
    assert np.bincount(gone, minlength=9)[1:] / 20_000 == pytest.approx(np.full(8, 1 / 8), abs=0.01)
    assert masks.mean(axis=0) == pytest.approx(np.full(8, 3.5 / 8), abs=0.02)


def test_the_first_samples_are_those_that_lime_asks_about():
    asked = []

    class Listening(Sum):
        def predict_proba(self, texts):
            asked.extend(texts)
            return super().predict_proba(texts)

    model, text = Listening([1.0, -2.0, 0.5, 3.0]), planted_text(4)
    explain(model, text, "yes", samples=500, seed=3)
    whole, *others = asked
    first = first_samples(Sum(model.weights), text, "yes", seed=3)
    for sample, version in zip(first, others, strict=False):
        kept = [word for word in text.split() if (text.index(word), text.index(word) + 2) not in sample.left_out]
        assert version.split() == kept
        assert sample.probability == pytest.approx(model.predict_proba([version])[0, 1])
    assert whole == text and len(first) == 3


def test_intervals_cover_the_weights_of_very_many_samples():
    model, text = toy_model("convnet"), " ".join(toy_data().test.texts[:4])
    truth = weights_by_place(explain(model, text, samples=100_000, words=999))
    held = [
        word.low <= truth[word.start] <= word.high
        for seed in range(20)
        for word in explain(model, text, samples=1000, words=999, seed=seed + 1).words
    ]
    assert np.mean(held) >= 0.9


@pytest.mark.parametrize(("samples", "least"), [(400, 0.001), (2500, 0.001), (7000, 0.05)])
def test_errors_of_the_weights_are_those_of_the_robust_covariance(samples, least):
    # White's sandwich written out, with residuals scaled by how far each sample pulls the fit (HC2); of more than 2,500
    # samples only some tell the middle of it.
    rng = np.random.default_rng(3)
    masks = draw_masks(rng, samples, 30)
    target = 1 / (1 + np.exp(-(masks @ rng.normal(size=30)))) + rng.normal(0, 0.05, samples) * masks[:, 0]
    near = proximities(masks)
    design = masks - near @ masks / near.sum()
    inverse = np.linalg.inv(design.T @ (near[:, None] * design) + np.eye(30))
    residuals = target - near @ target / near.sum()
    residuals = residuals - design @ (inverse @ design.T @ (near * residuals))
    leverages = near * (np.einsum("ij,jk,ik->i", design, inverse, design) + 1 / near.sum())
    middle = design.T @ (((near * residuals) ** 2 / (1 - leverages))[:, None] * design)
    errors = np.sqrt(np.diag(inverse @ middle @ inverse))
    ratios = fit_local(masks, target).errors / errors
    assert np.median(ratios) == pytest.approx(1, abs=least)
    assert ratios == pytest.approx(np.ones(30), abs=4 * least)


def weights_by_place(explanation):
    return {word.start: word.weight for word in explanation.words}


def test_the_picture_becomes_surer_and_ends_with_that_of_all_samples():
    snapshots = list(explanation_snapshots(Planted(), TEXT, samples=1300, stop_early=False))
    assert [snapshot.samples for snapshot in snapshots] == [250, 500, 1000, 1300]
    widths = [np.mean([word.high - word.low for word in snapshot.words]) for snapshot in snapshots]
    assert widths == sorted(widths, reverse=True)
    assert snapshots[-1].strongest(15).words == explain(Planted(), TEXT, samples=1300).words


def test_it_ends_by_itself_when_the_strongest_words_are_sure_and_says_so():
    *_, last = explanation_snapshots(Planted(), TEXT, samples=50_000)
    assert last.converged
    assert last.samples < 50_000
    assert last.top_stability >= 0.95
    assert [word.word for word in last.words[:3]] == ["splendid", "dull", "fine"]


def test_it_pauses_for_those_who_wait_and_goes_on_for_who_asks():
    options = {"samples": 4000, "stop_early": False}
    waiting = iter([False, True, False, True])
    snapshots = list(explanation_snapshots(Planted(), TEXT, **options, is_awaited=lambda: next(waiting)))
    assert [(last.samples, last.paused) for last in snapshots] == [
        (250, False),
        (500, False),
        (1000, True),
        (2000, False),
        (3000, True),
        (4000, False),
    ]
    assert "fewer than usual, since others are waiting" in fidelity(snapshots[2])
    first = next(explanation_snapshots(Planted(), TEXT, is_awaited=lambda: True))
    assert (first.samples, first.paused) == (1000, True)
    undisturbed = list(explanation_snapshots(Planted(), TEXT, **options))
    assert [last.words for last in snapshots] == [last.words for last in undisturbed]


def test_it_goes_on_to_the_end_when_equal_words_change_places():
    class Even(Planted):
        weights = dict.fromkeys("abcdefgh", 0.05)

    *_, last = explanation_snapshots(Even(), "a b c d e f g h", samples=4000)
    assert not last.converged
    assert last.samples == 4000


def test_a_word_in_another_script_has_all_that_its_characters_add():
    model = toy_model("convnet")
    masked = masked_text(model, "我喜欢 soup")
    shares = model.encoder.shares(masked.text, masked.spans)[0]
    assert np.asarray(shares.sum(axis=1)).ravel() == pytest.approx(np.ones(shares.shape[0]))


def test_a_check_finds_nothing_to_take_away_where_no_word_speaks_for_the_class():
    told = explain(Planted(), f"{'so very quiet and long ' * 4} dull, dull", label="good", samples=500, words=99)
    check = check_by_deletion(Planted(), told)
    assert (check.count, check.passed) == (0, None)


def test_a_text_of_marks_alone_around_a_few_words_stays_small():
    masked = masked_text(Planted(), "splendid " + "! " * 7000 + "dull")
    assert masked.coverage.end < 5000


def test_why_one_class_rather_than_another_is_the_difference_of_log_odds():
    told = explain(Planted(), TEXT, label="good", against="bad", samples=1000)
    assert (told.class_name, told.against) == ("good", "bad")
    assert told.prediction == pytest.approx(np.log(0.7 / 0.3), abs=0.1)
    assert weights(told)["splendid"] > 0 > weights(told)["dull"]
    turned = explain(Planted(), TEXT, label="bad", against="good", samples=1000)
    assert weights(turned) == pytest.approx({word: -weight for word, weight in weights(told).items()}, abs=1e-6)


def test_a_class_against_itself_is_refused():
    with pytest.raises(BadInput, match="against itself"):
        explain(Planted(), TEXT, label="good", against="good")


def test_a_class_of_probability_zero_has_finite_log_odds():
    class Certain(Planted):
        def predict_proba(self, texts):
            return np.tile(np.float32([0, 1]), (len(texts), 1))

    told = explain(Certain(), TEXT, label="good", against="bad", samples=100)
    assert np.isfinite(told.prediction)
    assert told.fit_r2 is None


def test_taking_the_strongest_words_away_costs_more_than_random_ones():
    check = check_by_deletion(Planted(), explain(Planted(), TEXT, label="good", samples=2000, words=99))
    assert check.passed
    assert check.whole == pytest.approx(0.7)
    assert check.without == pytest.approx(0.3)
    assert check.drop > check.random_drop
    assert (check.removed[0], check.curve[0]) == (0, pytest.approx(0.7))
    assert check.curve[-1] == check.random_curve[-1] == pytest.approx(0.5)
    assert check.area > 0


def test_an_explanation_that_names_the_wrong_words_fails_its_check():
    told = explain(Planted(), TEXT, label="good", samples=500, words=99)
    wrong = replace(told, words=tuple(replace(word, weight=-word.weight) for word in told.words))
    check = check_by_deletion(Planted(), wrong)
    assert not check.passed
    assert check.area < 0


def test_the_check_of_one_word_has_nothing_to_compare_with():
    check = check_by_deletion(Planted(), explain(Planted(), "splendid", samples=100))
    assert check.passed is None
    assert check.random_drop is None


@pytest.mark.parametrize("family", ["bow", "ngram", "convnet", "transformer", "wide"])
def test_what_the_words_add_makes_up_the_whole_answer(family):
    # The completeness axiom of integrated gradients.
    model, text = toy_model(family), " ".join(toy_data().test.texts[:3])
    masked = masked_text(model, text)
    added = model.contributions(text, masked.spans, 1, None)
    assert added.words.sum() + added.rest == pytest.approx(added.whole - added.base)
    logs = np.log(model.predict_proba([text])[0])
    assert added.whole == pytest.approx(logs[1] - logs[[0, 2]].mean(), abs=1e-3)
    parts = integrated(model, text)
    assert parts == pytest.approx(added.whole - added.base, abs=0.02 * max(1, abs(added.whole - added.base)))


@pytest.mark.parametrize("family", ["ngram", "bow"])
def test_contributions_add_up_where_the_temperature_grows_with_the_margin(family):
    model, text = replace(toy_model(family), saturation=0.6), "The good old cat and the storm"
    masked = masked_text(model, text)
    added = model.contributions(text, masked.spans, 1, 2)
    logs = np.log(model.predict_proba([text])[0])
    assert added.whole == pytest.approx(logs[1] - logs[2], abs=1e-3)
    assert added.words.sum() + added.rest == pytest.approx(added.whole - added.base)
    asked = model.without(text, masked.spans)(np.ones((1, len(masked.spans)), bool))
    np.testing.assert_allclose(asked, model.predict_proba([text]), atol=1e-5)


def integrated(model, text):
    """The sum over all entries of a document, with those that belong to no word."""
    layout = Layout(1, 1, model.encoder.sizes)
    batch = gather(model.encoder.encode([text]), np.zeros(1, np.int32), np.zeros(1, np.int64), layout)
    direction = np.float32([-0.5, 1, -0.5]) / model.temperature
    return sum(part.sum() for part in integrated_gradients(model.graph, model.state, batch.arrays, direction)[0])


def test_the_parts_of_a_linear_model_are_its_weights_word_by_word():
    model, text = toy_model("ngram"), "The old cat and the storm"
    masked = masked_text(model, text)
    added = model.contributions(text, masked.spans, 0, 2)
    encoded = model.encoder.encode([text])
    table = np.asarray(next(leaf for leaf in jax.tree.leaves(model.state) if leaf.ndim == 2))
    for word, part in zip(text.lower().split(), added.words, strict=True):
        (own,) = model.encoder.encode([word]).ids  # one word: no phrase
        (value,) = encoded.values[encoded.ids == own]
        expected = value * (table[own, 0] - table[own, 2]) / model.temperature
        assert part == pytest.approx(expected / text.lower().split().count(word), abs=1e-4)
    assert added.exact and added.rest == pytest.approx(0, abs=1e-4)


def test_other_methods_agree_with_lime_on_planted_words():
    told = explain(Planted(), TEXT, label="good", samples=3000, words=3)
    (occlusion,) = second_opinions(Planted(), told)
    assert occlusion.weights == pytest.approx([0.3, -0.2, 0.1], abs=1e-6)
    assert occlusion.rank_correlation == pytest.approx(1.0)


@pytest.mark.parametrize("family", ["bow", "ngram", "convnet", "transformer", "wide"])
def test_the_gradients_of_a_trained_model_agree_with_lime(family):
    model, text = toy_model(family), " ".join(toy_data().test.texts[:2])
    told = explain(model, text, samples=2000, words=99)
    opinions = {opinion.method: opinion for opinion in second_opinions(model, told)}
    assert len(opinions) == 2
    assert all(opinion.rank_correlation > 0.3 for opinion in opinions.values())
    assert all(len(opinion.weights) == len(told.words) for opinion in opinions.values())


@pytest.mark.parametrize("name", ["newsgroups-ngram"])
@pytest.mark.data
def test_the_ranks_of_a_linear_models_words_are_recovered(name):
    # Mardaoui and Garreau 2021 (arXiv 2010.12487): on a linear model LIME is proportional to its coefficients.
    model = load_model(name)
    text = load_dataset("newsgroups").test.texts[4][:900]
    told = explain(model, text, model.class_names[0], against=model.class_names[1], samples=5000, words=20)
    (exact,) = [opinion for opinion in second_opinions(model, told) if opinion.exact]
    assert exact.rank_correlation > 0.8


def test_variants_tell_what_each_change_does():
    told = {variant.name: variant for variant in variants(Planted(), "Not a splendid film, it isn't dull!", "good")}
    assert told["As it is"].change == 0
    assert told["Negation dropped"].text == "a splendid film, it is dull!"
    assert told["Upper case"].text == "NOT A SPLENDID FILM, IT ISN'T DULL!"
    assert told["Without punctuation"].text == "Not a splendid film it isnt dull"
    assert told["Upper case"].change == pytest.approx(0, abs=1e-6)


def test_typos_are_the_same_for_the_same_seed():
    text = "A splendid snapshot without any boring moment whatsoever " * 3
    first, again, other = (
        next(v.text for v in variants(Planted(), text, "good", seed=seed) if v.name == "Typos") for seed in (1, 1, 2)
    )
    assert first == again != other
    assert sorted(first) == sorted(text)


def test_the_timeline_follows_the_probability_from_sentence_to_sentence():
    steps = timeline(Planted(), "A splendid film. But dull! The end, which is fine", "good")
    assert [step.text for step in steps] == ["A splendid film.", " But dull!", " The end, which is fine"]
    assert [step.probability for step in steps] == pytest.approx([0.8, 0.6, 0.7])
    assert [step.change for step in steps] == pytest.approx([0.3, -0.2, 0.1])


def test_the_timeline_ends_where_the_model_stops_reading():
    steps = timeline(Windowed(), "one two three. four five splendid. dull", "good")
    assert "".join(step.text for step in steps) == "one two three. four five"


@pytest.mark.parametrize(
    "text",
    [
        "一部好电影。但是很无聊！“真的。”结尾不错",
        "यह अच्छी फ़िल्म है। पर उबाऊ! सच में? अंत ठीक है",
        "فيلم رائع. لكنه ممل! حقا؟ النهاية جيدة",
        "ខ្ញុំ។ អ្នក។ គាត់។ យើង",
        "Բարև։ Ինչպես ես։ Լավ։ Դու",
        "ሰላም። ደህና ነህ። አዎ። እሺ",
        "我喜欢｡但是｡是｡好",
    ],
)
def test_the_timeline_knows_the_ends_of_sentences_in_other_scripts(text):
    steps = timeline(Planted(), text, "good")
    assert len(steps) == 4
    assert "".join(step.text for step in steps) == text


def test_a_text_of_signs_alone_can_be_followed_and_changed_where_signs_are_weighed():
    assert [step.text for step in timeline(Planted(), "... -- :-)", "good", units="signs")]
    assert variants(Planted(), ":-( ,,", "good", units="signs")[-1].name == "Without punctuation"


def test_a_very_long_text_gets_more_samples_so_that_its_words_can_be_marked():
    text = " ".join(f"word{i}" for i in range(1_100)) + " splendid"
    assert explain(Planted(), text).samples == 5 * 1_101
    assert explain(Planted(), text, samples=300).samples == 300
    assert explain(Planted(), text).marked(5)[0].word == "splendid"


def test_intervals_hold_the_planted_weight_and_shrink_with_samples():
    few, many = (explain(Planted(), TEXT, samples=n, seed=3).words for n in (100, 4000))
    width = {n: np.mean([w.high - w.low for w in found]) for n, found in ((100, few), (4000, many))}
    assert width[4000] < width[100] / 2
    assert all(w.low <= w.weight <= w.high for w in few)


def test_text_behind_the_window_is_neither_read_nor_explained():
    told = explain(Windowed(), "one two three four five splendid dull", label="good", samples=500)
    assert {w.word for w in told.words} == {"one", "two", "three", "four", "five"}
    assert max(abs(w.weight) for w in told.words) < 1e-6
    assert "5 of 7" in " ".join(sentences(told))


def test_a_probability_that_never_moves_has_no_fit():
    told = explain(Flat(), TEXT, samples=100)
    assert told.fit_r2 is None
    assert "no word matters" in sentences(told)[0]


def test_one_word_is_explained():
    # Without its only word a text is as far away as can be, so LIME's kernel leaves little of the 0.3.
    assert 0 < weights(explain(Planted(), "splendid", samples=100))["splendid"] < 0.3


@pytest.mark.parametrize("text", ["", "   ", "...", "\u0301", "\0\0"])
def test_a_text_without_a_word_is_refused_in_a_sentence(text):
    with pytest.raises(BadInput, match="no word in this text"):
        explain(Planted(), text)


def test_a_text_with_no_known_word_says_so():
    with pytest.raises(BadInput, match="knows none of the words"):
        explain(toy_model("bow"), "Zyx qwv, plugh!")


def test_an_unknown_class_lists_the_known_ones():
    with pytest.raises(UnknownName, match="bad, good"):
        explain(Planted(), TEXT, label="ugly")


@pytest.mark.parametrize("bad", [{"samples": 10}, {"samples": 10**7}, {"words": 0}, {"seed": -1}])
def test_impossible_settings_are_refused(bad):
    with pytest.raises(BadInput):
        explain(Planted(), TEXT, **bad)


def test_a_megabyte_of_text_is_explained_up_to_a_limit_that_is_told():
    told = explain(Planted(), "splendid " + "word " * 200_000, samples=50)
    assert told.coverage.end <= 6 * MOST_WORDS
    assert "Only the first 1,500 words are explained" in sentences(told)[-1]
    assert "of the whole text the model says: good, 80.0%" in sentences(told)[-1]


@settings(max_examples=40, deadline=None)
@given(
    st.text(alphabet=st.sampled_from("aé猫e\u0301ß 🐱\u200d😡🇩🇪!?हि\u094dเน\0<|>&.\n\u05d0"), min_size=1, max_size=30)
)
def test_every_offset_points_at_its_word(text):
    spans = unit_spans(text)
    if not spans:
        return
    words = explain(Planted(), text, samples=50, words=99).words
    assert {(word.start, word.end) for word in words} <= set(spans)
    assert all(text[word.start : word.end] == word.word for word in words)


def test_a_special_token_and_markup_are_only_text():
    told = explain(toy_model("convnet"), "<|endoftext|> <script>alert(1)</script> the cat", samples=100, words=99)
    assert {"endoftext", "script", "cat"} <= set(weights(told))


def test_the_json_is_strict_and_has_the_promised_fields():
    written = explain(Planted(), TEXT, samples=100).to_json()
    promised = "model class_name probabilities words intercept fit_r2 samples seed seconds tokens_read tokens_total"
    assert set(promised.split()) | {"unknown_words"} <= set(written)
    assert set(written["words"][0]) == {"word", "start", "end", "weight", "low", "high"}
    json.dumps(written, allow_nan=False)


def test_a_text_whose_read_part_has_no_word_is_refused_in_a_sentence():
    class Short(Planted):
        def read(self, text):
            return TokenCoverage(tokens_read=5, tokens_total=len(text), end=min(5, len(text)))

    with pytest.raises(BadInput, match="the part of this text that the model reads"):
        explain(Short(), ". . . . . splendid")


def test_a_text_with_no_known_word_in_the_explained_part_says_so():
    with pytest.raises(BadInput, match="knows none of the words"):
        explain(toy_model("bow"), "zyx " * (MOST_WORDS + 1) + "cat", samples=50)


@pytest.mark.parametrize("text", ["splendid" + " " * 10**6 + "dull", "🐱" * 250_000 + " dull", "x" * 10**6 + " dull"])
def test_what_stands_far_behind_is_left_out_rather_than_filling_the_memory(text):
    try:
        told = explain(Planted(), text, samples=50)
    except BadInput as error:
        assert "no word" in str(error)
    else:
        assert told.coverage.end <= MOST_CHARACTERS


def test_a_word_is_not_cut_by_the_limit_of_what_is_explained():
    told = explain(Planted(), "splendid " * 3 + "i " * 10 + "dull" * (MOST_CHARACTERS // 4), samples=50, words=99)
    assert {word.word for word in told.words} == {"splendid", "i"}


def test_weights_that_the_ridge_has_shrunk_are_not_passed_off_as_effects():
    assert "draws the weights towards zero" in " ".join(sentences(explain(Planted(), "splendid", samples=500)))
    assert not explain(Planted(), TEXT * 3, samples=2000).caveats


def test_a_word_that_the_model_does_not_know_has_no_weight():
    told = explain(toy_model("bow"), "Zyx and the cat", samples=200, words=99)
    assert told.coverage.unknown_words == ("zyx",)
    assert "Zyx" not in weights(told)
