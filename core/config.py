"""Settings of a model: frozen, checked once, saved beside the weights.

What follows from data (vocabulary size, number of classes) is an argument elsewhere, not a setting.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any, get_type_hints

from core.errors import BadInput, UnknownName

ENCODERS = ("gpt2", "bpe", "words")
WEIGHTINGS = ("counts", "tfidf")
FAMILIES = ("bow", "convnet")


@dataclass(frozen=True, kw_only=True)
class DataConfig:
    """Which data, and how texts become numbers.

    Attributes:
        dataset: a name of the data catalogue, or the name of the user's file.
        encoder: "gpt2" (tiktoken's byte pairs), "bpe" (byte pairs learned on the train split) or "words" (a bag).
        vocabulary: most byte pairs or words to keep; "gpt2" has its own 50,257.
        length: tokens read of each document; a bag reads all.
        lowercase: whether upper and lower case are the same to the model.
        min_count: documents of the train split that a word of a bag must occur in.
        weighting: what a word of a bag counts for: "counts", or "tfidf" (1 + log count, times the word's rarity).
    """

    dataset: str
    encoder: str
    vocabulary: int = 16_000
    length: int = 500
    lowercase: bool = True
    min_count: int = 1
    weighting: str = "counts"

    def __post_init__(self) -> None:
        if self.encoder not in ENCODERS:
            raise UnknownName("encoder", self.encoder, ENCODERS)
        if self.weighting not in WEIGHTINGS:
            raise UnknownName("weighting", self.weighting, WEIGHTINGS)
        _between("vocabulary", self.vocabulary, 300, 1_000_000)
        _between("length", self.length, 8, 4096)
        _between("min_count", self.min_count, 1, 1000)


@dataclass(frozen=True, kw_only=True)
class ModelConfig:
    """The shape of a network.

    Attributes:
        family: "convnet" or "bow".
        embed, hidden: width of the embedding and of the layers behind it.
        kernel, stride: tokens that one convolution sees, and tokens from one window to the next.
        dropout: share of activations dropped in training.
        word_dropout: share of tokens or words hidden from the network in training.
    """

    family: str
    embed: int = 128
    hidden: int = 128
    kernel: int = 7
    stride: int = 3
    dropout: float = 0.5
    word_dropout: float = 0.0

    def __post_init__(self) -> None:
        if self.family not in FAMILIES:
            raise UnknownName("model family", self.family, FAMILIES)
        _between("embed", self.embed, 1, 4096)
        _between("hidden", self.hidden, 1, 4096)
        _between("kernel", self.kernel, 1, 101)
        _between("stride", self.stride, 1, self.kernel)
        _between("dropout", self.dropout, 0.0, 0.95)
        _between("word_dropout", self.word_dropout, 0.0, 0.95)


@dataclass(frozen=True, kw_only=True)
class TrainConfig:
    """How a network learns.

    Attributes:
        epochs: most epochs to train.
        batch: documents a step.
        learning_rate: the highest of the schedule, which warms up over `warmup` of the steps and falls as a cosine.
        weight_decay: of AdamW, times the learning rate.
        patience: epochs without a better one on validation before it stops; 0 never stops early.
        seed: of the first weights, the order of documents and dropout.
    """

    epochs: int = 10
    batch: int = 64
    learning_rate: float = 1e-3
    warmup: float = 0.1
    weight_decay: float = 0.0
    patience: int = 3
    seed: int = 0

    def __post_init__(self) -> None:
        _between("epochs", self.epochs, 1, 1000)
        _between("batch", self.batch, 1, 4096)
        _between("learning_rate", self.learning_rate, 1e-8, 10.0)
        _between("warmup", self.warmup, 0.0, 1.0)
        _between("weight_decay", self.weight_decay, 0.0, 10.0)
        _between("patience", self.patience, 0, 1000)
        _between("seed", self.seed, 0, 2**31 - 1)


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """A lab record: data, model and training under one name, with what to expect of them.

    Attributes:
        expected_accuracy: measured test accuracy in [0, 1], or None for settings that nobody has tried.
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
    expected_seconds: float | None = None

    def __post_init__(self) -> None:
        if (self.model.family == "bow") != (self.data.encoder == "words"):
            fitting = "words" if self.model.family == "bow" else "bpe or gpt2"
            raise BadInput(
                f"The model family {self.model.family} needs the encoder {fitting}, not {self.data.encoder}."
            )

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
            parts[part][key] = _parsed(key, value, kind)
        changed = replace(
            self,
            data=replace(self.data, **parts["data"]),
            model=replace(self.model, **parts["model"]),
            train=replace(self.train, **parts["train"]),
        )
        return self if changed == self else replace(changed, expected_accuracy=None, expected_seconds=None)

    def to_json(self) -> str:
        """The recipe as JSON, for `from_json`."""
        return json.dumps(asdict(self), indent=2)

    @staticmethod
    def from_json(text: str) -> Recipe:
        """The recipe that `to_json` wrote. Raises BadInput when it is not one, such as one of a newer version."""
        try:
            record = json.loads(text)
            parts = {key: kind(**record.pop(key)) for key, kind in PARTS.items()}
            return Recipe(**record, **parts)
        except (KeyError, TypeError, ValueError) as error:
            raise BadInput("This recipe cannot be read; a newer version of Whyword may have written it.") from error


PARTS = {"data": DataConfig, "model": ModelConfig, "train": TrainConfig}


def settings() -> dict[str, tuple[str, type]]:
    """Every setting by name: the part it belongs to and its type. No name stands in two parts."""
    return {spec.name: (part, get_type_hints(kind)[spec.name]) for part, kind in PARTS.items() for spec in fields(kind)}


def _setting(name: str) -> tuple[str, str, type]:
    known = settings()
    part, _, key = name.rpartition(".")
    if key not in known or part not in ("", known[key][0]):
        raise UnknownName("setting", name, known)
    return known[key][0], key, known[key][1]


def _parsed(name: str, value: Any, kind: type) -> Any:
    if kind is bool and isinstance(value, str):
        if value.lower() not in ("true", "false", "1", "0", "yes", "no"):
            raise BadInput(f"{name} is true or false, not {value!r}.")
        return value.lower() in ("true", "1", "yes")
    try:
        return kind(value)
    except (TypeError, ValueError) as error:
        wanted = {int: "a whole number", float: "a number"}.get(kind, "a text")
        raise BadInput(f"{name} is {wanted}, not {str(value)!r}.") from error


def _between(name: str, value: float, low: float, high: float) -> None:
    if not low <= value <= high:
        raise BadInput(f"{name} lies between {low:,} and {high:,}, not {value:,}.")
