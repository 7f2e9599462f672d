"""How independent the test documents are of those that a model was made from."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, NamedTuple


class Score(NamedTuple):
    """Answers to some documents.

    Attributes:
        documents: how many there are.
        right: how many of them got their true class.
    """

    documents: int
    right: int


@dataclass(frozen=True, kw_only=True)
class Independence:
    """Test documents with and without relatives among the training and validation documents.

    Attributes:
        groups: what makes documents related, such as ("thread", "sender"); empty when that is not known.
        everything: all test documents.
        related: those that share a group with a training or validation document; None when groups are not known.
        copied: those whose text is, word for word, that of a training or validation document.
    """

    groups: tuple[str, ...]
    everything: Score
    related: Score | None
    copied: Score

    @property
    def unrelated(self) -> Score | None:
        """The test documents that share no group with a training or validation document."""
        return None if self.related is None else _without(self.everything, self.related)

    @property
    def original(self) -> Score:
        """The test documents that are no copies."""
        return _without(self.everything, self.copied)

    def to_json(self) -> dict[str, Any]:
        """What is stored with a model."""
        return asdict(self)

    @classmethod
    def from_json(cls, record: dict[str, Any]) -> Independence:
        """The same, read back. Raises ValueError for numbers that cannot be."""
        everything, copied = Score(*record["everything"]), Score(*record["copied"])
        related = None if record["related"] is None else Score(*record["related"])
        for part in (copied, related or copied):
            rest = _without(everything, part)
            if not (0 <= part.right <= part.documents and 0 <= rest.right <= rest.documents):
                raise ValueError("its independence has counts that cannot be")
        groups = tuple(str(group) for group in record["groups"])
        return cls(groups=groups, everything=everything, related=related, copied=copied)


def _without(whole: Score, part: Score) -> Score:
    return Score(whole.documents - part.documents, whole.right - part.right)
