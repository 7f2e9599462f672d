"""Settings of a model: frozen, checked once, saved beside the weights.

What follows from data (vocabulary size, number of classes) is an argument elsewhere, not a setting.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from functools import cache
from typing import Any, get_type_hints

from core.errors import BadInput, UnknownName
from core.limits import OWN_MACHINE, limits

ENCODERS = ("gpt2", "bpe", "words", "bpe+words")
LOSSES = ("cross_entropy", "squared_hinge")
CLASS_WEIGHTS = ("none", "balanced")
SCALINGS = ("naive_bayes", "none")
WEIGHTINGS = ("counts", "binary", "tfidf")
FITTING = {
    "bow": ("words",),
    "ngram": ("words",),
    "convnet": ("bpe", "gpt2"),
    "transformer": ("bpe", "gpt2"),
    "wide": ("bpe+words",),
}  # encoders of each family
FAMILIES = tuple(FITTING)
RANGES: dict[str, tuple[int, int] | tuple[float, float]] = {
    "vocabulary": (300, 1_000_000),
    "length": (8, 4096),
    "ngrams": (1, 5),
    "characters": (0, 8),
    "min_count": (1, 1000),
    "embed": (1, 4096),
    "hidden": (1, 4096),
    "kernel": (1, 101),
    "widths": (1, 101),
    "layers": (1, 48),
    "heads": (1, 64),
    "dropout": (0.0, 0.95),
    "word_dropout": (0.0, 0.95),
    "epochs": (1, 1000),
    "batch": (1, 4096),
    "learning_rate": (1e-8, 10.0),
    "warmup": (0.0, 1.0),
    "weight_decay": (0.0, 10.0),
    "linear_rate": (1e-8, 1e4),
    "cost": (1e-6, 1e6),
    "patience": (0, 1000),
    "seed": (0, 2**31 - 1),
}
"""The least and the most that each setting may be, both included; `widths` is never more than `kernel`."""

DEFAULT_SAMPLES = 5000  # versions of a text that an explanation asks a model about, at most; more of a very long text

LONGEST_TEXT = OWN_MACHINE.longest_text  # characters of a text to explain; of those that are read, fewer are weighed


def check_length(text: str) -> None:
    """Raise BadInput for a text that is too long to be explained."""
    most = limits().longest_text
    if len(text) > most > 0:
        raise BadInput(f"This text has {len(text):,} characters; explain a part of it, of at most {most:,}.")


@dataclass(frozen=True, kw_only=True)
class DataConfig:
    """Which data, and how texts become numbers.

    Attributes:
        dataset: a name of the data catalogue, or the name of the user's file.
        encoder: "gpt2" (tiktoken's byte pairs), "bpe" (byte pairs learned on the train split), "words" (a bag of words
            and phrases), or "bpe+words" (both).
        vocabulary: most byte pairs, or most words and phrases of a bag, to keep; "gpt2" has its own 50,257.
        length: tokens read of each document; a bag reads all.
        lowercase: whether upper and lower case are the same to the model.
        ngrams: words of the longest phrase in a bag.
        characters: of the longest run inside a word that a bag holds too, from two on; 0 for whole words only.
        min_count: documents of the train split that a word or phrase of a bag must occur in.
        weighting: what a word of a bag counts for: "counts", "binary" (that it is there) or "tfidf" (1 + log count,
            times the word's rarity); with the last two, every document's values have the same length.
    """

    dataset: str
    encoder: str
    vocabulary: int = 16_000
    length: int = 500
    lowercase: bool = True
    ngrams: int = 1
    characters: int = 0
    min_count: int = 1
    weighting: str = "counts"

    def __post_init__(self) -> None:
        if self.encoder not in ENCODERS:
            raise UnknownName("encoder", self.encoder, ENCODERS)
        if self.weighting not in WEIGHTINGS:
            raise UnknownName("weighting", self.weighting, WEIGHTINGS)
        _in_range(self)


@dataclass(frozen=True, kw_only=True)
class ModelConfig:
    """The shape of a network.

    Attributes:
        family: "bow", "ngram", "convnet", "transformer" or "wide" (an n-gram bag beside a convnet).
        embed, hidden: width of the embedding and of the layers behind it.
        kernel: tokens that the widest convolution sees.
        widths: convolutions of different widths: `kernel` and the next smaller ones.
        layers, heads: blocks of a transformer, and attention heads of each.
        dropout: share of activations dropped in training.
        word_dropout: share of tokens or words hidden from the network in training.
    """

    family: str
    embed: int = 128
    hidden: int = 128
    kernel: int = 4
    widths: int = 3
    layers: int = 2
    heads: int = 4
    dropout: float = 0.5
    word_dropout: float = 0.0

    def __post_init__(self) -> None:
        if self.family not in FITTING:
            raise UnknownName("model family", self.family, FITTING)
        _in_range(self)
        _between("widths", self.widths, 1, self.kernel)
        if self.family == "transformer" and self.embed % self.heads:
            raise BadInput(f"embed is a multiple of heads, not {self.embed} for {self.heads} heads.")


@dataclass(frozen=True, kw_only=True)
class TrainConfig:
    """How a network learns.

    Attributes:
        epochs: most epochs to train.
        batch: documents a step.
        learning_rate: the highest of the schedule, which warms up over `warmup` of the steps and falls as a cosine.
        weight_decay: of AdamW, times the learning rate.
        linear_rate: the highest learning rate of weights of phrases, which move by plain gradient descent.
        cost: what an error counts against large weights, scikit-learn's C, where `auto` solves for the weights.
        scaling: of the steps of weights of phrases: "naive_bayes", by how much more often a phrase stands in one class
            than in the others, or "none"; where weights are solved for, of the phrases themselves.
        loss: "cross_entropy", or "squared_hinge", that of a support vector machine for each class.
        class_weight: "none", or "balanced": documents of a smaller class count more, up to 20 times as much.
        patience: epochs without a better one on validation before it stops; 0 never stops early.
        seed: of the first weights, the order of documents and dropout.
    """

    epochs: int = 10
    batch: int = 64
    learning_rate: float = 1e-3
    warmup: float = 0.1
    weight_decay: float = 0.0
    linear_rate: float = 6.0
    cost: float = 1.0
    scaling: str = "naive_bayes"
    loss: str = "cross_entropy"
    class_weight: str = "none"
    patience: int = 3
    seed: int = 0

    def __post_init__(self) -> None:
        if self.loss not in LOSSES:
            raise UnknownName("loss", self.loss, LOSSES)
        if self.scaling not in SCALINGS:
            raise UnknownName("scaling", self.scaling, SCALINGS)
        if self.class_weight not in CLASS_WEIGHTS:
            raise UnknownName("class weight", self.class_weight, CLASS_WEIGHTS)
        _in_range(self)


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """A lab record: data, model and training under one name, with what to expect of them.

    Attributes:
        expected_accuracy: measured test accuracy in [0, 1], the mean of seeds 0, 1 and 2, or None for settings that
            nobody has tried.
        expected_spread: between the best and the worst of these seeds, or None when there was one.
        expected_seconds: measured from raw data to a saved model on two cores, or None.
        source: where the idea comes from.
    """

    name: str
    title: str
    data: DataConfig
    model: ModelConfig
    train: TrainConfig = field(default_factory=TrainConfig)
    source: str = ""
    expected_accuracy: float | None = None
    expected_spread: float | None = None
    expected_seconds: float | None = None

    def __post_init__(self) -> None:
        fitting = FITTING[self.model.family]
        if self.data.encoder not in fitting:
            wanted = " or ".join(fitting)
            raise BadInput(f"The model family {self.model.family} needs the encoder {wanted}, not {self.data.encoder}.")

    def with_settings(self, **settings: Any) -> Recipe:
        """The recipe with some settings changed, by their own name (`epochs`, `kernel`, ...) or as `train.epochs`.

        Values may be strings, as a command line gives them. What was expected of the old settings is dropped.
        Raises UnknownName for a setting that does not exist and BadInput for a value that cannot be.
        """
        if not settings:
            return self
        parts: dict[str, dict[str, Any]] = {"data": {}, "model": {}, "train": {}}
        for name, value in settings.items():
            part, key, kind = _setting(name)
            parts[part][key] = _parse(key, value, kind)
        changed = replace(
            self,
            data=replace(self.data, **parts["data"]),
            model=replace(self.model, **parts["model"]),
            train=replace(self.train, **parts["train"]),
        )
        return (
            self
            if changed == self
            else replace(changed, expected_accuracy=None, expected_spread=None, expected_seconds=None)
        )

    def to_json(self) -> str:
        """The recipe as JSON, for `from_json`."""
        return json.dumps(asdict(self), indent=2)

    @staticmethod
    def from_json(text: str) -> Recipe:
        """The recipe that `to_json` wrote. Raises BadInput when it is not one, such as one of a newer version."""
        try:
            record = dict(json.loads(text))
            parts = {key: kind(**record.pop(key)) for key, kind in PARTS.items()}
            return Recipe(**record, **parts)
        except (KeyError, TypeError, ValueError, RecursionError) as error:
            raise BadInput("This recipe cannot be read; another version of Whyword may have written it.") from error


PARTS = {"data": DataConfig, "model": ModelConfig, "train": TrainConfig}


@cache
def settings() -> Mapping[str, tuple[str, type]]:
    """Every setting by name: the part it belongs to and its type. No name stands in two parts."""
    return {spec.name: (part, get_type_hints(kind)[spec.name]) for part, kind in PARTS.items() for spec in fields(kind)}


def _setting(name: str) -> tuple[str, str, type]:
    known = settings()
    part, _, key = name.rpartition(".")
    if key not in known or part not in ("", known[key][0]):
        raise UnknownName("setting", name, known)
    return known[key][0], key, known[key][1]


def _parse(name: str, value: Any, kind: type) -> Any:
    if kind is bool and isinstance(value, str):
        if value.lower() not in ("true", "false", "1", "0", "yes", "no"):
            raise BadInput(f"{name} is true or false, not {value!r}.")
        return value.lower() in ("true", "1", "yes")
    try:
        return kind(value)
    except (TypeError, ValueError) as error:
        wanted = {int: "a whole number", float: "a number"}.get(kind, "a text")
        raise BadInput(f"{name} is {wanted}, not {str(value)!r}.") from error


def check_setting(name: str, value: Any) -> None:
    """Raise ValueError unless a setting that was read from a file is a whole number within its range."""
    low, high = RANGES[name]
    if type(value) is not int or not low <= value <= high:
        raise ValueError(f"its {name} cannot be")


def _in_range(config: DataConfig | ModelConfig | TrainConfig) -> None:
    for spec in fields(config):
        if spec.name in RANGES:
            _between(spec.name, getattr(config, spec.name), *RANGES[spec.name])


def _between(name: str, value: float, low: float, high: float) -> None:
    if not low <= value <= high:
        raise BadInput(f"{name} lies between {low:,} and {high:,}, not {value:,}.")
