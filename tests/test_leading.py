"""The explanation that a page begins with: a linear model's own sum, said to be that and no estimate."""

import json

import numpy as np
import pytest

from core.errors import BadInput
from core.explanation import exact_explanation, leading_snapshots, second_opinions
from core.schema import CaveatKind
from core.schema.explanation_text import fidelity, word_worth
from pages.ui.explain.export import as_csv, as_html
from pages.ui.explain.trust import banner, trust
from pages.ui.shared.explanation_settings import Marking
from tests.toy import toy_data, toy_model

TEXT = " ".join(toy_data().test.texts[:2])


def leading(family, text=TEXT, **how):
    *_, last = leading_snapshots(toy_model(family), text, **how)
    return last


def test_a_linear_model_is_explained_by_its_sum_at_once_and_another_one_by_lime():
    assert [why.method for why in leading_snapshots(toy_model("ngram"), TEXT)] == ["exact-sum"]
    assert leading("bow").method == "lime"
    assert leading("ngram", log_odds=False).method == "lime"
    second = second_opinions(toy_model("ngram"), leading("ngram"))
    assert "lime" in [opinion.method for opinion in second] and "exact-sum" not in [o.method for o in second]


@pytest.mark.parametrize("units", ["words", "signs", "lines"])
def test_weights_rest_and_intercept_add_up_to_the_log_odds_of_the_model(units):
    model = toy_model("ngram")
    one, other = model.class_names[:2]
    why = exact_explanation(model, f"{TEXT} ?! -- {TEXT.upper()}\nunheard", one, other, units=units)
    total = sum(why.weights) + why.rest + why.intercept
    log_odds = np.log(why.probabilities[one] / why.probabilities[other])
    assert total == pytest.approx(why.prediction, abs=1e-4)
    assert total == pytest.approx(log_odds, abs=1e-3)


def test_nothing_is_said_of_samples_intervals_or_lime_where_nothing_is_estimated():
    why = leading("ngram", seed=7)
    marking = Marking(25)
    said = [trust(why), fidelity(why), as_html(why, "abc", marking), as_csv(why), *map_worth(why)]
    for sentence in said:
        for wrong in ("interval", "LIME", "None", "perturbed", "low,high", " to +"):
            assert wrong not in sentence
    assert "nothing is estimated" in trust(why) and banner(why) is None
    assert why.seed == 7 and len(why.marked(25)) > 1
    told = json.loads(json.dumps(why.to_json()))
    assert told["method"] == "exact-sum" and told["exact"] is True and told["fit_r2"] is None


def map_worth(why):
    return [word_worth(word, why) for word in why.words]


def test_the_sum_tells_too_when_what_is_not_marked_decides():
    model = toy_model("ngram")
    model_words = exact_explanation(model, TEXT)
    weak = min(model_words.words, key=lambda word: abs(word.weight)).word
    why = exact_explanation(model, f"{weak} ... -- ,,, ((( --- :-)")
    is_told = CaveatKind.UNMARKED_EFFECT in {caveat.kind for caveat in why.caveats}
    assert is_told == (abs(why.prediction - exact_explanation(model, weak).prediction) > 0.01 + abs(why.weights[0]))


@pytest.mark.parametrize("how", [{"samples": 3}, {"seed": -1}])
def test_settings_that_cannot_be_are_refused_although_a_sum_needs_none(how):
    with pytest.raises(BadInput):
        leading("ngram", **how)


def test_half_a_character_does_not_keep_a_table_from_being_exported():
    assert "?" in as_csv(leading("ngram", f"{TEXT} \ud800", units="lines"))
