import dataclasses
import os
import resource

import numpy as np
import pytest

from core.config import FITTING, DataConfig
from core.encoders import cached, encoded_splits
from core.folders import encoded_folder
from core.schema import Split
from tests.toy import toy_data

ENCODERS = [encoders[0] for encoders in (FITTING["bow"], FITTING["convnet"], FITTING["wide"])]


def config(encoder="words", **changes):
    return DataConfig(dataset="toy", encoder=encoder, **({"vocabulary": 400, "length": 60} | changes))


def arrays(documents):
    return [getattr(part, name) for part in documents.parts for name in ("ids", "values", "offsets")]


def assert_same(one, other):
    """That two answers of `encoded_splits` are the same, and so are their encoders."""
    for a, b in zip(one[1:], other[1:], strict=True):
        for mine, theirs in zip(arrays(a), arrays(b), strict=True):
            assert mine.dtype == theirs.dtype
            np.testing.assert_array_equal(mine, theirs)
    assert one[0].sizes == other[0].sizes
    texts = ("The cat was there.", "", "zebra bread")
    for mine, theirs in zip(arrays(one[0].encode(texts)), arrays(other[0].encode(texts)), strict=True):
        np.testing.assert_array_equal(mine, theirs)


def folders():
    return {path.name for path in encoded_folder().iterdir()}


def mapped(answer):
    return all(isinstance(array, np.memmap) for documents in answer[1:] for array in arrays(documents))


def last_used(folder, second):
    os.utime(encoded_folder() / folder, (second, second))


@pytest.mark.parametrize("encoder", ENCODERS)
def test_documents_are_encoded_once_and_then_come_from_the_disk(fresh_home, encoder, monkeypatch):
    first = encoded_splits(config(encoder), toy_data())
    assert len(folders()) == 1 and encoded_folder().is_relative_to(fresh_home)
    monkeypatch.setattr(cached, "learn_and_encode", lambda *_: pytest.fail("encoded again"))
    again = encoded_splits(config(encoder), toy_data())
    assert mapped(again)
    assert_same(first, again)
    assert (len(again[1]), len(again[2])) == (241, 47)
    assert len(folders()) == 1


def test_what_comes_from_the_disk_cannot_be_changed(fresh_home):
    encoded_splits(config(), toy_data())
    _, train, _ = encoded_splits(config(), toy_data())
    with pytest.raises(ValueError, match="read-only"):
        train.ids[0] = 7


def test_the_encoder_has_seen_the_train_split_only(fresh_home):
    data = toy_data()
    valid = dataclasses.replace(data.valid, texts=("zebra", *data.valid.texts[1:]))
    for _ in range(2):
        encoder, _, documents = encoded_splits(config(), dataclasses.replace(data, valid=valid))
        assert encoder.read("zebra").unknown_words == ("zebra",)
        assert documents.lengths[0] == 0


@pytest.mark.parametrize(
    "change", [{"lowercase": False}, {"ngrams": 2}, {"min_count": 2}, {"weighting": "tfidf"}, {"vocabulary": 401}]
)
def test_other_settings_are_encoded_anew(fresh_home, change):
    encoded_splits(config(), toy_data())
    changed = encoded_splits(config(**change), toy_data())
    assert not mapped(changed)
    assert len(folders()) == 2
    assert_same(changed, encoded_splits(config(**change), toy_data()))


@pytest.mark.parametrize("part", ["train", "valid"])
def test_other_texts_are_encoded_anew(fresh_home, part):
    data = toy_data()
    encoded_splits(config(), data)
    split = data.splits[part]
    other = dataclasses.replace(split, texts=(*split.texts[:-1], "Another text"))
    assert not mapped(encoded_splits(config(), dataclasses.replace(data, **{part: other})))
    assert len(folders()) == 2


def test_a_split_without_a_known_word_comes_back_empty(fresh_home):
    data = toy_data()
    silent = Split(dataset="toy", name="valid", texts=("!", "?"), labels=data.valid.labels[:2], class_names=())
    for _ in range(2):
        _, train, valid = encoded_splits(config(), dataclasses.replace(data, valid=silent))
        assert len(valid) == 2 and not len(valid.ids) and len(train) == 241


def test_a_place_that_cannot_be_written_to_is_no_error(fresh_home):
    fresh_home.write_text("a file where the folder should be")
    first, again = (encoded_splits(config(), toy_data()) for _ in range(2))
    assert not mapped(again)
    assert_same(first, again)


@pytest.mark.parametrize("room", [0, 200, 3_000])
@pytest.mark.parametrize("encoder", ENCODERS)
def test_a_full_disk_is_no_error_and_leaves_nothing_half_written(fresh_home, encoder, room):
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, resource.RLIM_INFINITY))
    try:
        first = encoded_splits(config(encoder), toy_data())
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    assert folders() == set()
    assert_same(first, encoded_splits(config(encoder), toy_data()))
    assert len(folders()) == 1


def test_the_one_used_longest_ago_goes_when_there_are_too_many(fresh_home, monkeypatch):
    monkeypatch.setattr(cached, "MAX_CACHED_CORPORA", 3)
    names = []
    for number in range(3):
        before = folders()
        encoded_splits(config(min_count=number + 1), toy_data())
        names += folders() - before
        last_used(names[-1], 1000 + number)
    encoded_splits(config(min_count=1), toy_data())  # the oldest is used again
    encoded_splits(config(min_count=4), toy_data())
    assert len(folders()) == 3
    assert names[0] in folders() and names[1] not in folders() and names[2] in folders()


def cut(length):
    return lambda path: path.write_bytes(path.read_bytes()[:length])


DAMAGES = {"nothing left": cut(0), "cut": cut(50), "gone": lambda path: path.unlink()}
FILES = ["encoder.json", "train/ids.npy", "train/values.npy", "valid/offsets.npy"]


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
@pytest.mark.parametrize("name", [*FILES, "vocabulary.npz"])
def test_a_damaged_bag_is_encoded_anew(fresh_home, name, damage):
    first = encoded_splits(config(), toy_data())
    (folder,) = encoded_folder().iterdir()
    damage(folder / name)
    assert_same(first, encoded_splits(config(), toy_data()))
    assert mapped(encoded_splits(config(), toy_data()))


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
@pytest.mark.parametrize("name", ["encoder.json", "vocabulary.tiktoken"])
def test_damaged_tokens_are_encoded_anew(fresh_home, name, damage):
    first = encoded_splits(config("bpe"), toy_data())
    (folder,) = encoded_folder().iterdir()
    damage(folder / name)
    assert_same(first, encoded_splits(config("bpe"), toy_data()))


def test_a_vocabulary_that_has_lost_its_end_is_noticed(fresh_home):
    first = encoded_splits(config("bpe"), toy_data())
    (folder,) = encoded_folder().iterdir()
    lines = (folder / "vocabulary.tiktoken").read_text().splitlines(keepends=True)
    (folder / "vocabulary.tiktoken").write_text("".join(lines[:-9]))
    assert_same(first, encoded_splits(config("bpe"), toy_data()))
