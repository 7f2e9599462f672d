"""Models on disk: a folder each, written whole or not at all, that nothing is ever executed from.

    model.json             format, recipe, dataset, class_names, parameters, created, fingerprints, figures
    recipe.json            every setting
    history.json           the training, epoch by epoch
    calibration.json       the temperature, and how it grows with the margin
    encoder.json           settings of the encoder, with vocabulary.* beside it
    weights/               the arrays, as orbax writes them
    test_predictions.npz   probabilities (n, classes) float16 and labels (n,) int32
    valid_predictions.npz  the same of the validation split
    epoch_predictions.npz  predictions (epochs, n) uint8 or wider: the test split after every epoch
    reference.npz          what its documents are like (`core.novelty.Reference`)

Format 3 has a temperature that does not grow, and format 2 none of the last three files; both are read as well. A
model's name is its folder's name, so a folder may be renamed or moved.
"""

from core.saved_models.baselines import BaselinePair, baseline_pair
from core.saved_models.catalogue import ModelInfo, ModelKey, check_name, free_name, is_taken, list_models, model_info
from core.saved_models.loading import (
    load_model,
    stored_calibration,
    stored_epochs,
    stored_evaluation,
    stored_history,
    stored_recipe,
)
from core.saved_models.managing import delete_model, rename_model, restore_model
from core.saved_models.places import remove_leftovers
from core.saved_models.saving import check_place, save_model

__all__ = [
    "BaselinePair",
    "ModelInfo",
    "ModelKey",
    "baseline_pair",
    "check_name",
    "check_place",
    "delete_model",
    "free_name",
    "is_taken",
    "list_models",
    "load_model",
    "model_info",
    "remove_leftovers",
    "rename_model",
    "restore_model",
    "save_model",
    "stored_calibration",
    "stored_epochs",
    "stored_evaluation",
    "stored_history",
    "stored_recipe",
]
