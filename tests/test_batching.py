from collections import Counter

import numpy as np
import pytest

from core.batching import Layout, bucket, compact, count_batches, eval_batches, gather, train_batches
from core.schema import Encoded


def corpus(lengths, bag=None):
    """Documents whose every id is the document's own number, so that rows can be told apart."""
    offsets = np.cumsum([0, *lengths], dtype=np.int64)
    ids = np.repeat(np.arange(len(lengths)), lengths).astype(np.int32)
    return Encoded(ids=ids, values=np.ones(len(ids), np.float32), offsets=offsets, bag=bag)


SIZE, BAG_SIZE = 999, 1234
LENGTHS = np.random.default_rng(0).integers(1, 200, 103)
DOCUMENTS, LABELS = corpus(LENGTHS), np.arange(103, dtype=np.int32) % 5
PAIRS = corpus(LENGTHS, bag=corpus(LENGTHS[::-1] // 3))


def epoch(number, seed=0, batch=8, rows=None, start=0):
    layout = Layout(batch, rows or batch, (SIZE,))
    return list(train_batches(DOCUMENTS, LABELS, layout, seed=seed, epoch=number, start=start))


def ids_of(batch, part=0):
    """The ids themselves, of a batch whose ids are positions among its rows."""
    return batch.rows[part][batch.arrays[2 * part]]


def order(batches):
    return [int(row[0]) for b in batches for row, weight in zip(ids_of(b), b.weights, strict=True) if weight]


def test_an_epoch_sees_every_document_once():
    assert Counter(order(epoch(1))) == Counter(range(103))
    assert len(epoch(1)) == count_batches(103, 8)


def test_every_epoch_has_an_order_of_its_own_and_a_seed_repeats_it():
    assert order(epoch(1)) == order(epoch(1))
    assert order(epoch(1)) != order(epoch(2))
    assert order(epoch(1)) != order(epoch(1, seed=1))


def test_an_epoch_that_starts_later_goes_on_in_the_same_order():
    assert order(epoch(2, start=4)) == order(epoch(2)[4:])
    assert epoch(2, start=count_batches(103, 8)) == []


def test_rows_hold_their_document_and_then_padding():
    for b in epoch(1):
        for ids, values, label, weight in zip(ids_of(b), b.arrays[1], b.labels, b.weights, strict=True):
            if weight:
                length = LENGTHS[ids[0]]
                assert (ids[:length] == ids[0]).all() and (ids[length:] == SIZE).all()
                assert values[:length].all() and not values[length:].any()
                assert label == LABELS[ids[0]]
            else:
                assert (ids == SIZE).all() and not values.any()


def test_there_are_few_shapes():
    batches = [b for number in range(1, 4) for b in epoch(number)]
    assert {b.arrays[0].shape for b in batches} <= {(8, length) for length in (64, 128, 192, 256)}
    for length in {b.arrays[0].shape[1] for b in batches}:
        assert len({b.rows[0].shape for b in batches if b.arrays[0].shape[1] == length}) <= 3


def test_fewer_documents_than_a_batch_are_one_batch_with_fill_rows():
    batches = epoch(1, batch=256)
    assert len(batches) == 1
    assert batches[0].weights.sum() == 103


def test_more_rows_than_documents_are_filled_up_with_rows_of_no_weight():
    batches = epoch(1, batch=7, rows=12)
    assert {b.arrays[0].shape[0] for b in batches} == {12}
    assert sorted(b.weights.sum() for b in batches) == [103 % 7, *[7] * (103 // 7)]
    assert Counter(order(batches)) == Counter(range(103))


def test_a_batch_names_every_row_of_a_table_that_it_touches_once_and_no_other():
    layout = Layout(6, 9, (SIZE,))
    plain = gather(DOCUMENTS, LABELS, np.array([70, 3, 41, 8, 3]), layout)
    batch = compact(plain, layout)
    real = batch.rows[0][batch.rows[0] <= SIZE]
    assert real.tolist() == [3, 8, 41, 70, SIZE]
    assert (np.diff(batch.rows[0]) > 0).all()  # each another, those left over beyond the table
    np.testing.assert_array_equal(ids_of(batch), plain.arrays[0])
    np.testing.assert_array_equal(batch.arrays[1], plain.arrays[1])


def test_a_batch_may_touch_every_row_there_is():
    documents = Encoded(ids=np.arange(5, dtype=np.int32), values=np.ones(5, np.float32), offsets=np.array([0, 5]))
    layout = Layout(1, 1, (5,))
    batch = compact(gather(documents, np.zeros(1, np.int32), np.array([0]), layout), layout)
    assert batch.rows[0].tolist() == [0, 1, 2, 3, 4, 5]


def test_each_process_holds_its_share_of_the_rows_and_all_name_the_same_rows_of_tables():
    group = np.array([5, 99, 17, 60, 2])
    shares = [slice(0, 4), slice(4, 8)]
    whole, *parts = (
        compact(gather(DOCUMENTS, LABELS, group, layout), layout)
        for layout in (Layout(5, 8, (SIZE,)), *(Layout(5, 8, (SIZE,), share) for share in shares))
    )
    for name in ("labels", "weights"):
        joined = np.concatenate([getattr(part, name) for part in parts])
        np.testing.assert_array_equal(joined, getattr(whole, name))
    for i in range(2):
        np.testing.assert_array_equal(np.concatenate([part.arrays[i] for part in parts]), whole.arrays[i])
    for part in parts:
        np.testing.assert_array_equal(part.rows[0], whole.rows[0])


def test_a_bag_stands_beside_the_tokens_of_its_document():
    layout = Layout(8, 8, (SIZE, BAG_SIZE))
    for b in train_batches(PAIRS, LABELS, layout, seed=3, epoch=1):
        tokens, bags = ids_of(b, 0), ids_of(b, 1)
        for row, document in enumerate(tokens[:, 0]):
            if b.weights[row]:
                length = PAIRS.bag.lengths[document]
                assert (bags[row, :length] == document).all() and (bags[row, length:] == BAG_SIZE).all()
                assert b.arrays[3][row].sum() == length


def test_prediction_batches_name_the_documents_they_hold():
    for rows, b in eval_batches(DOCUMENTS, Layout(16, 16, (SIZE,))):
        assert b.arrays[0][: len(rows), 0].tolist() == rows.tolist()
        assert b.rows == ()


def test_a_document_without_tokens_still_has_its_row():
    found = [rows.tolist() for rows, _ in eval_batches(corpus([0, 3, 0]), Layout(4, 4, (9,)))]
    assert sorted(found[0]) == [0, 1, 2]


@pytest.mark.parametrize(
    ("length", "size"),
    [(0, 64), (64, 64), (65, 128), (129, 192), (193, 256), (257, 320), (500, 512), (513, 768), (4000, 4096)],
)
def test_lengths_go_into_the_next_bucket(length, size):
    assert bucket(length) == size


@pytest.mark.parametrize(("length", "size"), [(0, 64), (65, 128), (300, 512), (4097, 8192)])
def test_bags_go_into_the_next_power_of_two(length, size):
    assert bucket(length, ordered=False) == size


def test_documents_that_are_taken_come_in_that_order_with_their_bags():
    rows = np.array([50, 7, 7, 102])
    taken = PAIRS.take(rows)
    for part, whole in zip(taken.parts, PAIRS.parts, strict=True):
        assert part.lengths.tolist() == whole.lengths[rows].tolist()
        assert part.ids.tolist() == np.repeat(rows, whole.lengths[rows]).tolist()
    assert PAIRS.take(np.arange(103)) is PAIRS
    assert len(PAIRS.take(np.zeros(0, np.int64))) == 0


def test_a_document_meets_others_in_every_epoch_even_in_a_small_corpus():
    def mates(number):
        groups = [set(ids_of(b)[b.weights > 0, 0].tolist()) for b in epoch(number)]
        return {document: group - {document} for group in groups for document in group}

    first, second = mates(1), mates(2)
    again = sum(len(first[d] & second[d]) for d in first) / sum(len(first[d]) for d in first)
    assert again < 0.3


def test_the_short_batch_does_not_always_hold_the_same_documents():
    short = [next(b for b in epoch(number) if not b.weights.all()) for number in range(1, 7)]
    assert len({frozenset(ids_of(b)[b.weights > 0, 0].tolist()) for b in short}) > 1
