"""Texts to arrays: byte-pair tokens that keep their order, or bags of words that do not.

Both give the same layout (`Encoded`), so that batching, training and prediction need not know which it is.
Whatever an encoder learns, it learns from the train split only, and keeps in the model's own folder.
"""

from __future__ import annotations

import base64
import json
import os
import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import tiktoken

from core.config import DataConfig
from core.errors import BadInput, DatasetMissing
from core.folders import datasets_folder, given_data
from core.schema import Encoded, Reading

# The split of text into pieces that GPT-2 merges bytes within: tiktoken/tiktoken_ext/openai_public.py, `r50k_pat_str`.
PIECES = r"'(?:[sdmt]|ll|ve|re)| ?\p{L}++| ?\p{N}++| ?[^\s\p{L}\p{N}]++|\s++$|\s+(?!\S)|\s"
WORD = r"(?u)\b\w\w+\b"
NORM = 8.0  # length of a tf-idf row; Adam's steps have a fixed length, so rows of length 1 would learn slowly
SETTINGS, TOKENS, WORDS = "encoder.json", "vocabulary.tiktoken", "vocabulary.json"


class Encoder(ABC):
    """Texts to numbers, and what of a text is lost on the way.

    Attributes:
        size: number of ids in the vocabulary; the pad id is `size`, so an embedding needs `size + 1` rows.
    """

    size: int

    @abstractmethod
    def encode(self, texts: Iterable[str]) -> Encoded:
        """Ids and values of n texts; a text without any known token has an empty row."""

    @abstractmethod
    def read(self, text: str) -> Reading:
        """How much of the text the model takes in."""

    @abstractmethod
    def save(self, folder: Path) -> None:
        """Write all that `load_encoder` needs into an existing folder."""


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
        prepared = [self._prepared(self._window(text)) for text in texts]
        rows = [tokens[: self.length] for tokens in self.encoding.encode_ordinary_batch(prepared, num_threads=2)]
        offsets = np.cumsum([0, *map(len, rows)], dtype=np.int64)
        ids = np.fromiter((token for row in rows for token in row), np.int32, offsets[-1])
        return Encoded(ids=ids, values=np.ones(len(ids), np.float32), offsets=offsets)

    def read(self, text: str) -> Reading:
        """Tokens kept, and where in the text the last of them ends."""
        tokens = [token for part in _parts(self._prepared(text)) for token in self.encoding.encode_ordinary(part)]
        kept = self.encoding.decode_bytes(tokens[: self.length])
        whole = len(tokens) <= self.length
        end = len(text) if whole else len(kept.decode("utf-8", "ignore"))
        return Reading(tokens_read=min(len(tokens), self.length), tokens_total=len(tokens), end=end)

    def save(self, folder: Path) -> None:
        """Settings as JSON, and the merges in tiktoken's own file format (base64 token, rank)."""
        ranks = self.encoding._mergeable_ranks
        lines = (f"{base64.b64encode(token).decode()} {rank}\n" for token, rank in ranks.items())
        (folder / TOKENS).write_text("".join(lines))
        settings = {"kind": "bpe", "length": self.length, "lowercase": self.lowercase}
        (folder / SETTINGS).write_text(json.dumps(settings))

    @staticmethod
    def load(folder: Path, settings: dict[str, Any]) -> BpeEncoder:
        """The encoder that `save` wrote."""
        lines = (line.split() for line in (folder / TOKENS).read_text().splitlines())
        ranks = {base64.b64decode(token): int(rank) for token, rank in lines}
        return BpeEncoder(
            encoding=_encoding("saved", ranks), length=settings["length"], lowercase=settings["lowercase"]
        )

    @staticmethod
    def learn(config: DataConfig, texts: Sequence[str]) -> BpeEncoder:
        """Merge the most frequent byte pairs of the texts, with HF `tokenizers`, up to `config.vocabulary` tokens."""
        from tokenizers import Tokenizer, models, pre_tokenizers, trainers

        tokenizer = Tokenizer(models.BPE())
        tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)
        alphabet = pre_tokenizers.ByteLevel.alphabet()
        trainer = trainers.BpeTrainer(vocab_size=config.vocabulary, initial_alphabet=alphabet, show_progress=False)
        lowered = (_lowered(text) for text in texts) if config.lowercase else iter(texts)
        tokenizer.train_from_iterator(lowered, trainer, length=len(texts))
        ranks = _tiktoken_ranks(json.loads(tokenizer.to_str())["model"]["merges"])
        return BpeEncoder(encoding=_encoding("learned", ranks), length=config.length, lowercase=config.lowercase)

    @cached_property
    def _longest_token(self) -> int:
        return max(map(len, self.encoding._mergeable_ranks))

    def _window(self, text: str) -> str:
        # A token is at most so many bytes, and so many characters: what lies further cannot be among the first
        # `length` tokens. Twice that, so that the cut is not inside a piece that still counts.
        return text[: 2 * self.length * self._longest_token]

    def _prepared(self, text: str) -> str:
        return _lowered(text) if self.lowercase else text


@dataclass(frozen=True, kw_only=True, eq=False)
class BagOfWordsEncoder(Encoder):
    """Words and how often each occurs, without their order; sparse from end to end.

    Attributes:
        words: the vocabulary; a word's id is its position.
        lowercase: whether texts are lower-cased first.
        idf: (words,) float64, rarity of each word in the train split, or None when the values are plain counts.
    """

    words: tuple[str, ...]
    lowercase: bool
    idf: np.ndarray | None = None

    @property
    def size(self) -> int:  # type: ignore[override]
        """Number of words."""
        return len(self.words)

    def encode(self, texts: Iterable[str]) -> Encoded:
        """Ids of the known words of each text, each once, with its count or its tf-idf weight as value."""
        values = self._vectorizer.transform(texts)
        if self.idf is not None:
            values = _tfidf(self.idf).transform(values) * NORM
        values.sort_indices()
        return Encoded(
            ids=values.indices.astype(np.int32),
            values=values.data.astype(np.float32),
            offsets=values.indptr.astype(np.int64),
        )

    def read(self, text: str) -> Reading:
        """Words known and unknown; a bag reads to the end."""
        words = self._vectorizer.build_analyzer()(text)
        unknown = [word for word in words if word not in self._vectorizer.vocabulary_]
        known = len(words) - len(unknown)
        return Reading(
            tokens_read=known, tokens_total=len(words), end=len(text), unknown_words=tuple(dict.fromkeys(unknown))
        )

    def save(self, folder: Path) -> None:
        """Settings and the list of words, with their rarity, as JSON."""
        vocabulary = {"words": self.words, "idf": None if self.idf is None else self.idf.round(6).tolist()}
        (folder / WORDS).write_text(json.dumps(vocabulary, ensure_ascii=False), encoding="utf-8")
        (folder / SETTINGS).write_text(json.dumps({"kind": "words", "lowercase": self.lowercase}))

    @staticmethod
    def load(folder: Path, settings: dict[str, Any]) -> BagOfWordsEncoder:
        """The encoder that `save` wrote."""
        vocabulary = json.loads((folder / WORDS).read_text(encoding="utf-8"))
        idf = None if vocabulary["idf"] is None else np.array(vocabulary["idf"])
        return BagOfWordsEncoder(words=tuple(vocabulary["words"]), lowercase=settings["lowercase"], idf=idf)

    @staticmethod
    def learn(config: DataConfig, texts: Sequence[str]) -> BagOfWordsEncoder:
        """The most frequent words that occur in at least `config.min_count` of the texts.

        Raises BadInput when no word does.
        """
        vectorizer = _count_vectorizer(
            config.lowercase, min_df=min(config.min_count, len(texts)), max_features=config.vocabulary
        )
        try:
            counts = vectorizer.fit_transform(texts)
        except ValueError as error:
            raise BadInput("The training texts have no words to learn from; check the text column.") from error
        idf = _tfidf().fit(counts).idf_ if config.weighting == "tfidf" else None
        words = tuple(vectorizer.get_feature_names_out())
        return BagOfWordsEncoder(words=words, lowercase=config.lowercase, idf=idf)

    @cached_property
    def _vectorizer(self) -> Any:
        vectorizer = _count_vectorizer(self.lowercase, vocabulary=self.words)
        vectorizer._validate_vocabulary()  # once, here, not in each of two threads that explain at the same time
        return vectorizer


def learn_encoder(config: DataConfig, texts: Sequence[str]) -> Encoder:
    """The encoder that the settings ask for, with its vocabulary from these texts (the train split)."""
    if config.encoder == "words":
        return BagOfWordsEncoder.learn(config, texts)
    if config.encoder == "gpt2":
        return BpeEncoder(encoding=gpt2_encoding(), length=config.length, lowercase=config.lowercase)
    return BpeEncoder.learn(config, texts)


def load_encoder(folder: Path) -> Encoder:
    """The encoder that `save` wrote into the folder. Nothing in it is executed."""
    settings = json.loads((folder / SETTINGS).read_text())
    if settings["kind"] == "words":
        return BagOfWordsEncoder.load(folder, settings)
    return BpeEncoder.load(folder, settings)


def gpt2_encoding() -> tiktoken.Encoding:
    """GPT-2's byte pairs, from the files of `WHYWORD_DATA/tiktoken` or else fetched by tiktoken.

    Raises DatasetMissing when they are neither here nor to be had.
    """
    given = given_data()
    cache = given / "tiktoken" if given and (given / "tiktoken").is_dir() else datasets_folder() / "tiktoken"
    os.environ.setdefault("TIKTOKEN_CACHE_DIR", str(cache))
    try:
        ranks = tiktoken.get_encoding("gpt2")._mergeable_ranks
    except OSError as error:
        raise DatasetMissing(
            "GPT-2's vocabulary cannot be fetched from openaipublic.blob.core.windows.net; go online once, "
            "set WHYWORD_DATA to a folder with tiktoken's cache in tiktoken/, or use the encoder 'bpe'."
        ) from error
    return _encoding("gpt2", ranks)


def _encoding(name: str, ranks: dict[bytes, int]) -> tiktoken.Encoding:
    return tiktoken.Encoding(name, pat_str=PIECES, mergeable_ranks=ranks, special_tokens={})


def _tiktoken_ranks(merges: list[list[str]]) -> dict[bytes, int]:
    # `tokenizers` writes bytes as printable characters (GPT-2's table); tiktoken wants the bytes, ranked by merge.
    byte_of = _gpt2_byte_table()
    tokens = [bytes([byte]) for byte in range(256)]
    tokens += [bytes(byte_of[c] for c in left + right) for left, right in merges]
    return {token: rank for rank, token in enumerate(dict.fromkeys(tokens))}


def _gpt2_byte_table() -> dict[str, int]:
    # GPT-2's rule (openai/gpt-2 encoder.py): printable Latin-1 bytes stand for themselves, others for 256, 257, ...
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [byte for byte in range(256) if byte not in printable]
    return {chr(byte): byte for byte in printable} | {chr(256 + i): byte for i, byte in enumerate(others)}


def _count_vectorizer(lowercase: bool, **options: Any) -> Any:
    from sklearn.feature_extraction.text import CountVectorizer

    preprocessor = _lowered if lowercase else str
    return CountVectorizer(token_pattern=WORD, preprocessor=preprocessor, **options)


def _tfidf(idf: np.ndarray | None = None) -> Any:
    from sklearn.feature_extraction.text import TfidfTransformer

    transformer = TfidfTransformer(sublinear_tf=True)
    if idf is not None:
        transformer.idf_ = idf
    return transformer


def _lowered(text: str) -> str:
    # Of the same length as the text, so that positions in one are positions in the other ("İ".lower() has two).
    lowered = text.lower()
    if len(lowered) == len(text):
        return lowered
    return "".join(low if len(low := c.lower()) == 1 else c for c in text)


def _parts(text: str, size: int = 100_000) -> list[str]:
    # tiktoken's regex needs stack for a long run of one kind of character: huge texts go in parts, cut at a space.
    if len(text) <= size:
        return [text]
    return re.findall(rf"(?s).{{1,{size}}}(?=\s|$)|.{{1,{size}}}", text)
