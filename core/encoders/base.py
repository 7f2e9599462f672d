"""What every encoder is."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from pathlib import Path

from core.schema import Encoded, Reading

SETTINGS = "encoder.json"


class Encoder(ABC):
    """Texts to numbers, and what of a text is lost on the way.

    Attributes:
        size: number of ids in the vocabulary; the pad id is `size`, so an embedding needs `size + 1` rows.
    """

    size: int

    @property
    def sizes(self) -> tuple[int, ...]:
        """Number of ids of each part of what `encode` gives."""
        return (self.size,)

    @abstractmethod
    def encode(self, texts: Iterable[str]) -> Encoded:
        """Ids and values of n texts; a text without any known token has an empty row."""

    @abstractmethod
    def read(self, text: str) -> Reading:
        """How much of the text the model takes in."""

    @abstractmethod
    def save(self, folder: Path) -> None:
        """Write all that `load_encoder` needs into an existing folder."""


def lowered(text: str) -> str:
    """The text in lower case and of the same length, so that positions in one are positions in the other."""
    lowered = text.lower()
    if len(lowered) == len(text):
        return lowered
    # Some letters have two characters in lower case, such as "İ": they stay.
    return "".join(low if len(low := c.lower()) == 1 else c for c in text)
