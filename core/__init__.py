"""Whyword's library: text classifiers in JAX, and why they decide as they do.

    data = load_dataset("newsgroups")
    model = load_model("newsgroups-bow")
    evaluate(model, data.test).accuracy
    explain(model, "a text").words

The names are imported when they are first used, so that `import core` costs nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from core.datasets import load_dataset
    from core.evaluation import evaluate
    from core.explanation import explain
    from core.recipes import recipe
    from core.saved_models import load_model
    from core.training import fit

__all__ = ["evaluate", "explain", "fit", "load_dataset", "load_model", "recipe"]

_HOMES = {
    "evaluate": "core.evaluation",
    "explain": "core.explanation",
    "fit": "core.training",
    "load_dataset": "core.datasets",
    "load_model": "core.saved_models",
    "recipe": "core.recipes",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'core' has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(_HOMES[name]), name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
