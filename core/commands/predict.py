"""Add the predicted class and the probabilities to a table of texts."""

from __future__ import annotations

import argparse
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from core.commands.processes import add_process_options
from core.commands.table_options import add_table_options, table_options
from core.commands.terminal import Answer, add_model, read_text_file, write_message
from core.errors import BadInput
from core.folders import atomic_write, temporary_beside
from core.format import duration_or_dash, no_formula

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

SPREADSHEETS = (".csv", ".tsv")
PROGRESS_CHUNK_TEXTS = 2048  # texts between two moves of the progress bar


def add_options(parser: argparse.ArgumentParser) -> None:
    """The model, and the tables to read and to write."""
    add_model(parser)
    parser.add_argument(
        "input",
        metavar="INPUT",
        help="a .csv, .tsv, .xlsx, .parquet, .jsonl or .json table, also .gz or .zip, or .txt with a text a line",
    )
    parser.add_argument(
        "output", metavar="OUTPUT", help=".csv, .tsv, .parquet, .jsonl, or .txt, which holds the classes only"
    )
    parser.add_argument("--text", metavar="COLUMN", help='of the texts in INPUT; "text" or the only one by default')
    add_table_options(parser)
    add_process_options(parser)


def run(options: argparse.Namespace) -> Answer:
    """Predict, with a bar, and write the table."""
    import numpy as np
    from tqdm import tqdm

    from core.devices import divided, is_first
    from core.saved_models import load_model
    from core.units import has_unit

    started = time.perf_counter()
    source, target = Path(options.input), Path(options.output)
    _check_target(target)
    if target.exists() and source.exists() and target.samefile(source):
        raise BadInput(f"{source} is the input itself; choose another name for the output.")
    frame, column, notes = _read_texts(source, options)
    model = load_model(options.model)
    _check_columns(frame, model.class_names)
    _try_to_write(frame.assign(prediction=""), target)  # to find out before the work
    texts = frame[column].tolist()

    def probabilities_of(texts: Sequence[str]) -> np.ndarray:
        starts = tqdm(range(0, len(texts), PROGRESS_CHUNK_TEXTS), desc="predicting", disable=None, leave=False)
        parts = [model.predict_proba(texts[start : start + PROGRESS_CHUNK_TEXTS]) for start in starts]
        return np.concatenate([np.zeros((0, len(model.class_names)), np.float32), *parts])

    for sentence in notes:
        write_message(sentence)
    probabilities = divided(probabilities_of, texts)
    names = [model.class_names[i] for i in probabilities.argmax(axis=1)]
    columns = {f"p_{name}": probabilities[:, i].round(6) for i, name in enumerate(model.class_names)}
    if is_first():
        _write_table(_harmless(frame.assign(prediction=names, **columns), target), target)
    seconds = time.perf_counter() - started
    counts = {name: Counter(names)[name] for name in model.class_names}
    paths = {"input": str(source), "output": str(target), "text": column}
    record = {"model": model.name, **paths, "n": len(names), "seconds": seconds, "predictions": counts}
    counted = ", ".join(f"{count:,} {name}" for name, count in counts.items())
    if guessed := sum(not has_unit(text) for text in texts):
        counted += f"; {guessed:,} of them without a word, which a model can only guess"
    return record, (f"{target}: {len(names):,} texts in {duration_or_dash(seconds)}, {counted}.",)


def _read_texts(path: Path, options: argparse.Namespace) -> tuple[pd.DataFrame, str, Sequence[str]]:
    # The table, the name of its column of texts, and what is to be said of how it was read.
    import pandas as pd

    from core.datasets import read_reported_texts

    if path.suffix.lower() != ".txt":
        found = read_reported_texts(path, options.text, table_options(options))
        return found.frame, found.column, found.report.sentences
    lines = read_text_file(path).removesuffix("\n")
    if not lines:
        raise BadInput(f"{path} has no lines; write one text a line.")
    return pd.DataFrame({"text": lines.split("\n")}), "text", ()


def _check_target(path: Path) -> None:
    if path.suffix.lower() not in _WRITERS:
        raise BadInput(f"{path.name} has to end in one of {', '.join(_WRITERS)}.")
    if not path.parent.is_dir():
        raise BadInput(f"There is no folder {path.parent} to write {path.name} to; make it first.")
    if path.is_dir():
        raise BadInput(f"{path} is a folder; choose another name for the output.")


def _check_columns(frame: pd.DataFrame, class_names: Sequence[str]) -> None:
    added = ("prediction", *(f"p_{name}" for name in class_names))
    if there := [name for name in added if name in frame.columns]:
        raise BadInput(f"The input has a column {there[0]!r} like one that would be added; rename it.")


def _harmless(frame: pd.DataFrame, path: Path) -> pd.DataFrame:
    # As CSV, which a spreadsheet opens, with an apostrophe before each text that it would run as a formula.
    if path.suffix.lower() not in SPREADSHEETS:
        return frame
    texts = frame.select_dtypes(exclude="number")
    safe = texts.map(no_formula)
    changed = int(texts.map(lambda cell: no_formula(cell) is not cell).to_numpy().sum())
    if changed:
        cells = f"{changed:,} cells that" if changed > 1 else "1 cell that"
        write_message(f"{cells} a spreadsheet would run as a formula got an apostrophe in front.")
    return frame.assign(**{name: safe[name] for name in texts}).rename(columns=no_formula)


def _write_table(frame: pd.DataFrame, path: Path) -> None:
    with _errors_explained(path), atomic_write(path) as part:
        _WRITERS[path.suffix.lower()](frame, part)


def _try_to_write(frame: pd.DataFrame, path: Path) -> None:
    with _errors_explained(path), temporary_beside(path) as part:
        _WRITERS[path.suffix.lower()](frame, part)


@contextmanager
def _errors_explained(path: Path) -> Iterator[None]:
    from pyarrow import ArrowException

    try:
        yield
    except OSError as error:
        raise BadInput(f"{path} cannot be written ({error.strerror or error}); choose another place.") from error
    except (ArrowException, OverflowError, UnicodeEncodeError) as error:
        reason = str(error).partition("\n")[0][:200].rstrip(". ") or type(error).__name__
        raise BadInput(f"{path.name} cannot hold these columns ({reason}); choose another format.") from error


# In CSV, lone surrogates, which JSON can hold and UTF-8 cannot, are written as their escapes.
_WRITERS: dict[str, Callable[[pd.DataFrame, Path], object]] = {
    ".csv": lambda frame, path: frame.to_csv(path, index=False, errors="backslashreplace"),
    ".tsv": lambda frame, path: frame.to_csv(path, index=False, sep="\t", errors="backslashreplace"),
    ".parquet": lambda frame, path: frame.to_parquet(path, index=False),
    ".jsonl": lambda frame, path: frame.to_json(path, orient="records", lines=True, date_format="iso"),
    ".ndjson": lambda frame, path: frame.to_json(path, orient="records", lines=True, date_format="iso"),
    ".txt": lambda frame, path: path.write_text("\n".join(frame["prediction"]) + "\n", encoding="utf-8"),
}
