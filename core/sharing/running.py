"""How a network is run that was taken away, and what the files of its folder are called."""

NETWORK, CLASSES, ABOUT = "network.stablehlo", "classes.json", "README.md"
EXAMPLE = """from pathlib import Path
from jax import export
from core.batching import padded_arrays
from core.encoders import load_encoder
encoder = load_encoder(Path("{folder}"))
network = export.deserialize(bytearray(Path("{folder}/{network}").read_bytes()))
network.call(*padded_arrays(encoder.encode(["a text"]), encoder.sizes))  # (1, classes), named in {classes}
"""


def example(folder: str) -> str:
    """Python that answers a text with what `write_network_folder` wrote, without Whyword's networks."""
    return EXAMPLE.format(folder=folder, network=NETWORK, classes=CLASSES)
