"""Encoders by the settings that ask for them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from core.config import DataConfig
from core.encoders.base import SETTINGS, Encoder
from core.encoders.bpe import BpeEncoder
from core.encoders.gpt2 import gpt2_encoding
from core.encoders.pair import PairEncoder
from core.encoders.words import BagEncoder
from core.schema import Encoded

MAX_PHRASES = 1 << 24  # beside tokens: all that are frequent enough


def learn_and_encode(config: DataConfig, texts: Sequence[str]) -> tuple[Encoder, Encoded]:
    """The encoder that the settings ask for, with its vocabulary from these texts (the train split), and the texts."""
    if config.encoder == "words":
        return BagEncoder.learn(config, texts, most=config.vocabulary)
    if config.encoder == "gpt2":
        tokens = BpeEncoder(encoding=gpt2_encoding(), length=config.length, lowercase=config.lowercase)
    else:
        tokens = BpeEncoder.learn(config, texts)
    if config.encoder != "bpe+words":
        return tokens, tokens.encode(texts)
    bag, counted = BagEncoder.learn(config, texts, most=MAX_PHRASES)
    return PairEncoder(tokens=tokens, bag=bag), replace(tokens.encode(texts), bag=counted)


def load_encoder(folder: Path) -> Encoder:
    """The encoder that `save` wrote into the folder. Nothing in it is executed."""
    settings = json.loads((folder / SETTINGS).read_text())
    if settings["kind"] == "both":
        return PairEncoder.load(folder)
    if settings["kind"] == "words":
        return BagEncoder.load(folder, settings)
    return BpeEncoder.load(folder, settings)
