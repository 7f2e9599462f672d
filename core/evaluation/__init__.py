"""How right a model is, how sure that is, and where it is wrong: pure functions on stored answers.

`scoring` asks the model; everything else needs an `Evaluation` only, and neither model nor texts.
"""

from core.evaluation.comparing import compare
from core.evaluation.confidence import check_label_sets, label_set_rule, label_sets, reliability
from core.evaluation.curves import at_threshold, class_curves, costs, mean_cost
from core.evaluation.epochs import courses
from core.evaluation.intervals import report_intervals, share, wilson
from core.evaluation.labels import label_errors
from core.evaluation.scoring import evaluate
from core.evaluation.slices import by_class, by_column, by_confidence, by_length, by_word, worst_first

__all__ = [
    "at_threshold",
    "by_class",
    "by_column",
    "by_confidence",
    "by_length",
    "by_word",
    "check_label_sets",
    "class_curves",
    "compare",
    "costs",
    "courses",
    "evaluate",
    "label_errors",
    "label_set_rule",
    "label_sets",
    "mean_cost",
    "reliability",
    "report_intervals",
    "share",
    "wilson",
    "worst_first",
]
