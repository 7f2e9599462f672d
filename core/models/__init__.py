"""The catalogue of networks: the arrays of a batch to logits, and nothing else.

Every network takes `ids` (batch, length) int32 and `values` (batch, length) float32 that are 0 on padding, and gives
logits (batch, classes) float32 that do not depend on how much padding there is. It holds no random state and has no
mode: with `rngs` it drops activations, without it does not. "wide" reads two such pairs: the tokens and the bag.
"""

from collections.abc import Callable

from flax import nnx

from core.config import ModelConfig
from core.models.bags import BagOfWordsMLP, NgramLinear
from core.models.convnet import RegionConvNet
from core.models.layers import Embedding, LinearTable, Network, Table
from core.models.transformer import TextTransformer
from core.models.wide import WideAndDeep

__all__ = ["MODELS", "Embedding", "LinearTable", "Network", "NgramLinear", "Table", "build_model"]

MODELS: dict[str, type[Network]] = {
    "bow": BagOfWordsMLP,
    "ngram": NgramLinear,
    "convnet": RegionConvNet,
    "transformer": TextTransformer,
    "wide": WideAndDeep,
}


def build_model(config: ModelConfig, sizes: tuple[int, ...], classes: int, *, rngs: nnx.Rngs) -> nnx.Module:
    """A network with fresh weights.

    Args:
        config: its shape.
        sizes: number of ids of each pair of arrays that the encoder gives, without the pad id.
        classes: number of logits.
        rngs: of the weights; required, since a shared default stream makes two "same" models differ.
    """
    make: Callable[..., nnx.Module] = MODELS[config.family]
    return make(config, *sizes, classes, rngs=rngs)
