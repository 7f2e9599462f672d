import json
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import BadInput, UnknownName
from core.explanation import MOST_CHARACTERS, MOST_WORDS, explain
from core.prediction import Predictor
from core.schema import Reading
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
        return Reading(tokens_read=min(5, len(words)), tokens_total=len(words), end=end)


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


def test_weights_equal_the_lime_packages():
    from lime.lime_text import LimeTextExplainer

    model, text = toy_model("bow"), toy_data().test.texts[0]
    reference = LimeTextExplainer(bow=False, mask_string="", random_state=4)
    target = int(model.predict_proba([text])[0].argmax())
    told = reference.explain_instance(text, model.predict_proba, labels=[target], num_features=99, num_samples=300)
    ours = explain(model, text, samples=300, seed=4, words=99)
    assert [w.weight for w in ours.words] == pytest.approx([w for _, w in told.local_exp[target]], abs=1e-4)
    assert ours.fit_r2 == pytest.approx(told.score)


def test_intervals_hold_the_planted_weight_and_shrink_with_samples():
    few, many = (explain(Planted(), TEXT, samples=n, seed=3).words for n in (100, 4000))
    width = {n: np.mean([w.high - w.low for w in found]) for n, found in ((100, few), (4000, many))}
    assert width[4000] < width[100] / 2
    assert all(w.low <= w.weight <= w.high for w in few)


def test_text_behind_the_window_is_neither_read_nor_explained():
    told = explain(Windowed(), "one two three four five splendid dull", label="good", samples=500)
    assert {w.word for w in told.words} == {"one", "two", "three", "four", "five"}
    assert max(abs(w.weight) for w in told.words) < 1e-6
    assert "5 of 7" in " ".join(told.caveats)


def test_a_probability_that_never_moves_has_no_fit():
    told = explain(Flat(), TEXT, samples=100)
    assert told.fit_r2 is None
    assert "no word matters" in told.caveats[0]


def test_one_word_is_explained():
    # Without its only word a text is as far away as can be, so LIME's kernel leaves little of the 0.3.
    assert 0 < weights(explain(Planted(), "splendid", samples=100))["splendid"] < 0.3


@pytest.mark.parametrize("text", ["", "   ", "🐱", "!?", "\0\0"])
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
    assert told.reading.end <= 6 * MOST_WORDS
    assert "1,500 of 200,001" in " ".join(told.caveats)


@settings(max_examples=40, deadline=None)
@given(st.text(alphabet=st.sampled_from("aé猫e\u0301ß 🐱\0<|>&.\n\u05d0"), min_size=1, max_size=30))
def test_every_offset_points_at_its_word(text):
    if not re.search(r"\w", text):
        return
    for word in explain(Planted(), text, samples=50, words=99).words:
        assert text[word.start : word.end] == word.word


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
            return Reading(tokens_read=5, tokens_total=len(text), end=min(5, len(text)))

    with pytest.raises(BadInput, match="the part of this text that the model reads"):
        explain(Short(), "! ! ! ! ! splendid")


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
        assert told.reading.end <= MOST_CHARACTERS


def test_a_word_is_not_cut_by_the_limit_of_what_is_explained():
    told = explain(Planted(), "splendid " * 3 + "i " * 10 + "dull" * (MOST_CHARACTERS // 4), samples=50, words=99)
    assert {word.word for word in told.words} == {"splendid", "i"}


def test_weights_that_the_ridge_has_shrunk_are_not_passed_off_as_effects():
    assert "their order, not their size" in " ".join(explain(Planted(), "splendid", samples=500).caveats)
    assert not explain(Planted(), TEXT * 3, samples=2000).caveats


def test_a_word_that_the_model_does_not_know_has_no_weight():
    told = explain(toy_model("bow"), "Zyx and the cat", samples=200, words=99)
    assert told.reading.unknown_words == ("zyx",)
    assert "Zyx" not in weights(told)
