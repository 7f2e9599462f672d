"""What is asked of a model about one text, kept as `cache.kept` keeps it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from core.config import DEFAULT_SAMPLES
from core.units import UnitKind
from pages.ui.shared.cache import kept, model
from pages.ui.shared.snapshots import Snapshots
from pages.ui.shared.turns import TURNS
from pages.ui.shared.visitor import asked, count_request

if TYPE_CHECKING:
    from core import schema
    from core.saved_models import ModelKey


@kept(8, "Asking the model about the text with words left out …")
def _leading_snapshots(
    key: ModelKey,
    text: str,
    label: str | None,
    against: str | None,
    samples: int | None,
    seed: int,
    units: UnitKind = "words",
    log_odds: bool | None = False,
    *,
    _has_turn: bool,
) -> Snapshots[schema.Explanation]:
    from core.explanation import leading_snapshots

    count_request()
    how: dict[str, Any] = {"units": units, "log_odds": log_odds, "is_awaited": TURNS.are_awaited}
    return Snapshots(leading_snapshots(model(key), text, label, samples, seed, against, **how), has_turn=_has_turn)


def leading_snapshots(
    *asked: Any, tell: Callable[[int], None] | None = None, **how: Any
) -> Snapshots[schema.Explanation]:
    """Why the model gives the text its probability of the class: by its own sum, or by LIME, surer with every look.

    Args:
        asked, how: the model's key, the text, the class (None: the most probable one), the class that it is told from,
            and the rest as `core.explanation.leading_snapshots` has it.
        tell: as `Turns.taken` has it, while the first look waits for its turn.
    """
    if _leading_snapshots.holds(*asked, **how, _has_turn=False):
        return _leading_snapshots(*asked, **how, _has_turn=False)
    with TURNS.taken(tell):
        return _leading_snapshots(*asked, **how, _has_turn=True)


@kept(64, "Taking words away …")
@asked()
def deletion_check(key: ModelKey, _why: schema.Explanation, question: str) -> schema.DeletionCheck:
    """What the strongest words of an explanation are really worth; `question` is the explanation's `key_of`."""
    from core.explanation import check_by_deletion

    return check_by_deletion(model(key), _why)


@kept(64, "Asking in another way …")
@asked()
def attributions(key: ModelKey, _why: schema.Explanation, question: str) -> tuple[schema.Attribution, ...]:
    """What other methods say of the words of an explanation; `question` is its `key_of`."""
    from core.explanation import second_opinions

    return second_opinions(model(key), _why)


@kept(64)
@asked()
def left_out(key: ModelKey, text: str, starts: tuple[int, ...], units: UnitKind = "words") -> dict[str, float]:
    """The probability of each class without the units that start there; of the text itself without any."""
    from core.explanation import left_out

    return left_out(model(key), text, starts, units)


@kept(64)
@asked()
def variants(key: ModelKey, text: str, label: str, seed: int, units: UnitKind) -> tuple[schema.Variant, ...]:
    """The text a little otherwise, with the probability of the class for each version."""
    from core.explanation import variants

    return variants(model(key), text, label, seed, units)


@kept(64)
@asked()
def timeline(key: ModelKey, text: str, label: str, units: UnitKind) -> tuple[schema.Variant, ...]:
    """The probability of the class after each sentence."""
    from core.explanation import timeline

    return timeline(model(key), text, label, units)


@kept(32)
def first_samples(key: ModelKey, text: str, label: str, seed: int) -> tuple[schema.PerturbedText, ...]:
    """The first perturbed texts that LIME asks about, with the probability of the class for each."""
    from core.explanation import first_samples

    with TURNS.taken():
        return first_samples(model(key), text, label, seed)


@kept(64)
def novelty(key: ModelKey, text: str) -> schema.Novelty:
    """How like the documents that the model learned from a text is."""
    return model(key).novelty(text)


def key_of(why: schema.Explanation) -> str:
    """What tells an explanation from others of the same model."""
    return repr((why.method, why.text, why.class_name, why.against, why.samples, why.seed, why.units, why.scale))


def asked_so_far(why: schema.Explanation) -> tuple[float, str]:
    """The share of the usual samples that an explanation rests on by now, and their number in words."""
    return min(why.samples / DEFAULT_SAMPLES, 1.0), f"{why.samples:,} perturbed samples"
