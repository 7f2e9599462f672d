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
        """The same, read back. Raises ValueError for what cannot be."""
        everything, copied = _read_score(record["everything"]), _read_score(record["copied"])
        related = None if record["related"] is None else _read_score(record["related"])
        groups = record["groups"]
        sound = (
            isinstance(groups, list | tuple)
            and all(isinstance(group, str) for group in groups)
            and _is_part(copied, everything)
            and (related is None or _is_part(related, everything))
        )
        if not sound:
            raise ValueError("its independence has names or counts that cannot be")
        return cls(groups=tuple(groups), everything=everything, related=related, copied=copied)


def _read_score(pair: Any) -> Score:
    documents, right = pair
    if not type(documents) is type(right) is int:
        raise ValueError("its independence has counts that are no whole numbers")
    return Score(documents, right)


def _is_part(part: Score, whole: Score) -> bool:
    return all(0 <= score.right <= score.documents for score in (part, _without(whole, part)))


def _without(whole: Score, part: Score) -> Score:
    return Score(whole.documents - part.documents, whole.right - part.right)
