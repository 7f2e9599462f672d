"""What every fault is: a function that makes it so many times, and what it must not have broken."""

from core.evaluation import evaluate
from core.saved_models import list_models, load_model, save_model, stored_history
from tests.toy import toy_data, toy_model

FAULTS = {}


def fault(made):
    """Name a fault by its function's name; it yields a sentence for whatever was not as it should be."""
    FAULTS[made.__name__.replace("_", " ")] = made
    return made


def whole(names):
    """Sentences on models that should be there and whole, and on what should not be there."""
    found = {info.name for info in list_models() if not info.bundled}
    yield from (f"{name} is lost" for name in names - found)
    yield from (f"{name} is listed" for name in found - names)
    for name in found:
        load_model(name)
        stored_history(name)


def save(name):
    """Save a toy model under a name."""
    return save_model(toy_model("bow"), evaluate(toy_model("bow"), toy_data().test), name=name)
