import json
import re
from collections import Counter
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import scipy.sparse
from lime.submodular_pick import SubmodularPick

from core import load_dataset, load_model
from core.errors import BadInput, UnknownName
from core.evaluation import evaluate
from core.explanation.leave_one_out import LeaveOneOut
from core.explanation.model_contributions import ModelContributions
from core.findings import (
    STRIPPED,
    autopsy,
    autopsy_snapshots,
    global_words,
    index_of,
    save_global_words,
    score_other_snapshots,
    score_without_snapshots,
    ship_global_words,
    stored_global_words,
    submodular_pick,
    suspicious,
    text_only,
    without_words,
)
from core.findings.word_effects import MOST
from core.folders import findings_folder
from core.jax_predictor import softmax
from core.predictor import Predictor
from core.saved_models import model_info, save_model, stored_evaluation
from core.schema import GlobalWords, Split, TokenCoverage
from tests.toy import CLASS_NAMES, TELLING, toy_data, toy_model

MOST_ASKED, TOGETHER = LeaveOneOut.max_documents, ModelContributions.documents_per_step
FAMILIES = ["bow", "ngram", "convnet", "transformer", "wide"]


class Planted(Predictor):
    """Logits are sums of planted weights over the words that are there, so what each word does is known."""

    name = "planted"
    class_names = ("tea", "coffee", "milk")
    weights = {"leaf": (2, 0, 0), "bean": (0, 1.5, 0), "cow": (0, 0, 3), "cup": (0.5, 1, 0)}  # noqa: RUF012

    def logits(self, text):
        words = set(re.findall(r"\w+", text))
        return np.sum([np.zeros(3), *(self.weights[word] for word in words & self.weights.keys())], axis=0)

    def predict_proba(self, texts):
        return softmax(np.array([self.logits(text) for text in texts], np.float32))


class Windowed(Planted):
    """Reads three words."""

    def logits(self, text):
        return super().logits(" ".join(re.findall(r"\w+", text)[:3]))

    def read(self, text):
        words = [*re.finditer(r"\w+", text)]
        end = words[2].end() if len(words) > 3 else len(text)
        return TokenCoverage(tokens_read=min(3, len(words)), tokens_total=len(words), end=end)


class Lowered(Planted):
    """Blind to case."""

    ignores_case = True

    def logits(self, text):
        return super().logits(text.lower())


def split(texts, labels=None, class_names=Planted.class_names):
    labels = np.zeros(len(texts), np.int32) if labels is None else np.array(labels, np.int32)
    return Split(dataset="drinks", name="test", texts=tuple(texts), labels=labels, class_names=class_names)


DRINKS = split(
    ["a leaf in a cup", "a bean, a bean in the cup", "the cow", "leaf and bean", "bean cup cow", "nothing at all", ""],
    [0, 1, 2, 1, 2, 0, 1],
)


def effects(words):
    return {word.word: (word.total, word.documents, word.occurs, word.examples) for word in words}


def test_the_autopsy_finds_the_planted_words_and_the_documents_behind_each():
    found = autopsy(Planted(), DRINKS, [0, 1, 3, 4], "tea", "coffee")
    pushing, holding = effects(found.pushing), effects(found.holding)
    assert list(pushing) == ["bean", "cup"] and list(holding) == ["leaf"]
    assert pushing["bean"][:3] == (pytest.approx(4.5, abs=1e-3), 3, 3)
    assert pushing["cup"][:3] == (pytest.approx(1.5, abs=1e-3), 3, 3)
    assert holding["leaf"][:3] == (pytest.approx(-4.0, abs=1e-3), 2, 2)
    assert set(holding["leaf"][3]) == {0, 3}
    assert (found.cell, found.documents, found.sample_size, found.exact) == (4, 4, 4, False)
    assert found.log_odds == pytest.approx((-1.5 + 2 - 0.5 + 2) / 4, abs=1e-5)


def test_the_autopsy_of_right_answers_is_against_the_mean_of_the_others():
    found = autopsy(Planted(), DRINKS, [2, 4], "milk", "milk")
    assert effects(found.pushing)["cow"][:2] == (pytest.approx(6.0, abs=1e-3), 2)
    assert effects(found.holding)["bean"][:2] == (pytest.approx(-0.75, abs=1e-3), 1)


@pytest.mark.parametrize("family", FAMILIES)
def test_the_autopsy_of_a_trained_model_finds_the_words_that_tell_the_class(family):
    model, data = toy_model(family), toy_data().test
    food = np.flatnonzero(data.labels == CLASS_NAMES.index("food"))
    found = autopsy(model, data, food, "food", "weather")
    assert {word.word for word in found.holding[:3]} == set(TELLING[1])
    counts = Counter(word for i in food for word in set(re.findall(r"\w+", data.texts[i].lower())))
    assert all(word.documents == word.occurs == counts[word.word] for word in found.holding[:3])
    assert found.exact == (family == "ngram")


@pytest.mark.parametrize("family", FAMILIES)
def test_words_and_what_is_of_no_word_add_up_to_the_log_odds(family):
    found = list(autopsy_snapshots(toy_model(family), toy_data().test, range(92), "food", "animals", words=10**6))[-1]
    words = sum(word.total for word in (*found.pushing, *found.holding)) / found.documents
    assert words + found.rest + found.base == pytest.approx(found.log_odds, abs=1e-2)


def test_the_autopsy_of_a_linear_model_is_its_own_sum():
    model, data = toy_model("ngram"), toy_data().test
    expected = Counter()
    for text in data.texts:
        spans = [match.span() for match in re.finditer(r"\w+", text)]
        parts = model.contributions(text, spans, 0, 2).words
        for (start, end), part in zip(spans, parts, strict=True):
            expected[text[start:end].lower()] += part
    found = list(autopsy_snapshots(model, data, range(len(data)), "weather", "animals", words=10**6))[-1]
    told = {word.word: word.total for word in (*found.pushing, *found.holding)}
    assert told == pytest.approx({word: expected[word] for word in told}, abs=1e-3)
    assert all(abs(amount) < 1e-3 for word, amount in expected.items() if word not in told)


@pytest.mark.parametrize("family", FAMILIES)
def test_few_points_of_the_path_tell_of_many_documents_what_many_tell_of_one(family):
    model, texts = toy_model(family), toy_data().test.texts[:40]
    spans = [[match.span() for match in re.finditer(r"\w+", text)] for text in texts]
    few = model.many_contributions(texts, spans, [(1, 0), (2, None)])
    many = [
        (model.contributions(t, s, 1, 0), model.contributions(t, s, 2, None)) for t, s in zip(texts, spans, strict=True)
    ]
    for question in (0, 1):
        one, other = (np.concatenate([each[question].words for each in found]) for found in (few, many))
        assert np.corrcoef(one, other)[0, 1] > 0.99
        assert [each[question].whole for each in few] == pytest.approx(
            [each[question].whole for each in many], abs=1e-4
        )


def test_an_autopsy_grows_and_can_be_left():
    texts = ["a leaf"] * (MOST_ASKED + 12)
    steps = list(autopsy_snapshots(Planted(), split(texts), range(len(texts)), "coffee", "tea"))
    assert [step.documents for step in steps] == list(range(5, MOST_ASKED + 1, 5))
    assert {(step.sample_size, step.cell) for step in steps} == {(MOST_ASKED, MOST_ASKED + 12)}
    assert "50 of the 62 documents" in steps[-1].caveats[0] and "can only be asked" in steps[-1].caveats[0]
    assert (
        next(autopsy_snapshots(toy_model("ngram"), toy_data().train, range(241), "food", "animals")).documents
        == TOGETHER
    )


def test_of_a_large_cell_the_same_documents_are_drawn_for_the_same_seed():
    data = toy_data().train
    many = replace(data, texts=data.texts * 3, labels=np.tile(data.labels, 3))
    first, again, other = (
        autopsy(toy_model("ngram"), many, range(len(many)), "food", "animals", seed=seed) for seed in (1, 1, 2)
    )
    assert first.documents == MOST < first.cell == 723
    assert first.pushing == again.pushing != other.pushing
    assert "500 of the 723 documents, drawn at random" in first.caveats[0]


def test_an_empty_cell_says_so():
    (only,) = autopsy_snapshots(Planted(), DRINKS, [], "tea", "milk")
    assert only.caveats == ("There is no document of tea taken for milk, so there is nothing to look into.",)
    assert only.pushing == only.holding == () and only.log_odds is None
    assert "recognised as tea" in autopsy(Planted(), DRINKS, [], "tea", "tea").caveats[0]


def test_documents_without_a_word_are_counted_and_do_no_harm():
    for model, data in ((Planted(), DRINKS), (toy_model("convnet"), toy_data().test)):
        empty = replace(data, texts=("", "...", *data.texts[2:]))
        found = autopsy(model, empty, [0, 1, 2], *model.class_names[:2])
        assert found.documents == 3
        assert "In 2 of them no word moves the answer." in found.caveats or "In 3 of them" in found.caveats[-1]


def test_a_class_or_position_or_split_that_cannot_be_is_refused_in_a_sentence():
    with pytest.raises(UnknownName, match="coffee, milk, tea"):
        autopsy(Planted(), DRINKS, [0], "tea", "water")
    with pytest.raises(BadInput, match="numbered 0 to 6"):
        autopsy(Planted(), DRINKS, [7], "tea", "milk")
    with pytest.raises(BadInput, match="pick a matching set"):
        autopsy(Planted(), toy_data().test, [0], "tea", "milk")


@pytest.mark.parametrize("family", ["bow", "convnet", "wide"])
def test_global_words_are_those_that_tell_the_classes(family):
    *_, found = global_words(toy_model(family), toy_data().test)
    assert [each.class_name for each in found.classes] == list(CLASS_NAMES)
    for each, telling in zip(found.classes, TELLING, strict=True):
        assert {word.word for word in each.speaking_for[:3]} == set(telling)
    assert (found.documents, found.sample_size, found.total) == (92, 92, 92)
    assert found.caveats == ()


def test_global_words_of_a_planted_model_are_its_weights_times_the_documents():
    *_, found = global_words(Planted(), DRINKS)
    coffee = found.classes[1]
    assert {word: total for word, (total, *_) in effects(coffee.speaking_for).items()} == pytest.approx(
        {"bean": 4.5, "cup": 3 * 0.75}, abs=1e-3
    )
    assert {word: total for word, (total, *_) in effects(coffee.speaking_against).items()} == pytest.approx(
        {"leaf": -2.0, "cow": -3.0}, abs=1e-3
    )
    assert effects(coffee.speaking_for)["cup"][1:3] == (3, 3)


def test_of_two_classes_what_speaks_for_one_speaks_against_the_other():
    class Two(Planted):
        class_names = ("tea", "coffee")

        def predict_proba(self, texts):
            return softmax(np.array([self.logits(text)[:2] for text in texts], np.float32))

    texts = [text.replace("cow", "leaf") for text in DRINKS.texts]
    *_, found = global_words(Two(), split(texts, class_names=Two.class_names))
    tea, coffee = found.classes
    assert [word.word for word in tea.speaking_for] == [word.word for word in coffee.speaking_against]
    assert [word.total for word in tea.speaking_for] == [-word.total for word in coffee.speaking_against]
    shares = Two().predict_proba([texts[pick.position] for pick in found.picks])
    assert [pick.probability for pick in found.picks] == pytest.approx(shares.max(axis=1).tolist(), abs=1e-4)


def test_picks_cover_more_and_more_and_tell_the_models_answer():
    model, data = toy_model("bow"), toy_data().test
    *_, found = global_words(model, data)
    covered = [pick.covered for pick in found.picks]
    assert covered == sorted(covered) and 0.3 < covered[-1] <= 1
    shares = model.predict_proba([data.texts[pick.position] for pick in found.picks])
    assert [pick.probability for pick in found.picks] == pytest.approx(shares.max(axis=1).tolist(), abs=1e-4)
    assert [pick.predicted_class for pick in found.picks] == [CLASS_NAMES[i] for i in shares.argmax(axis=1)]
    assert [pick.true_class for pick in found.picks] == [CLASS_NAMES[data.labels[p.position]] for p in found.picks]


def test_documents_are_picked_as_the_lime_package_picks_them():
    rng = np.random.default_rng(3)
    weights = rng.normal(size=(23, 31)) * (rng.random((23, 31)) < 0.15)
    told = [
        SimpleNamespace(
            mode="classification",
            available_labels=lambda: [1],
            as_list=lambda label, row=row: [(i, row[i]) for i in np.flatnonzero(row)],
        )
        for row in weights
    ]
    explainer = SimpleNamespace(explain_instance=lambda row, *_, **__: told[row])
    theirs = SubmodularPick(explainer, range(23), None, method="full", num_exps_desired=6).V
    ours = submodular_pick(scipy.sparse.csr_matrix(weights), 6)
    assert [row for row, _ in ours] == theirs
    importance = np.sqrt(np.abs(weights).sum(axis=0))
    seen = (weights[theirs] != 0).any(axis=0)
    assert ours[-1][1] == pytest.approx(importance[seen].sum() / importance.sum())


def test_picking_ends_when_there_is_nothing_more_to_show():
    assert submodular_pick(scipy.sparse.csr_matrix(np.zeros((4, 3))), 2) == []
    assert len(submodular_pick(scipy.sparse.csr_matrix([[1.0, 0, 0], [2.0, 0, 0], [0, 0.5, 0]]), 3)) == 2


def test_global_words_survive_being_a_file():
    *_, found = global_words(toy_model("bow"), toy_data().test)
    assert GlobalWords.from_json(json.loads(json.dumps(found.to_json(), allow_nan=False))) == found


def test_a_sample_or_split_of_nothing_is_refused_in_a_sentence():
    with pytest.raises(BadInput, match="documents is at least 1"):
        next(global_words(Planted(), DRINKS, documents=0))
    with pytest.raises(BadInput, match="no documents"):
        next(global_words(Planted(), split([])))
    with pytest.raises(BadInput, match="pick a matching set"):
        next(global_words(Planted(), toy_data().test))
    *_, silent = global_words(Planted(), split(["", "..."]))
    assert silent.picks == () and silent.caveats == ("There is no word in these documents.",)


def test_a_document_without_the_words_is_unchanged_however_it_is_spelled():
    spelled = split(["cafe\u0301 leaf", "cafe\u0301 cup", "एक हिन्दी cup"])
    test = without_words(Planted(), spelled, ["cup"])
    assert test.changed == 2 and test.occurs == (2,)
    assert without_words(Planted(), spelled, ["caf\u00e9"]).changed == 2  # in either spelling
    assert without_words(Planted(), spelled, ["हिन"]).changed == 0  # a part of a word is no word


@pytest.fixture
def saved(fresh_home):
    """A model in an empty home, with the words of its test split."""
    model, data = toy_model("bow"), toy_data()
    save_model(model, evaluate(model, data.test), name="mine")
    return "mine", list(global_words(load_model("mine"), data.test))[-1]


def test_global_words_are_kept_for_the_model_and_the_data_they_were_found_with(saved):
    name, found = saved
    assert stored_global_words(name) is None
    save_global_words(name, found, toy_model("bow").data_fingerprint)
    assert stored_global_words(name) == found
    assert stored_global_words(name, "0" * 12) is None
    save_model(toy_model("ngram"), evaluate(toy_model("ngram"), toy_data().test), name=name)
    assert stored_global_words(name) is None


def test_words_that_cannot_be_read_are_as_if_they_were_not_there(saved):
    name, found = saved
    save_global_words(name, found, toy_model("bow").data_fingerprint)
    (kept,) = findings_folder().iterdir()
    for damaged in ("", "[]", '{"found_with": 1}', kept.read_text().replace('"classes":[{', '"classes":[{"x":1},{')):
        kept.write_text(damaged)
        assert stored_global_words(name) is None


def test_words_beside_a_model_change_nothing_about_it(saved):
    name, found = saved
    before = model_info(name).fingerprint
    assert ship_global_words(name, toy_data()).parent == model_info(name).folder
    told = stored_global_words(name)
    assert replace(told, seconds=0) == replace(found, seconds=0)
    assert model_info(name).fingerprint == load_model(name).fingerprint == before


def test_deleted_words_cost_what_they_are_worth():
    before, after = without_words(Planted(), DRINKS, ["cow"]).before, without_words(Planted(), DRINKS, ["cow"]).after
    assert np.array_equal(before.probabilities, Planted().predict_proba(DRINKS.texts))
    cut = [text.replace("cow", "") for text in DRINKS.texts]
    assert np.array_equal(after.probabilities, Planted().predict_proba(cut))
    found = without_words(Planted(), DRINKS, ["cow", "water"])
    assert (found.changed, found.occurs, found.total) == (2, (2, 0), 7)
    assert found.drop == pytest.approx(before.accuracy - after.accuracy) and found.drop > 0
    assert found.changed_predictions == int((before.predictions != after.predictions).sum()) > 0
    assert found.caveats == ("In no document does the model read water (apart from longer phrases of the list).",)


@pytest.mark.parametrize(
    ("model", "words", "text", "left"),
    [
        (Planted(), ["bean"], "bean, beans; Bean bean's", ", beans; Bean 's"),
        (Lowered(), ["BEAN"], "bean, beans; Bean", ", beans; "),
        (Planted(), ["in the cup", "cup"], "in  the\ncup, in a cup", ", in a "),
        (Planted(), ["<br />"], "leaf<br />cow", "leafcow"),
        (Planted(), ["a.b", "(c"], "a.b axb (c", " axb "),
        (Windowed(), ["leaf"], "leaf leaf bean cow cow", "  bean"),
        (Windowed(), ["leaf"], "bean cup cow leaf", "bean cup cow leaf"),
    ],
)
def test_words_are_cut_out_whole_where_the_model_reads_them(model, words, text, left):
    asked = []

    class Listening(type(model)):
        def predict_proba(self, texts):
            asked.extend(texts)
            return super().predict_proba(texts)

    without_words(Listening(), split([text]), words)
    assert asked == ([text] if left == text else [text, left])


def test_answers_that_are_known_are_not_asked_for_again():
    before = replace(evaluate(Planted(), DRINKS), probabilities=np.full((7, 3), 1 / 3, np.float32))
    found = without_words(Planted(), DRINKS, ["leaf"], before)
    assert np.array_equal(found.before.probabilities, before.probabilities)
    assert found.after.probabilities[2].tolist() == before.probabilities[2].tolist()
    assert found.after.probabilities[3].argmax() == 1


def test_a_shortcut_test_grows_to_the_whole_split():
    data = split([text for text in DRINKS.texts for _ in range(500)], np.repeat(DRINKS.labels, 500))
    steps = list(score_without_snapshots(Planted(), data, ["cup"]))
    assert [len(step.before) for step in steps] == [1000, 2000, 3000, 3500]
    assert np.array_equal(steps[-1].before.labels, data.labels)
    assert np.array_equal(steps[-1].after.labels, data.labels)


def test_documents_that_are_empty_then_are_told():
    found = without_words(Planted(), DRINKS, ["the", "cow"])
    assert found.emptied == 1
    assert found.caveats[-1] == "1 document is empty then; the model can only guess."


def test_words_that_the_model_does_not_know_are_told():
    data = toy_data().test
    odd = replace(data, texts=tuple(f"{text} zyx" for text in data.texts))
    found = without_words(toy_model("bow"), odd, ["zyx"])
    assert found.drop == 0 and "does not know zyx" in found.caveats[0]
    assert "nothing changes" in without_words(toy_model("bow"), data, ["zyx"]).caveats[0]


@pytest.mark.parametrize("words", [[], [""], ["  ", "\n"]])
def test_nothing_to_take_out_is_refused_in_a_sentence(words):
    with pytest.raises(BadInput, match="no word to take out"):
        without_words(Planted(), DRINKS, words)


def test_answers_on_other_documents_and_other_versions_are_refused_in_a_sentence():
    with pytest.raises(BadInput, match="evaluate the model on it"):
        without_words(Planted(), DRINKS, ["cow"], evaluate(Planted(), split(["cow"])))
    with pytest.raises(BadInput, match="does not have the documents"):
        next(score_other_snapshots(Planted(), DRINKS, split(["cow"]), STRIPPED))
    with pytest.raises(BadInput, match="At most 200"):
        without_words(Planted(), DRINKS, [f"word{i}" for i in range(201)])
    with pytest.raises(BadInput, match="no documents"):
        without_words(Planted(), split([]), ["cow"])


def test_the_suspicious_words_are_the_strongest_of_each_class_in_turn():
    *_, found = global_words(Planted(), DRINKS)
    assert suspicious(found) == ("leaf", "bean", "cow", "cup")
    assert suspicious(found, 2) == ("leaf", "bean")


def test_the_nearest_training_documents_are_those_with_the_same_words():
    train = toy_data().train
    index = index_of(train)
    found = index.nearest([train.texts[5]], count=3)
    assert [name for name, _ in found.nearest] == list(CLASS_NAMES)
    own = dict(found.nearest)[CLASS_NAMES[train.labels[5]]]
    assert own[0].position == 5 and own[0].similarity == pytest.approx(1.0)
    assert [each.similarity for each in own] == sorted((each.similarity for each in own), reverse=True)
    assert dict(found.closest) == {CLASS_NAMES[train.labels[5]]: 1}
    assert all(train.labels[n.position] == CLASS_NAMES.index(name) for name, near in found.nearest for n in near)


def test_of_a_cell_the_documents_that_are_near_to_most_come_first():
    train = split(["red bean", "green leaf", "black cow", "red cup"], [1, 0, 2, 1])
    found = index_of(train).nearest(["red", "red bean", "green leaf now"], ["coffee", "tea"], count=2)
    coffee = dict(found.nearest)["coffee"]
    assert {each.position: each.documents for each in coffee} == {0: 2, 3: 2}
    assert coffee[0].position == 0
    assert dict(found.closest) == {"coffee": 2, "tea": 1}
    assert found.queries == 3 and found.caveats == ()


def test_a_text_that_shares_no_word_has_no_neighbours_and_says_so():
    index = index_of(DRINKS)
    for text in ("", "?!", "zyx"):
        found = index.nearest([text], ["tea", "milk"])
        assert [near for _, near in found.nearest] == [(), ()]
        assert found.caveats == ("It shares no telling word with any of these training documents.",)
    assert index.nearest([]).caveats == ("There is no document to compare.",)


def test_impossible_questions_about_neighbours_are_refused_in_a_sentence():
    with pytest.raises(UnknownName, match="coffee, milk, tea"):
        index_of(DRINKS).nearest(["leaf"], ["water"])
    with pytest.raises(BadInput, match="count is at least 1"):
        index_of(DRINKS).nearest(["leaf"], count=0)
    with pytest.raises(BadInput, match="check its texts"):
        index_of(split(["", "..."]))


def test_of_very_many_texts_a_sample_is_compared():
    found = index_of(DRINKS).nearest(["a leaf"] * 612, ["tea"])
    assert found.queries == 500 and "612" in found.caveats[0]


def cell(name, true, predicted):
    answers = stored_evaluation(name)
    labels, predictions = (list(answers.class_names).index(each) for each in (true, predicted))
    return np.flatnonzero((answers.labels == labels) & (answers.predictions == predictions))


@pytest.mark.data
def test_the_autopsy_of_real_mistakes_names_words_of_the_wrong_class():
    data, name = load_dataset("newsgroups").test, "newsgroups-ngram"
    positions = cell(name, "comp.graphics", "rec.autos")
    found = autopsy(load_model(name), data, positions, "comp.graphics", "rec.autos")
    assert found.documents == len(positions) > 0 and found.exact
    assert found.log_odds > 0
    mistakes = replace(data, texts=tuple(data.texts[i] for i in positions), labels=data.labels[positions])
    pushing, holding = ([word.word for word in words[:10]] for words in (found.pushing, found.holding))
    assert without_words(load_model(name), mistakes, pushing).after.accuracy > 0.5
    assert without_words(load_model(name), mistakes, holding).after.accuracy == 0
    assert all(set(word.examples) <= set(positions.tolist()) for word in found.pushing)


@pytest.mark.data
def test_the_global_words_of_real_models_are_those_of_their_classes():
    *_, news = global_words(load_model("newsgroups-bow"), load_dataset("newsgroups").test)
    told = {each.class_name: {word.word for word in each.speaking_for} for each in news.classes}
    assert {"car", "cars", "engine"} <= told["rec.autos"] and {"hockey", "team", "nhl"} <= told["rec.sport.hockey"]
    *_, films = global_words(load_model("imdb-convnet"), load_dataset("imdb").test, documents=100)
    told = {each.class_name: {word.word for word in each.speaking_for} for each in films.classes}
    assert {"bad", "worst"} <= told["negative"] and {"great", "excellent"} <= told["positive"]


@pytest.mark.data
def test_newsgroups_without_headers_signatures_and_quotes_are_recognised_less_often():
    data, name = load_dataset("newsgroups").test, "newsgroups-ngram"
    *_, found = score_other_snapshots(load_model(name), data, text_only(data), STRIPPED, stored_evaluation(name))
    assert found.before.accuracy > 0.97
    assert 0.88 < found.after.accuracy < 0.95
    assert found.emptied > 30
    assert text_only(replace(data, dataset="imdb")) is None
