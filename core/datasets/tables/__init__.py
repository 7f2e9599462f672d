"""Tables of one's own, to learn from or to predict: CSV, Excel, Parquet, JSON, texts in folders, also packed.

source         the bytes, unpacked and counted
format         what kind of file it is, and which of those in a zip
encoding       which encoding its text is in
dialect        separator, line ends and heading of separated fields; stands on quotes and lines
separated, json_records, excel, folder_texts
               a file of each kind to `TableRows`; names makes columns different and finds them
sheets         what there is to choose from in an Excel file or a zip
stream, streaming
               the same a batch at a time, for tables of any size; blocks finds whole records among the bytes
reading        a file of any kind to rows, and to texts to predict
labels         which labels are classes
mending        what is changed about texts where that was asked for
reasons        which rows are left out
splitting      train, valid and test: told by a column, drawn by row or by group, cut by time
loading        rows to a `TextDataset`, with a `TableReport`
remembering    where the table of a data set lies
"""

from core.datasets.tables.format import ENDINGS
from core.datasets.tables.labels import FEWEST_TEXTS, MIN_TEXTS_PER_CLASS
from core.datasets.tables.loading import OTHER, fit_name, from_rows, likely_group, load_chosen, load_table
from core.datasets.tables.reading import Texts, read_reported_texts, read_rows, read_table, read_texts
from core.datasets.tables.remembering import is_remembered, remember_choices, remember_table, remembered_table
from core.datasets.tables.rows_read import TableRows
from core.datasets.tables.sheets import sheet_names
from core.datasets.tables.splitting import TEST_SHARE, tells_splits
from core.datasets.tables.stream import TableBatch, TableStream
from core.datasets.tables.streaming import AS_MUCH_AS_THERE_IS, open_table

__all__ = [
    "AS_MUCH_AS_THERE_IS",
    "ENDINGS",
    "FEWEST_TEXTS",
    "MIN_TEXTS_PER_CLASS",
    "OTHER",
    "TEST_SHARE",
    "TableBatch",
    "TableRows",
    "TableStream",
    "Texts",
    "fit_name",
    "from_rows",
    "is_remembered",
    "likely_group",
    "load_chosen",
    "load_table",
    "open_table",
    "read_reported_texts",
    "read_rows",
    "read_table",
    "read_texts",
    "remember_choices",
    "remember_table",
    "remembered_table",
    "sheet_names",
    "tells_splits",
]
