"""What every reader of a table gives."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from core.errors import BadInput
from core.schema.tables import TableFormat


class TableRows(NamedTuple):
    """The rows of a file.

    Attributes:
        frame: (rows, columns), the columns named by different strings.
        format: how the file is written.
        places: (rows,) int64, the line or row of the file that each begins on, from 1.
        notes: sentences on what is worth a look.
    """

    frame: pd.DataFrame
    format: TableFormat
    places: np.ndarray
    notes: tuple[str, ...] = ()


def no_rows(path: Path) -> BadInput:
    """What to say of a file without rows."""
    return BadInput(f"{path.name} has no rows; give a table with a heading and at least one row.")


def unreadable(path: Path, reason: str) -> BadInput:
    """What to say of a file that does not hold what its kind of file holds."""
    reason = reason.partition("\n")[0][:200].rstrip(". ")
    return BadInput(f"{path.name} cannot be read as a table ({reason}); open it and save it again.")
