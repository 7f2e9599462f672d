"""A model as a function of Arrow tables, for engines that spread batches over many machines."""

from __future__ import annotations

import pyarrow as pa

from core.datasets.tables.stream import TableBatch
from core.saved_models import load_model
from core.scoring.columns import AddedColumns, answers, columns_of


class BatchScorer:
    """Adds to each table what a model says of its texts; load it once in each worker, then call it.

    Ray Data, Spark's `mapInArrow` and a pool of processes all call such an object with one batch after the other.

    Args:
        model: name or folder.
        text: name of the column of texts.
        added: which columns are added.
    """

    def __init__(self, model: str, text: str, added: AddedColumns | None = None) -> None:
        self.model, self.text, self.added = load_model(model), text, added or AddedColumns()

    def __call__(self, table: pa.Table) -> pa.Table:
        """The table with the further columns. Raises BadInput when its column holds no texts."""
        column = table.column(self.text).combine_chunks()
        texts = TableBatch({self.text: column}).texts(self.text)
        found = columns_of(answers(self.model, texts, self.added), self.model.class_names, self.added)
        for name, cells in found.items():
            table = table.append_column(name, cells)
        return table
