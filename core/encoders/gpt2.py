"""The byte pairs of GPT-2, as tiktoken has them."""

from __future__ import annotations

import hashlib
from pathlib import Path

import tiktoken

from core.encoders.bpe import byte_table, encoding, tiktoken_ranks
from core.errors import DatasetMissing
from core.folders import archives_folder, datasets_folder

MERGES = "https://openaipublic.blob.core.windows.net/gpt-2/encodings/main/vocab.bpe"
SHA256 = "1ce1664773c50f3e0cc8842619a93edc4624525b728b188a9e0be33b7726adc5"


def gpt2_encoding() -> tiktoken.Encoding:
    """GPT-2's byte pairs, from tiktoken's file in `WHYWORD_DATA/tiktoken`, used as it is, or else fetched and verified.

    Raises DatasetMissing when it is neither here nor to be had.
    """
    merges = [line.split() for line in _merges_file().read_text(encoding="utf-8").splitlines()[1:]]
    return encoding("gpt2", tiktoken_ranks(merges, list(byte_table().values())))


def _merges_file() -> Path:
    import pooch

    name = hashlib.sha1(MERGES.encode()).hexdigest()  # as tiktoken calls it in its cache
    archives = archives_folder()
    if archives and (archives / "tiktoken" / name).is_file():
        return archives / "tiktoken" / name
    pooch.get_logger().setLevel("WARNING")
    try:
        folder = datasets_folder() / "tiktoken"
        return Path(pooch.retrieve(MERGES, f"sha256:{SHA256}", name, folder))
    except (OSError, ValueError) as error:
        raise DatasetMissing(
            f"GPT-2's vocabulary cannot be fetched from {MERGES}; place that file as tiktoken/{name} in a folder "
            "and set WHYWORD_DATA to the folder, or use the encoder bpe, which needs no download."
        ) from error
