"""Training: a pure step, and a generator that climbs from steps to epochs to a predictor."""

from core.training.fitting import fit
from core.training.step import TrainState, random_key, train_step

__all__ = ["TrainState", "fit", "random_key", "train_step"]
