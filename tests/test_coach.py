"""The coach: each remark on a planted case, none on a clean table, and remedies that give the same data set again."""

import argparse
import json
import os
import shlex
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.__main__ import main
from core.coach import applied_remedies, remarks_on, remedied
from core.commands.remedy_options import REMEDIES
from core.commands.train import add_options
from core.datasets import load_chosen, load_table
from core.datasets.garbled import are_garbled, mended
from core.datasets.near_duplicates import near_duplicates
from core.datasets.scripts import NAMES, dominant_scripts
from core.errors import BadInput
from core.schema.coaching import RemarkKind, Weight

_WORDS = (
    "river stone window paper garden music bottle winter summer letter doctor kitchen market bridge forest camera "
    "engine pocket island orange silver planet button candle ticket shadow mirror anchor basket copper desert falcon "
    "guitar hammer insect jacket kettle ladder magnet needle oyster pepper rabbit saddle temple tunnel velvet walnut"
)
WORDS = _WORDS.split(" ")


def sentences(count, seed=0, least=9):
    rng = np.random.default_rng(seed)
    return [" ".join(rng.choice(WORDS, rng.integers(least, 17))).capitalize() + "." for _ in range(count)]


def table(rows=300, classes=("left", "right")):
    """A clean table: random sentences, and classes in turn."""
    return pd.DataFrame({"text": sentences(rows), "label": [classes[row % len(classes)] for row in range(rows)]})


def loaded(tmp_path, frame, **how):
    path = tmp_path / "t.csv"
    frame.to_csv(path, index=False)
    return load_table(path, "text", "label", **how)


def found(data, kind):
    (remark,) = (remark for remark in remarks_on(data) if remark.kind is kind)
    return remark


def kinds(data):
    return {remark.kind for remark in remarks_on(data)}


def with_near(frame):
    copies = frame.iloc[:24].assign(text=frame["text"].iloc[:24] + " Indeed")
    return pd.concat([frame, copies], ignore_index=True)


def with_marker(frame):
    marked = frame["label"] == "left"
    return frame.assign(text=np.where(marked, "[spam] " + frame["text"], frame["text"]))


def with_garbled(frame):
    texts = frame["text"].tolist()
    texts[:7] = [f"{text} Ã©tÃ© in the cafÃ©" for text in texts[:7]]
    return frame.assign(text=texts)


def with_cyrillic(frame):
    texts = frame["text"].tolist()
    texts[:9] = [f"это совсем другой текст номер {row}" for row in range(9)]
    return frame.assign(text=texts)


def with_spellings(frame):
    labels = frame["label"].tolist()
    labels[:40:2] = ["LEFT "] * 20
    return frame.assign(label=labels)


def with_contradictions(frame):
    other = frame["label"].iloc[:6].map({"left": "right", "right": "left"})
    return pd.concat([frame, frame.iloc[:6].assign(label=other)], ignore_index=True)


def with_small(frame):
    more = pd.DataFrame({"text": sentences(13, seed=3), "label": ["rare"] * 6 + ["rarer"] * 7})
    return pd.concat([frame, more], ignore_index=True)


def with_few(frame):
    return frame.assign(label=["right" if row % 20 else "left" for row in range(len(frame))])


def with_long(frame):
    return pd.concat([frame, pd.DataFrame({"text": [" ".join(WORDS * 12)], "label": ["left"]})] * 1, ignore_index=True)


def with_authors(frame):
    return frame.assign(author=[f"writer {row // 7}" for row in range(len(frame))])


def with_parts(frame):
    return frame.assign(part=["dev" if row % 7 == 0 else "test" if row % 5 == 0 else "train" for row in range(300)])


def with_code(frame):
    return frame.assign(code=frame["label"].map({"left": "L7", "right": "R2"}))


PLANTED = {
    "near duplicates": (with_near, RemarkKind.NEAR_DUPLICATES, 24, Weight.SPOILS),
    "a marker": (with_marker, RemarkKind.TELLING_TOKEN, 150, Weight.SPOILS),
    "a wrong encoding": (with_garbled, RemarkKind.GARBLED, 7, Weight.LOOK),
    "another script": (with_cyrillic, RemarkKind.SCRIPTS, 9, Weight.LOOK),
    "spellings of a label": (with_spellings, RemarkKind.SIMILAR_LABELS, 150, Weight.SPOILS),
    "texts with two labels": (with_contradictions, RemarkKind.CONTRADICTING, 6, Weight.LOOK),
    "small classes": (with_small, RemarkKind.SMALL_CLASSES, 13, Weight.LOOK),
    "authors in several splits": (with_authors, RemarkKind.GROUPS, 60, Weight.SPOILS),
    "a column of splits": (with_parts, RemarkKind.SPLITS, 300, Weight.LOOK),
}
"""Tables with something planted: the remark, how many rows it is about, and its weight."""


@pytest.mark.parametrize("case", PLANTED)
def test_what_was_planted_is_found_with_its_rows_and_mended_by_its_remedy(tmp_path, case):
    plant, kind, count, weight = PLANTED[case]
    data = loaded(tmp_path, plant(table()), min_rows=10)
    remark = found(data, kind)
    assert (remark.count, remark.weight) == (count, weight)
    assert kind is RemarkKind.SPLITS or 0 < len(remark.rows) <= 20
    assert remark.sentence.endswith(".") and "\n" not in remark.sentence
    for remedy in remark.remedies:
        choices = remedied(data.report.choices, remedy)
        again = load_chosen(tmp_path / "t.csv", choices)
        assert kind not in kinds(again) or kind is RemarkKind.SMALL_CLASSES
        assert again.fingerprint != data.fingerprint
        assert again.fingerprint == load_chosen(tmp_path / "t.csv", choices).fingerprint


@pytest.mark.parametrize("case", PLANTED)
def test_an_option_of_the_command_line_does_the_same(tmp_path, case):
    plant, kind, *_ = PLANTED[case]
    data = loaded(tmp_path, plant(table()), min_rows=10)
    for remedy in found(data, kind).remedies:
        parser = argparse.ArgumentParser()
        add_options(parser)
        options = parser.parse_args(["--min-rows", "10", *shlex.split(remedy.option)])
        given = {name: getattr(options, name) for name in (*REMEDIES, "group", "split", "time")}
        again = load_table(tmp_path / "t.csv", "text", "label", **given)
        assert again.fingerprint == load_chosen(tmp_path / "t.csv", remedied(data.report.choices, remedy)).fingerprint


def test_nothing_is_said_of_a_clean_table(tmp_path):
    assert remarks_on(loaded(tmp_path, table())) == ()
    assert remarks_on(loaded(tmp_path, with_authors(table()), group="author")) == ()


@pytest.mark.parametrize(
    ("plant", "kind"),
    [
        (with_few, RemarkKind.IMBALANCE),
        (with_code, RemarkKind.TELLING_COLUMN),
        (with_long, RemarkKind.LONG_TEXTS),
        (lambda frame: pd.concat([frame, frame.iloc[:5]]), RemarkKind.LEFT_OUT),
    ],
)
def test_what_nothing_can_be_done_about_is_said_as_well(tmp_path, plant, kind):
    data = loaded(tmp_path, plant(table(90 if plant is with_long else 300)))
    assert kinds(data) == {kind}
    remark = found(data, kind)
    assert remark.weight is Weight.NOTE and remark.remedies == () and remark.rows and remark.advice == remark.sentence


def test_figures_of_a_remark_are_those_of_the_table(tmp_path):
    said = found(loaded(tmp_path, with_few(table())), RemarkKind.IMBALANCE).sentence
    assert "1 to 19: 'right' has 285 texts, 'left' 15" in said and "right in 95.0%" in said
    said = found(loaded(tmp_path, with_marker(table())), RemarkKind.TELLING_TOKEN)
    assert "'[spam]' stands in 100.0% of the texts of the class 'left'" in said.sentence
    assert said.remedies[0].option == "--remove '[spam]'"
    said = found(loaded(tmp_path, with_code(table())), RemarkKind.TELLING_COLUMN).sentence
    assert (
        "The column 'code' alone tells the class of 100.0% of the test rows, where the largest class is 50.0%" in said
    )


def test_a_row_says_where_it_stands_and_what_it_is_like(tmp_path):
    remark = found(loaded(tmp_path, with_near(table())), RemarkKind.NEAR_DUPLICATES)
    assert [row.place for row in remark.rows] == [*range(302, 322)]
    assert remark.rows[0].beside.startswith("line 2: ")
    assert remark.rows[0].text.startswith(remark.rows[0].beside.removeprefix("line 2: "))


def test_small_classes_are_merged_left_out_or_kept(tmp_path):
    frame = with_small(table())
    data = loaded(tmp_path, frame, merge_small=10, min_rows=3)
    assert data.class_names == ("left", "other", "right")
    assert "2 classes with fewer than 10 texts became the class 'other': 'rare', 'rarer'." in data.report.notes
    assert loaded(tmp_path, frame, min_rows=3).class_names == ("left", "rare", "rarer", "right")
    kept = found(loaded(tmp_path, frame, min_rows=3), RemarkKind.SMALL_CLASSES)
    assert "2 classes have fewer than 10 texts" in kept.sentence
    assert [remedy.option for remedy in kept.remedies] == ["--min-rows 10", "--merge-small 10"]


def test_what_is_in_force_is_told_and_undone_one_by_one(tmp_path):
    data = loaded(tmp_path, table(), min_rows=10)
    choices = replace(
        data.report.choices,
        merge_labels=True,
        merge_small=10,
        drop=("near-duplicates", "garbled"),
        mend_encoding=True,
        remove=("[spam]", "x"),
        group="author",
    )
    seen = 0
    while applied := applied_remedies(choices):
        assert len({each.sentence for each in applied}) == len(applied)
        choices = applied[0].before
        seen += 1
    assert seen == 8 and choices == data.report.choices


def test_a_marker_is_taken_out_wherever_it_stands_and_out_of_no_word(tmp_path):
    frame = table(60)
    texts = frame["text"].tolist()
    texts[:3] = ["[SPAM] one two three four", "spam is spamming", "five [spam] six seven"]
    data = loaded(tmp_path, frame.assign(text=texts), remove=["[spam]", "spam"])
    known = {text for split in data.splits.values() for text in split.texts}
    assert {"one two three four", "is spamming", "five six seven"} <= known


BAD = {
    "a kind that is none": ({"drop": ["all"]}, "There is no kind of rows 'all' to drop; there are: near-duplicates"),
    "an empty text to remove": ({"remove": [" "]}, "has to have a character"),
    "one text a class to merge": ({"merge_small": 1}, "give --merge-small at least 2"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_remedy_is_one_sentence(tmp_path, case):
    choices, message = BAD[case]
    with pytest.raises(BadInput, match=message):
        loaded(tmp_path, table(), **choices)


def test_near_duplicates_are_those_that_share_most_of_their_runs_of_characters():
    base = sentences(40, seed=8)
    near = [base[0].upper(), base[1].replace(" ", "  "), base[2] + " Yes", base[3].replace("e", "é", 1)]
    far = [" ".join(reversed(base[4].split())), "short", "Short!", ""]
    leaders = near_duplicates([*base, *near, *far])
    assert leaders[:40].tolist() == [-1] * 40
    assert leaders[40:44].tolist() == [0, 1, 2, 3]
    assert leaders[44:].tolist() == [-1] * 4
    assert near_duplicates([]).tolist() == []
    hindi = "रूस में कैसे पहले दासत्व विकसित हुआ और फिर खतम हो गया?"
    chinese = "商务大床房，房间很大，床有2M宽，整体感觉经济实惠不错，下次还会再来"
    assert near_duplicates([hindi, chinese, chinese + "!", hindi + "।"]).tolist() == [-1, -1, 1, 0]


def test_the_first_of_many_that_are_alike_leads_them_all():
    (text,) = sentences(1, seed=9, least=14)
    copies = [f"{text} {word}" for word in ("a", "b", "c", "\ud800", "é")]
    assert near_duplicates([*copies, *sentences(5), text]).tolist() == [-1, 0, 0, 0, 0, *[-1] * 5, 0]


def test_a_text_belongs_to_the_script_of_most_of_its_letters():
    texts = ["plain words", "слово and ещё слова", "123 !?", "", "漢字かな", "한국어", "ქართული", "😀 ok"]
    scripts = [None if place < 0 else NAMES[place] for place in dominant_scripts(texts)]
    expected = ["Latin", "Cyrillic", None, None, "Chinese or Japanese", "Korean", "another", "Latin"]
    assert scripts == expected
    assert dominant_scripts([]).tolist() == []


def test_characters_of_a_wrong_encoding_are_told_from_rare_ones():
    garbled = ["Ce n'est pas l'Ã©tÃ©", "Donâ€™t", "lost \ufffd here"]
    sound = ["SÃO PAULO", "Füße und Äpfel", "हिन्दी", "naïve café", "plain", "ã", "商务"]
    assert are_garbled([*garbled, *sound]).tolist() == [True] * 3 + [False] * 7
    assert mended("Donâ€™t") == "Don’t" and mended("SÃO PAULO") == "SÃO PAULO"


def test_training_tells_remarks_with_their_options_and_prints_one_object(tmp_path, fresh_home, capsys):
    path = tmp_path / "t.csv"
    with_authors(with_near(table())).to_csv(path, index=False)
    columns = ["--text", "text", "--label", "label", "--epochs", "1"]
    assert main(["train", "bow", "--data", str(path), *columns, "--json"]) == 0
    said = capsys.readouterr()
    answer = json.loads(said.out)
    assert [remark["kind"] for remark in answer["remarks"]] == ["groups across splits", "near duplicates"]
    assert "--group author keeps those with the same value in one split." in said.err
    assert "--drop near-duplicates keeps only the first of each." in said.err


REAL = [
    ("agnews.csv", "description", "label", {RemarkKind.NEAR_DUPLICATES}),
    ("banking77.csv", "text", "label", {RemarkKind.NEAR_DUPLICATES}),
    ("chnsenti.csv", "review", "label", {RemarkKind.NEAR_DUPLICATES, RemarkKind.LONG_TEXTS}),
    ("trec_hindi.csv", "text", "label", {RemarkKind.NEAR_DUPLICATES, RemarkKind.IMBALANCE}),
    (
        "alexa.tsv",
        "verified_reviews",
        "feedback",
        {RemarkKind.NEAR_DUPLICATES, RemarkKind.IMBALANCE, RemarkKind.TELLING_COLUMN},
    ),
    ("sms.tsv", "text", "label", {RemarkKind.NEAR_DUPLICATES, RemarkKind.GARBLED}),
]
SHARED = {RemarkKind.LEFT_OUT, RemarkKind.READING}


@pytest.mark.data
@pytest.mark.parametrize(("name", "text", "label", "expected"), REAL)
def test_no_alarm_is_false_on_real_tables(name, text, label, expected):
    path = Path(os.environ["WHYWORD_DATA"]) / "own" / name
    if not path.is_file():
        pytest.skip("these tables are not on every machine")
    remarks = remarks_on(load_table(path, text, label, min_rows=10))
    assert {remark.kind for remark in remarks} - SHARED == expected
    serious = [remark.kind for remark in remarks if remark.weight is Weight.SPOILS]
    assert serious == ([RemarkKind.NEAR_DUPLICATES] if name in ("banking77.csv", "sms.tsv") else [])
