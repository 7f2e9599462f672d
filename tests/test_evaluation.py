import dataclasses
import json
import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, confusion_matrix, f1_score, log_loss

from core.errors import BadInput
from core.evaluation import evaluate, only_class_sentence
from core.predictor import Predictor
from core.schema import Evaluation, Split

NAMES = ("red", "green", "blue")


class Planned(Predictor):
    """Answers what the text says: `0.2 0.7 0.1`."""

    name = "planned"
    class_names = NAMES

    def predict_proba(self, texts):
        return np.array([[float(p) for p in text.split()] for text in texts], np.float32)


def split(answers, labels):
    texts = tuple(" ".join(map(str, row)) for row in answers)
    return Split(dataset="toy", name="test", texts=texts, labels=np.array(labels, np.int32), class_names=NAMES)


ANSWERS = [(0.7, 0.2, 0.1), (0.1, 0.8, 0.1), (0.3, 0.4, 0.3), (0.2, 0.1, 0.7), (0.6, 0.3, 0.1)]
LABELS = [0, 1, 0, 2, 1]


def test_every_figure_is_scikit_learns():
    result = evaluate(Planned(), split(ANSWERS, LABELS))
    predicted = np.argmax(ANSWERS, axis=1)
    assert result.accuracy == accuracy_score(LABELS, predicted)
    assert result.macro_f1 == pytest.approx(f1_score(LABELS, predicted, average="macro"))
    assert result.loss == pytest.approx(log_loss(LABELS, ANSWERS), abs=1e-5)
    np.testing.assert_array_equal(result.confusion, confusion_matrix(LABELS, predicted))
    assert result.report["green"]["precision"] == pytest.approx(1 / 2)
    assert result.report["red"]["support"] == 2


def test_calibration_error_is_the_gap_between_confidence_and_accuracy():
    sure_and_right_half_the_time = split([(0.9, 0.1, 0.0)] * 4, [0, 0, 1, 1])
    assert evaluate(Planned(), sure_and_right_half_the_time).ece == pytest.approx(0.4, abs=1e-6)


def test_a_class_that_was_never_predicted_has_no_precision_rather_than_zero():
    report = evaluate(Planned(), split([(0.9, 0.1, 0.0), (0.2, 0.8, 0.0)], [0, 2])).report
    assert report["blue"]["precision"] is None
    assert report["blue"]["recall"] == 0.0


def test_a_class_without_documents_has_no_recall_rather_than_zero():
    report = evaluate(Planned(), split([(0.9, 0.1, 0.0), (0.2, 0.8, 0.0)], [0, 1])).report
    assert report["blue"] == {"precision": None, "recall": None, "f1-score": None, "support": 0.0}


def test_the_json_is_strict_and_has_the_promised_fields():
    written = evaluate(Planned(), split(ANSWERS, LABELS)).to_json()
    promised = [
        "model",
        "dataset",
        "split",
        "n",
        "class_names",
        "accuracy",
        "macro_f1",
        "loss",
        "ece",
        "confusion",
        "report",
    ]
    assert set(promised) <= set(written)
    assert json.loads(json.dumps(written, allow_nan=False))["confusion"] == [[1, 1, 0], [1, 1, 0], [0, 0, 1]]


def test_a_model_that_has_been_asked_already_is_not_asked_again():
    found = evaluate(Planned(), split(ANSWERS, LABELS))
    unanswerable = split([("no", "number", "here")] * 5, LABELS)
    assert evaluate(Planned(), unanswerable, found.probabilities).summary() == found.summary()


def test_an_empty_split_is_refused():
    with pytest.raises(BadInput, match="no documents"):
        evaluate(Planned(), split([], []))


def test_data_with_other_classes_is_refused():
    other = dataclasses.replace(split(ANSWERS, LABELS), class_names=("cat", "dog", "cow"))
    with pytest.raises(BadInput, match="cat, dog, cow"):
        evaluate(Planned(), other)


def test_empty_documents_are_counted_in_a_caveat():
    class Blind(Planned):
        def predict_proba(self, texts):
            return np.full((len(texts), 3), 1 / 3, np.float32)

    data = Split(dataset="toy", name="test", texts=("", "a"), labels=np.array([0, 1], np.int32), class_names=NAMES)
    assert "1 of 2" in evaluate(Blind(), data).caveats[0]


def test_classes_may_be_called_as_the_means_of_the_report():
    named = dataclasses.replace(evaluate(Planned(), split(ANSWERS, LABELS)), class_names=("accuracy", "macro avg", "0"))
    ours = evaluate(Planned(), split(ANSWERS, LABELS))
    assert named.classes == ours.classes == tuple(ours.report[name] for name in NAMES)
    assert named.report["accuracy"] == ours.accuracy
    assert named.report["0"] == ours.report["blue"]


def test_predictions_follow_a_new_threshold_and_survive_a_pickle():
    two = Evaluation(
        model="planned",
        dataset="toy",
        split="test",
        class_names=("no", "yes"),
        labels=np.array([0, 1, 1], np.int32),
        probabilities=np.array([[0.6, 0.4], [0.75, 0.25], [0.2, 0.8]], np.float32),
    )
    assert two.accuracy == pytest.approx(2 / 3)
    moved = dataclasses.replace(two, threshold=0.25)
    assert (moved.predictions.tolist(), moved.accuracy) == ([1, 1, 1], pytest.approx(2 / 3))
    assert moved.predictions.dtype == np.int32
    assert pickle.loads(pickle.dumps(moved)).predictions.tolist() == [1, 1, 1]


def test_figures_of_stored_answers_need_no_jax():
    code = "import sys, core.evaluation; print({'jax', 'sklearn', 'scipy', 'cleanlab', 'pandas'} & set(sys.modules))"
    asked = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=Path(__file__).parents[1])
    assert asked.stdout == "set()\n"


def test_a_model_that_gives_all_documents_one_class_is_told_in_a_sentence():
    result = evaluate(Planned(), split([(0.1, 0.8, 0.1), (0.3, 0.4, 0.3), (0.2, 0.7, 0.1)], [0, 1, 2]))
    assert result.only_class == "green"
    said = only_class_sentence(result)
    assert said.startswith("The model gives all 3 test documents the class 'green'") and said.endswith(".")


@pytest.mark.parametrize(("answers", "labels"), [(ANSWERS, LABELS), ([(0.1, 0.8, 0.1)] * 4, [1, 1, 1, 1])])
def test_nothing_is_said_where_there_are_several_classes_or_one_to_find(answers, labels):
    result = evaluate(Planned(), split(answers, labels))
    assert result.only_class is None and only_class_sentence(result) == ""
