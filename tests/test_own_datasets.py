"""Data sets of one's own: kept, found by name and by their texts, renamed, deleted and brought back."""

import json
from dataclasses import replace

import pandas as pd
import pytest

from core.coach import applied_remedies, choose_anew, remarks_on
from core.datasets import (
    delete_own,
    is_available,
    keep_dataset,
    load_dataset,
    load_table,
    own_datasets,
    remembered_table,
    rename_dataset,
    restore_own,
)
from core.errors import BadInput, UnknownName
from core.folders import datasets_folder
from tests.toy import toy_table


def kept(path, **how):
    data = load_table(path, "note", "kind", **how)
    return data, keep_dataset(data, path)


@pytest.fixture
def table(fresh_home, tmp_path):
    path = toy_table(tmp_path / "notes.csv", rows=317)
    lines = path.read_text(encoding="utf-8").splitlines()
    extra = [f"{line},{'' if row % 5 == 0 else f'writer {row % 40}'},{row / 7}" for row, line in enumerate(lines[1:])]
    path.write_text("\n".join([f"{lines[0]},author,score", *extra]), encoding="utf-8")
    return path


def test_a_table_that_is_kept_gives_the_same_documents_without_its_file(table):
    data, own = kept(table, group="author")
    table.unlink()
    again = load_dataset("notes")
    assert again.fingerprint == data.fingerprint == own.fingerprint
    assert again.class_names == data.class_names
    for name, split in data.splits.items():
        assert again.splits[name].texts == split.texts
        assert again.splits[name].groups["author"].tolist() == split.groups["author"].tolist()
        assert [*again.splits[name].columns] == [*split.columns]
        for column, values in split.columns.items():
            pd.testing.assert_series_equal(pd.Series(again.splits[name].columns[column]), pd.Series(values))
    assert is_available("notes")
    assert remembered_table(data.fingerprint).train.texts == data.train.texts


def test_a_note_says_what_it_was_read_from(table):
    data, own = kept(table)
    (found,) = own_datasets()
    assert found == own
    assert (own.source, own.choices["text"], own.choices["label"]) == ("notes.csv", "note", "kind")
    assert own.sentences == data.report.sentences and own.sentences
    assert own.documents == {name: len(split) for name, split in data.splits.items()}
    assert own.left_out == data.left_out
    assert len(own.source_sha256) == 64


def test_the_same_table_is_kept_once_and_another_one_needs_another_name(table, tmp_path):
    _, own = kept(table)
    assert kept(table)[1] == own
    (tmp_path / "other").mkdir()
    other = toy_table(tmp_path / "other" / "notes.csv", rows=251)
    with pytest.raises(BadInput, match="another data set called notes"):
        kept(other)
    kept(other, name="other")
    assert {each.name for each in own_datasets()} == {"notes", "other"}


def test_a_renamed_data_set_is_found_by_its_new_name_and_by_its_texts(table):
    data, _ = kept(table)
    assert rename_dataset("notes", "letters").name == "letters"
    assert load_dataset("letters").fingerprint == data.fingerprint
    assert remembered_table(data.fingerprint).name == "letters"
    with pytest.raises(UnknownName, match="letters"):
        load_dataset("notes")


@pytest.mark.parametrize("name", ["", "..", "a/b", "two words", ".hidden", "tables", "x" * 46, "a\nb"])
def test_a_name_that_no_folder_can_have_is_refused(table, name):
    kept(table)
    with pytest.raises(BadInput, match="data set's name"):
        rename_dataset("notes", name)
    assert [own.name for own in own_datasets()] == ["notes"]


def test_the_name_of_a_public_data_set_is_refused(table):
    kept(table)
    with pytest.raises(BadInput, match="public data set"):
        rename_dataset("notes", "imdb")
    assert [own.name for own in own_datasets()] == ["notes"]


def test_a_name_that_is_taken_is_refused_and_nothing_is_lost(table):
    kept(table)
    kept(table, name="letters")
    with pytest.raises(BadInput, match="another data set called letters"):
        rename_dataset("notes", "letters")
    assert {own.name for own in own_datasets()} == {"notes", "letters"}


def test_a_deleted_data_set_comes_back_until_another_is_deleted(table):
    data, _ = kept(table)
    kept(table, name="letters")
    delete_own("notes")
    assert [own.name for own in own_datasets()] == ["letters"]
    restore_own("notes")
    assert load_dataset("notes").fingerprint == data.fingerprint
    delete_own("notes")
    delete_own("letters")
    with pytest.raises(BadInput, match="gone"):
        restore_own("notes")
    restore_own("letters")
    assert [own.name for own in own_datasets()] == ["letters"]
    with pytest.raises(UnknownName):
        delete_own("notes")


def test_a_damaged_data_set_is_a_sentence_and_hides_no_other(table):
    kept(table)
    kept(table, name="letters")
    documents = datasets_folder() / "notes" / "documents.parquet"
    whole = documents.read_bytes()
    documents.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(BadInput, match="damaged"):
        load_dataset("notes")
    documents.write_bytes((datasets_folder() / "letters" / "documents.parquet").read_bytes())
    assert load_dataset("notes").name == "notes"
    note = datasets_folder() / "notes" / "about.json"
    record = json.loads(note.read_text(encoding="utf-8"))
    note.write_text(json.dumps(record | {"fingerprint": "0" * 12}), encoding="utf-8")
    with pytest.raises(BadInput, match="changed"):
        load_dataset("notes")
    note.write_text("{", encoding="utf-8")
    assert [own.name for own in own_datasets()] == ["letters"]


def test_nothing_is_left_where_the_disk_is_full(table, monkeypatch):
    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("core.datasets.own.pq.write_table", full)
    with pytest.raises(BadInput, match="No space left on device"):
        kept(table)
    assert [*datasets_folder().iterdir()] == []


def test_a_table_is_chosen_anew_from_its_kept_copy_and_models_still_find_their_texts(table):
    whole = table.read_bytes()
    data, own = kept(table, min_rows=10)
    table.unlink()
    anew = choose_anew("notes", replace(own.table_choices, remove=("the",)))
    assert anew.fingerprint != own.fingerprint and anew.source_sha256 == own.source_sha256
    assert not any(" the " in text for text in load_dataset("notes").train.texts)
    assert remembered_table(data.fingerprint).train.texts == data.train.texts
    rename_dataset("notes", "letters")
    assert remembered_table(data.fingerprint).train.texts == data.train.texts
    back = choose_anew("letters", applied_remedies(anew.table_choices)[0].before)
    assert back.fingerprint == data.fingerprint and back.original.read_bytes() == whole


def test_what_was_noticed_is_kept_with_a_data_set(table):
    lines = table.read_text(encoding="utf-8").splitlines()
    table.write_text("\n".join([*lines, *(f"Again {line}" for line in lines[1:9])]), encoding="utf-8")
    data = load_table(table, "note", "kind", group="author")
    remarks = remarks_on(data)
    keep_dataset(data, table, remarks)
    (own,) = own_datasets()
    assert own.remarks == remarks and remarks
    assert [row.place for remark in own.remarks for row in remark.rows if remark.remedies]
    places = load_dataset("notes").test.places
    assert places.tolist() == data.test.places.tolist() and (places > 1).all()


def test_choices_that_a_table_cannot_be_read_by_leave_the_data_set_as_it_was(table):
    _, own = kept(table)
    with pytest.raises(BadInput, match="no column 'nope'"):
        choose_anew("notes", replace(own.table_choices, group="nope"))
    (datasets_folder() / "notes" / "original" / "notes.csv").unlink()
    with pytest.raises(BadInput, match="was not kept"):
        choose_anew("notes", own.table_choices)
    assert own_datasets() == (own,)
