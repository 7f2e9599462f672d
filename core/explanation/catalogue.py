"""The catalogue of explainers: the ways to weigh the words of a text."""

from __future__ import annotations

from core.errors import BadInput, UnknownName
from core.explanation.documents import DocumentExplainer
from core.explanation.explainer import Explainer, ExplainerSettings
from core.explanation.leave_one_out import LeaveOneOut
from core.explanation.lime import Lime
from core.explanation.model_contributions import ExactSum, IntegratedGradients
from core.predictor import Predictor
from core.schema import Attribution
from core.units import UnitKind

EXPLAINERS: dict[str, Explainer] = {
    "lime": Lime(),
    "leave-one-out": LeaveOneOut(),
    "integrated-gradients": IntegratedGradients(),
    "exact-sum": ExactSum(),
}
FOR_DOCUMENTS = ("exact-sum", "integrated-gradients", "leave-one-out")  # the first that supports a model is taken


def attribute(
    model: Predictor,
    text: str,
    method: str = "lime",
    label: str | None = None,
    against: str | None = None,
    *,
    samples: int | None = None,
    words: int = 15,
    seed: int = 0,
    units: UnitKind = "words",
    log_odds: bool = False,
) -> Attribution:
    """The strongest words of a text by one of the methods of the catalogue.

    Args:
        model: any Predictor.
        text: what to explain.
        method: a name in `EXPLAINERS`.
        label: name of the class; the most probable one by default.
        against: explain why the class rather than this one.
        samples, seed: of a method that draws versions of the text, as `explain` has them.
        words: how many of the strongest words to return.
        units: what is weighed: words, all other signs too, or lines.
        log_odds: weigh in log-odds rather than in the probability, where the method can do both.

    Raises UnknownName for a method or a class, and BadInput for a method that does not support the model, for fewer
    than one word, and for a text that has no word, or none that the model knows.
    """
    explainer = find_explainer(method, model)
    if words < 1:
        raise BadInput(f"words is at least 1, not {words}.")
    settings = ExplainerSettings(samples=samples, seed=seed, units=units, log_odds=log_odds)
    return explainer.attribute(model, text, label, against, settings=settings).strongest(words)


def find_explainer(method: str, model: Predictor) -> Explainer:
    """The explainer of that name. Raises UnknownName, and BadInput when it does not support the model."""
    if method not in EXPLAINERS:
        raise UnknownName("method", method, EXPLAINERS)
    if not EXPLAINERS[method].supports(model):
        able = ", ".join(name for name, explainer in EXPLAINERS.items() if explainer.supports(model))
        raise BadInput(f"{method} cannot explain {model.name}; take one of {able}.")
    return EXPLAINERS[method]


def document_explainer(model: Predictor) -> DocumentExplainer:
    """The fastest explainer of many documents that supports the model."""
    explainers = (EXPLAINERS[name] for name in FOR_DOCUMENTS)
    return next(each for each in explainers if isinstance(each, DocumentExplainer) and each.supports(model))
