"""A trained network with its encoder, as a Predictor."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import cycle
from typing import Any, cast

import jax
import numpy as np
from flax import nnx

from core.batching import Layout, eval_batches, few_shapes
from core.calibration import Calibration, calibrated, divisors
from core.config import Recipe
from core.devices import remember_compilations
from core.encoders import Encoder
from core.errors import BadInput
from core.gradients import integrated_gradients, quick_gradients
from core.models import MODELS, NgramLinear
from core.novelty import Reference
from core.perturbed_logits import in_place, version_logits
from core.predictor import Predictor, Question, never_certain
from core.schema import Contributions, Encoded, EpochRecord, Novelty, TokenCoverage

UNKNOWN = "{} was saved by an older version of Whyword, which kept nothing to compare texts with; train it again."
BATCH = 32  # rows of a prediction step: on a CPU small batches that stay in cache are the fastest a token


@dataclass(frozen=True, kw_only=True, eq=False)
class JaxPredictor(Predictor):
    """A trained network with its encoder, read-only.

    Attributes:
        recipe: the settings that made it.
        encoder: texts to arrays.
        graph, state: the network in evaluation mode, as flax's `nnx.split` gives it.
        history: its training, epoch by epoch.
        temperature, saturation: what its logits are divided by, so that it is as sure as it may be (`Calibration`).
        reference: what its documents are like, to tell what is unlike them; None in a model of an older version.
        data_fingerprint: of the data set that it learned from.
        fingerprint: 12 hex digits over all that decides its answers; "" until it is saved.
    """

    name: str
    class_names: tuple[str, ...]
    recipe: Recipe
    encoder: Encoder
    graph: nnx.GraphDef[Any] = field(repr=False)
    state: Any = field(repr=False)
    history: tuple[EpochRecord, ...] = ()
    temperature: float = 1.0
    saturation: float = 0.0
    reference: Reference | None = None
    data_fingerprint: str = ""
    fingerprint: str = ""

    def predict_proba(self, texts: Sequence[str]) -> np.ndarray:
        """(n, classes) float32, rows sum to 1; texts without any known token get the answer to an empty text.

        Raises BadInput for a single text, which would pass for a list of its characters.
        """
        if isinstance(texts, str):
            raise BadInput("predict_proba takes a list of texts; put this one into brackets.")
        return self.predict_encoded(self.encoder.encode(texts))

    def predict_encoded(self, documents: Encoded) -> np.ndarray:
        """(n, classes) float32 of documents that this model's encoder has encoded."""
        classes = len(self.class_names)
        logits = predict_logits(self.graph, self.state, documents, sizes=self.encoder.sizes, classes=classes)
        return softmax(calibrated(logits, self.calibration))

    def without(self, text: str, spans: Sequence[tuple[int, int]]) -> Callable[[np.ndarray], np.ndarray]:
        """The same, without writing the texts: the encoder knows what is left of its tokens."""
        encode, classes = self.encoder.without(text, spans), len(self.class_names)
        if not MODELS[self.recipe.model.family].supports_versions:
            return lambda masks: self.predict_encoded(cast("Encoded", encode(masks)[0]))
        ask = partial(version_logits, self.graph, self.state, encode, classes=classes)
        return lambda masks: softmax(calibrated(ask(masks), self.calibration))

    @property
    def calibration(self) -> Calibration:
        """What makes probabilities of its logits."""
        return Calibration(self.temperature, self.saturation)

    @property
    def has_contributions(self) -> bool:
        """Always: its gradients are known."""
        return True

    @property
    def is_linear(self) -> bool:
        """Whether its network's logits are a sum over what is in the document."""
        return MODELS[self.recipe.model.family].is_linear

    def many_contributions(
        self, texts: Sequence[str], spans: Sequence[Sequence[tuple[int, int]]], questions: Sequence[Question]
    ) -> list[list[Contributions]]:
        """By integrated gradients, of more than one text in few steps; exact for a linear model."""
        if not texts:
            return []
        remember_compilations()
        documents, rows = self.encoder.encode(texts), bucket_rows(len(texts))
        directions = [_direction(len(self.class_names), question) for question in questions]
        divided_by = self._divisors(documents)
        shares = [self.encoder.shares(text, words) for text, words in zip(texts, spans, strict=True)]
        found: list[list[Contributions]] = [[] for _ in texts]
        for group, batch in eval_batches(documents, Layout(rows, rows, self.encoder.sizes)):
            alone = len(texts) == 1
            arrays = batch.arrays if alone else few_shapes(batch.arrays, documents, self.encoder.sizes)
            gradients = integrated_gradients if alone else quick_gradients
            for direction in directions:
                parts, whole, base = gradients(self.graph, self.state, arrays, direction)
                for row, i in enumerate(group.tolist()):
                    entries = [part[row] for part in parts]
                    ends = float(whole[row]), float(base[row])
                    found[i].append(self._by_word(shares[i], entries, *ends, float(divided_by[i])))
        return found

    def _divisors(self, documents: Encoded) -> np.ndarray:
        # (n,), what the log-odds of each document are divided by; the network is asked only where they differ.
        if not self.saturation:
            return np.full(len(documents), self.temperature)
        shape: dict[str, Any] = {"sizes": self.encoder.sizes, "classes": len(self.class_names)}
        return divisors(predict_logits(self.graph, self.state, documents, **shape), self.calibration)[:, 0]

    def _by_word(
        self, shares: Sequence[Any], entries: Sequence[np.ndarray], whole: float, base: float, divided_by: float
    ) -> Contributions:
        words = sum(share.T @ part[: share.shape[0]] for share, part in zip(shares, entries, strict=True)) / divided_by
        whole, base = whole / divided_by, base / divided_by
        rest = whole - base - float(words.sum())
        return Contributions(words=words, rest=rest, whole=whole, base=base, exact=self.is_linear)

    @property
    def ignores_case(self) -> bool:
        """Whether its encoder lower-cases."""
        return self.recipe.data.lowercase

    def novelty(self, text: str) -> Novelty:
        """How like the documents that it learned from a text is."""
        return self.many_novelty([text])[0]

    def many_novelty(self, texts: Sequence[str]) -> list[Novelty]:
        """The same of each text."""
        if self.reference is None:
            return [Novelty(score=None, percentile=None, reason=UNKNOWN.format(self.name))] * len(texts)
        return [self.reference.novelty(ids) for ids in self.encoder.occurrences(texts)]

    def read(self, text: str) -> TokenCoverage:
        """How much of the text the encoder keeps."""
        return self.encoder.read(text)

    @property
    def parameters(self) -> int:
        """Number of trained figures."""
        return sum(leaf.size for leaf in jax.tree.leaves(self.state))


def _direction(classes: int, question: Question) -> np.ndarray:
    # (classes,) float32: the logits times it are the log-odds of one class over another, or over the others' mean.
    target, against = question
    others = [i for i in range(classes) if i != target] if against is None else [against]
    direction = np.zeros(classes, np.float32)
    direction[target], direction[others] = 1.0, -1.0 / len(others)
    return direction


def predict_logits(graph: Any, state: Any, documents: Encoded, *, sizes: tuple[int, ...], classes: int) -> np.ndarray:
    """(n, classes) float32, in the order of the documents; `sizes` are those of their encoder.

    Steps are queued without waiting for each other; one row count for many documents, a small one for few. Several
    devices of this process work on different batches. Sums over bags are left to scipy: nothing has to be compiled.
    """
    network = nnx.merge(graph, state)
    if isinstance(network, NgramLinear):
        return network.many_logits(documents)
    remember_compilations()
    rows = bucket_rows(len(documents))
    replicas = [jax.device_put(state, device) for device in jax.local_devices()] if len(documents) > rows else [state]
    batches = zip(eval_batches(documents, Layout(rows, rows, sizes)), cycle(replicas), strict=False)
    queued = [(group, forward(graph, replica, *batch.arrays)) for (group, batch), replica in batches]
    return in_place(queued, len(documents), classes)


@partial(jax.jit, static_argnums=0)
def forward(graph: Any, state: Any, *arrays: jax.Array) -> jax.Array:
    """Logits (batch, classes) float32. Here, at module level, so that one compilation serves every session."""
    return nnx.merge(graph, state)(*arrays)


def softmax(logits: np.ndarray) -> np.ndarray:
    """(n, classes) float32 probabilities, none 0 or 1; the largest logit is subtracted first, so nothing overflows."""
    exponents = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return never_certain(exponents / exponents.sum(axis=-1, keepdims=True))


def bucket_rows(rows: int) -> int:
    """1 row for one text, 8 for a few, else `BATCH`."""
    return next(size for size in (1, 8, BATCH) if rows <= size or size == BATCH)
