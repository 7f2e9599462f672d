"""A table of any size through a model, with what it answers beside each row.

columns     what is added to a row, and the answers that it follows from
part        answers kept beside the output, so that a run that was stopped goes on
text_cells  columns as lines of separated fields, no cell of which a spreadsheet runs
writing     a file of each format, written batch by batch
task        what is to be scored, where a run is, and what became of a table
behind      the table while it is written, by a thread, a batch behind the answers
run         the way from a table to a table
processes   the same over many processes
batch_scorer
            a model as a function of Arrow tables, for an engine of many machines
"""

from core.scoring.batch_scorer import BatchScorer
from core.scoring.columns import AddedColumns
from core.scoring.run import score_file
from core.scoring.task import FileScore, ScoreProgress, ScoreTask, UncertainRow

__all__ = ["AddedColumns", "BatchScorer", "FileScore", "ScoreProgress", "ScoreTask", "UncertainRow", "score_file"]
