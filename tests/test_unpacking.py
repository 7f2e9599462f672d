"""What a model's files would take in memory, and files that lead elsewhere."""

import json
import os
import shutil
import socket
from pathlib import Path

import pyarrow as pa
import pytest
import tensorstore

from core import folders
from core.errors import DamagedModel
from core.saved_models import list_models, load_model, model_info, stored_evaluation
from core.saved_models.unpacking import MAGIC, check_packing
from core.saved_models.weights import fingerprint

SHIPPED = folders.BUNDLED_MODELS / "newsgroups-bow"
TABLE = "bag.embedding.table"
BLOCK = 1 << 17  # bytes of a block of zstd at most


@pytest.fixture
def folder(fresh_home, tmp_path, monkeypatch):
    """A model of our own that is like one that ships."""
    monkeypatch.setattr(folders, "BUNDLED_MODELS", tmp_path / "shipped")
    return Path(shutil.copytree(SHIPPED, folders.models_folder() / "one"))


def sign(folder):
    """Give a changed folder the fingerprint of its files, as a forger would."""
    record = json.loads((folder / "model.json").read_text())
    record["fingerprint"] = fingerprint(folder, record["class_names"])
    (folder / "model.json").write_text(json.dumps(record))


def bomb(blocks):
    """A frame of zstd in which 4 bytes stand for 131,072 zeros, so many times."""
    again = (BLOCK << 3 | 1 << 1).to_bytes(3, "little") + b"\0"
    last = (BLOCK << 3 | 1 << 1 | 1).to_bytes(3, "little") + b"\0"
    return MAGIC + b"\x00\x38" + again * (blocks - 1) + last


def store(folder):
    base = f"file://{folder}/weights/"
    return tensorstore.KvStore.open({"driver": "ocdbt", "base": base}).result()


def in_a_piece(folder):
    store(folder).write(f"{TABLE}/0.0", bomb(60_000)).result()


def in_pieces(folder):
    for number in range(30):
        store(folder).write(f"{TABLE}/{number}.0", bomb(2_000)).result()


def in_the_list_of_contents(folder):
    node = b"\x0c\xdb\x20\xde" + bytes(9) + b"\x01" + bomb(60_000)
    (folder / "weights" / "d" / "node").write_bytes(node)


def behind_other_bytes(folder):
    (folder / "weights" / "d" / "more").write_bytes(b"\x28\xb5" * 7 + MAGIC + bomb(60_000) + b"the end")


def in_frames_without_end(folder):
    cut = MAGIC + b"\x00\x38" + ((4 << 3).to_bytes(3, "little") + MAGIC) * 120_000
    (folder / "weights" / "d" / "more").write_bytes(cut)


BOMBS = (in_a_piece, in_pieces, in_the_list_of_contents, behind_other_bytes, in_frames_without_end)


@pytest.mark.parametrize("hide", BOMBS, ids=lambda hide: hide.__name__)
def test_weights_that_unpack_to_more_than_the_recipe_says_are_never_read(folder, hide, monkeypatch):
    hide(folder)
    sign(folder)
    for name in ("read_weights", "stored_shapes"):
        monkeypatch.setattr(f"core.saved_models.loading.{name}", lambda folder: pytest.fail("they were read"))
    with pytest.raises(DamagedModel, match=r"its weights unpack to more than its recipe says\); delete it or train"):
        load_model("one")


@pytest.mark.parametrize("path", sorted(folders.BUNDLED_MODELS.iterdir()), ids=lambda path: path.name)
def test_what_ships_unpacks_to_what_its_recipe_says(path):
    check_packing(path / "weights", 64_000_000)
    with pytest.raises(ValueError, match="unpack to more"):
        check_packing(path / "weights", 1_000_000)


def test_a_frame_is_counted_once_wherever_it_stands(folder):
    frames = b"".join(pa.compress(bytes(50_000), codec="zstd", asbytes=True) for _ in range(400))
    (folder / "weights" / "d" / "more").write_bytes(b"x" + frames + b"y")
    check_packing(folder / "weights", 20_000_000 + 15_000_000)
    with pytest.raises(ValueError, match="unpack to more"):
        check_packing(folder / "weights", 20_000_000)


CHANGES = {"another compressor": {"compressor": {"id": "zlib", "level": 9}}, "filters": {"filters": [{"id": "delta"}]}}


@pytest.mark.parametrize("changes", CHANGES.values(), ids=CHANGES)
def test_weights_that_are_packed_otherwise_are_refused(folder, changes):
    opened = store(folder)
    record = json.loads(opened.read(f"{TABLE}/.zarray").result().value)
    opened.write(f"{TABLE}/.zarray", json.dumps(record | changes).encode()).result()
    sign(folder)
    with pytest.raises(DamagedModel, match="its weights are packed in another way"):
        load_model("one")


@pytest.mark.parametrize("changes", [{"use_zarr3": True}, {"use_ocdbt": False}, {"use_ocdbt": None}])
def test_weights_in_another_form_are_refused(folder, changes):
    path = folder / "weights" / "_METADATA"
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))
    sign(folder)
    with pytest.raises(DamagedModel, match="its weights are written in another way"):
        load_model("one")


def link(path):
    path.symlink_to("/etc/hostname")


def link_to_a_folder(path):
    path.symlink_to("/etc")


def link_to_nothing(path):
    path.symlink_to("/no/such/file")


def pipe(path):
    os.mkfifo(path)


def socket_file(path):
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))


def other_name(path):
    outside = path.parents[3] / "outside"
    outside.write_text("of somebody else")
    os.link(outside, path)


@pytest.mark.parametrize("place", ["model.json", "recipe.json", "weights/d/more", "bag/encoder.json", "note"])
@pytest.mark.parametrize("make", [link, link_to_a_folder, link_to_nothing, pipe, socket_file, other_name])
def test_a_model_with_anything_but_files_in_it_is_refused_before_it_is_read(folder, make, place):
    path = folder / place
    path.parent.mkdir(exist_ok=True)
    path.unlink(missing_ok=True)
    make(path)
    assert list_models() == ()
    for read in (model_info, load_model, stored_evaluation):
        with pytest.raises(DamagedModel, match=r"no file but a link, a pipe or a device|a file that lies elsewhere"):
            read("one")


def test_a_device_is_no_file_of_a_model(folder):
    try:
        os.mknod(folder / "null", 0o20600, os.makedev(1, 3))
    except PermissionError:
        (folder / "null").symlink_to("/dev/null")
    assert list_models() == ()


def test_two_names_of_one_file_inside_a_model_are_counted_twice(folder):
    before = model_info("one").bytes
    os.link(folder / "history.json", folder / "again.json")
    assert model_info("one").bytes == before + (folder / "history.json").stat().st_size
