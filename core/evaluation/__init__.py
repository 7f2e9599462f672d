"""How right a model is, how sure that is, and where it is wrong: pure functions on stored answers.

`scoring` asks the model; everything else needs an `Evaluation` only, and neither model nor texts.
"""

from core.evaluation.calibration_error import calibration_error
from core.evaluation.comparison import compare
from core.evaluation.confidence import check_label_sets, label_set_rule, label_sets, reliability
from core.evaluation.curves import at_threshold, class_curves, costs, mean_cost
from core.evaluation.independence import copied, independence, related, share_difference
from core.evaluation.intervals import report_intervals, share, wilson
from core.evaluation.label_errors import label_errors
from core.evaluation.lengths import measure_lengths
from core.evaluation.recommendation import recommend
from core.evaluation.scoring import evaluate, only_class_sentence
from core.evaluation.sentences import (
    calibration_error_sentence,
    calibration_sentence,
    comparison_sentence,
    copies_sentence,
    relatives_sentence,
    slice_difference,
)
from core.evaluation.slices import by_class, by_column, by_confidence, by_length, by_word, worst_first
from core.evaluation.training_dynamics import training_dynamics

__all__ = [
    "at_threshold",
    "by_class",
    "by_column",
    "by_confidence",
    "by_length",
    "by_word",
    "calibration_error",
    "calibration_error_sentence",
    "calibration_sentence",
    "check_label_sets",
    "class_curves",
    "compare",
    "comparison_sentence",
    "copied",
    "copies_sentence",
    "costs",
    "evaluate",
    "independence",
    "label_errors",
    "label_set_rule",
    "label_sets",
    "mean_cost",
    "measure_lengths",
    "only_class_sentence",
    "recommend",
    "related",
    "relatives_sentence",
    "reliability",
    "report_intervals",
    "share",
    "share_difference",
    "slice_difference",
    "training_dynamics",
    "wilson",
    "worst_first",
]
