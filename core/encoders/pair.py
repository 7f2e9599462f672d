"""Tokens in order and a bag of phrases, of the same text."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import scipy.sparse

from core.encoders.base import SETTINGS, Encoder
from core.encoders.bpe import BpeEncoder
from core.encoders.words import BagEncoder
from core.schema import BagTable, Encoded, TokenCoverage


@dataclass(frozen=True, kw_only=True, eq=False)
class PairEncoder(Encoder):
    """Two encoders side by side: the tokens first, the bag beside them.

    Attributes:
        tokens: reads a text in order, as far as its length.
        bag: reads all of it, in no order.
    """

    tokens: BpeEncoder
    bag: BagEncoder

    @property
    def size(self) -> int:  # type: ignore[override]
        """Number of tokens."""
        return self.tokens.size

    @property
    def sizes(self) -> tuple[int, ...]:
        """Number of tokens, and of words and phrases."""
        return self.tokens.size, self.bag.size

    def encode(self, texts: Iterable[str]) -> Encoded:
        """The tokens of each text, with its bag beside them."""
        texts = tuple(texts)
        return replace(self.tokens.encode(texts), bag=self.bag.encode(texts))

    def without(self, text: str, spans: Sequence[tuple[int, int]]) -> Callable[[np.ndarray], tuple[Encoded, BagTable]]:
        """Tokens and bag of the text without some of its words."""
        tokens, bag = self.tokens.without(text, spans), self.bag.without(text, spans)
        return lambda masks: (*tokens(masks), *bag(masks))

    def occurrences(self, texts: Iterable[str]) -> Iterator[np.ndarray]:
        """Those of the bag, which knows what it does not know."""
        return self.bag.occurrences(texts)

    def rarity(self, documents: Encoded) -> np.ndarray:
        """That of the bag."""
        assert documents.bag is not None
        return self.bag.rarity(documents.bag)

    def shares(self, text: str, spans: Sequence[tuple[int, int]]) -> tuple[scipy.sparse.csr_matrix, ...]:
        """Those of the tokens, and those of the bag."""
        return (*self.tokens.shares(text, spans), *self.bag.shares(text, spans))

    def read(self, text: str) -> TokenCoverage:
        """What the bag knows: it reads to the end, where the tokens may be cut."""
        return self.bag.read(text)

    def save(self, folder: Path) -> None:
        """A folder for each of the two."""
        for name, part in (("tokens", self.tokens), ("bag", self.bag)):
            (folder / name).mkdir()
            part.save(folder / name)
        (folder / SETTINGS).write_text(json.dumps({"kind": "both"}))

    @staticmethod
    def load(folder: Path) -> PairEncoder:
        """The encoder that `save` wrote."""
        tokens, bag = (json.loads((folder / name / SETTINGS).read_text()) for name in ("tokens", "bag"))
        return PairEncoder(tokens=BpeEncoder.load(folder / "tokens", tokens), bag=BagEncoder.load(folder / "bag", bag))
