"""Which encoding the bytes of a text are in."""

import codecs
from typing import NamedTuple

from charset_normalizer import from_bytes

from core.datasets.tables.source import Source
from core.errors import BadInput
from core.schema.tables import shown_places

SAMPLE_BYTES = 60_000  # of lines that are not ASCII
_MARKS = (  # the long ones first: that of UTF-32 begins with that of UTF-16
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_COMMON = [  # that tables come in; others would only be mistaken for these
    *("cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "cp1258", "cp874"),
    *("koi8_r", "iso8859_2", "iso8859_5", "iso8859_7", "mac_roman", "mac_cyrillic"),
    *("cp932", "euc_jp", "gb18030", "big5", "cp949"),
]
_LATIN = {"cp1250", "cp1252", "cp1254", "cp1257", "cp1258", "iso8859_2", "mac_roman"}
_WESTERN = frozenset("àâáäãåæçéèêëíîïñóôöõøœúùûüÿßÀÂÁÄÃÅÆÇÉÈÊËÍÎÏÑÓÔÖÕØŒÚÙÛÜ¿¡«»‹›‘’‚“”„–—…€£§°ºª·´©®™\xa0")


class Encoding(NamedTuple):
    """How bytes become text.

    Attributes:
        name: of a codec.
        guessed: whether it was guessed from the bytes, since nothing in the file tells it.
    """

    name: str
    guessed: bool = False


class _Lines(NamedTuple):
    """Lines that are not ASCII: how many are UTF-8, which are not, and some of the latter."""

    good: int
    bad: list[int]
    sample: bytes


def find_encoding(source: Source, wanted: str | None = None) -> Encoding:
    """The encoding that is wanted, or told by a mark, or UTF-8, or guessed.

    Raises BadInput for one that is not known, for UTF-8 with a few lines of something else, and for bytes that are no
    text in any common encoding.
    """
    if wanted is not None:
        return Encoding(_known(wanted))
    head = source.head()
    for mark, name in _MARKS:
        if head.startswith(mark):
            return Encoding(name)
    if name := _of_two_bytes(head):
        return Encoding(name)
    return Encoding("utf-8") if _is_utf8(source) else _guessed(source)


def _known(wanted: str) -> str:
    try:
        codec = codecs.lookup(wanted)
        "text".encode(codec.name)
    except (LookupError, UnicodeError, ValueError) as error:
        raise BadInput(
            f"There is no text encoding {wanted[:60]!r}; take one such as utf-8, utf-16 or cp1252."
        ) from error
    return "utf-8-sig" if codec.name == "utf-8" else codec.name


def _of_two_bytes(head: bytes) -> str:
    # Every other byte of Western text in UTF-16 is 0.
    half = max(len(head) // 2, 1)
    first, second = head[0::2].count(0) / half, head[1::2].count(0) / half
    if second > 0.4 and first < 0.1:
        return "utf-16-le"
    return "utf-16-be" if first > 0.4 and second < 0.1 else ""


def _is_utf8(source: Source) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for chunk in source.chunks():
            if not chunk.isascii() or decoder.getstate()[0]:
                decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _guessed(source: Source) -> Encoding:
    lines = _not_ascii(source)
    if lines.good * 5 >= len(lines.bad):
        where = shown_places(lines.bad, len(lines.bad))
        raise BadInput(
            f"{source.path.name} is UTF-8 text but for {where}; save it in one encoding, "
            "or name the one to read it by with --encoding."
        )
    guess = guess_encoding(lines.sample)
    if guess is None:
        raise BadInput(
            f"{source.path.name} is not UTF-8 text nor in another encoding that is known here; save it as UTF-8, "
            "or name its encoding with --encoding."
        )
    return Encoding(guess, guessed=True)


def guess_encoding(sample: bytes) -> str | None:
    """The most likely of the common encodings, of bytes that are not UTF-8; None when none fits."""
    best = from_bytes(sample, cp_isolation=_COMMON, threshold=0.5, preemptive_behaviour=False).best()
    if best is None:
        return None
    return "cp1252" if best.encoding in _LATIN and _is_western(sample) else best.encoding


def _is_western(sample: bytes) -> bool:
    # A short sample tells the code pages for Latin letters hardly apart; most files are in that of Western Europe.
    text = sample.decode("cp1252", "replace")
    return all(character.isascii() or character in _WESTERN for character in text)


def _not_ascii(source: Source) -> _Lines:
    good, bad, sample = 0, [], bytearray()
    with source.open() as stream:
        for number, line in enumerate(stream, 1):
            if line.isascii():
                continue
            try:
                line.decode("utf-8")
                good += 1
            except UnicodeDecodeError:
                bad.append(number)
                sample += line[: SAMPLE_BYTES - len(sample)]
    return _Lines(good, bad, bytes(sample))
