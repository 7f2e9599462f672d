from collections import Counter

import numpy as np
import pytest

from core.batching import bucket, count_batches, eval_batches, train_batches
from core.schema import Encoded


def corpus(lengths):
    """Documents whose every id is the document's own number, so that rows can be told apart."""
    offsets = np.cumsum([0, *lengths], dtype=np.int64)
    ids = np.repeat(np.arange(len(lengths)), lengths).astype(np.int32)
    return Encoded(ids=ids, values=np.ones(len(ids), np.float32), offsets=offsets)


LENGTHS = np.random.default_rng(0).integers(1, 200, 103)
DOCUMENTS, LABELS = corpus(LENGTHS), np.arange(103, dtype=np.int32) % 5


def epoch(number, seed=0, batch=8):
    return list(train_batches(DOCUMENTS, LABELS, batch=batch, pad_id=999, seed=seed, epoch=number))


def order(batches):
    return [int(row[0]) for b in batches for row, weight in zip(b.ids, b.weights, strict=True) if weight]


def test_an_epoch_sees_every_document_once():
    assert Counter(order(epoch(1))) == Counter(range(103))
    assert len(epoch(1)) == count_batches(103, 8)


def test_every_epoch_has_an_order_of_its_own_and_a_seed_repeats_it():
    assert order(epoch(1)) == order(epoch(1))
    assert order(epoch(1)) != order(epoch(2))
    assert order(epoch(1)) != order(epoch(1, seed=1))


def test_rows_hold_their_document_and_then_padding():
    for b in epoch(1):
        for ids, values, label, weight in zip(*b, strict=True):
            if weight:
                length = LENGTHS[ids[0]]
                assert (ids[:length] == ids[0]).all() and (ids[length:] == 999).all()
                assert values.sum() == length
                assert label == LABELS[ids[0]]
            else:
                assert (ids == 999).all() and values.sum() == 0


def test_there_are_few_shapes():
    shapes = {b.ids.shape for number in range(1, 4) for b in epoch(number)}
    assert shapes <= {(8, length) for length in (64, 128, 192, 256)}


def test_fewer_documents_than_a_batch_are_one_batch_with_fill_rows():
    batches = epoch(1, batch=256)
    assert len(batches) == 1
    assert batches[0].weights.sum() == 103


def test_prediction_batches_name_the_documents_they_hold():
    for rows, b in eval_batches(DOCUMENTS, batch=16, pad_id=999):
        assert b.ids[: len(rows), 0].tolist() == rows.tolist()


def test_a_document_without_tokens_still_has_its_row():
    found = [rows.tolist() for rows, _ in eval_batches(corpus([0, 3, 0]), batch=4, pad_id=9)]
    assert sorted(found[0]) == [0, 1, 2]


@pytest.mark.parametrize(
    ("length", "size"), [(0, 64), (64, 64), (65, 128), (129, 192), (193, 256), (257, 384), (500, 512), (4000, 4096)]
)
def test_lengths_go_into_the_next_bucket(length, size):
    assert bucket(length) == size


def test_a_document_meets_others_in_every_epoch_even_in_a_small_corpus():
    def mates(number):
        groups = [set(b.ids[b.weights > 0, 0].tolist()) for b in epoch(number)]
        return {document: group - {document} for group in groups for document in group}

    first, second = mates(1), mates(2)
    again = sum(len(first[d] & second[d]) for d in first) / sum(len(first[d]) for d in first)
    assert again < 0.3


def test_the_short_batch_does_not_always_hold_the_same_documents():
    short = [next(b for b in epoch(number) if not b.weights.all()) for number in range(1, 7)]
    assert len({frozenset(b.ids[b.weights > 0, 0].tolist()) for b in short}) > 1
