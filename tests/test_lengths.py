import numpy as np
import pytest

from core.evaluation import measure_lengths
from core.schema import PrefixScore, Split, TextLengths

WORDS = 30


class Sure:
    """A model that is as sure of the first class as it is told, whatever it reads."""

    name, class_names = "sure", ("good", "bad")

    def __init__(self, confidence):
        self.confidence, self.asked = confidence, []

    def predict_proba(self, texts):
        self.asked.extend(texts)
        return np.tile(np.float32([self.confidence, 1 - self.confidence]), (len(texts), 1))


def split(texts, labels=None):
    labels = np.arange(len(texts)) % 2 if labels is None else labels
    return Split(dataset="d", name="test", texts=tuple(texts), labels=np.int32(labels), class_names=Sure.class_names)


def long_texts(count=60, words=WORDS):
    return [" ".join(f"w{row}x{i}" for i in range(words)) for row in range(count)]


def test_only_the_first_words_of_each_document_are_shown():
    model, texts = Sure(0.9), long_texts()
    measured = measure_lengths(model, split(texts))
    assert [score.words for score in measured.prefixes] == [1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 30]
    assert model.asked[:60] == [text.split()[0] for text in texts] and model.asked[-60:] == texts
    assert measured.median == measured.fifth == WORDS


def test_confidence_and_accuracy_are_those_of_the_shortened_texts():
    one, *_ = measure_lengths(Sure(0.9), split(long_texts())).prefixes
    assert (one.documents, one.accuracy) == (60, 0.5) and one.confidence == pytest.approx(0.9)


def test_a_length_that_few_documents_have_is_not_measured():
    texts = long_texts(60, 2) + long_texts(49, 20)
    measured = measure_lengths(Sure(0.9), split(texts))
    assert [score.words for score in measured.prefixes] == [1, 2]
    assert measured.prefix(3) is None and measured.prefix(1).words == 1


def test_many_documents_are_represented_by_a_thousand():
    model = Sure(0.9)
    assert measure_lengths(model, split(long_texts(5000, 1))).prefixes[0].documents == 1000


def test_documents_without_words_have_no_lengths():
    assert measure_lengths(Sure(0.9), split(["", " ", "..."])) is None


def lengths(confidence, accuracy, median=168, fifth=63):
    prefixes = tuple(PrefixScore(words, 1000, confidence, accuracy) for words in (1, 4, 20))
    return TextLengths(median=median, fifth=fifth, prefixes=prefixes)


def test_a_short_text_whose_probability_is_off_is_not_to_be_relied_on():
    said = lengths(0.926, 0.561).caution(4)
    assert said == (
        "4 words; test documents typically have 168. On the first 4 words of those it is right in 56.1% and, "
        "on average, 92.6% sure: do not rely on the probability."
    )


def test_a_short_text_is_told_even_where_the_probability_is_right():
    said = lengths(0.56, 0.561).caution(1)
    assert said.startswith("1 word; test documents") and said.endswith(
        "On the first word of those it is right in 56.1%."
    )


@pytest.mark.parametrize(("confidence", "warned"), [(0.795, False), (0.81, True), (0.7, True)])
def test_a_text_of_usual_length_is_doubted_where_sure_and_right_are_over_3_points_apart(confidence, warned):
    assert bool(lengths(confidence, 0.77, median=12, fifth=3).caution(5)) == warned


def test_a_probability_that_is_only_too_low_is_told_so_and_casts_no_doubt():
    modest = lengths(0.923, 0.966, median=175, fifth=40)
    assert modest.caution(20).endswith("92.3% sure: it is right more often than it says.")
    assert modest.is_only_too_modest(20)
    assert not modest.is_only_too_modest(4) and not lengths(0.99, 0.9).is_only_too_modest(20)


def test_a_text_as_long_as_the_documents_gets_no_caution():
    assert lengths(0.9, 0.5).caution(63) == ""


def test_a_text_of_the_median_length_gets_no_caution_where_documents_are_short():
    assert lengths(0.9, 0.5, median=12, fifth=3).caution(12) == ""
    assert lengths(0.9, 0.5, median=12, fifth=3).caution(11)


def test_a_short_text_beyond_what_was_measured_is_told_so():
    assert lengths(0.9, 0.5).caution(40).endswith("How right the model is about so short a text was never measured.")


def test_a_text_a_little_longer_than_what_was_measured_is_told_what_was():
    assert "On the first 20 words of those it is right in 50.0%" in lengths(0.9, 0.5).caution(21)


def test_lengths_come_back_as_they_were_stored():
    stored = lengths(0.9, 0.5)
    assert TextLengths.from_json(stored.to_json()) == stored


@pytest.mark.parametrize(
    "change",
    [
        {"median": -1},
        {"fifth": 200},
        {"median": 1.5},
        {"prefixes": [[1, 9, 0.5, 1.5]]},
        {"prefixes": [[2, 9, 0.5, 0.5], [1, 9, 0.5, 0.5]]},
        {"prefixes": [["1", 9, 0.5, 0.5]]},
    ],
)
def test_altered_lengths_are_refused(change):
    with pytest.raises(ValueError, match="cannot be"):
        TextLengths.from_json(lengths(0.9, 0.5).to_json() | change)


@pytest.mark.parametrize("name", ["imdb-best", "imdb-convnet", "newsgroups-bow", "newsgroups-ngram", "docstrings-bow"])
def test_every_shipped_model_warns_of_a_text_of_one_to_twenty_words_unless_it_is_as_right_as_sure(name):
    from core.saved_models import model_info

    known = model_info(name).lengths
    for words in range(1, 21):
        score = known.prefix(words)
        assert known.caution(words) or abs(score.confidence - score.accuracy) <= 0.03
