"""Commands that predict and explain texts of one's own."""

from __future__ import annotations

import argparse
import os
import re
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from core.commands.terminal import Answer, duration, percent, table
from core.errors import BadInput

if TYPE_CHECKING:
    import pandas as pd

CHUNK = 2048  # texts between two moves of the progress bar


def predict(options: argparse.Namespace) -> Answer:
    """Add the predicted class and the probabilities to a table of texts."""
    import numpy as np
    from tqdm import tqdm

    from core.devices import divided, is_first
    from core.saved_models import load_model

    started = time.perf_counter()
    source, target = Path(options.input), Path(options.output)
    _check_target(target)
    if target.exists() and source.exists() and target.samefile(source):
        raise BadInput(f"{source} is the input itself; choose another name for the output.")
    frame, column = _read_texts(source, options.text)
    model = load_model(options.model)
    _check_columns(frame, model.class_names)
    _write_table(frame.assign(prediction=""), target, keep=False)  # to find out before the work
    texts = frame[column].tolist()

    def probabilities_of(texts: Sequence[str]) -> np.ndarray:
        starts = tqdm(range(0, len(texts), CHUNK), desc="predicting", disable=None, leave=False)
        parts = [model.predict_proba(texts[start : start + CHUNK]) for start in starts]
        return np.concatenate([np.zeros((0, len(model.class_names)), np.float32), *parts])

    probabilities = divided(probabilities_of, texts)
    names = [model.class_names[i] for i in probabilities.argmax(axis=1)]
    columns = {f"p_{name}": probabilities[:, i].round(6) for i, name in enumerate(model.class_names)}
    if is_first():
        _write_table(frame.assign(prediction=names, **columns), target)
    seconds = time.perf_counter() - started
    counts = {name: Counter(names)[name] for name in model.class_names}
    paths = {"input": str(source), "output": str(target), "text": column}
    record = {"model": model.name, **paths, "n": len(names), "seconds": seconds, "predictions": counts}
    told = ", ".join(f"{count:,} {name}" for name, count in counts.items())
    if guessed := sum(not re.search(r"\w", text) for text in texts):
        told += f"; {guessed:,} of them without a word, which a model can only guess"
    return record, (f"{target}: {len(names):,} texts in {duration(seconds)}, {told}.",)


def explain(options: argparse.Namespace) -> Answer:
    """Weigh the words of a text for or against a class."""
    from core.explanation import explain as explained
    from core.saved_models import load_model

    text = options.text if options.file is None else _read_file(Path(options.file))
    how = {key: getattr(options, key) for key in ("label", "samples", "words", "seed")}
    result = explained(load_model(options.model), text, **how)
    chances = sorted(result.probabilities.items(), key=lambda pair: -pair[1])
    rows = [(f"{w.weight:+.3f}", w.word, f"{w.low:+.3f} to {w.high:+.3f}") for w in result.words]
    fit = "undefined" if result.fit_r2 is None else f"{result.fit_r2:.2f}"
    return result.to_json(), (
        ", ".join(f"{name} {percent(chance)}" for name, chance in chances),
        f"Words for (+) and against (-) {result.class_name}; fit R2 {fit}, {result.samples:,} samples:",
        *table(("weight", "word", "95% interval"), rows),
        *result.caveats,
    )


def _read_file(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeError as error:
        raise BadInput(f"{path} is not UTF-8 text; save it as UTF-8 and try again.") from error
    except (OSError, ValueError) as error:
        raise BadInput(f"{path} cannot be read ({getattr(error, 'strerror', error)}); check the name.") from error


def _read_texts(path: Path, column: str | None) -> tuple[pd.DataFrame, str]:
    import pandas as pd

    from core.datasets import read_texts

    if path.suffix.lower() != ".txt":
        return read_texts(path, column)
    lines = _read_file(path).removesuffix("\n")
    if not lines:
        raise BadInput(f"{path} has no lines; write one text a line.")
    return pd.DataFrame({"text": lines.split("\n")}), "text"


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


def _write_table(frame: pd.DataFrame, path: Path, *, keep: bool = True) -> None:
    from pyarrow import ArrowException

    temporary = path.with_name(f".{path.stem}-{os.getpid()}{path.suffix}")
    try:
        _WRITERS[path.suffix.lower()](frame, temporary)
        if keep:
            temporary.replace(path)
    except OSError as error:
        raise BadInput(f"{path} cannot be written ({error.strerror or error}); choose another place.") from error
    except (ArrowException, OverflowError, UnicodeEncodeError) as error:
        reason = str(error).partition("\n")[0][:200].rstrip(". ") or type(error).__name__
        raise BadInput(f"{path.name} cannot hold these columns ({reason}); choose another format.") from error
    finally:
        temporary.unlink(missing_ok=True)


# In CSV, lone surrogates, which JSON can hold and UTF-8 cannot, are written as their escapes.
_WRITERS: dict[str, Callable[[pd.DataFrame, Path], object]] = {
    ".csv": lambda frame, path: frame.to_csv(path, index=False, errors="backslashreplace"),
    ".tsv": lambda frame, path: frame.to_csv(path, index=False, sep="\t", errors="backslashreplace"),
    ".parquet": lambda frame, path: frame.to_parquet(path, index=False),
    ".jsonl": lambda frame, path: frame.to_json(path, orient="records", lines=True, date_format="iso"),
    ".ndjson": lambda frame, path: frame.to_json(path, orient="records", lines=True, date_format="iso"),
    ".txt": lambda frame, path: path.write_text("\n".join(frame["prediction"]) + "\n", encoding="utf-8"),
}
