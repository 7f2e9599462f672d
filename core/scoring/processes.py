"""A table through a model in many processes, each with its share of every batch; the first one writes."""

from __future__ import annotations

import time
from collections.abc import Generator, Sequence

import numpy as np
import pyarrow as pa

from core.devices import agree, check_same, gather_bytes, is_first, own_items
from core.predictor import Predictor
from core.scoring.columns import answers
from core.scoring.run import Answer, Together, predicted, score_file
from core.scoring.task import ScoreProgress, ScoreTask

ROWS = 8_192  # of a step, the same in all processes


def score_together(model: Predictor, task: ScoreTask, *, restart: bool = False) -> Generator[ScoreProgress]:
    """What `score_file` does, in all processes at once; the order of the rows stays.

    Raises BadInput, in every process, when their tables differ.
    """
    check_same(repr((task.stream.rows, task.stream.names, task.text)))

    def answer(texts: Sequence[str]) -> pa.RecordBatch:
        return divided(lambda own: answers(model, own, task.added), texts)

    if is_first():
        shared = Together(answer=answer, begin=lambda rows: agree(str(rows)), rows=ROWS)
        yield from score_file(model, task, restart=restart, together=shared)
        return
    started, rows = time.perf_counter(), int(agree(""))
    for found in predicted(task, rows, answer, ROWS):
        rows += len(found)
        seconds = time.perf_counter() - started
        yield ScoreProgress(phase="predicting", rows=rows, total=task.stream.rows, seconds=seconds)


def divided(answer: Answer, texts: Sequence[str]) -> pa.RecordBatch:
    """The answers to all texts, each process working on every so-manieth of them."""
    own = answer(own_items(list(texts)))
    parts = [pa.ipc.read_record_batch(pa.py_buffer(part), own.schema) for part in gather_bytes(own.serialize())]
    order = np.concatenate([np.arange(number, len(texts), len(parts)) for number in range(len(parts))])
    whole = pa.Table.from_batches(parts).take(pa.array(np.argsort(order)))
    return whole.combine_chunks().to_batches()[0]
