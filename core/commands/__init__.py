"""What `python -m core` can do: each command takes its parsed options and gives an `Answer`.

listing   datasets, recipes, models
learning  train, evaluate
texts     predict, explain
terminal  the form of answers and figures
"""

from core.commands.learning import evaluate, train
from core.commands.listing import datasets, models, recipes
from core.commands.terminal import Answer
from core.commands.texts import explain, predict

__all__ = ["Answer", "datasets", "evaluate", "explain", "models", "predict", "recipes", "train"]
