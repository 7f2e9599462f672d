"""Files of tables as people have them: what is read, what is told, and what is refused in a sentence."""

import gzip
import io
import json
import os
import random
import signal
import struct
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest

from core.__main__ import main
from core.datasets import load_table, read_reported_texts, read_rows, read_texts, remember_table, remembered_table
from core.datasets.tables.reading import read_table
from core.errors import BadInput
from core.schema import Reason, TableOptions

ROOT = Path(__file__).parents[1]
ROOT = Path(__file__).parents[1]
PAIRS = [(f"{name} text number {number}", name) for name in ("ham", "spam") for number in range(17)]
HINDI = [(f"यह फिल्म {number} अच्छी थी", "अच्छा") for number in range(11)]
RUSSIAN = [(f"Очень хороший фильм, актёры играют прекрасно {number}", "да") for number in range(11)]
CHINESE = [(f"这家酒店的房间很大，服务也很好 {number}", "好") for number in range(11)]
POLISH = [(f"Zażółć gęślą jaźń, Łódź i Kraków są piękne {number}", "źle") for number in range(11)]
FRENCH = [(f"Une soirée très réussie à l’hôtel, déjà vu {number}", "à voir") for number in range(11)]


def lines_of(pairs, separator=",", heading=("text", "label"), quote='"'):
    def field(cell):
        plain = separator not in cell and quote not in cell and "\n" not in cell
        return cell if plain else f"{quote}{cell.replace(quote, quote * 2)}{quote}"

    rows = [heading, *pairs] if heading else pairs
    return "".join(separator.join(map(field, row)) + "\n" for row in rows)


def written(tmp_path, name, content):
    path = tmp_path / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def zipped(files):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return stream.getvalue()


def workbook(**sheets):
    """The bytes of an Excel file: rows of cells, by the name of their sheet."""
    book, stream = openpyxl.Workbook(), io.BytesIO()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(stream)
    return stream.getvalue()


def parquet(frame):
    stream = io.BytesIO()
    frame.to_parquet(stream)
    return stream.getvalue()


def pairs_of(path, options=None):
    rows = read_rows(path, options)
    return list(zip(rows.frame["text"], rows.frame["label"], strict=True))


def all_texts(data):
    return [text for split in data.splits.values() for text in split.texts]


PLAIN = lines_of(PAIRS)
FRAME = pd.DataFrame(PAIRS, columns=["text", "label"])
SAME = {
    "commas": ("t.csv", PLAIN),
    "semicolons": ("t.csv", lines_of(PAIRS, ";")),
    "tabs in a .csv": ("t.csv", lines_of(PAIRS, "\t")),
    "bars in a .csv": ("t.csv", lines_of(PAIRS, "|")),
    "commas in a .tsv": ("t.tsv", PLAIN),
    "commas in a .txt": ("t.txt", PLAIN),
    "a line on the separator": ("t.csv", "sep=;\n" + lines_of(PAIRS, ";")),
    "a quoted line on the separator": ("t.csv", '"sep=|"\r\n' + lines_of(PAIRS, "|").replace("\n", "\r\n")),
    "single quotes": ("t.csv", "".join(f"'{text}','{label}'\n" for text, label in [("text", "label"), *PAIRS])),
    "every field in quotes": ("t.csv", "".join(f'"{text}","{label}"\n' for text, label in [("text", "label"), *PAIRS])),
    "carriage returns": ("t.csv", PLAIN.replace("\n", "\r")),
    "carriage returns and line feeds": ("t.csv", PLAIN.replace("\n", "\r\n")),
    "a byte order mark": ("t.csv", PLAIN.encode("utf-8-sig")),
    "UTF-16": ("t.csv", PLAIN.encode("utf-16")),
    "Unicode text of a spreadsheet": ("t.txt", lines_of(PAIRS, "\t").encode("utf-16")),
    "UTF-16 without a mark": ("t.csv", PLAIN.encode("utf-16-le")),
    "UTF-16 the other way round": ("t.csv", PLAIN.encode("utf-16-be")),
    "UTF-32": ("t.csv", PLAIN.encode("utf-32")),
    "gzip": ("t.csv.gz", gzip.compress(PLAIN.encode())),
    "gzip without its ending": ("t.csv", gzip.compress(PLAIN.encode())),
    "gzip of tabs": ("t.tsv.gz", gzip.compress(lines_of(PAIRS, "\t").encode())),
    "a zip": ("t.zip", zipped({"in/notes.csv": PLAIN, "__MACOSX/in/._notes.csv": "x", "in/.DS_Store": "x"})),
    "a zip with a note beside it": ("t.zip", zipped({"notes.csv": PLAIN, "readme.txt": "Take these."})),
    "Excel": ("t.xlsx", workbook(Notes=[("text", "label"), *PAIRS])),
    "Excel with an empty sheet": ("t.xlsx", workbook(Notes=[("text", "label"), *PAIRS], Sheet2=[])),
    "Excel with blank rows above": ("t.xlsx", workbook(Notes=[(), ("text", "label"), *PAIRS])),
    "Parquet": ("t.parquet", parquet(FRAME)),
    "Parquet in gzip": ("t.parquet.gz", gzip.compress(parquet(FRAME))),
    "JSON lines": ("t.jsonl", FRAME.to_json(orient="records", lines=True)),
    "JSON lines in a .json": ("t.json", FRAME.to_json(orient="records", lines=True)),
    "JSON lines in gzip": ("t.jsonl.gz", gzip.compress(FRAME.to_json(orient="records", lines=True).encode())),
    "one JSON array": ("t.json", FRAME.to_json(orient="records")),
    "one JSON array on many lines": ("t.json", FRAME.to_json(orient="records", indent=2)),
    "one JSON array in a .jsonl": ("t.jsonl", FRAME.to_json(orient="records")),
    "padded columns in another case": ("t.csv", PLAIN.replace("text,label", " Text ,LABEL", 1)),
    "an empty last column": ("t.csv", PLAIN.replace("\n", ",\n")),
    "an empty last column without a name": ("t.csv", PLAIN.replace("\n", ",\n").replace("label,", "label", 1)),
    "blank lines": ("t.csv", PLAIN.replace("ham\n", "ham\n\n")),
}


@pytest.mark.parametrize("case", SAME)
def test_a_table_is_the_same_whatever_it_is_written_and_packed_in(tmp_path, case):
    name, content = SAME[case]
    data = load_table(written(tmp_path, name, content), "text", "label")
    reference = load_table(written(tmp_path, "reference.csv", PLAIN), "text", "label")
    assert (data.fingerprint, data.left_out) == (reference.fingerprint, 0)
    assert data.report.rows == len(PAIRS) == 34


@pytest.mark.parametrize("case", SAME)
def test_predict_reads_what_train_reads(tmp_path, case):
    name, content = SAME[case]
    frame, column = read_texts(written(tmp_path, name, content), "text")
    assert frame[column].tolist() == [text for text, _ in PAIRS]


ENCODINGS = {
    "cp1252": FRENCH,
    "cp1250": POLISH,
    "cp1251": RUSSIAN,
    "koi8-r": RUSSIAN,
    "gb18030": CHINESE,
    "utf-16": HINDI,
    "utf-8": HINDI,
}


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_an_encoding_is_found_out_and_told_when_it_is_a_guess(tmp_path, encoding):
    rows = read_rows(written(tmp_path, "t.csv", lines_of(ENCODINGS[encoding]).encode(encoding)))
    assert rows.frame["text"].tolist() == [text for text, _ in ENCODINGS[encoding]]
    assert any("--encoding NAME" in note for note in rows.notes) == (not encoding.startswith("utf"))


def test_a_guess_of_the_encoding_can_be_put_right(tmp_path):
    path = written(tmp_path, "t.csv", lines_of(POLISH).encode("iso8859-2"))
    assert pairs_of(path, TableOptions(encoding="latin2")) == POLISH


STRAY = [('He said "no" to me', "ham"), ('"Yes', "spam"), ('5" nails', "ham"), ('"a" b', "ham"), ('end"', "spam")]


def test_stray_quotes_between_tabs_swallow_no_row(tmp_path):
    rows = [(f"row {number}", "ham") for number in range(40)]
    rows[3:3], rows[20:20], rows[33:33] = STRAY[1:2], STRAY, STRAY[4:]
    path = written(tmp_path, "t.tsv", "text\tlabel\n" + "".join(f"{text}\t{label}\n" for text, label in rows))
    assert pairs_of(path) == rows
    assert [note for note in read_rows(path).notes if "characters like others" in note]
    assert read_texts(path)[0]["text"].tolist() == [text for text, _ in rows]


def test_an_opened_quote_swallows_no_text_of_a_single_column(tmp_path):
    found = read_reported_texts(written(tmp_path, "t.csv", 'text\n"one\ntwo\nthree" more\nfour\nfive\nsix\n'))
    assert found.frame["text"].tolist() == ['"one', "two", 'three" more', "four", "five", "six"]
    assert "Quotes that do not close were read as they stand: line 2." in found.report.sentences


def test_a_stray_quote_among_proper_ones_is_read_as_it_stands_and_told(tmp_path):
    texts = ['"one, two",a', '"three ""3""",b', '"four,b', "five,a", '"six, seven\neight",b', 'nine "9",a']
    rows = read_rows(written(tmp_path, "t.csv", "text,label\n" + "\n".join(texts) + "\n"))
    assert rows.frame["text"].tolist() == ["one, two", 'three "3"', '"four', "five", "six, seven\neight", 'nine "9"']
    assert rows.places.tolist() == [2, 3, 4, 5, 6, 8]
    assert rows.notes == (
        "Quotes that do not close were read as they stand: line 4.",
        "1 row stands on several lines, between quotes: line 6; the longest is from line 6 to 7.",
    )


def test_quotes_behind_a_backslash_are_part_of_the_text(tmp_path):
    rows = [(f'she said \\"hi, {number}\\" twice', "ham") for number in range(9)]
    path = written(tmp_path, "t.csv", "text,label\n" + "".join(f'"{text}",{label}\n' for text, label in rows))
    assert pairs_of(path) == [(text.replace("\\", ""), label) for text, label in rows]


def test_a_backslash_elsewhere_stays(tmp_path):
    rows = [("a second\\team", "x"), ("C:\\new, \\", "y"), ('in "quotes", \\ here', "x")]
    assert pairs_of(written(tmp_path, "t.csv", lines_of(rows))) == rows


def test_a_carriage_return_inside_a_text_ends_no_row(tmp_path):
    rows = [(f"row {number}", "a") for number in range(8)]
    rows[4] = ("one\rtwo", "b")
    assert pairs_of(written(tmp_path, "t.tsv", lines_of(rows, "\t"))) == rows
    assert pairs_of(written(tmp_path, "t.csv", lines_of(rows))) == rows


def test_rows_with_too_few_fields_stay_and_are_told_with_their_lines(tmp_path):
    rows = read_rows(written(tmp_path, "t.csv", "text,label,id\na,b,1\nc\nd,e\n\nf,g,4\n"))
    assert rows.frame.to_numpy().tolist() == [["a", "b", "1"], ["c", "", ""], ["d", "e", ""], ["f", "g", "4"]]
    assert rows.notes == ("2 rows have fewer fields than there are columns, and empty cells for them: lines 3, 4.",)


@pytest.mark.parametrize("pairs", [PAIRS, [(label, text) for text, label in PAIRS]])
def test_a_file_without_a_heading_is_noticed_and_told(tmp_path, pairs):
    rows = read_rows(written(tmp_path, "t.csv", lines_of(pairs, heading=None)))
    assert list(rows.frame.columns) == ["1", "2"] and len(rows.frame) == 34
    assert [note for note in rows.notes if "has no heading as it seems" in note]
    text, label = ("1", "2") if pairs is PAIRS else ("2", "1")
    assert len(all_texts(load_table(tmp_path / "t.csv", text, label))) == 34


def test_a_heading_is_what_is_told_or_wanted(tmp_path):
    path = written(tmp_path, "t.csv", "ham,ham\n" + lines_of(PAIRS, heading=None))
    assert list(read_rows(path, TableOptions(heading=True)).frame.columns) == ["ham", "ham.1"]
    assert list(read_rows(path, wanted=["Ham"]).frame.columns) == ["ham", "ham.1"]
    assert len(read_rows(written(tmp_path, "o.csv", PLAIN), TableOptions(heading=False)).frame) == 35


HEADINGS = ("text,label", "0,1", "Zeitstempel,Wie zufrieden sind Sie?", "comment_text,toxic", "a b c,d", "w2019,w2020")


@pytest.mark.parametrize("heading", HEADINGS)
def test_a_heading_is_not_taken_for_a_row(tmp_path, heading):
    path = written(tmp_path, "t.csv", heading + "\n" + lines_of(PAIRS, heading=None))
    assert list(read_rows(path).frame.columns) == heading.split(",")


def test_columns_without_names_and_repeated_ones_are_told_apart(tmp_path):
    content = "text,,label,label,\na,1,x,y,2\nb,3,z,w,4\n"
    assert list(read_table(written(tmp_path, "t.csv", content)).columns) == [
        *("text", "column 2", "label", "label.1", "column 5")
    ]


def test_the_first_of_columns_with_one_name_is_taken_and_that_is_told(tmp_path):
    rows = [(text, label, "other") for text, label in PAIRS]
    path = written(tmp_path, "t.csv", lines_of(rows, heading=("text", "label", "label")))
    data = load_table(path, "text", "label")
    assert data.class_names == ("ham", "spam")
    assert "Several columns are called 'label'; the first is the label." in data.report.notes


def test_the_index_of_a_parquet_file_is_a_column(tmp_path):
    frame = FRAME.set_index(pd.Index([f"id {number}" for number in range(34)], name="key"))
    assert read_texts(written(tmp_path, "t.parquet", parquet(frame)), "text")[0]["key"].iloc[33] == "id 33"
    frame.index.name = None
    assert read_texts(written(tmp_path, "t.parquet", parquet(frame)), "text")[0]["index"].iloc[0] == "id 0"


def test_texts_in_folders_are_a_table_of_their_classes(tmp_path):
    files = {f"root/{label}/{number:03}.txt": text for number, (text, label) in enumerate(PAIRS)}
    path = written(tmp_path, "t.zip", zipped(files | {"root/ham/late.txt": "café".encode("latin-1")}))
    rows = read_rows(path)
    assert pairs_of(path)[17] == ("café", "ham") and len(rows.frame) == 35
    assert rows.frame["file"].iloc[0] == "root/ham/000.txt"
    assert load_table(path, "text", "label").class_names == ("ham", "spam")


def test_folders_of_splits_above_the_classes_are_a_column(tmp_path):
    part = ("train", "train", "train", "test")
    files = {f"{part[number % 4]}/{label}/{number}.txt": text for number, (text, label) in enumerate(PAIRS)}
    data = load_table(written(tmp_path, "t.zip", zipped(files)), "text", "label", split="split")
    assert len(data.test) == 8 and len(data.train) + len(data.valid) == 26


def test_a_sheet_is_named_where_there_are_several(tmp_path):
    path = written(tmp_path, "t.xlsx", workbook(Old=[("text", "label"), ("x", "y")], New=[("text", "label"), *PAIRS]))
    with pytest.raises(BadInput, match="has 2 sheets; name the one to read with --sheet: 'Old', 'New'"):
        load_table(path, "text", "label")
    assert len(all_texts(load_table(path, "text", "label", options=TableOptions(sheet="new")))) == 34


def test_cells_of_excel_keep_their_kinds_and_merged_ones_their_value(tmp_path):
    book = openpyxl.Workbook()
    for row in [("text", "label", "n"), ("a", True, 1), ("b", None, 2.5), (7, "NA", None)]:
        book.active.append(row)
    book.active.merge_cells("B2:B3")
    book.save(tmp_path / "t.xlsx")
    rows = read_rows(tmp_path / "t.xlsx")
    assert rows.frame["label"].tolist() == [True, True, "NA"]
    assert rows.frame["text"].tolist() == ["a", "b", 7]
    assert rows.notes == ("1 merged cell was given its value in every row.",)


# Labels


def labelled(tmp_path, counts):
    """A table with so many texts of each label; labels are as JSON has them."""
    rows = [
        {"text": f"text {place} {n}", "label": label}
        for place, (label, count) in enumerate(counts)
        for n in range(count)
    ]
    return written(tmp_path, "t.jsonl", "\n".join(map(json.dumps, rows)))


def test_a_truth_value_and_numbers_that_are_equal_are_one_class(tmp_path):
    path = labelled(tmp_path, [(True, 4), (1, 5), (1.0, 4), (0, 6), (0.0, 6), ("01", 11), (2.5, 10)])
    data = load_table(path, "text", "label")
    assert data.class_names == ("0", "1", "01", "2.5") or data.class_names == ("0", "01", "1", "2.5")
    assert sum(len(split) for split in data.splits.values()) == 46


def test_truth_values_and_fractions_keep_their_names_when_they_are_alone(tmp_path):
    assert load_table(labelled(tmp_path, [(True, 13), (False, 11)]), "text", "label").class_names == ("False", "True")
    assert load_table(labelled(tmp_path, [(1.0, 13), (0.0, 11)]), "text", "label").class_names == ("0.0", "1.0")


def test_labels_that_differ_in_case_or_spaces_alone_are_told_and_can_be_merged(tmp_path):
    path = labelled(tmp_path, [("good", 12), ("Good", 14), ("ice cream", 11), (" icecream", 10), ("bad", 13)])
    data = load_table(path, "text", "label")
    assert len(data.class_names) == 5
    assert data.report.similar_labels == (("Good", "good"), ("ice cream", "icecream"))
    (told,) = data.report.notes
    assert "'Good' (14), 'good' (12) differ in case or spaces alone" in told and "--merge-labels" in told
    merged = load_table(path, "text", "label", merge_labels=True)
    assert merged.class_names == ("Good", "bad", "ice cream")
    assert len(all_texts(merged)) == 60


def test_small_classes_are_left_out_when_that_is_asked(tmp_path):
    path = labelled(tmp_path, [("a", 12), ("b", 11), ("c", 9), ("d", 4)])
    with pytest.raises(BadInput, match=r"'d' has 4 different texts, and 1 other classes .* --min-rows 10"):
        load_table(path, "text", "label")
    data = load_table(path, "text", "label", min_rows=10)
    assert data.class_names == ("a", "b") and data.report.small_classes == ("c", "d") and data.left_out == 13
    assert load_table(path, "text", "label", min_rows=5).class_names == ("a", "b", "c")
    assert load_table(path, "text", "label", min_rows=3).class_names == ("a", "b", "c", "d")


def test_what_is_left_out_is_told_with_reasons_counts_and_lines(tmp_path):
    extra = [
        ("", "ham"),
        ("lonely", ""),
        (PAIRS[0][0], "ham"),
        (PAIRS[1][0], "spam"),
        (PAIRS[1][0], "ham"),
        ("x", "odd"),
    ]
    data = load_table(written(tmp_path, "t.csv", lines_of(PAIRS + extra)), "text", "label", min_rows=10)
    found = {each.reason: (each.count, each.places) for each in data.report.left_out}
    assert found == {
        Reason.NO_TEXT: (1, (36,)),
        Reason.NO_LABEL: (1, (37,)),
        Reason.REPEATED: (2, (38, 40)),
        Reason.CONTRADICTING: (1, (39,)),
        Reason.SMALL_CLASS: (1, (41,)),
    }
    assert data.left_out == 6 and data.report.contradicting_texts == 1
    told = "1 row with a text that stood above with another label was left out: line 39."
    assert told in data.report.sentences


# Splits


def test_a_column_tells_the_splits_and_validation_is_drawn_where_there_is_none(tmp_path):
    rows = [(*pair, "Test" if row % 5 == 0 else "TRAIN") for row, pair in enumerate(PAIRS)]
    path = written(tmp_path, "t.csv", lines_of(rows, heading=("text", "label", "part")))
    data = load_table(path, "text", "label", split="part")
    assert set(data.test.texts) == {row[0] for row in rows if row[2] == "Test"}
    assert [len(split) for split in data.splits.values()] == [24, 3, 7]
    assert data.report.split.startswith("The splits are those of the column 'part', and validation was drawn")
    plain = load_table(path, "text", "label")
    assert "The column 'part' names splits; --split 'part' takes them." in plain.report.notes
    assert plain.report.split.startswith("The splits were drawn by row, stratified by class and seeded")


DAYS = {
    "ISO": lambda day: f"2021-{day % 12 + 1:02}-{day % 28 + 1:02}T10:00:00",
    "numbers": lambda day: str(day * 3),
    "names of months": lambda day: pd.Timestamp(2018, day % 12 + 1, day % 28 + 1).strftime("%d-%b-%y"),
    "day first": lambda day: f"{day % 18 + 13}/{day % 12 + 1}/2020",
}


@pytest.mark.parametrize("kind", DAYS)
def test_the_last_rows_by_time_are_test(tmp_path, kind):
    when = {row: DAYS[kind](row * 7 % 34) for row in range(34)}
    rows = [(*pair, when[row]) for row, pair in enumerate(PAIRS)]
    path = written(tmp_path, "t.csv", lines_of(rows, heading=("text", "label", "day")))
    data = load_table(path, "text", "label", time="day")
    assert [len(split) for split in data.splits.values()] == [24, 3, 7]
    read = (
        (lambda cell: float(cell))
        if kind == "numbers"
        else lambda cell: pd.to_datetime(cell, dayfirst=kind == "day first")
    )
    of_text = {text: read(day) for text, _, day in rows}
    times = [[of_text[text] for text in split.texts] for split in data.splits.values()]
    assert max(times[0]) <= min(times[1]) and max(times[1]) <= min(times[2])
    assert data.report.split.startswith("The last 20% of the rows by the column 'day' are test")


@pytest.mark.parametrize("how", [{"split": "part"}, {"time": "day"}, {"merge_labels": True}, {"min_rows": 5}])
def test_a_table_is_found_again_with_all_that_was_chosen(tmp_path, fresh_home, how):
    rows = [(*pair, "test" if row % 5 == 0 else "train", str(row * 7 % 34)) for row, pair in enumerate(PAIRS)]
    rows += [(f"more {n}", "HAM", "train", "1") for n in range(11)] + [
        (f"few {n}", "few", "train", "2") for n in range(12)
    ]
    content = lines_of(rows, heading=("text", "label", "part", "day")).encode("utf-16")
    path = written(tmp_path, "t.csv", content)
    data = load_table(path, "text", "label", options=TableOptions(encoding="utf-16"), **how)
    remember_table(data, path, "text", "label")
    found = remembered_table(data.fingerprint)
    assert found.valid.texts == data.valid.texts and found.report == data.report


def test_a_note_of_an_older_version_finds_its_table(tmp_path, fresh_home):
    path = written(tmp_path, "t.csv", PLAIN)
    data = load_table(path, "text", "label")
    note = {"path": str(path), "text": "text", "label": "label", "name": "t", "group": None}
    (fresh_home / "datasets" / "tables").mkdir(parents=True)
    (fresh_home / "datasets" / "tables" / f"{data.fingerprint}.json").write_text(json.dumps(note))
    assert remembered_table(data.fingerprint).test.texts == data.test.texts


# Bad input


def liar(size):
    """A zip whose one file says that it is so large, and is not."""
    content = zipped({"t.csv": PLAIN})
    real = struct.pack("<I", len(PLAIN.encode()))
    return content.replace(real, struct.pack("<I", size))


def named(label):
    """Twenty texts with that label."""
    return [(f"{number}", label) for number in range(20)]


PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)
LARGE = bytes(300_000_000)
CELL = "x" * 50_000_000
BOOK = workbook(Notes=[("text", "label"), *PAIRS])
TEN = [(f"{label} {number}", str(label)) for label in range(10_000) for number in range(2)]
BAD = {
    "an empty file": ("t.csv", b"", "it is empty"),
    "an empty file of JSON": ("t.json", b"", "it is empty"),
    "an empty Excel file": ("t.xlsx", b"", "it is empty"),
    "a mark and nothing": ("t.csv", b"\xef\xbb\xbf", "it is empty"),
    "blank lines only": ("t.csv", b"\n\n \n", "it is empty"),
    "a heading only": ("t.csv", b"text,label\n", "has no rows"),
    "a heading only in UTF-16": ("t.csv", "text,label\n".encode("utf-16"), "has no rows"),
    "a heading only in Excel": ("t.xlsx", workbook(A=[("text", "label")]), "has no rows"),
    "a workbook without cells": ("t.xlsx", workbook(A=[], B=[]), "has no rows"),
    "Parquet without rows": ("t.parquet", parquet(FRAME.iloc[:0]), "has no rows"),
    "an empty array": ("t.json", b"[]", "has no rows"),
    "objects without keys": ("t.jsonl", b"{}\n{}\n", "has no rows"),
    "one class": ("t.csv", lines_of(PAIRS[:17]), "1 different label; choose"),
    "one text": (
        "t.csv",
        lines_of([("a text", label) for _, label in PAIRS]),
        "All texts in the column 'text' are",
    ),
    "one row a class": ("t.csv", lines_of([("a", "x"), ("b", "y")]), "'x' has 1 different text, and 1 other"),
    "10,000 classes": ("t.csv", lines_of(TEN), "10,000 different labels; choose"),
    "a missing column": ("t.csv", b"body,label\na,b\n", "no column 'text'; the columns are: body, label"),
    "columns that are alike": ("t.csv", b"Text,TEXT,label\na,b,c\n", "There are 2 columns like 'text'"),
    "rows that are too long": ("t.csv", b"text,label\na,b\nc,d,e,f\n", "line 3 has 4 fields instead of 2"),
    "a first row that is too long": ("t.csv", b"text,label\na,b,c\n", "the first row has 3 fields instead of 2"),
    "an unclosed quote": ("t.csv", 'text,label\n"a,b\nc,d\ne,f\n', "opens in line 2 is never closed; .* --quote none"),
    "an unclosed quote at the end": ("t.csv", PLAIN + '"half a te', "opens in line 36 is never closed"),
    "a file full of zero bytes": ("t.csv", b"text,label\n" + bytes(5000), "full of zero bytes"),
    "zero bytes alone": ("t.csv", bytes(300), "full of zero bytes"),
    "a label with a zero byte": (
        "t.csv",
        lines_of([(f"{n}", "a\0b") for n in range(20)] + PAIRS),
        "cannot name a class",
    ),
    "a cell of 50 MB": (
        "t.csv",
        lambda: f"text,label\n{CELL},a\n",
        "Line 2 of the table has a cell of more than 10,000,000",
    ),
    "a quoted cell of 50 MB": ("t.csv", lambda: f'text,label\n"{CELL}",a\n', "Line 2 of the table has a cell"),
    "a cell of 50 MB between tabs": ("t.tsv", lambda: f"text\tlabel\n{CELL}\ta\n", "Line 2 of the table has a cell"),
    "a cell of 50 MB in JSON": (
        "t.jsonl",
        lambda: f'{{"text": "{CELL}", "label": "a"}}\n',
        "more than 10,000,000 characters",
    ),
    "a cell of 50 MB in Parquet": (
        "t.parquet",
        parquet(pd.DataFrame({"text": [CELL], "label": "a"})),
        "more than 10,000,000",
    ),
    "a heading of 50 MB": ("t.csv", lambda: CELL, "its first line has"),
    "100,000 commas in the first row": ("t.csv", "," * 100_000 + "\na,b\n", "first row has 100,001 fields"),
    "100,000 tabs in the first row": ("t.tsv", "a\t" * 100_000 + "\na\tb\n", "first row has 100,001 fields"),
    "100,000 columns in UTF-16": ("t.csv", ("a;" * 100_000).encode("utf-16"), "first row has 100,001 fields"),
    "100,000 commas in the second row": ("t.csv", "text,label\n" + "a," * 100_000, "first row has 100001 fields"),
    "20,000 different keys": (
        "t.jsonl",
        "\n".join(json.dumps({f"key {n}": 1}) for n in range(20_000)),
        "more than 10,000 different keys",
    ),
    "mixed encodings": ("t.csv", (PLAIN + "café,a\n" * 3).encode() + "café,b\n".encode("cp1252"), "but for line 39"),
    "no encoding that is known": ("t.csv", np.random.default_rng(0).bytes(999), "is not UTF-8"),
    "UTF-16 cut in half": ("t.csv", PLAIN.encode("utf-16")[:-1], "is not UTF-16 text throughout"),
    "the text is the label": ("t.csv", lines_of(PAIRS, heading=("text", "other")), "no column 'label'"),
    "NaN for every label": ("t.parquet", parquet(FRAME.assign(label=np.nan)), "0 different labels"),
    "null for every label": ("t.jsonl", '{"text": "a", "label": null}\n' * 9, "0 different labels"),
    "lists as labels": ("t.jsonl", '{"text": "a", "label": ["b"]}\n' * 9, "holds list values"),
    "objects as texts": ("t.jsonl", '{"text": {"a": 1}, "label": "b"}\n' * 9, "holds dict values"),
    "bytes as texts": ("t.parquet", parquet(FRAME.assign(text=b"a")), "holds bytes values"),
    "a label of 201 characters": (
        "t.csv",
        lines_of([*named("a" * 201), *PAIRS]),
        "cannot name a class",
    ),
    "a line break in a label": (
        "t.csv",
        lines_of([*named("a\nb"), *PAIRS]),
        "cannot name a class",
    ),
    "a gzip bomb": ("t.csv.gz", lambda: gzip.compress(LARGE, 1), "unpacks to more than 200 MB"),
    "a zip bomb": ("t.zip", lambda: zipped({"t.csv": LARGE}), "unpacks to more than 200 MB"),
    "an Excel bomb": (
        "t.xlsx",
        lambda: zipped({"xl/workbook.xml": "", "xl/a.xml": LARGE}),
        "unpacks to more",
    ),
    "a bomb of texts": (
        "t.zip",
        lambda: zipped({f"a/{n}.txt": bytes(150_000_000) for n in range(2)}),
        "unpacks to more",
    ),
    "a bomb in Parquet": (
        "t.parquet",
        lambda: parquet(pd.DataFrame({"text": ["x" * 9_000_000] * 40})),
        "unpacks to more",
    ),
    "a zip that lies": ("t.zip", liar(7), "damaged|cannot be unpacked"),
    "gzip cut in half": ("t.csv.gz", gzip.compress(PLAIN.encode() * 99)[:200], "cut off or damaged"),
    "gzip with garbage": ("t.csv.gz", b"\x1f\x8b\x08" + bytes(range(200)), "cut off or damaged"),
    "a zip cut in half": ("t.zip", zipped({"t.csv": PLAIN})[:200], "cut off or damaged"),
    "an empty zip": ("t.zip", zipped({}), "has no table in it"),
    "a zip of pictures": ("t.zip", zipped({"a.png": PNG}), "has no table in it"),
    "a zip of two tables": ("t.zip", zipped({"a.csv": PLAIN, "b.csv": PLAIN}), "--sheet: a.csv, b.csv"),
    "texts in no folder": ("t.zip", zipped({"a.txt": "a", "b.txt": "b"}), "in no folders"),
    "Parquet cut in half": ("t.parquet", parquet(FRAME)[:900], "cannot be read as a table"),
    "Parquet without its middle": ("t.parquet", b"PAR1" + parquet(FRAME)[400:], "cannot be read as a table"),
    "a picture named .csv": ("t.csv", PNG, "it is a picture \\(PNG\\); give a .csv"),
    "a picture named .parquet": ("t.parquet", PNG, "it is a picture"),
    "a picture named .xlsx": ("t.xlsx", PNG, "it is a picture"),
    "a document named .csv": ("t.csv", b"%PDF-1.7\n" + bytes(90), "it is a PDF document"),
    "an old Excel file": ("t.csv", b"\xd0\xcf\x11\xe0" + bytes(90), "save it as .xlsx or .csv"),
    "a pickle": ("t.csv", b"\x80\x04\x95" + bytes(90), "could run anything"),
    "an Excel file cut in half": ("t.xlsx", BOOK[:2000], "cut off or damaged"),
    "text named .xlsx": ("t.xlsx", PLAIN, "no Excel workbook"),
    "several sheets": ("t.xlsx", workbook(A=[("text",), ("a",)], B=[("text",), ("b",)]), "--sheet: 'A', 'B'"),
    "an ending that is not known": ("t.docx", PLAIN, "one of the endings"),
    "a web page named .csv": ("t.csv", "<!DOCTYPE html>\n<html><body>Not found</body></html>\n", "no column 'text'"),
    "JSON that is cut off": ("t.json", '[{"text": "a", "label": "b"}, {"te', "row 2, from line 1, is not JSON"),
    "a line of JSON that is cut off": ("t.jsonl", '{"text": "a"}\n' * 30 + '{"text": ', "line 31 is not JSON"),
    "JSON by columns": ("t.json", '{"text": ["a", "b"], "label": ["c", "d"]}', "holds list values"),
    "numbers in an array": ("t.json", "[1, 2]", "row 1 is not an object"),
    "JSON that is nested too deeply": ("t.json", "[" * 200_000, "nested too deeply|not an object"),
}
PATIENCE = 3.0  # processor seconds, of which packing and reading 200 MB takes most


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_one_sentence_with_the_way_out_and_soon(tmp_path, case):
    name, content, message = BAD[case]
    path = written(tmp_path, name, content() if callable(content) else content)
    started = time.process_time()
    with pytest.raises(BadInput, match=message) as error:
        load_table(path, "text", "label")
    assert time.process_time() - started < PATIENCE
    told = str(error.value)
    assert "\n" not in told and told.endswith(".") and len(told) < 600
    assert [each.name for each in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize("kind", ["texts", "table", "gz", "xlsx"])
def test_a_packed_file_with_other_bytes_is_read_or_told_wherever_they_are(tmp_path, kind):
    if kind == "texts":
        whole = zipped({f"{label}/{n}.txt": f"{PLAIN}{n}" * 9 for label in "ab" for n in range(3)})
    elif kind == "table":
        whole = zipped({"t.csv": PLAIN * 9})
    elif kind == "gz":
        whole = gzip.compress(PLAIN.encode() * 9)
    else:
        whole = workbook(one=[("text", "label"), *PAIRS[:9]])
    chance, said = random.Random(3), set()
    for _ in range(150):
        damaged = bytearray(whole)
        for _ in range(chance.randint(1, 3)):
            damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        name = {"gz": "t.csv.gz", "xlsx": "t.xlsx"}.get(kind, "t.zip")
        try:
            read_rows(written(tmp_path, name, bytes(damaged)))
        except BadInput as error:
            said.add(str(error))
    assert said and all("\n" not in sentence for sentence in said)


def test_100_000_commas_are_told_within_a_second(tmp_path):
    path = written(tmp_path, "t.csv", "," * 100_000 + "\n" + "a," * 100_000 + "\n")
    started = time.process_time()
    with pytest.raises(BadInput, match="first row has 100,001 fields"):
        read_texts(path)
    assert time.process_time() - started < 1


CHOICES = {
    "text and label from one column": ({"label": "text"}, "cannot be text and label at once"),
    "an encoding that is not known": ({"options": TableOptions(encoding="nope")}, "no text encoding 'nope'"),
    "an encoding that is none of text": ({"options": TableOptions(encoding="zlib")}, "no text encoding 'zlib'"),
    "an encoding that does not fit": ({"options": TableOptions(encoding="utf-16")}, "is not UTF-16 text"),
    "a sheet of a zip that is not there": ({"options": TableOptions(max_bytes=100)}, "is larger than 100 B"),
    "two ways to split": ({"group": "label", "time": "text"}, "--time and --group each make the splits"),
    "a split that tells nothing": ({"split": "text"}, "names no splits; they are called train"),
    "a time that is none": ({"time": "label"}, "holds 'ham', which is no time"),
    "a group that is not there": ({"group": "nope"}, "There is no column 'nope'"),
    "too few texts a class": ({"min_rows": 2}, "give --min-rows at least that"),
    "more texts than there are": ({"min_rows": 90}, "0 different labels with enough texts"),
}


@pytest.mark.parametrize("case", CHOICES)
def test_a_bad_choice_is_one_sentence(tmp_path, case):
    choices, message = CHOICES[case]
    with pytest.raises(BadInput, match=message) as error:
        load_table(written(tmp_path, "t.csv", PLAIN), **{"text": "text", "label": "label", **choices})
    assert "\n" not in str(error.value)


def test_numbers_as_texts_are_told(tmp_path):
    path = written(tmp_path, "t.csv", lines_of([(f"{n}.5", "ab"[n % 2]) for n in range(30)]))
    assert (
        "The column 'text' holds numbers only; --text names a column of texts."
        in load_table(path, "text", "label").report.notes
    )


# The command line


def told(capsys, *arguments):
    """What a command says to a mistake."""
    assert main([*map(str, arguments)]) == 2
    said = capsys.readouterr()
    assert said.out == "" and said.err.count("\n") == 1
    return said.err


def python(code, *arguments, home):
    command = [sys.executable, "-c", code, *map(str, arguments)]
    environment = {**os.environ, "WHYWORD_HOME": str(home)}
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, env=environment)


RUN = "import sys; from core.__main__ import main; status = main(sys.argv[1:]); print(status, 'jax' in sys.modules)"
COLUMNS = ("--text", "text", "--label", "label")


def test_a_bad_name_is_told_before_the_table_is_read_and_jax_is_loaded(tmp_path):
    done = python(RUN, "train", "--data", tmp_path / "no.csv", *COLUMNS, "--name", "../x", home=tmp_path / "home")
    assert done.stdout == "2 False\n"
    assert "cannot be a model's name" in done.stderr and done.stderr.count("\n") == 1


def test_a_bad_table_is_told_before_jax_is_loaded(tmp_path):
    path = written(tmp_path, "t.csv", PNG)
    done = python(RUN, "train", "--data", path, *COLUMNS, home=tmp_path / "home")
    assert done.stdout == "2 False\n" and "it is a picture" in done.stderr


def test_a_home_that_cannot_be_written_to_is_told_before_the_table_is_read(tmp_path, monkeypatch, capsys):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("WHYWORD_HOME", str(tmp_path / "file"))
    said = told(capsys, "train", "--data", tmp_path / "no.csv", *COLUMNS)
    assert "cannot be saved in" in said and "set WHYWORD_HOME to another folder" in said


def test_a_full_disk_is_told_before_the_table_is_read(tmp_path, fresh_home, capsys):
    resource = pytest.importorskip("resource")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, before[1]))  # no file may be larger, as if the disk were full
    try:
        said = told(capsys, "train", "--data", tmp_path / "no.csv", *COLUMNS)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)
    assert "make room there" in said
    assert [*(fresh_home / "models").iterdir()] == []


OPTIONS = {
    "a separator of two signs": (("--separator", ",,"), "--separator takes one character, or tab or comma"),
    "a quote of two signs": (("--quote", "''"), "--quote takes one character, or none"),
    "one sign for both": (("--quote", ";", "--separator", ";"), "have to be different signs"),
    "no room": (("--max-mb", "0"), "--max-mb lies between"),
    "a small room": (("--max-mb", "0.0001"), "allow more with --max-mb"),
    "no heading word": (("--heading", "maybe"), "invalid choice: 'maybe'"),
    "a setting": (("--set", "epoch=3"), "Did you mean epochs?"),
}


@pytest.mark.parametrize("case", OPTIONS)
def test_a_bad_option_is_one_sentence(tmp_path, fresh_home, capsys, case):
    given, message = OPTIONS[case]
    assert message in told(capsys, "train", "--data", written(tmp_path, "t.csv", PLAIN), *COLUMNS, *given)


def test_train_and_predict_tell_what_was_read_and_print_one_object(tmp_path, fresh_home, capsys):
    rows = [(f"{name} {number} said", name) for name in ("cat", "dog") for number in range(40)]
    rows[7:7] = [("", "cat"), ('"Stray', "dog"), ("cat 1 said", "dog")]
    content = "".join(f"{label}\t{text}\n" for text, label in rows).encode("utf-16")
    path = written(tmp_path, "pets.csv", content)
    columns = ("--text", "2", "--label", "1")
    assert main(["train", "bow", "--data", str(path), *columns, "--epochs", "2", "--json"]) == 0
    said = capsys.readouterr()
    assert json.loads(said.out)["dataset"] == "pets"
    for sentence in (
        "pets.csv has no heading as it seems",
        "1 row without a text was left out: line 8.",
        "1 row with a text that stood above with another label was left out: line 10.",
        "The splits were drawn by row, stratified by class and seeded, since no column tells them: ",
    ):
        assert sentence in said.err
    name, target = json.loads(said.out)["model"], tmp_path / "out.csv"
    assert main(["predict", name, str(path), str(target), "--text", "2", "--json"]) == 0
    said = capsys.readouterr()
    assert json.loads(said.out)["n"] == len(pd.read_csv(target)) == 83
    assert "pets.csv has no heading as it seems" in said.err


@pytest.mark.data
@pytest.mark.parametrize(
    ("name", "text", "label", "rows"),
    [
        ("agnews.csv", "description", "label", 7600),
        ("banking77.csv", "text", "label", 13083),
        ("chnsenti.csv", "review", "label", 7766),
        ("trec_hindi.csv", "text", "label", 5444),
        ("alexa.tsv", "verified_reviews", "feedback", 3150),
        ("sms.tsv", "text", "label", 5574),
    ],
)
def test_the_real_tables_are_read_whole(name, text, label, rows):
    path = Path(os.environ["WHYWORD_DATA"]) / "own" / name
    if not path.is_file():
        pytest.skip("these tables are not on every machine")
    data = load_table(path, text, label)
    assert data.report.rows == rows == len(all_texts(data)) + data.left_out
    assert data.report.format.heading
