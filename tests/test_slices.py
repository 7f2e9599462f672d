import time

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest, fisher_exact
from sklearn.metrics import accuracy_score, recall_score

from core.errors import BadInput
from core.evaluation import by_class, by_column, by_confidence, by_length, by_word, worst_first
from core.saved_models import stored_evaluation
from core.schema import FEW
from tests.answers import HARD, SHIPPED, answered, drawn

RESULT = drawn(1203, 4, seed=5)
LENGTHS = np.random.default_rng(1).integers(1, 400, len(RESULT))


def by_name(slices):
    return {part.name: part for part in slices}


def checked(slices, result):
    """Each document once, the figures scikit-learn's and scipy's, the worst first."""
    assert sorted(np.concatenate([part.rows for part in slices])) == list(range(len(result)))
    ends = [part.accuracy.high for part in slices]
    assert ends == sorted(ends)
    for part in slices:
        assert part.accuracy.value == accuracy_score(result.labels[part.rows], result.predictions[part.rows])
        right = int(result.correct[part.rows].sum())
        ends = binomtest(right, len(part)).proportion_ci(method="wilson")
        assert part.accuracy[1:] == pytest.approx(tuple(ends), abs=1e-9)
        others = np.setdiff1d(np.arange(len(result)), part.rows)
        if len(others):
            assert part.rest == pytest.approx(result.correct[others].mean())
            assert part.difference == pytest.approx(part.accuracy.value - part.rest)
            assert 0 <= part.p_value <= 1
        else:
            assert part.rest is part.difference is part.p_value is None
        assert part.few == (len(part) < FEW)
    return by_name(slices)


@pytest.mark.parametrize("name", SHIPPED)
def test_the_slices_of_a_shipped_model_by_class_are_its_recalls(name):
    result = stored_evaluation(name)
    slices = checked(by_class(result), result)
    wanted = recall_score(result.labels, result.predictions, average=None)
    assert [slices[name].accuracy.value for name in result.class_names] == pytest.approx(wanted)


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_model_is_worst_where_it_is_least_sure(name):
    result = stored_evaluation(name)
    slices = checked(by_confidence(result), result)
    assert slices["90% to 100%"].accuracy.value > result.accuracy > by_confidence(result)[0].accuracy.value
    for place in range(10):
        part = slices.get(f"{10 * place}% to {10 * place + 10}%")
        assert part is None or part.few or abs(part.accuracy.value - (place / 10 + 0.05)) < 0.25


@pytest.mark.parametrize("result", HARD.values(), ids=HARD)
def test_slices_stand_hard_data(result):
    n = len(result)
    checked(by_class(result), result)
    checked(by_confidence(result), result)
    checked(by_length(result, np.arange(n)), result)
    checked(by_length(result, np.zeros(n, int)), result)
    checked(by_word(result, ["a"] * n, "b"), result)
    for values in ([None] * n, [np.nan] * n, ["x"] * n, list(range(n)), [float("inf")] * n, [[1]] * n):
        checked(by_column(result, pd.Series(values)), result)


def test_lengths_fall_into_five_slices_of_equal_size():
    slices = by_length(RESULT, LENGTHS)
    checked(slices, RESULT)
    assert sorted(len(part) for part in slices) == pytest.approx([1203 / 5] * 5, abs=8)
    for part in slices:
        low, high = LENGTHS[part.rows].min(), LENGTHS[part.rows].max()
        assert part.name == f"{low} to {high} words"


def test_documents_of_equal_length_stay_together():
    lengths = np.where(np.arange(len(RESULT)) < 900, 7, LENGTHS + 7)
    slices = checked(by_length(RESULT, lengths), RESULT)
    assert len(slices["7 words"]) == 900


def test_a_planted_weakness_comes_first_and_is_sure():
    weak = np.arange(len(RESULT)) % 9 == 0
    labels = np.where(weak, (RESULT.predictions + 1) % 4, RESULT.predictions)
    result = answered(labels, RESULT.probabilities)
    first, *others = by_column(result, pd.Series(np.where(weak, "phone", "desk"), name="written on"))
    assert (first.kind, first.name, first.accuracy.value, first.rest) == ("written on", "phone", 0, 1)
    assert first.p_value < 1e-9
    assert [part.name for part in others] == ["desk"]


def test_what_means_nothing_is_rarely_sure():
    rng = np.random.default_rng(0)
    sure = [
        min(part.p_value for part in by_column(RESULT, pd.Series(rng.integers(0, 8, len(RESULT)).astype(str)))) < 0.05
        for _ in range(60)
    ]
    assert sum(sure) <= 7


def test_the_p_value_of_two_slices_is_fishers():
    inside = np.arange(len(RESULT)) % 3 == 0
    part = by_name(by_column(RESULT, pd.Series(inside)))["True"]
    table = [[int((RESULT.correct[m] == right).sum()) for right in (True, False)] for m in (inside, ~inside)]
    assert part.p_value == pytest.approx(fisher_exact(table).pvalue)


def test_a_small_slice_does_not_lead_for_being_small():
    right = np.ones(500, bool)
    right[:1] = False  # a slice of two documents, one of them wrong
    right[100:200] = np.arange(100) < 65
    probabilities = np.where(right[:, None], [0.9, 0.1], [0.1, 0.9])
    kinds = np.repeat(["tiny", "fine", "bad", "fine"], [2, 98, 100, 300])
    slices = by_column(answered([0] * 500, probabilities), pd.Series(kinds))
    assert [part.name for part in slices] == ["bad", "tiny", "fine"]
    assert [part.few for part in slices] == [False, True, False]


def test_words_are_found_whole_and_in_any_case():
    texts = ["Not bad.", "nothing", "it is NOT", "a knot", "so-so: not!", "", "STRASSE not", "x y"]
    result = drawn(8, 2, seed=1)
    assert by_name(by_word(result, texts, " not "))["with “not”"].rows.tolist() == [0, 2, 4, 6]
    assert by_name(by_word(result, texts, "is  not"))["with “is not”"].rows.tolist() == [2]
    assert by_name(by_word(result, texts, "straße"))["with “straße”"].rows.tolist() == [6]
    assert by_name(by_word(result, texts, "so-so:"))["with “so-so:”"].rows.tolist() == [4]
    assert [part.name for part in by_word(result, texts, "(")] == ["without “(”"]


def test_a_column_of_words_has_its_frequent_values_and_the_rest():
    values = pd.Series([f"shop {int(i**0.5)}" for i in range(len(RESULT))], name="shop")
    slices = checked(by_column(RESULT, values), RESULT)
    assert len(slices) == 11
    assert set(slices) == {f"shop {i}" for i in range(24, 34)} | {"25 other values"}


def test_a_column_of_numbers_has_ranges_and_missing_values_are_apart():
    values = pd.Series(np.where(np.arange(len(RESULT)) % 7 == 0, np.nan, LENGTHS / 8), name="price")
    slices = checked(by_column(RESULT, values), RESULT)
    assert len(slices) == 6
    assert len(slices["no value"]) == 172
    assert all(" to " in name for name in slices if name != "no value")


def test_few_numbers_are_kinds():
    slices = checked(by_column(RESULT, pd.Series(LENGTHS % 5 + 1.0, name="stars")), RESULT)
    assert set(slices) == {"1", "2", "3", "4", "5"}


@pytest.mark.parametrize("zone", [None, "Europe/Zurich"])
def test_dates_have_ranges(zone):
    days = pd.Series(pd.date_range("2021-03-01", periods=len(RESULT), freq="D", tz=zone))
    slices = checked(by_column(RESULT, days), RESULT)
    assert len(slices) == 5
    assert any(name.startswith("2021-03-01 to 2021-") for name in slices)


@pytest.mark.parametrize("kind", ["category", "string", "Int64", "boolean", "bool", "float32", "object"])
def test_every_type_of_column_is_taken(kind):
    values = pd.Series((LENGTHS % 2).astype(kind if kind in ("bool", "float32") else int), index=LENGTHS)
    slices = checked(by_column(RESULT, values.astype(kind)), RESULT)
    assert len(slices) == 2


def test_the_index_of_a_column_does_not_matter():
    values = pd.Series(LENGTHS, index=np.arange(len(RESULT))[::-1])
    assert set(by_name(by_column(RESULT, values))) == set(by_name(by_column(RESULT, values.reset_index(drop=True))))


def test_slices_of_many_kinds_have_one_order():
    slices = worst_first([*by_class(RESULT), *by_confidence(RESULT), *by_length(RESULT, LENGTHS)])
    assert {part.kind for part in slices} == {"class", "confidence", "length"}
    assert [part.accuracy.high for part in slices] == sorted(part.accuracy.high for part in slices)


def test_there_has_to_be_a_value_for_each_document():
    for asked in (
        lambda: by_length(RESULT, LENGTHS[:-1]),
        lambda: by_word(RESULT, ["a"], "a"),
        lambda: by_column(RESULT, pd.Series([1, 2])),
    ):
        with pytest.raises(BadInput, match="for the 1203 documents"):
            asked()


def test_there_has_to_be_a_word():
    with pytest.raises(BadInput, match="no word"):
        by_word(RESULT, ["a"] * len(RESULT), "  ")


def test_25000_documents_are_sliced_in_a_moment():
    result = drawn(25_000, 20, seed=4)
    start = time.process_time()
    by_class(result)
    by_confidence(result)
    by_length(result, np.arange(25_000) % 777)
    assert time.process_time() - start < 1
