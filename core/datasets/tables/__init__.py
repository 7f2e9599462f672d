"""Tables of one's own, to learn from or to predict: CSV, Excel, Parquet, JSON, texts in folders, also packed.

source         the bytes, unpacked and counted
format         what kind of file it is, and which of those in a zip
encoding       which encoding its text is in
dialect        separator, line ends and heading of separated fields; stands on quotes and lines
separated, json_records, excel, folder_texts
               a file of each kind to `TableRows`; names makes columns different and finds them
stream, streaming
               the same a batch at a time, for tables of any size; blocks finds whole records among the bytes
reading        a file of any kind to rows, and to texts to predict
labels         which labels are classes
splitting      train, valid and test: told by a column, drawn by row or by group, cut by time
loading        rows to a `TextDataset`, with a `TableReport`
remembering    where the table of a data set lies
"""

from core.datasets.tables.format import ENDINGS
from core.datasets.tables.loading import load_chosen, load_table
from core.datasets.tables.reading import Texts, read_reported_texts, read_rows, read_table, read_texts
from core.datasets.tables.remembering import remember_table, remembered_table
from core.datasets.tables.splitting import TEST_SHARE
from core.datasets.tables.stream import TableBatch, TableStream
from core.datasets.tables.streaming import AS_MUCH_AS_THERE_IS, open_table

__all__ = [
    "AS_MUCH_AS_THERE_IS",
    "ENDINGS",
    "TEST_SHARE",
    "TableBatch",
    "TableStream",
    "Texts",
    "load_chosen",
    "load_table",
    "open_table",
    "read_reported_texts",
    "read_rows",
    "read_table",
    "read_texts",
    "remember_table",
    "remembered_table",
]
