import ast
import gzip
import hashlib
import http.server
import io
import json
import pickle
import re
import subprocess
import sys
import tarfile
import threading
import zlib
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from email import message_from_string
from functools import partial
from math import ceil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import _twenty_newsgroups as sklearn_newsgroups
from sklearn.model_selection import train_test_split
from tqdm import tqdm

from core import folders
from core.datasets import (
    DATASETS,
    agnews,
    imdb,
    is_available,
    load_dataset,
    load_table,
    newsgroups,
    read_texts,
    remember_table,
    remembered_table,
)
from core.datasets.docstrings import (
    Docstring,
    balanced,
    documented,
    package_docstrings,
    split_by_module,
    without_repeats,
)
from core.datasets.splits import VALID_SHARE, held_out, held_out_groups
from core.datasets.tables import TEST_SHARE
from core.errors import BadInput, DatasetMissing, UnknownName
from core.jobs.reading import read_ahead

ROOT = Path(__file__).parents[1]
COUNTS = {"train/neg": 11, "train/pos": 13, "test/neg": 3, "test/pos": 5}
TWENTY = {"train": 3, "test": 1}


def write_tar(path, files):
    path.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(path, "w:gz") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return path


def imdb_files():
    files = {"aclImdb/README": b"Large Movie Review Dataset", "aclImdb/train/unsup/0_0.txt": b"unlabelled"}
    for folder, count in reversed(COUNTS.items()):
        for number in range(count):
            files[f"aclImdb/{folder}/{number}_1.txt"] = f"{folder} review {number}<br /><br />The end.".encode()
    return files


def newsgroups_files():
    files = {}
    for split, count in TWENTY.items():
        for group in newsgroups.TWENTY_GROUPS:
            for number in range(count):
                post = f"From: someone\nSubject: {group} {number}\n\nPost {number} of {group}.\n\n--\nSomeone"
                files[f"20news-bydate-{split}/{group}/{number}"] = post.encode()
    return files


@pytest.fixture
def small_imdb(fresh_home, tmp_path, monkeypatch):
    monkeypatch.setenv("WHYWORD_DATA", str(tmp_path / "given"))
    return write_tar(tmp_path / "given" / imdb.ARCHIVE.filename, imdb_files())


@pytest.fixture
def server(tmp_path):
    """The address of a web server on this machine and the folder that it serves."""
    folder = tmp_path / "served"
    folder.mkdir()
    handler = type("Quiet", (http.server.SimpleHTTPRequestHandler,), {"log_message": lambda *_: None})
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(handler, directory=folder)) as served:
        threading.Thread(target=served.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{served.server_port}", folder
        served.shutdown()


def publish(monkeypatch, module, server, files, algorithm):
    """Serves an archive in the place of the real one."""
    address, folder = server
    path = write_tar(folder / module.ARCHIVE.filename, files)
    checksum = f"{algorithm}:{hashlib.new(algorithm, path.read_bytes()).hexdigest()}"
    archive = replace(module.ARCHIVE, url=f"{address}/{path.name}", checksum=checksum, bytes=path.stat().st_size)
    monkeypatch.setattr(module, "ARCHIVE", archive)
    return archive


def sentence(error):
    """The message of an error, which has to be one sentence on one line."""
    message = str(error.value)
    assert message.endswith(".") and "\n" not in message and "Traceback" not in message
    return message


# The catalogue


def test_the_catalogue_describes_each_data_set_by_its_own_name():
    assert sorted(DATASETS) == [
        "ag-news",
        "docstrings",
        "imdb",
        "newsgroups",
        "newsgroups-stripped",
        "newsgroups20",
        "newsgroups20-stripped",
    ]
    assert all(spec.name == name and spec.summary and spec.licence for name, spec in DATASETS.items())
    assert len(DATASETS["newsgroups20"].class_names) == 20


def test_an_unknown_data_set_lists_the_known_ones():
    with pytest.raises(UnknownName, match=r"Did you mean newsgroups\?.*docstrings, imdb"):
        load_dataset("newsgroup")
    with pytest.raises(UnknownName, match="data set"):
        is_available("")


def test_docstrings_need_no_network_and_downloads_are_not_there_yet(fresh_home):
    assert [name for name in DATASETS if is_available(name)] == ["docstrings"]
    assert not fresh_home.exists()


@pytest.mark.parametrize("name", sorted(set(DATASETS) - {"docstrings"}))
def test_a_data_set_that_is_not_there_says_where_to_get_it_and_where_to_put_it(fresh_home, name):
    with pytest.raises(DatasetMissing) as error:
        load_dataset(name, download=False)
    archive = {"imdb": imdb.ARCHIVE, "ag-news": agnews.TRAIN}.get(name, newsgroups.ARCHIVE)
    assert archive.url in sentence(error)
    assert str(fresh_home / "datasets" / archive.filename) in sentence(error)


# IMDB


def test_imdb_is_read_from_the_archive_in_the_order_of_its_paths(small_imdb):
    data = load_dataset("imdb", download=False)
    assert data.class_names == ("negative", "positive")
    assert [len(split) for split in data.splits.values()] == [21, 3, 8]
    assert data.test.texts[0] == "test/neg review 0\n\nThe end."
    assert data.test.labels.tolist() == [0] * 3 + [1] * 5
    assert data.test.labels.dtype == np.int32


def test_imdb_is_read_from_the_disk_the_second_time(small_imdb, fresh_home):
    first = load_dataset("imdb")
    (kept,) = (fresh_home / "datasets").glob("*")
    written = kept.stat().st_mtime_ns
    assert load_dataset("imdb").fingerprint == first.fingerprint
    assert kept.stat().st_mtime_ns == written


def test_an_archive_is_read_in_another_process_while_this_one_has_not_loaded_jax(small_imdb, fresh_home, monkeypatch):
    def kept():
        return sorted((fresh_home / "datasets").glob("imdb-*.parquet"))

    monkeypatch.setitem(sys.modules, "jax", None)
    with read_ahead("imdb"):
        pass
    monkeypatch.delitem(sys.modules, "jax")
    with read_ahead("no such data set"):
        pass
    assert kept() == []
    with read_ahead("imdb"):
        pass
    (file,) = kept()
    written = file.stat().st_mtime_ns
    load_dataset("imdb")
    assert [path.stat().st_mtime_ns for path in kept()] == [written]


def test_another_archive_replaces_what_was_kept_of_the_first(small_imdb, fresh_home):
    first = load_dataset("imdb")
    write_tar(small_imdb, imdb_files() | {"aclImdb/test/pos/99_9.txt": b"One more."})
    assert len(load_dataset("imdb").test) == len(first.test) + 1
    assert len(list((fresh_home / "datasets").iterdir())) == 1


def test_a_damaged_kept_file_is_read_anew(small_imdb, fresh_home):
    first = load_dataset("imdb")
    (kept,) = (fresh_home / "datasets").glob("*")
    kept.write_bytes(b"PAR1 but not for long")
    assert load_dataset("imdb").fingerprint == first.fingerprint


def test_a_folder_that_cannot_be_written_to_is_no_obstacle(small_imdb, fresh_home):
    fresh_home.write_text("a file where a folder should be")
    assert len(load_dataset("imdb").train) == 21


def test_line_breaks_and_control_characters_of_a_review_are_mended():
    raw = " One.<br /><br />Two.<br />Three\x85 <br /> <br /><br /><br /> four \x96 five\x08\x8d<br />"
    assert imdb.clean_review(raw) == "One.\n\nTwo.\nThree…\n\nfour – five"


@pytest.mark.parametrize("damage", ["cut", "not a tar", "not gzip", "empty"])
def test_a_damaged_archive_is_a_sentence(small_imdb, damage):
    whole = small_imdb.read_bytes()
    contents = {"cut": whole[: len(whole) // 2], "not a tar": gzip.compress(b"x" * 999), "not gzip": b"PK" * 99}
    small_imdb.write_bytes(contents.get(damage, b""))
    with pytest.raises(DatasetMissing) as error:
        load_dataset("imdb")
    assert str(small_imdb) in sentence(error)


def test_an_archive_without_positive_reviews_is_refused(small_imdb):
    write_tar(small_imdb, {name: text for name, text in imdb_files().items() if "pos" not in name})
    with pytest.raises(DatasetMissing, match="reviews of both classes"):
        load_dataset("imdb")


def test_a_class_with_a_single_document_is_named(small_imdb):
    files = {name: text for name, text in imdb_files().items() if "train/pos" not in name}
    write_tar(small_imdb, files | {"aclImdb/train/pos/0_9.txt": b"The only one."})
    with pytest.raises(BadInput, match="'positive' has a single document") as error:
        load_dataset("imdb")
    sentence(error)


# Downloads


def test_imdb_is_downloaded_verified_and_read_with_a_progress_bar(fresh_home, server, monkeypatch):
    archive = publish(monkeypatch, imdb, server, imdb_files(), "md5")
    with tqdm(file=io.StringIO(), unit="B") as bar:
        data = load_dataset("imdb", progress=bar)
    assert len(data.test) == 8
    assert bar.total == bar.n == archive.bytes
    assert (fresh_home / "datasets" / archive.filename).is_file()
    assert is_available("imdb")


def test_a_download_with_another_checksum_is_not_kept(fresh_home, server, monkeypatch):
    archive = publish(monkeypatch, imdb, server, imdb_files(), "md5")
    monkeypatch.setattr(imdb, "ARCHIVE", replace(archive, checksum="md5:" + "0" * 32))
    with pytest.raises(DatasetMissing) as error:
        load_dataset("imdb")
    assert archive.url in sentence(error)
    assert not list((fresh_home / "datasets").iterdir())


def test_a_file_placed_by_hand_must_have_the_published_checksum(fresh_home):
    write_tar(fresh_home / "datasets" / imdb.ARCHIVE.filename, imdb_files())
    with pytest.raises(DatasetMissing, match="not on this machine"):
        load_dataset("imdb", download=False)


def test_a_failed_download_says_nothing_but_its_sentence(fresh_home):
    code = """
from dataclasses import replace
from core.datasets import imdb, load_dataset
from core.errors import DatasetMissing
imdb.ARCHIVE = replace(imdb.ARCHIVE, url="http://127.0.0.1:1/nobody-listens")
try:
    load_dataset("imdb")
except DatasetMissing as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert (done.stdout.count("\n"), done.stderr) == (1, "")


@pytest.mark.parametrize("content", [b"", b"<html>Not found</html>"])
def test_what_is_no_archive_does_not_count_as_there(fresh_home, content):
    (fresh_home / "datasets").mkdir(parents=True)
    (fresh_home / "datasets" / imdb.ARCHIVE.filename).write_bytes(content)
    assert not is_available("imdb")


@pytest.mark.parametrize(("name", "module"), [("imdb", imdb), ("newsgroups", newsgroups)])
def test_without_a_network_the_sentence_names_the_address(fresh_home, monkeypatch, name, module):
    monkeypatch.setattr(module, "ARCHIVE", replace(module.ARCHIVE, url="http://127.0.0.1:1/nobody-listens"))
    with pytest.raises(DatasetMissing) as error:
        load_dataset(name)
    assert "download http://127.0.0.1:1/nobody-listens and place it as" in sentence(error)


# AG News


@pytest.fixture
def small_ag_news(fresh_home, tmp_path, monkeypatch):
    folder = tmp_path / "given"
    folder.mkdir()
    monkeypatch.setenv("WHYWORD_DATA", str(folder))
    for archive, rows in ((agnews.TRAIN, 12), (agnews.TEST, 3)):
        lines = [
            f'"{kind}","Title {row}, ""so""","Of kind\\{kind} for  #36;{row}"'
            for kind in (1, 2, 3, 4)
            for row in range(rows)
        ]
        (folder / archive.filename).write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def test_ag_news_is_a_headline_and_what_stands_below_it(small_ag_news):
    data = load_dataset("ag-news", download=False)
    assert data.class_names == ("World", "Sports", "Business", "Sci/Tech")
    assert [len(split) for split in data.splits.values()] == [43, 5, 12]
    assert data.test.texts[4] == 'Title 1, "so"\nOf kind 2 for $1'
    np.testing.assert_array_equal(data.test.labels, np.repeat(np.arange(4), 3))


def test_ag_news_needs_both_of_its_files(small_ag_news):
    assert is_available("ag-news")
    (small_ag_news / agnews.TEST.filename).unlink()
    assert not is_available("ag-news")
    with pytest.raises(DatasetMissing) as error:
        load_dataset("ag-news", download=False)
    assert agnews.TEST.url in sentence(error)


@pytest.mark.parametrize("damage", [b"<html>Not found</html>", b'"9","a","b"\n', b"\xff\xfe"])
def test_a_damaged_file_of_ag_news_is_a_sentence(small_ag_news, damage):
    (small_ag_news / agnews.TEST.filename).write_bytes(damage)
    with pytest.raises(DatasetMissing, match="is damaged") as error:
        load_dataset("ag-news")
    assert agnews.TEST.filename in sentence(error)


# Newsgroups


@pytest.fixture
def small_newsgroups(fresh_home, server, monkeypatch):
    archive = publish(monkeypatch, newsgroups, server, newsgroups_files(), "sha256")
    checksum = archive.checksum.removeprefix("sha256:")
    monkeypatch.setattr(sklearn_newsgroups, "ARCHIVE", sklearn_newsgroups.ARCHIVE._replace(checksum=checksum))
    return fresh_home / "datasets"


def test_newsgroups_are_downloaded_once_and_turned_into_scikit_learns_file(small_newsgroups, server):
    four, twenty = load_dataset("newsgroups"), load_dataset("newsgroups20")
    (server[1] / newsgroups.ARCHIVE.filename).unlink()
    assert four.class_names == newsgroups.FOUR_GROUPS
    assert [len(split) for split in four.splits.values()] == [8, 4, 4]
    assert [len(split) for split in twenty.splits.values()] == [40, 20, 20]
    assert (small_newsgroups / newsgroups.SKLEARN_CACHE).is_file()
    assert len(load_dataset("newsgroups20-stripped").train) == 40


def test_stripped_posts_have_no_header_and_no_signature(small_newsgroups):
    stripped, whole = load_dataset("newsgroups-stripped").test, load_dataset("newsgroups").test
    groups = [whole.class_names[label] for label in whole.labels]
    assert [text.strip() for text in stripped.texts] == [f"Post 0 of {group}." for group in groups]
    assert all(text.startswith("From: someone\nSubject: ") for text in whole.texts)
    assert stripped.labels.tolist() == whole.labels.tolist()


def test_a_damaged_newsgroups_file_is_a_sentence_and_prints_nothing(fresh_home, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("WHYWORD_DATA", str(tmp_path))
    (tmp_path / newsgroups.SKLEARN_CACHE).write_bytes(b"not a pickle")
    with pytest.raises(DatasetMissing) as error:
        load_dataset("newsgroups", download=False)
    assert newsgroups.SKLEARN_CACHE in sentence(error)
    assert capsys.readouterr().out == ""


class Acting:
    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return open, (str(self.path), "w")


def test_a_newsgroups_file_that_would_act_is_never_run(fresh_home, tmp_path, monkeypatch):
    monkeypatch.setenv("WHYWORD_DATA", str(tmp_path))
    posts = {"train": Acting(tmp_path / "sprung"), "test": {}}
    (tmp_path / newsgroups.SKLEARN_CACHE).write_bytes(zlib.compress(pickle.dumps(posts)))
    with pytest.raises(DatasetMissing, match="is damaged; remove it, then download"):
        load_dataset("newsgroups", download=False)
    assert not (tmp_path / "sprung").exists()


def test_a_newsgroups_file_that_unpacks_to_gigabytes_is_not_unpacked(fresh_home, tmp_path, monkeypatch):
    monkeypatch.setenv("WHYWORD_DATA", str(tmp_path))
    packer = zlib.compressobj()
    packed = b"".join(packer.compress(bytes(10_000_000)) for _ in range(25)) + packer.flush()
    (tmp_path / newsgroups.SKLEARN_CACHE).write_bytes(packed)
    with pytest.raises(DatasetMissing, match="is damaged"):
        load_dataset("newsgroups", download=False)


def test_threads_that_read_newsgroups_leave_stdout_as_it_was(fresh_home, tmp_path, monkeypatch):
    monkeypatch.setenv("WHYWORD_DATA", str(tmp_path))
    (tmp_path / newsgroups.SKLEARN_CACHE).write_bytes(b"not a pickle")
    before = sys.stdout
    with ThreadPoolExecutor(8) as threads:
        errors = [threads.submit(load_dataset, "newsgroups", download=False).exception for _ in range(200)]
    assert {type(error()) for error in errors} == {DatasetMissing}
    assert sys.stdout is before


# Docstrings

PROSE = (
    "Walk along the long and winding road until the old mill comes into sight then turn left and follow the river down"
)
SOURCE = f'''
"""Module documentation is not taken: {PROSE}."""
from .other import Offered

def public():
    """Function. {PROSE}."""

def _private():
    """Private. {PROSE}."""

async def short():
    """Too short to be of use."""

class Thing:
    """Class. {PROSE}."""

    def method(self):
        """Method.

            {PROSE}.
        """

    def __call__(self):
        """Special. {PROSE}."""

def template():
    """Template. {PROSE}.
    %(parameters)s
    """
'''


def test_docstrings_of_public_functions_classes_and_methods_are_taken():
    found = list(documented(ast.parse(SOURCE)))
    assert [text.split(".")[0] for _, text in found] == ["Function", "Class", "Method"]
    assert found[2] == ({"Thing", "method"}, f"Method.\n\n{PROSE}.")


def test_tests_vendored_generated_and_broken_files_are_left_out(tmp_path):
    package = tmp_path / "walks"
    for name in ("sub/good.py", "tests/test_good.py", "_vendor/copy.py"):
        (package / name).parent.mkdir(parents=True, exist_ok=True)
        (package / name).write_text(SOURCE)
    (package / "made.py").write_text(f"# THIS FILE IS AUTO-GENERATED\n{SOURCE}")
    (package / "broken.py").write_text(f"{SOURCE}\ndef (")
    (package / "binary.py").write_bytes(b'\0\xff"""')
    (package / "__init__.py").write_text("from walks.sub.good import Thing")
    docs = package_docstrings("walks", package)
    assert {doc.module for doc in docs} == {"walks/sub/good.py"}
    assert [doc.exported for doc in docs] == [False, True, True]


def doc(text, package="walks", module="walks/roads.py", exported=False):
    return Docstring(package, module, exported, text)


def test_repeats_are_left_out_and_the_exported_one_stays():
    near = PROSE.replace("old mill", "new mill") + " again"
    other = " ".join(reversed(PROSE.split()))
    assert without_repeats([doc(near), doc(PROSE, exported=True), doc(other)]) == [
        doc(PROSE, exported=True),
        doc(other),
    ]


def test_a_large_package_gives_three_times_the_smallest_from_all_its_modules():
    large = [doc(f"{module} {number}", "large", f"large/{module}.py") for module in "abcd" for number in range(100)]
    small = [doc(str(number), "small", "small/a.py") for number in range(51)]
    tiny = [doc("alone", "tiny", "tiny/a.py")]
    chosen = balanced(large + small + tiny)
    assert Counter(doc.package for doc in chosen) == {"large": 153, "small": 51}
    assert sorted(Counter(doc.module for doc in chosen if doc.package == "large").values()) == [38, 38, 38, 39]


def test_exported_docstrings_are_chosen_first():
    large = [doc(str(number), "large", exported=number % 4 == 0) for number in range(400)]
    small = [doc(str(number), "small") for number in range(50)]
    chosen = [doc for doc in balanced(large + small) if doc.package == "large"]
    assert sum(doc.exported for doc in chosen) == 100
    assert len(chosen) == 150


def test_without_packages_the_docstrings_say_what_to_install():
    with pytest.raises(DatasetMissing, match=r"requirements\.txt") as error:
        balanced([])
    sentence(error)


def test_a_module_stands_in_one_part_only_and_a_new_module_moves_few():
    docs = [doc(f"{module} {number}", module=f"walks/{module}.py") for module in range(80) for number in range(7)]
    before = split_by_module(docs)
    after = split_by_module([doc("new", module="walks/new.py"), *docs])
    parts = Counter(before.splits)
    assert parts["test"] == 112 and parts["valid"] == 56
    homes = {(doc.module, split) for doc, split in zip(docs, before.splits, strict=True)}
    assert len(homes) == 80
    assert sum(one != two for one, two in zip(before.splits, after.splits[1:], strict=True)) < 0.1 * len(docs)


@pytest.fixture(scope="module")
def docstrings():
    return load_dataset("docstrings", download=False)


def test_the_docstrings_of_this_machine_are_enough_balanced_and_in_every_part(docstrings):
    counts = {name: np.bincount(split.labels, minlength=1) for name, split in docstrings.splits.items()}
    assert {"numpy", "scipy", "scikit-learn", "pandas", "jax", "plotly", "streamlit"} <= set(docstrings.class_names)
    total = sum(counts.values())
    assert total.sum() >= 4000
    assert total.max() <= 3 * total.min()
    assert all((count > 0).all() for count in counts.values())
    assert 0.18 < counts["test"].sum() / total.sum() < 0.22
    assert 0.08 < counts["valid"].sum() / total.sum() < 0.12


def test_no_docstring_is_short_repeated_or_a_template(docstrings):
    texts = [text for split in docstrings.splits.values() for text in split.texts]
    assert len(set(texts)) == len(texts)
    assert min(len(re.findall("[A-Za-z]+", text)) for text in texts) >= 20
    assert not [text for text in texts if re.search(r"%\(\w+\)s", text)]


# Tables


def rows_of(count, classes=("ham", "spam")):
    return [{"text": f"{name} text number {number}", "label": name} for name in classes for number in range(count)]


def write_table(path, rows):
    frame = pd.DataFrame(rows, dtype=object)
    if path.suffix == ".parquet":
        frame.to_parquet(path)
    elif path.suffix in (".jsonl", ".ndjson"):
        path.write_text("\n".join(json.dumps(row) for row in rows))
    else:
        frame.to_csv(path, index=False, sep="\t" if path.suffix.lower() == ".tsv" else ",")
    return path


@pytest.mark.parametrize("ending", [".csv", ".TSV", ".tsv", ".parquet", ".jsonl", ".ndjson"])
def test_a_table_becomes_the_same_data_set_in_every_format(tmp_path, ending):
    rows = rows_of(39, ["ham"]) + rows_of(20, ["spam"])
    data = load_table(write_table(tmp_path / f"my mails{ending}", rows), "text", "label")
    reference = load_table(write_table(tmp_path / "reference.csv", rows), "text", "label")
    assert data.name == "my-mails"
    assert data.class_names == ("ham", "spam")
    assert [np.bincount(split.labels).tolist() for split in data.splits.values()] == [[28, 14], [3, 2], [8, 4]]
    assert data.fingerprint == reference.fingerprint


def test_numbers_are_labels_in_their_own_order_also_beside_missing_ones(tmp_path):
    frame = pd.DataFrame({"text": [f"text {n}" for n in range(45)], "stars": [1, 2, 10] * 15}).astype(
        {"stars": "Int64"}
    )
    frame.loc[0, "stars"] = None
    frame.to_parquet(tmp_path / "stars.parquet")
    data = load_table(tmp_path / "stars.parquet", "text", "stars")
    assert data.class_names == ("1", "2", "10")
    assert sum(map(len, data.splits.values())) == 44


def test_rows_without_text_or_label_and_repeated_texts_are_left_out(tmp_path):
    extra = [{"text": "", "label": "ham"}, {"text": "no label", "label": None}, {"text": " ", "label": "ham"}]
    extra += [{"text": "ham text number 0", "label": "spam"}, {"text": "padded", "label": " ham "}]
    data = load_table(write_table(tmp_path / "t.jsonl", rows_of(20) + extra), "text", "label")
    texts = [text for split in data.splits.values() for text in split.texts]
    assert sorted(texts) == sorted({row["text"] for row in rows_of(20)} | {"padded"})
    assert data.left_out == 4


def mails(tmp_path, ending=".csv", **columns):
    """A table with other columns, each given by what it holds in a row; every seventh text is the one before it."""
    rows = [row | {name: value(place) for name, value in columns.items()} for place, row in enumerate(rows_of(57))]
    for place in range(7, len(rows), 7):
        rows[place]["text"] = rows[place - 1]["text"]
    rows[3]["text"] = rows[5]["label"] = ""
    return load_table(write_table(tmp_path / f"mails{ending}", rows), "text", "label")


@pytest.mark.parametrize("ending", [".csv", ".tsv", ".parquet", ".jsonl"])
def test_other_columns_stay_beside_their_documents(tmp_path, ending):
    data = mails(tmp_path, ending, shop=lambda row: f" shop {row % 5}", stars=lambda row: row % 11 + 1)
    assert data.left_out > 2 and data.fingerprint == mails(tmp_path, ending).fingerprint
    for split in data.splits.values():
        rows = [57 * text.startswith("spam") + int(text.rpartition(" ")[2]) for text in split.texts]
        assert split.columns["shop"].tolist() == [f"shop {row % 5}" for row in rows]
        assert split.columns["stars"].dtype == float
        assert split.columns["stars"].tolist() == [row % 11 + 1 for row in rows]
        with pytest.raises(ValueError, match="read-only"):
            split.columns["stars"][0] = 0


def test_the_rows_of_a_table_with_an_index_of_its_own_keep_their_columns(tmp_path):
    frame = pd.DataFrame(rows_of(23)).assign(half=lambda frame: frame.index % 2)
    frame.set_index(np.zeros(len(frame), int)).to_parquet(tmp_path / "t.parquet")
    data = load_table(tmp_path / "t.parquet", "text", "label")
    numbers = [23 * text.startswith("spam") + int(text.rpartition(" ")[2]) for text in data.train.texts]
    assert data.train.columns["half"].tolist() == [number % 2 for number in numbers]


def test_columns_are_numbers_dates_or_texts_and_may_have_gaps(tmp_path):
    columns = mails(
        tmp_path,
        price=lambda row: "" if row % 3 == 0 else row / 8,
        day=lambda row: "" if row % 3 == 0 else f"2021-03-{row % 28 + 1:02}",
        code=lambda row: "" if row % 3 == 0 else f"{row % 4}b",
        word=lambda row: "now" if row % 4 else "today",
    ).train.columns
    kinds = {name: values.dtype.kind for name, values in columns.items()}
    assert kinds == {"price": "f", "day": "M", "code": "O", "word": "O"}
    for name in ("price", "day", "code"):
        assert (pd.isna(columns[name]) == pd.isna(columns["price"])).all() and pd.isna(columns[name]).any()


def test_columns_that_put_no_documents_together_are_left_out(tmp_path):
    data = mails(
        tmp_path,
        ".jsonl",
        number=lambda row: row,
        address=lambda row: f"https://example.org/{row}",
        same=lambda row: "mail",
        empty=lambda row: None,
        tags=lambda row: ["a", "b"],
        share=lambda row: row / 113,
        minute=lambda row: f"2021-03-01T10:{row % 60:02}:{row // 60:02}+02:00",
    )
    assert set(data.test.columns) == {"share", "minute"}
    assert str(data.test.columns["minute"].min()).startswith("2021-03-01T08:")


def test_a_wide_table_keeps_its_first_columns(tmp_path):
    many = {f"part {number}": lambda row, number=number: (row + number) % 3 for number in range(31)}
    assert list(mails(tmp_path, **many).test.columns) == [f"part {number}" for number in range(20)]


def test_words_for_missing_values_are_texts_and_labels_like_others(tmp_path):
    data = load_table(write_table(tmp_path / "t.csv", rows_of(20, ("NA", "null"))), "text", "label")
    assert data.class_names == ("NA", "null")


def test_a_table_with_semicolons_and_a_byte_order_mark_is_read(tmp_path):
    path = tmp_path / "t.csv"
    lines = ["text;label", *(f'"{row["text"]}; yes, really\nwith two lines";{row["label"]}' for row in rows_of(12))]
    path.write_text("\n".join(lines), encoding="utf-8-sig")
    data = load_table(path, "text", "label")
    assert "ham text number 0; yes, really\nwith two lines" in {*data.train.texts, *data.valid.texts, *data.test.texts}


def test_any_text_survives_a_table(tmp_path):
    odd = [
        "<script>alert(1)</script>",
        "<|endoftext|>",
        "🙂",
        "שלום עולם",
        "a\0b",
        "half \ud83d character",
        "x" * 10**6,
    ]
    rows = rows_of(20) + [{"text": text, "label": "ham"} for text in odd]
    data = load_table(write_table(tmp_path / "t.jsonl", rows), "text", "label")
    texts = {text for split in data.splits.values() for text in split.texts}
    assert {*odd, "half ? character"} - texts == {"half \ud83d character"}


def test_a_name_of_a_table_is_made_fit_for_a_folder(tmp_path):
    path = write_table(tmp_path / "t.csv", rows_of(12))
    assert load_table(path, "text", "label", name="../Ünder the \0 hill").name == "Ünder-the-hill"
    assert load_table(path, "text", "label", name="///").name == "table"
    assert load_table(path, "text", "label", name="imdb").name == "imdb-table"


def test_a_table_is_found_again_where_it_was(tmp_path, fresh_home, monkeypatch):
    monkeypatch.chdir(write_table(tmp_path / "mails.csv", rows_of(23)).parent)
    data = load_table("mails.csv", "text", "label", name="imdb")
    remember_table(data, "mails.csv", "text", "label")
    monkeypatch.chdir("/")
    found = remembered_table(data.fingerprint)
    assert (found.name, found.fingerprint) == ("imdb-table", data.fingerprint)
    assert found.test.texts == data.test.texts


@pytest.mark.parametrize("became", ["gone", "changed", "broken", "unknown", "garbled note"])
def test_a_table_that_is_no_longer_the_same_is_not_taken_for_it(tmp_path, fresh_home, became):
    path = write_table(tmp_path / "mails.csv", rows_of(23))
    data = load_table(path, "text", "label")
    remember_table(data, path, "text", "label")
    if became == "gone":
        path.unlink()
    elif became == "changed":
        write_table(path, rows_of(24))
    elif became == "broken":
        path.write_bytes(b"\xff\xfe\x00")
    elif became == "garbled note":
        (folders.datasets_folder() / "tables" / f"{data.fingerprint}.json").write_text("[1]")
    with pytest.raises(BadInput, match="no longer where it was"):
        remembered_table("0" * 12 if became == "unknown" else data.fingerprint)


def test_a_home_that_cannot_be_written_to_remembers_nothing_and_is_no_error(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("WHYWORD_HOME", str(tmp_path / "file"))
    path = write_table(tmp_path / "mails.csv", rows_of(23))
    remember_table(load_table(path, "text", "label"), path, "text", "label")


def csv(rows):
    return pd.DataFrame(rows).to_csv(index=False).encode()


BAD_TABLES = {
    "an unknown ending": ("t.docx", b"", r"endings \.csv, \.tsv, \.parquet"),
    "an empty file": ("t.csv", b"", "cannot be read as a table"),
    "a heading alone": ("t.csv", b"text,label\n", "has no rows"),
    "an empty file of JSON lines": ("t.jsonl", b"\n", "has no rows"),
    "another encoding": ("t.csv", np.random.default_rng(0).bytes(999), "is not UTF-8"),
    "another encoding of JSON": ("t.jsonl", np.random.default_rng(0).bytes(999), "is not UTF-8"),
    "rows of different lengths": ("t.csv", b"text,label\na,b\nc,d,e,f\n", "cannot be read as a table"),
    "a quote that is never closed": ("t.csv", b'text,label\n"a,b\nc,d\n', "cannot be read as a table"),
    "broken JSON": ("t.jsonl", b'{"text": ', "cannot be read as a table"),
    "JSON that is no object": ("t.jsonl", b"[1, 2]", "line 1 is not an object"),
    "half a character in a column's name": ("t.jsonl", b'{"\\ud83d": 1}', "is not UTF-8"),
    "no Parquet": ("t.parquet", b"PAR1", "cannot be read as a table"),
    "another column": ("t.csv", b"body,label\na,b\n", "no column 'text'; the columns are: body, label"),
    "lists for texts": ("t.jsonl", b'{"text": ["a"], "label": "b"}', "holds list values"),
    "one class": ("t.csv", csv(rows_of(20, ("a",))), "1 different label; choose"),
    "1,001 classes": ("t.csv", csv(rows_of(2, map(str, range(1001)))), "1,001 different labels"),
    "a rare class": ("t.csv", csv(rows_of(20) + rows_of(1, ("odd",))), "'odd' has 1 different text;"),
    "a line break in a class": ("t.csv", csv(rows_of(20, ("a", "b\nc"))), "cannot name a class"),
    "too many fields in the first row": ("t.csv", b"text,label\na, b,c\nd,e\n", "first row has 3 fields instead of 2"),
    "too many fields in all rows": ("t.tsv", b"text\tlabel\na\tb\tc\n", "put texts with tabs in double quotes"),
    "too many fields in a later row": ("t.csv", b"text;label\na;b\nc;d;e\n", "line 3 has 3 .* texts with semicolons"),
    "JSON that is nested too deeply": ("t.jsonl", b"[" * 200_000, "line 1 is nested too deeply"),
    "a long class": ("t.csv", csv(rows_of(20, ("a", "b" * 201))), "cannot name a class"),
}


@pytest.mark.parametrize("case", BAD_TABLES)
def test_a_bad_table_is_a_sentence(tmp_path, case):
    name, content, message = BAD_TABLES[case]
    (tmp_path / name).write_bytes(content)
    with pytest.raises(BadInput, match=message) as error:
        load_table(tmp_path / name, "text", "label")
    sentence(error)


def test_a_table_that_is_not_there_is_a_sentence(tmp_path):
    with pytest.raises(BadInput, match="no file") as error:
        load_table(tmp_path / "t.csv", "text", "label")
    sentence(error)
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(BadInput, match="cannot be read"):
        load_table(tmp_path / "folder.csv", "text", "label")


def test_a_hundred_small_classes_stand_in_every_part(tmp_path):
    data = load_table(write_table(tmp_path / "t.csv", rows_of(10, map(str, range(100)))), "text", "label")
    assert [len(split) for split in data.splits.values()] == [700, 100, 200]
    assert {len(set(split.labels.tolist())) for split in data.splits.values()} == {100}


def test_texts_to_predict_keep_every_row_and_column(tmp_path):
    (tmp_path / "t.csv").write_text("id,body\n7,one\n8,\n9,NA\n")
    frame, column = read_texts(tmp_path / "t.csv", "body")
    assert column == "body"
    assert frame["body"].tolist() == ["one", "", "NA"]
    assert frame["id"].tolist() == ["7", "8", "9"]


@pytest.mark.parametrize("ending", [".csv", ".tsv"])
def test_a_blank_line_of_a_single_column_is_an_empty_text(tmp_path, ending):
    (tmp_path / f"t{ending}").write_text("\n\nbody\none\n\ntwo\n\n")
    frame, column = read_texts(tmp_path / f"t{ending}")
    assert (column, frame["body"].tolist()) == ("body", ["one", "", "two", ""])


def test_an_object_without_a_text_is_an_empty_text(tmp_path):
    (tmp_path / "t.jsonl").write_text('{}\n{"text": "one"}\n{"id": 3}\n{}\n')
    frame, column = read_texts(tmp_path / "t.jsonl", "text")
    assert frame[column].tolist() == ["", "one", "", ""]


def test_a_text_with_a_comma_and_no_quotes_is_refused_also_to_predict(tmp_path):
    (tmp_path / "t.csv").write_text("text\nbread, soup\nrain\n")
    with pytest.raises(BadInput, match="put texts with commas in double quotes") as error:
        read_texts(tmp_path / "t.csv")
    sentence(error)


def test_rows_that_end_in_a_separator_lose_nothing(tmp_path):
    (tmp_path / "t.csv").write_text("id,text\n7,one,\n8,two,\n")
    frame, _ = read_texts(tmp_path / "t.csv")
    assert frame.to_dict("list") == {"id": ["7", "8"], "text": ["one", "two"]}


def test_the_column_of_texts_is_found_when_it_is_called_text_or_the_only_one(tmp_path):
    (tmp_path / "only.csv").write_text("body\none\n")
    (tmp_path / "many.csv").write_text("id,text\n1,one\n")
    (tmp_path / "none.csv").write_text("id,body\n1,one\n")
    assert [read_texts(tmp_path / name)[1] for name in ("only.csv", "many.csv")] == ["body", "text"]
    with pytest.raises(BadInput, match="the columns are: id, body"):
        read_texts(tmp_path / "none.csv")


# Splits


def test_what_is_held_out_is_stratified_and_the_same_every_time():
    labels = ["a"] * 50 + ["b"] * 20
    chosen = held_out(labels, 0.1)
    assert Counter(labels[position] for position in chosen) == {"a": 5, "b": 2}
    assert chosen.tolist() == sorted(held_out(labels, 0.1).tolist())


def test_what_is_held_out_is_what_scikit_learn_holds_out():
    rng = np.random.default_rng(9)
    for _ in range(60):
        counts = np.maximum(2, rng.geometric(1 / 30, rng.integers(1, 25)))
        labels = rng.permutation(np.repeat(np.arange(len(counts)), counts))
        size = max(ceil(VALID_SHARE * len(labels)), len(counts))
        _, chosen = train_test_split(np.arange(len(labels)), test_size=size, stratify=labels, random_state=0)
        if len({*labels[chosen]}) == len(counts):  # else a class that it passes over gets a row
            assert held_out([f"{label:02}" for label in labels], VALID_SHARE).tolist() == sorted(chosen)


def test_two_documents_a_class_are_enough_to_hold_one_out():
    assert sorted(position // 2 for position in held_out(list("aabbcc"), 0.1)) == [0, 1, 2]


def test_classes_of_ten_documents_stand_in_every_part_beside_any_others():
    rng = np.random.default_rng(8)
    for _ in range(300):
        sizes = rng.choice([10, 11, 13, 40, 900], rng.integers(2, 30))
        labels = rng.permutation(np.repeat([f"class {i}" for i in range(len(sizes))], sizes)).tolist()
        test = set(held_out(labels, TEST_SHARE).tolist())
        rest = [label for row, label in enumerate(labels) if row not in test]
        valid = set(held_out(rest, VALID_SHARE).tolist())
        parts = [{labels[row] for row in test}, {rest[row] for row in valid}]
        parts.append({label for row, label in enumerate(rest) if row not in valid})
        assert [len(part) for part in parts] == [len(sizes)] * 3
        assert len(test) == max(ceil(TEST_SHARE * len(labels)), len(sizes))


def groups_split(groups, chosen):
    """How many groups stand on both sides."""
    return len({groups[row] for row in chosen} & {group for row, group in enumerate(groups) if row not in set(chosen)})


def test_whole_groups_are_held_out_near_the_share_and_stratified():
    rng = np.random.default_rng(4)
    groups = [f"thread {number}" for number in rng.integers(0, 300, 2000) ** 2 // 300]  # of very different sizes
    class_of = {group: rng.choice(["a", "b", "c"], p=[0.6, 0.3, 0.1]) for group in sorted(set(groups))}
    labels = [class_of[group] if rng.random() < 0.9 else "b" for group in groups]
    chosen = held_out_groups(labels, groups, 0.1).tolist()
    assert groups_split(groups, chosen) == 0
    assert chosen == sorted(held_out_groups(labels, groups, 0.1).tolist())
    shares = {name: sum(labels[row] == name for row in chosen) / labels.count(name) for name in "abc"}
    assert all(0.07 < share < 0.14 for share in shares.values())


def test_every_class_stands_on_both_sides_of_a_draw_of_groups():
    rng = np.random.default_rng(5)
    for _ in range(100):
        classes, most = rng.integers(2, 12), rng.integers(3, 6)
        groups = [
            f"{name}-{part}" for name in range(classes) for part in range(most) for _ in range(rng.integers(1, 9))
        ]
        labels = [group.split("-")[0] for group in groups]
        test = set(held_out_groups(labels, groups, 0.2, left=2).tolist())
        rest = [row for row in range(len(groups)) if row not in test]
        valid = {rest[row] for row in held_out_groups([labels[r] for r in rest], [groups[r] for r in rest], 0.1)}
        parts = (test, valid, set(rest) - valid)
        assert [len({labels[row] for row in part}) for part in parts] == [classes] * 3
        assert len({(groups[row], place) for place, part in enumerate(parts) for row in part}) == len(set(groups))


def test_rows_without_a_group_belong_to_nothing():
    assert len(held_out_groups(["a", "b"] * 50, [""] * 100, 0.1)) == 10


def test_a_class_in_too_few_groups_is_named():
    with pytest.raises(BadInput, match="'b' stands in too few groups; each class needs at least 3") as error:
        held_out_groups(list("aaab"), list("xyzw"), 0.2, left=2)
    sentence(error)


def authored(path):
    """A table of 400 texts by 40 authors, each of whom repeats themselves."""
    rng = np.random.default_rng(2)
    rows = [
        {"body": f"{name} {row % 40} says {row}", "kind": name, "author": f"author {row % 40}"}
        for row, name in enumerate(rng.choice(["x", "y"], 400))
    ]
    return write_table(path, rows)


def test_rows_of_one_author_stay_in_one_split_when_that_is_asked(tmp_path):
    data = load_table(authored(tmp_path / "t.csv"), "body", "kind", group="author")
    sides = [set(split.groups["author"].tolist()) for split in data.splits.values()]
    assert sum(map(len, sides)) == len(set.union(*sides)) == 40
    assert [len(split) for split in data.splits.values()] == pytest.approx([288, 32, 80], abs=15)


def test_a_column_that_looks_like_a_group_changes_no_split_by_itself(tmp_path):
    path = authored(tmp_path / "t.csv")
    without = pd.read_csv(path)[["body", "kind"]].to_dict("records")
    plain = load_table(write_table(tmp_path / "p.csv", without), "body", "kind")
    data = load_table(path, "body", "kind")
    assert data.fingerprint == plain.fingerprint
    assert list(data.train.groups) == ["author"] and not plain.train.groups


def test_a_grouped_table_is_found_again_as_it_was_split(tmp_path, fresh_home):
    path = authored(tmp_path / "t.csv")
    data = load_table(path, "body", "kind", group="author")
    remember_table(data, path, "body", "kind", "author")
    assert remembered_table(data.fingerprint).valid.texts == data.valid.texts


NAMES = ("C#", "50%", "don't know", "a:b", "新闻", "हिन्दी", "أخبار", "<b>", "👩‍💻", "accuracy", "macro avg", "x" * 200)


def test_a_class_may_have_any_name(tmp_path):
    data = load_table(write_table(tmp_path / "t.csv", rows_of(12, NAMES)), "text", "label")
    assert set(data.class_names) == set(NAMES)


def test_a_thousand_classes_stand_in_every_part(tmp_path):
    data = load_table(write_table(tmp_path / "t.csv", rows_of(10, map(str, range(1000)))), "text", "label")
    assert {len(set(split.labels.tolist())) for split in data.splits.values()} == {1000}


def test_labels_of_a_data_set_cannot_be_changed(tmp_path):
    data = load_table(write_table(tmp_path / "t.csv", rows_of(12)), "text", "label")
    with pytest.raises(ValueError, match="read-only"):
        data.train.labels[0] = 1


# The real data


@pytest.mark.data
def test_the_real_reviews_are_all_there():
    data = load_dataset("imdb", download=False)
    assert [np.bincount(split.labels).tolist() for split in data.splits.values()] == [
        [11250, 11250],
        [1250, 1250],
        [12500, 12500],
    ]
    texts = [text for split in data.splits.values() for text in split.texts]
    assert all(text.strip() for text in texts)
    assert not [text for text in texts if "<br" in text or "\n\n\n" in text or "\x96" in text]


def written_on(post):
    """The subject of a post without Re:, as the standard library reads it."""
    subject = message_from_string(post)["subject"] or ""
    return re.sub(r"[\W_]+", "", re.sub(r"^(\s*re:)+", "", subject, flags=re.IGNORECASE)).lower()


@pytest.mark.data
@pytest.mark.parametrize("name", ["newsgroups", "newsgroups20"])
def test_no_thread_stands_in_training_and_in_validation(name):
    data, stripped = load_dataset(name, download=False), load_dataset(f"{name}-stripped", download=False)
    sides = [{written_on(post) for post in split.texts} for split in (data.train, data.valid)]
    assert len(sides[0] & sides[1]) <= 0.01 * len(sides[1])  # subjects in more than one line
    counts = [np.bincount(split.labels) for split in (data.train, data.valid)]
    np.testing.assert_allclose(counts[1] / (counts[0] + counts[1]), 0.1, atol=0.03)
    assert [split.labels.tolist() for split in data.splits.values()] == [
        split.labels.tolist() for split in stripped.splits.values()
    ]


def test_a_thread_and_a_sender_are_read_from_a_post():
    post = "From: Jo <Jo@x.org> (Jo)\nSubject: Re: Fwd: RE[2]: The Cup!\n\nFrom: you\nSubject: no\n"
    assert (newsgroups.thread(post), newsgroups.sender(post)) == ("the cup", "jo@x.org")
    assert (newsgroups.thread("Hello.\n\nSubject: no"), newsgroups.sender("From: Jo\n\n")) == ("", "jo")


@pytest.mark.data
@pytest.mark.parametrize(
    ("name", "train", "test", "empty"),
    [
        ("newsgroups", 2155, 1435, 0),
        ("newsgroups-stripped", 2155, 1435, 41),
        ("newsgroups20", 11314, 7532, 0),
        ("newsgroups20-stripped", 11314, 7532, 215),
    ],
)
def test_the_real_posts_are_all_there(name, train, test, empty):
    data = load_dataset(name, download=False)
    assert len(data.train) + len(data.valid) == train
    assert len(data.test) == test
    assert sum(not text.strip() for text in data.test.texts) == empty
