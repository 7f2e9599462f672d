"""What a model's files would take in memory, found out before it is taken; and no file that leads elsewhere.

Weights lie in frames of zstd, which say of themselves what they like: 4 bytes may stand for 131,072. So each is
unpacked piece by piece, and nothing is kept.
"""

from __future__ import annotations

import json
import os
import stat
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile

MAGIC = b"\x28\xb5\x2f\xfd"  # of a frame of zstd (RFC 8878)
PIECE = 1 << 20  # bytes that are unpacked at a time
MAX_BLOCKS = 200_000  # of all frames of a model; of those that ship, the largest has 63
MOST_RECORD = 20_000_000  # bytes of a file of JSON: to list models one of each is read
RLE, RESERVED = 1, 3  # kinds of blocks: one byte again and again; none


def folder_bytes(folder: Path) -> int:
    """Bytes of all files of a folder.

    Raises ValueError when something in it is no file or folder of its own: a link, a pipe, a device, or another name
    of a file that lies elsewhere too.
    """
    names, states = Counter[tuple[int, int]](), {}
    for path in _entries(folder):
        state = path.lstat()
        if not stat.S_ISREG(state.st_mode):
            raise ValueError(f"{path.name[:60]!r} is no file but a link, a pipe or a device")
        names[state.st_dev, state.st_ino] += 1
        states[state.st_dev, state.st_ino] = path, state
    for place, (path, state) in states.items():
        if state.st_nlink > names[place] and os.name == "posix":
            raise ValueError(f"{path.name[:60]!r} is a file that lies elsewhere too")
    return sum(state.st_size * names[place] for place, (_, state) in states.items())


def _entries(folder: Path) -> Iterator[Path]:
    # All that is in a folder but folders; a link to one is no folder.
    with os.scandir(folder) as found:
        for entry in found:
            if entry.is_dir(follow_symlinks=False):
                yield from _entries(Path(entry.path))
            else:
                yield Path(entry.path)


def unpacked_bytes(folder: Path) -> int:
    """Bytes that the files of a model but its weights take in memory, from the archives' own lists of contents."""
    return sum(_unpacked(path) for path in folder.rglob("*") if path.is_file())


def _unpacked(path: Path) -> int:
    if path.suffix == ".npz":
        with suppress(BadZipFile), ZipFile(path) as archive:  # what is none is not as it was saved, which others tell
            return sum(member.file_size for member in archive.infolist())
    return path.stat().st_size


def read_json(path: Path) -> Any:
    """What a file of JSON says.

    Raises ValueError, also for one that is larger than any such file, and for half characters, which no page could be
    sent.
    """
    if path.stat().st_size > MOST_RECORD:
        raise ValueError(f"{path.name} is larger than such a file ever is")
    record = json.loads(path.read_text(encoding="utf-8"))
    json.dumps(record, ensure_ascii=False).encode()
    return record


def check_packing(folder: Path, most: int) -> None:
    """Raise ValueError when weights are not packed as Whyword packs them, or unpack to more than `most` bytes.

    Takes as much memory as the largest file, and no more.
    """
    form = json.loads((folder / "_METADATA").read_text(encoding="utf-8"))
    if form.get("use_zarr3") or not form.get("use_ocdbt"):
        raise ValueError("its weights are written in another way")
    left, blocks = most, MAX_BLOCKS
    for path in sorted(folder.rglob("*")):
        if not path.is_file():
            continue
        data = memoryview(path.read_bytes())
        for start, end, count in _frames(data, blocks):
            blocks -= count
            left -= _frame_bytes(data[start:end], left)
            if left < 0 or blocks < 0:
                raise ValueError("its weights unpack to more than its recipe says")
    _check_compressors(folder)


def _frames(data: memoryview, most: int) -> Iterator[tuple[int, int, int]]:
    # Start, end and blocks of each frame, those inside others too, up to so many blocks.
    content = data.obj
    assert isinstance(content, bytes)
    start = content.find(MAGIC)
    while start >= 0:
        end, count = _frame_end(content, start, most)
        most -= count
        yield start, end, count
        start = content.find(MAGIC, start + 1)


def _frame_end(content: bytes, start: int, most: int) -> tuple[int, int]:
    # Where a frame ends, and its blocks; one that is cut ends with the content.
    place, has_checksum = _first_block(content, start)
    count, is_last = 0, False
    while not is_last and count <= most and place < len(content):
        header = int.from_bytes(content[place : place + 3], "little")
        kind, length = header >> 1 & 3, header >> 3
        is_last = bool(header & 1) or kind == RESERVED
        place += 3 + (1 if kind == RLE else length)
        count += 1
    return min(place + 4 * has_checksum, len(content)), count


def _first_block(content: bytes, start: int) -> tuple[int, bool]:
    described = content[start + 4] if start + 4 < len(content) else 0
    is_single, has_checksum = bool(described & 0x20), bool(described & 4)
    size_field = (int(is_single), 2, 4, 8)[described >> 6]
    return start + 5 + (not is_single) + (0, 1, 2, 4)[described & 3] + size_field, has_checksum


def _frame_bytes(frame: memoryview, most: int) -> int:
    # Bytes that a frame unpacks to, counted until they are more than `most`.
    import pyarrow as pa

    count = 0
    with suppress(OSError), pa.CompressedInputStream(pa.BufferReader(frame), "zstd") as stream:
        while count <= most and (piece := stream.read(PIECE)):
            count += len(piece)
    return count


def _check_compressors(folder: Path) -> None:
    import tensorstore

    base = f"file://{folder.resolve()}/"
    store = tensorstore.KvStore.open({"driver": "ocdbt", "base": base}).result()
    for key in store.list().result():
        if key.endswith(b"/.zarray"):
            form = json.loads(store.read(key).result().value)
            if (form.get("compressor") or {}).get("id", "zstd") != "zstd" or form.get("filters"):
                raise ValueError("its weights are packed in another way")
