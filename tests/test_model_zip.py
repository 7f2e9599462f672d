"""A model as a zip: taken away, brought back the same, and refused in one sentence when it is not what it says."""

import io
import json
import shutil
import stat
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from core import folders
from core.__main__ import main
from core.config import FAMILIES
from core.errors import BadInput, UnknownName
from core.findings import global_words, save_global_words, stored_global_words
from core.findings.stored_words import check_shipped
from core.saved_models import delete_model, list_models, load_model, model_info, save_model
from core.saved_models.places import remove_leftovers
from core.saved_models.weights import fingerprint
from core.sharing import receiving
from core.sharing.archive import write_archive
from core.sharing.layout import belongs
from core.sharing.receiving import name_in, receive_archive
from tests.answers import SHIPPED
from tests.test_saved_models import TEXTS, home, save, ship  # noqa: F401
from tests.toy import CLASS_NAMES, toy_data, toy_model


@pytest.fixture(scope="module")
def packed(tmp_path_factory):
    """The zip of a toy model called one."""
    folder = tmp_path_factory.mktemp("packed")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WHYWORD_HOME", str(folder / "home"))
        save("one", "ngram")
        write_archive("one", folder / "one.zip")
    return folder / "one.zip"


@pytest.fixture(autouse=True)
def empty(home):  # noqa: F811
    """No model, in a folder of its own."""
    folders.models_folder()


def contents(path):
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def rezipped(path, files, **how):
    with zipfile.ZipFile(path, "w", **how) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def changed(packed, tmp_path, **changes):
    """The zip with some files replaced, added, or left out where the content is None."""
    files = contents(packed) | changes
    return rezipped(tmp_path / "changed.zip", {name: content for name, content in files.items() if content is not None})


def record(packed, name="model.json"):
    return json.loads(contents(packed)[f"one/{name}"])


def signed(packed, tmp_path, changes):
    """The zip with changed files and the fingerprint that belongs to them, as a forger would make it."""
    files = {name.removeprefix("one/"): content for name, content in contents(packed).items()}
    folder = tmp_path / "forged"
    for name, content in (files | changes).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    described = json.loads((folder / "model.json").read_text())
    described["fingerprint"] = fingerprint(folder, described["class_names"])
    (folder / "model.json").write_text(json.dumps(described))
    written = [path for path in folder.rglob("*") if path.is_file()]
    inside = {f"one/{path.relative_to(folder).as_posix()}": path.read_bytes() for path in written}
    return rezipped(tmp_path / "forged.zip", inside)


def refused(path, match="export the model again", name=None):
    """The one sentence that a zip is refused with; nothing is left of it."""
    with pytest.raises(BadInput, match=match) as caught:
        receive_archive(path, name)
    assert list_models() == () and [*folders.models_folder().iterdir()] == []
    sentence = str(caught.value)
    assert sentence.endswith(".") and "\n" not in sentence and str(folders.models_folder()) not in sentence
    return sentence


@pytest.mark.parametrize("family", FAMILIES)
def test_a_model_that_was_taken_away_answers_elsewhere_as_before(family, tmp_path):
    save("one", family)
    before = model_info("one")
    write_archive("one", tmp_path / "one.zip")
    delete_model("one")
    info = receive_archive(tmp_path / "one.zip")
    assert (info.name, info.fingerprint, info.test) == ("one", before.fingerprint, before.test)
    np.testing.assert_array_equal(load_model("one").predict_proba(TEXTS), toy_model(family).predict_proba(TEXTS))


@pytest.mark.parametrize("name", SHIPPED)
def test_every_file_of_the_models_that_ship_belongs_into_a_zip(name):
    folder = Path(receiving.__file__).parents[1] / "pretrained" / name
    files = [path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()]
    assert files and [file for file in files if not belongs(file)] == []


def test_what_was_found_out_goes_with_a_model(tmp_path):
    save("one")
    *_, words = global_words(toy_model("bow"), toy_data().test)
    save_global_words("one", words, toy_data().fingerprint)
    write_archive("one", tmp_path / "one.zip")
    shutil.rmtree(folders.home())
    info = receive_archive(tmp_path / "one.zip", "two")
    assert stored_global_words("two").classes == words.classes
    check_shipped(info)


def test_the_same_model_gives_the_same_zip_with_no_pickle_in_it(packed, tmp_path):
    receive_archive(packed)
    write_archive("one", tmp_path / "again.zip")
    assert (tmp_path / "again.zip").read_bytes() == packed.read_bytes()
    for name, content in contents(packed).items():
        if name.endswith(".npz"):
            with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
                assert all(arrays[key].dtype != object for key in arrays)
        assert not name.endswith((".pkl", ".pickle", ".joblib", ".msgpack"))


def test_a_zip_without_a_folder_and_one_of_a_file_manager_are_read(packed, tmp_path):
    flat = {name.removeprefix("one/"): content for name, content in contents(packed).items()}
    assert receive_archive(rezipped(tmp_path / "flat.zip", flat)).name == "flat"
    delete_model("flat")
    aside = {"__MACOSX/one/._model.json": b"x", "one/.DS_Store": b"x"}
    assert receive_archive(rezipped(tmp_path / "mac.zip", contents(packed) | aside)).name == "one"


def test_a_taken_name_asks_for_another_and_the_same_model_is_kept_once(packed):
    save("one")
    with pytest.raises(BadInput, match="a model called one already; give this one another with --name NAME"):
        receive_archive(packed)
    assert name_in(packed) == "one-2"
    assert receive_archive(packed, "two").name == "two"
    with pytest.raises(BadInput, match="very model is here already: it is called two"):
        receive_archive(packed, "three")
    with pytest.raises(BadInput, match="cannot be a model's name"):
        receive_archive(packed, "../two")


def test_no_zip_takes_the_name_of_a_model_that_ships(packed):
    ship("one")
    with pytest.raises(BadInput, match="ships with Whyword and cannot be replaced; choose another name"):
        receive_archive(packed)


def test_of_two_uploads_of_one_name_at_once_one_is_kept_whole(packed):
    def receive(_):
        try:
            return receive_archive(packed).name
        except BadInput as error:
            return str(error)

    with ThreadPoolExecutor(4) as threads:
        said = list(threads.map(receive, range(4)))
    assert said.count("one") == 1
    assert all("already" in each for each in said if each != "one")
    assert load_model("one").fingerprint == model_info("one").fingerprint
    assert [path.name for path in folders.models_folder().iterdir()] == ["one"]


@pytest.mark.parametrize(
    "name",
    [
        "../model.json",
        "one/../../x.json",
        "/etc/model.json",
        "one//model.json",
        "C:/model.json",
        "one\\..\\model.json",
        "one/weights/../../../x",
        "~/model.json",
        "one/weights/./x",
        "one/weights/a\x07b",
        "..",
        "one/..",
    ],
)
def test_a_name_that_leads_out_of_the_folder_is_refused(packed, tmp_path, name):
    refused(changed(packed, tmp_path, **{name: b"{}"}), "is no zip of a model")
    assert not (tmp_path / "x").exists() and not (folders.home() / "x.json").exists()


@pytest.mark.parametrize(
    "name",
    [
        "one/run.py",
        "one/weights.pkl",
        "one/model.pickle",
        "one/setup.cfg",
        "two/model.json",
        "one/.hidden",
        "readme.md",
        "one/weights/a/b/c/d/e",
        "one/global_words.json.exe",
        "one/MODEL.JSON2",
        "one/tokens/evil.so",
    ],
)
def test_a_foreign_file_is_refused_by_its_name(packed, tmp_path, name):
    assert "no file of a model" in refused(changed(packed, tmp_path, **{name: b"import os"}))


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFCHR, stat.S_IFIFO, stat.S_IFDIR])
def test_links_and_devices_are_refused(packed, tmp_path, kind):
    path = tmp_path / "links.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in contents(packed).items():
            archive.writestr(name, content)
        entry = zipfile.ZipInfo("one/weights/link")
        entry.create_system, entry.external_attr = 3, (kind | 0o777) << 16
        archive.writestr(entry, "/etc/passwd")
    refused(path, "a link or a device")


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("name", ["one/model.json", "one/Model.json", "one/weights/_METADATA", "one/weights/_metadata"])
def test_two_files_of_one_name_are_refused(packed, tmp_path, name):
    path = rezipped(tmp_path / "twice.zip", contents(packed))
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(name, b"{}")
    refused(path, "stands in it twice|no file of a model")


def test_a_bomb_is_refused_before_it_is_unpacked(packed, tmp_path, monkeypatch):
    zeros = {"one/weights/zeros": bytes(60_000_000)}
    path = rezipped(tmp_path / "bomb.zip", contents(packed) | zeros, compression=zipfile.ZIP_DEFLATED)
    monkeypatch.setattr(receiving, "_unpack", lambda *_: pytest.fail("it was unpacked"))
    refused(path, "unpacks to 60 MB from next to nothing")


def test_what_is_too_large_or_too_many_is_refused(packed, tmp_path, monkeypatch):
    monkeypatch.setattr(receiving, "MOST_BYTES", 1000)
    refused(packed, "unpacks to .* is the most")
    monkeypatch.setattr(receiving, "MOST_FILES", 3)
    refused(packed, "it has [0-9]+ files")


def test_what_does_not_fit_on_the_disk_or_into_memory_is_refused(packed, monkeypatch):
    usage = type(shutil.disk_usage("/"))
    monkeypatch.setattr(receiving.shutil, "disk_usage", lambda _: usage(10, 10, 10))
    refused(packed, "takes .* of disk, and 10 B are free")
    monkeypatch.undo()


def test_arrays_that_claim_more_memory_than_is_allowed_are_refused(packed, monkeypatch):
    monkeypatch.setattr(receiving, "MOST_UNPACKED", 10_000)
    refused(packed, "of memory, and 10 kB is the most")


def test_a_file_that_is_larger_than_it_says_is_refused(packed, tmp_path):
    path = rezipped(tmp_path / "lie.zip", contents(packed))
    raw = bytearray(path.read_bytes())
    start = raw.rindex(b"one/history.json") - 46  # its entry in the central directory
    assert raw[start : start + 4] == b"PK\x01\x02"
    raw[start + 24 : start + 28] = (7).to_bytes(4, "little")
    path.write_bytes(raw)
    refused(path)


@pytest.mark.parametrize("share", [0.0, 0.02, 0.3, 0.9, 0.999])
def test_a_zip_that_was_cut_off_is_refused(packed, tmp_path, share):
    whole = packed.read_bytes()
    path = tmp_path / "cut.zip"
    path.write_bytes(whole[: int(share * len(whole))])
    refused(path, "is no zip")


@pytest.mark.parametrize(
    "content", [b"", b"PK\x03\x04", b"not a zip", b"\x1f\x8b" + bytes(40), b"PK\x05\x06" + bytes(18)]
)
def test_what_is_no_zip_or_an_empty_one_is_refused(tmp_path, content):
    path = tmp_path / "odd.zip"
    path.write_bytes(content)
    refused(path, "is no zip")
    assert name_in(path) in ("", "model")


def test_a_byte_of_a_file_that_was_turned_is_found_by_the_zip(packed, tmp_path):
    raw = bytearray(packed.read_bytes())
    with zipfile.ZipFile(packed) as archive:
        entry = next(entry for entry in archive.infolist() if "test_predictions" in entry.filename)
    raw[entry.header_offset + 30 + len(entry.filename) + 40] ^= 0xFF
    path = tmp_path / "turned.zip"
    path.write_bytes(raw)
    refused(path, "is no zip, or was cut off")


@pytest.mark.parametrize("part", ["weights/manifest.ocdbt", "vocabulary.npz", "recipe.json", "calibration.json"])
def test_a_changed_file_is_found_by_its_hash(packed, tmp_path, part):
    content = bytearray(contents(packed)[f"one/{part}"])
    content[len(content) // 2] ^= 1
    refused(changed(packed, tmp_path, **{f"one/{part}": bytes(content)}), "not as it was saved|cannot be used")


@pytest.mark.parametrize("part", ["model.json", "recipe.json", "encoder.json", "history.json", "test_predictions.npz"])
def test_a_missing_file_is_told_by_its_name(packed, tmp_path, part):
    refused(changed(packed, tmp_path, **{f"one/{part}": None}), f"{part} is missing|is no zip of a model")


def test_missing_weights_are_refused(packed, tmp_path):
    files = {name: content for name, content in contents(packed).items() if "/weights/" not in name}
    refused(rezipped(tmp_path / "light.zip", files), "cannot be used")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("format", 99),
        ("format", "3"),
        ("parameters", 7),
        ("class_names", ["a", "b"]),
        ("class_names", [1, 2, 3]),
        ("class_names", "abc"),
        ("recipe", "another"),
        ("fingerprint", "0" * 12),
        ("test", {}),
        ("created", 5),
    ],
)
def test_a_record_that_cannot_be_is_refused(packed, tmp_path, field, value):
    described = record(packed) | {field: value}
    refused(changed(packed, tmp_path, **{"one/model.json": json.dumps(described)}), "cannot be used|is missing")


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b"null", b"\xff\xfe", b'{"format": 3}', b"[" * 100_000])
def test_a_record_that_is_no_record_is_refused(packed, tmp_path, content):
    refused(changed(packed, tmp_path, **{"one/model.json": content}), "cannot be used")


@pytest.mark.parametrize(
    ("part", "change"),
    [
        ("recipe.json", lambda recipe: recipe["model"].update(family="bow")),
        ("recipe.json", lambda recipe: recipe["model"].update(embed=4000, family="bow")),
        ("recipe.json", lambda recipe: recipe.update(name="another")),
        ("recipe.json", lambda recipe: recipe["model"].update(family="convnet")),
        ("recipe.json", lambda recipe: recipe["data"].update(vocabulary=10**9)),
        ("calibration.json", lambda record: record.update(temperature=0)),
        ("calibration.json", lambda record: record.update(temperature="1")),
        ("encoder.json", lambda encoder: encoder.update(kind="both")),
        ("encoder.json", lambda encoder: encoder.update(unheard_of=1)),
        ("history.json", lambda history: history[0].update(valid_loss="high")),
        ("history.json", lambda history: history[0].update(valid_accuracy=None)),
    ],
)
def test_records_that_contradict_each_other_are_refused_though_they_are_signed(packed, tmp_path, part, change):
    described = record(packed, part)
    change(described)
    refused(signed(packed, tmp_path, {part: json.dumps(described).encode()}), "cannot be used")


@pytest.mark.parametrize("dtype", [np.float64, np.int8, object, "U3"])
def test_answers_of_a_wrong_dtype_are_refused_or_harmless(packed, tmp_path, dtype):
    with np.load(io.BytesIO(contents(packed)["one/test_predictions.npz"])) as stored:
        arrays = {name: stored[name] for name in stored}
    buffer = io.BytesIO()
    np.savez_compressed(buffer, labels=arrays["labels"], probabilities=arrays["probabilities"].astype(dtype))
    path = signed(packed, tmp_path, {"test_predictions.npz": buffer.getvalue()})
    if dtype is np.float64:
        assert receive_archive(path).name == "one"
    else:
        refused(path, "cannot be used")


def test_weights_that_are_no_numbers_are_refused(tmp_path):
    from dataclasses import replace

    import jax

    from core.evaluation import evaluate

    model = toy_model("ngram")
    broken = replace(model, state=jax.tree.map(lambda leaf: leaf * np.nan, model.state))
    save_model(broken, evaluate(model, toy_data().test), name="broken")
    write_archive("broken", tmp_path / "broken.zip")
    delete_model("broken")
    refused(tmp_path / "broken.zip", "answers with what is no number")


def test_words_of_another_model_are_refused(packed, tmp_path):
    words = {"found_with": [1, "0" * 12, "0" * 12], "words": {}}
    refused(changed(packed, tmp_path, **{"one/global_words.json": json.dumps(words)}), "words are damaged")


def test_a_full_disk_leaves_nothing(packed, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(receiving, "_unpack", full)
    refused(packed, r"cannot be kept \(No space left on device\); make room")


def test_what_a_killed_upload_has_left_is_cleared_away(packed, monkeypatch):
    from core.saved_models import places

    with monkeypatch.context() as killed:
        killed.setattr(receiving.shutil, "rmtree", lambda *_, **__: None)
        killed.setattr(receiving, "_check_model", lambda _: (_ for _ in ()).throw(OSError(5, "gone")))
        with pytest.raises(BadInput):
            receive_archive(packed)
    monkeypatch.setattr(places, "_in_use", lambda *_: False)
    (left,) = folders.models_folder().iterdir()
    (left / "calibration.json").write_text("{}")  # half of it
    remove_leftovers()
    assert [*folders.models_folder().iterdir()] == []


def test_a_model_goes_from_one_command_line_to_another(packed, tmp_path, capsys, monkeypatch):
    assert main(["import", str(packed), "--name", "two", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"model": "two", "file": str(packed)}
    assert main(["export", "two", str(tmp_path / "two.zip"), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["kind"] == "zip" and told["bytes"] == (tmp_path / "two.zip").stat().st_size
    for arguments, said in (
        (["import", str(tmp_path / "none.zip")], "There is no file"),
        (["import", str(packed), "--name", "A b"], "cannot be a model's name"),
        (["import", str(packed)], "This very model is here already"),
        (["export", "none", str(tmp_path / "x.zip")], "no model called 'none'"),
        (["export", "two", str(tmp_path / "no" / "x.zip")], "There is no folder"),
        (["export", "two", str(tmp_path / "x.pkl")], "ends in .pkl"),
        (["export", "two", str(tmp_path)], "is there already"),
    ):
        assert main(arguments) == 2
        captured = capsys.readouterr()
        assert said in captured.err and captured.err.count("\n") == 1 and captured.out == ""
    with pytest.raises(UnknownName):
        write_archive("../two", tmp_path / "x.zip")
    assert model_info("two").class_names == CLASS_NAMES
