"""Which saved models are baselines, and which of the others each is the line for."""

from __future__ import annotations

from typing import NamedTuple

from core.recipes import is_baseline
from core.saved_models.catalogue import ModelInfo, list_models


class BaselinePair(NamedTuple):
    """A baseline and a model of the same documents that has to beat it."""

    baseline: ModelInfo
    model: ModelInfo


def baseline_pair(info: ModelInfo) -> BaselinePair | None:
    """A model beside its baseline; a baseline beside the most accurate other on validation; None where one lacks."""
    same = (info.data_fingerprint, info.class_names)
    peers = [each for each in list_models() if (each.data_fingerprint, each.class_names) == same and each.valid]
    baselines = [each for each in peers if _is_baseline(each)]
    others = [each for each in peers if not _is_baseline(each)]
    if _is_baseline(info):
        best = max(others, key=_valid_accuracy, default=None)
        return BaselinePair(info, best) if best and info.valid else None
    return BaselinePair(baselines[0], info) if baselines and info.valid else None


def _is_baseline(info: ModelInfo) -> bool:
    return is_baseline(info.recipe, info.dataset)


def _valid_accuracy(info: ModelInfo) -> float:
    return float(info.valid["accuracy"]) if info.valid else 0.0
