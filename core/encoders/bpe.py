"""Byte-pair tokens, in order."""

from __future__ import annotations

import base64
import json
import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse
import tiktoken

from core.config import DataConfig, check_setting
from core.encoders.base import SETTINGS, Encoder, lowered, overlaps
from core.encoders.perturbed import PerturbedText
from core.schema import Encoded, TokenCoverage
from core.units import cluster_end, cluster_starts, composed, composed_positions, unit_spans

# The split of text into pieces that GPT-2 merges bytes within: tiktoken/tiktoken_ext/openai_public.py, `r50k_pat_str`.
PIECES = r"'(?:[sdmt]|ll|ve|re)| ?\p{L}++| ?\p{N}++| ?[^\s\p{L}\p{N}]++|\s++$|\s+(?!\S)|\s"
# The same, but marks stay with their letters: else a word of an Indic script falls into pieces at each of its vowels.
PIECES_WITH_MARKS = PIECES.replace(r"\p{L}++", r"[\p{L}\p{M}]++").replace(r"^\s\p{L}\p{N}", r"^\s\p{L}\p{M}\p{N}")
TOKENS = "vocabulary.tiktoken"
TOGETHER = 64  # texts that a thread takes at once; tiktoken lets go of the interpreter while it works


@dataclass(frozen=True, kw_only=True, eq=False)
class BpeEncoder(Encoder):
    """Byte-pair tokens in order, cut at `length`.

    Attributes:
        encoding: the merges, as a `tiktoken.Encoding` without special tokens.
        length: tokens kept of each text.
        lowercase: whether texts are lower-cased first.
    """

    encoding: tiktoken.Encoding
    length: int
    lowercase: bool

    @property
    def size(self) -> int:  # type: ignore[override]
        """Number of tokens."""
        return self.encoding.n_vocab

    def encode(self, texts: Iterable[str]) -> Encoded:
        """Token ids, at most `length` a text, each with the value 1."""
        texts = list(texts)
        parts = (texts[start : start + TOGETHER] for start in range(0, len(texts), TOGETHER))
        with ThreadPoolExecutor(os.cpu_count()) as threads:
            rows = [row for part in threads.map(lambda part: [*map(self._tokens, part)], parts) for row in part]
        return _in_order(np.concatenate([np.zeros(0, np.int32), *rows]), np.array([*map(len, rows)], np.int64))

    def without(self, text: str, spans: Sequence[tuple[int, int]]) -> Callable[[np.ndarray], tuple[Encoded]]:
        """Token ids of the text without some of its words, at most `length` each."""
        perturbed = PerturbedText(text, spans, lambda piece: self._tokens(piece).tolist())

        def encoded(masks: np.ndarray) -> tuple[Encoded]:
            ids, lengths = perturbed.tokens(masks)
            if lengths.max(initial=0) > self.length:
                place = np.arange(len(ids)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
                ids, lengths = ids[place < self.length], np.minimum(lengths, self.length)
            return (_in_order(ids, lengths),)

        return encoded

    def _tokens(self, text: str) -> np.ndarray:
        # As an array at once: a list of Python numbers costs as much again.
        prepared = self._prepared(self._window(text))
        return self.encoding.encode_to_numpy(prepared, disallowed_special=())[: self.length].view(np.int32)

    def occurrences(self, texts: Iterable[str]) -> Iterator[np.ndarray]:
        """The tokens as they stand; none is unknown."""
        return map(self._tokens, texts)

    def rarity(self, documents: Encoded) -> np.ndarray:
        """How improbable each token is, as if every one had been seen once more."""
        counts = np.bincount(documents.ids, minlength=self.size + 1) + 1.0
        return -np.log(counts / counts.sum()).astype(np.float32)

    def shares(self, text: str, spans: Sequence[tuple[int, int]]) -> tuple[scipy.sparse.csr_matrix, ...]:
        """Which word each token is of, by its characters."""
        return (overlaps(self._places(text, self._tokens(text).tolist()), spans),)

    def _places(self, text: str, tokens: list[int]) -> list[tuple[int, int]]:
        # The characters of the text as written that each token has a part of: only composing it has moved any.
        parts = self.encoding.decode_tokens_bytes(tokens)
        first_bytes = (np.frombuffer(b"".join(parts), np.uint8) & 0xC0) != 0x80
        begun = np.concatenate([[0], np.cumsum(first_bytes)])
        edges = np.cumsum([0, *map(len, parts)], dtype=np.int64)
        first, last = begun[edges[:-1] + 1] - 1, begun[edges[1:]] - 1
        starts, ends = composed_positions(text)
        return [*zip(starts[first].tolist(), ends[last].tolist(), strict=True)]

    def read(self, text: str) -> TokenCoverage:
        """Tokens kept, and where in the text the last of them ends."""
        tokens = [token for part in _parts(self._prepared(text)) for token in self.encoding.encode_ordinary(part)]
        whole = len(tokens) <= self.length
        end = len(text) if whole else self._end(text, tokens)
        places = self._places(text, tokens[: self.length])
        return TokenCoverage(
            tokens_read=min(len(tokens), self.length),
            tokens_total=len(tokens),
            end=end,
            token_boundaries=tuple(_inside_units(text[:end], [start for start, _ in places])),
        )

    def _end(self, text: str, tokens: list[int]) -> int:
        # Behind the last character of which all tokens are read, and never inside of what a reader counts as one.
        read = self.encoding.decode_bytes(tokens[: self.length]).decode("utf-8", "ignore")
        _, ends = composed_positions(text)
        return cluster_end(text, int(ends[len(read) - 1])) if read else 0

    def save(self, folder: Path) -> None:
        """Settings as JSON, and the merges in tiktoken's own file format (base64 token, rank)."""
        ranks = self.encoding._mergeable_ranks
        lines = (f"{base64.b64encode(token).decode()} {rank}\n" for token, rank in ranks.items())
        (folder / TOKENS).write_text("".join(lines))
        settings = {"kind": "bpe", "length": self.length, "lowercase": self.lowercase}
        settings["marks"] = self.encoding._pat_str == PIECES_WITH_MARKS
        (folder / SETTINGS).write_text(json.dumps(settings))

    @staticmethod
    def load(folder: Path, settings: dict[str, Any]) -> BpeEncoder:
        """The encoder that `save` wrote."""
        lines = (line.split() for line in (folder / TOKENS).read_text().splitlines())
        ranks = {base64.b64decode(token): int(rank) for token, rank in lines}
        check_setting("length", settings["length"])
        _check_ranks(ranks)
        pieces = PIECES_WITH_MARKS if settings.get("marks") else PIECES
        return BpeEncoder(
            encoding=encoding("saved", ranks, pieces), length=settings["length"], lowercase=settings["lowercase"]
        )

    @staticmethod
    def learn(config: DataConfig, texts: Sequence[str]) -> BpeEncoder:
        """Merge the most frequent byte pairs of the texts, with HF `tokenizers`, up to `config.vocabulary` tokens."""
        from tokenizers import Regex, Tokenizer, models, pre_tokenizers, trainers

        tokenizer = Tokenizer(models.BPE())
        pieces = pre_tokenizers.Split(Regex(PIECES_WITH_MARKS), "isolated")
        in_bytes = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
        tokenizer.pre_tokenizer = pre_tokenizers.Sequence([pieces, in_bytes])
        alphabet = pre_tokenizers.ByteLevel.alphabet()
        trainer = trainers.BpeTrainer(vocab_size=config.vocabulary, initial_alphabet=alphabet, show_progress=False)
        prepared = (_prepared(text, config.lowercase) for text in texts)
        tokenizer.train_from_iterator(prepared, trainer, length=len(texts))
        ranks = tiktoken_ranks(json.loads(tokenizer.to_str())["model"]["merges"])
        merges = encoding("learned", ranks, PIECES_WITH_MARKS)
        return BpeEncoder(encoding=merges, length=config.length, lowercase=config.lowercase)

    @cached_property
    def _longest_token(self) -> int:
        return max(map(len, self.encoding._mergeable_ranks))

    def _window(self, text: str) -> str:
        # A token is at most so many bytes, and so many characters: what lies further cannot be among the first
        # `length` tokens. Twice that, so that the cut is not inside a piece that still counts.
        return text[: 2 * self.length * self._longest_token]

    def _prepared(self, text: str) -> str:
        return _prepared(text, self.lowercase)


def _check_ranks(ranks: dict[bytes, int]) -> None:
    # Of a file from elsewhere: tiktoken panics over a byte that is no token, and counts up to the highest rank.
    if sorted(ranks.values()) != [*range(len(ranks))] or not all(bytes([byte]) in ranks for byte in range(256)):
        raise ValueError("its tokens are no whole vocabulary")


def _inside_units(text: str, positions: Sequence[int]) -> Iterator[int]:
    # Those of the positions, ascending, that lie inside a unit, each once.
    spans = unit_spans(text)
    starts, ends = (np.array([*edges], np.int64) for edges in zip((0, 0), *spans, strict=True))
    places = np.unique(np.array(positions, np.int64))
    unit = np.searchsorted(starts, places, "right") - 1
    inside = (starts[unit] < places) & (places < ends[unit])
    clusters = set() if text.isascii() else set(cluster_starts(text))
    return (place for place in places[inside].tolist() if text.isascii() or place in clusters)


def _in_order(ids: np.ndarray, lengths: np.ndarray) -> Encoded:
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    return Encoded(ids=ids.astype(np.int32), values=np.ones(len(ids), np.float32), offsets=offsets)


def _prepared(text: str, lowercase: bool) -> str:
    # Half characters, which JSON can hold and UTF-8 cannot, become question marks.
    whole = composed(text).encode("utf-8", "replace").decode()
    return lowered(whole) if lowercase else whole


def encoding(name: str, ranks: dict[bytes, int], pieces: str = PIECES) -> tiktoken.Encoding:
    """A `tiktoken.Encoding` of these merges, without special tokens: in a text, they are only text.

    Text is first split into `pieces`, an expression; no token reaches from one into the next.
    """
    return tiktoken.Encoding(name, pat_str=pieces, mergeable_ranks=ranks, special_tokens={})


def tiktoken_ranks(merges: list[list[str]], order: Sequence[int] = range(256)) -> dict[bytes, int]:
    """Tokens by rank: the single bytes in this order, then the merges, which are written with `byte_table`."""
    byte_of = byte_table()
    tokens = [bytes([byte]) for byte in order]
    tokens += [bytes(byte_of[c] for c in left + right) for left, right in merges]
    return {token: rank for rank, token in enumerate(dict.fromkeys(tokens))}


def byte_table() -> dict[str, int]:
    """The byte that each character of a merge stands for.

    GPT-2's rule (openai/gpt-2, encoder.py): printable Latin-1 bytes stand for themselves, others for 256, 257, ...
    """
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [byte for byte in range(256) if byte not in printable]
    return {chr(byte): byte for byte in printable} | {chr(256 + i): byte for i, byte in enumerate(others)}


def _parts(text: str, size: int = 100_000) -> list[str]:
    # tiktoken's regex needs stack for a long run of one kind of character: huge texts go in parts, cut at a space.
    if len(text) <= size:
        return [text]
    return re.findall(rf"(?s).{{1,{size}}}(?=\s|$)|.{{1,{size}}}", text)
