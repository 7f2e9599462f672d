"""Texts to arrays: byte-pair tokens that keep their order, bags of words and phrases that do not, or both.

All give the same layout (`Encoded`), so that batching, training and prediction need not know which it is.
Whatever an encoder learns, it learns from the train split only, and keeps in the model's own folder.
"""

from core.encoders.base import Encoder, Part
from core.encoders.bpe import BpeEncoder
from core.encoders.cached import encoded_splits
from core.encoders.catalogue import learn_and_encode, load_encoder
from core.encoders.pair import PairEncoder
from core.encoders.words import BagEncoder

__all__ = [
    "BagEncoder",
    "BpeEncoder",
    "Encoder",
    "PairEncoder",
    "Part",
    "encoded_splits",
    "learn_and_encode",
    "load_encoder",
]
