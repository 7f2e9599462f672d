import numpy as np
import pytest
from sklearn.metrics import accuracy_score, classification_report, confusion_matrix

from core.errors import BadInput
from core.evaluation import report_intervals, training_dynamics

NAMES = ("a", "b", "c")
RIGHT = np.array(  # (4 epochs, 9 documents)
    [
        [1, 0, 1, 1, 0, 0, 0, 1, 1],
        [1, 0, 0, 1, 1, 0, 0, 0, 1],
        [1, 1, 1, 0, 0, 0, 1, 1, 1],
        [1, 1, 1, 0, 0, 0, 1, 0, 1],
    ],
    bool,
)
LABELS = np.array([0, 1, 2, 0, 1, 2, 0, 1, 2])
PREDICTIONS = np.where(RIGHT, LABELS, (LABELS + 1) % 3).astype(np.uint8)


def test_each_document_has_one_course():
    found = training_dynamics(LABELS, PREDICTIONS, NAMES, 4)
    assert found.always.tolist() == [0, 8]
    assert found.learned.tolist() == [1, 6]
    assert found.regained.tolist() == [2]
    assert found.forgotten.tolist() == [3, 4, 7]
    assert found.never.tolist() == [5]
    assert found.forgettings.tolist() == [0, 0, 1, 1, 1, 0, 0, 2, 0]


@pytest.mark.parametrize("epochs", [1, 2, 3, 4])
def test_the_lists_hold_every_document_once_at_every_epoch(epochs):
    found = training_dynamics(LABELS, PREDICTIONS, NAMES, epochs)
    lists = (found.always, found.learned, found.regained, found.forgotten, found.never)
    assert sorted(np.concatenate(lists)) == list(range(9))
    right = sorted([*found.always, *found.learned, *found.regained])
    assert right == np.flatnonzero(RIGHT[epochs - 1]).tolist()


def test_after_one_epoch_nothing_was_learned_or_forgotten():
    found = training_dynamics(LABELS, PREDICTIONS, NAMES, 1)
    assert found.always.tolist() == [0, 2, 3, 7, 8]
    assert found.never.tolist() == [1, 4, 5, 6]
    assert len(found.learned) == len(found.regained) == len(found.forgotten) == 0
    assert found.forgettings.tolist() == [0] * 9


@pytest.mark.parametrize("epochs", [1, 2, 4])
def test_the_figures_of_an_epoch_are_scikit_learns(epochs):
    decisions, given = training_dynamics(LABELS, PREDICTIONS, NAMES, epochs).decisions, PREDICTIONS[epochs - 1]
    assert decisions.accuracy == accuracy_score(LABELS, given)
    np.testing.assert_array_equal(decisions.confusion, confusion_matrix(LABELS, given))
    theirs = classification_report(LABELS, given, target_names=NAMES, output_dict=True)
    assert {name: decisions.report[name] for name in NAMES} == {name: theirs[name] for name in NAMES}
    assert report_intervals(decisions).accuracy.value == decisions.accuracy


@pytest.mark.parametrize("epoch", [0, 5, -1])
def test_an_epoch_that_never_was_is_refused(epoch):
    with pytest.raises(BadInput, match="1 to 4"):
        training_dynamics(LABELS, PREDICTIONS, NAMES, epoch)


def test_forgettings_are_counted_over_all_epochs_and_decisions_keep_their_type():
    rng = np.random.default_rng(0)
    labels, predictions = rng.integers(0, 3, 25_000), rng.integers(0, 3, (40, 25_000)).astype(np.int16)
    found = training_dynamics(labels, predictions, NAMES, 40)
    assert found.decisions.predictions.dtype == np.int16
    assert found.forgettings.sum() == ((predictions[:-1] == labels) & (predictions[1:] != labels)).sum()
