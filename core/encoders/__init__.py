"""Texts to arrays: byte-pair tokens that keep their order, or bags of words that do not.

Both give the same layout (`Encoded`), so that batching, training and prediction need not know which it is.
Whatever an encoder learns, it learns from the train split only, and keeps in the model's own folder.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from core.config import DataConfig
from core.encoders.base import SETTINGS, Encoder
from core.encoders.bpe import BpeEncoder
from core.encoders.gpt2 import gpt2_encoding
from core.encoders.words import BagOfWordsEncoder

__all__ = ["BagOfWordsEncoder", "BpeEncoder", "Encoder", "learn_encoder", "load_encoder"]


def learn_encoder(config: DataConfig, texts: Sequence[str]) -> Encoder:
    """The encoder that the settings ask for, with its vocabulary from these texts (the train split)."""
    if config.encoder == "words":
        return BagOfWordsEncoder.learn(config, texts)
    if config.encoder == "gpt2":
        return BpeEncoder(encoding=gpt2_encoding(), length=config.length, lowercase=config.lowercase)
    return BpeEncoder.learn(config, texts)


def load_encoder(folder: Path) -> Encoder:
    """The encoder that `save` wrote into the folder. Nothing in it is executed."""
    settings = json.loads((folder / SETTINGS).read_text())
    if settings["kind"] == "words":
        return BagOfWordsEncoder.load(folder, settings)
    return BpeEncoder.load(folder, settings)
