"""Inputs of every kind, and no traceback: `python -m tests.load.fuzz [--inputs 10000]`.

Texts, tables, zips, model folders, query strings and command lines, each made at random from what has broken programs
before. What is refused is refused by a WhywordError with one sentence; anything else is a fault, and status 1.
"""

import argparse
import asyncio
import contextlib
import io
import json
import os
import random
import shutil
import sys
import tempfile
import time
import traceback
import zipfile
from pathlib import Path
from urllib.parse import quote

from core import folders
from core.__main__ import main as command_line
from core.datasets import keep_dataset, likely_columns, load_table, own_datasets, read_rows
from core.errors import WhywordError
from core.explanation import leading_snapshots
from core.jobs import interrupted_jobs
from core.recipes import RECIPES
from core.saved_models import delete_model, list_models, load_model, stored_evaluation
from core.sharing.archive import write_archive
from core.sharing.receiving import receive_archive
from pages.ui.data.own import origin as about_data
from pages.ui.render.difference import changes
from pages.ui.render.highlight import highlighted
from pages.ui.shared.search import containing
from pages.ui.shared.uploaded import file_name
from pages.ui.train.interrupted import about as about_job
from tests.load.serving import serving
from tests.load.session import Visitor

PIECES = (
    *("", " ", "\n", "\t", "\r\n", "\0", "\ud800", "\ufeff", "\u202e", "\u200d", "é", "e\u0301", "雨", "ไม่", "हिन्दी"),
    *(
        "😀",
        "👨‍👩‍👧",
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "![x](http://a/b.png)",
        "$x^2$",
        ":red[",
    ),
    *("=cmd|' /C calc'!A0", "@SUM(1)", "{{7*7}}", "${7*7}", "%s%n", "../../etc/passwd", "con", "nul", "'; DROP", '"'),
    *(
        "<|endoftext|>",
        "-1",
        "1e999",
        "NaN",
        "None",
        "true",
        "0x1F",
        "9" * 400,
        "9" * 5000,
        "a" * 3000,
        ",",
        ";",
        '""',
        "\\",
        "&amp;",
    ),
    *(
        "the film is dull",
        "hockey and cars",
        "rain",
        "good",
        "not",
        "text",
        "label",
        "[]",
        "{}",
        "(?i)",
        "a{1,900}",
        "*",
    ),
)
VERBS = ("datasets", "recipes", "models", "explain", "predict", "evaluate", "delete", "clean", "--help", "nothing")
OPTIONS = (
    "--json",
    "--text",
    "--file",
    "--label",
    "--samples",
    "--seed",
    "--words",
    "--method",
    "--keep-mb",
    "--split",
)
PARAMETERS = ("model", "other", "dataset", "split", "recipe", "job", "text", "document", "label", "against", "seed")
PARAMETERS += ("units", "scale", "view", "true", "pred", "slice", "threshold", "epoch", "compared", "unknown")
PARAMETERS += ("slice-word", "slice-column", "read-document", "of-class", "search", "apart", "tool", "key", "embed")
PAGES = ("", "evaluate", "compare", "score", "train", "models", "data", "how", "nowhere")
VALUES = (
    "newsgroups-bow",
    "imdb-best:5",
    "docstrings-bow:train:5",
    "docstrings",
    "docstrings-bow",
    "Mistakes",
    "Words",
)
VALUES += ("Words", "Classes", "Slices", "Learning", "0", "5", "0.5", "-1", "9" * 5000, "٣", "test")


def piece_text(chance, most=12):
    """Some pieces, one after the other."""
    return "".join(chance.choice(PIECES) + chance.choice(("", " ")) for _ in range(chance.randint(0, most)))


def fuzz_text(chance, folder):
    """A text to explain, with any settings, and what the page draws of it."""
    name = chance.choice(("newsgroups-bow", "newsgroups-ngram", "docstrings-bow"))
    text, label = piece_text(chance), chance.choice((None, piece_text(chance, 1)))
    how = {"units": chance.choice(("words", "signs", "lines")), "log_odds": chance.choice((None, True, False))}
    snapshots = leading_snapshots(
        _model(name), text, label, chance.choice((-1, 0, 1, 20, 500)), chance.randint(-1, 9), **how
    )
    html = highlighted(next(snapshots), 12)
    for payload in ("<script", "<img"):
        assert payload not in html, "markup was not escaped"


def fuzz_comparison(chance, folder):
    """Two texts beside each other, and a search."""
    before, after = piece_text(chance), piece_text(chance)
    found = changes(before, after)
    assert "".join(text for kind, text in found if kind != "+") == before
    containing([before, after], piece_text(chance, 3), regular=chance.random() < 0.5)


def fuzz_table(chance, folder):
    """A table of any form, from the file to a data set that is kept."""
    path = (
        folder
        / f"table{chance.choice(('.csv', '.tsv', '.json', '.jsonl', '.xlsx', '.parquet', '.txt', '.zip', '.gz'))}"
    )
    path.write_bytes(_damaged(_table_bytes(chance), chance))
    text, label = likely_columns(read_rows(path).frame)
    if label is not None:
        keep_dataset(load_table(path, text, label), path)


def fuzz_zip(chance, folder):
    """A zip of texts or tables, some of whose names lead elsewhere."""
    path, content = folder / "texts.zip", io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(chance.randint(0, 8)):
            name = chance.choice(("a/x", "b/y", "../z", "/etc/x", "a\\b", "table.csv", "")) + str(number)
            archive.writestr(name + chance.choice((".txt", ".csv", "")), _table_bytes(chance))
    path.write_bytes(_damaged(content.getvalue(), chance))
    text, label = likely_columns(read_rows(path).frame)
    if label is not None:
        load_table(path, text, label)


def fuzz_model(chance, folder):
    """A model's folder in which something was changed, is listed, read and asked."""
    place = folders.models_folder() / "fuzzed"
    shutil.rmtree(place, ignore_errors=True)
    shutil.copytree(folders.BUNDLED_MODELS / "newsgroups-bow", place)
    file = chance.choice(sorted(path for path in place.rglob("*") if path.is_file()))
    if file.suffix == ".json" and chance.random() < 0.7:
        record = json.loads(file.read_text())
        _change(record, chance)
        file.write_text(json.dumps(record))
    elif chance.random() < 0.1:
        file.unlink()
        file.symlink_to("/etc/hostname")
    else:
        file.write_bytes(_damaged(file.read_bytes(), chance, always=True))
    list_models()
    for read in (stored_evaluation, load_model):
        with contextlib.suppress(WhywordError):
            read("fuzzed")


def fuzz_model_zip(chance, folder):
    """A model's zip with other bytes, other records or foreign files, brought to this machine."""
    whole, path = folder / "whole.zip", folder / "changed.zip"
    if not whole.exists():
        write_archive("newsgroups-bow", whole)
    if chance.random() < 0.3:
        path.write_bytes(_damaged(whole.read_bytes(), chance, always=True))
    else:
        with zipfile.ZipFile(whole) as archive:
            files = {name: archive.read(name) for name in archive.namelist()}
        _change_files(files, chance)
        with zipfile.ZipFile(path, "w", chance.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED))) as archive:
            for name, content in files.items():
                archive.writestr(name, content)
    delete_model(receive_archive(path, "brought").name)


def _change_files(files, chance):
    name = chance.choice(sorted(files))
    if name.endswith(".json") and chance.random() < 0.8:
        record = json.loads(files[name])
        _change(record, chance)
        files[name] = json.dumps(record).encode()
    elif chance.random() < 0.4:
        del files[name]
    elif chance.random() < 0.5:
        foreign = chance.choice(("../out", "/etc/out", "a/../../out", "run.pkl", "x" * 300, "con", name.upper()))
        files[foreign] = b"x"
    else:
        files[name] = _damaged(files[name], chance, always=True)


def fuzz_command(chance, folder):
    """A command line of known and unknown words."""
    words = [chance.choice(VERBS)]
    for _ in range(chance.randint(0, 5)):
        words.append(
            chance.choice((*OPTIONS, "newsgroups-bow", piece_text(chance, 2).replace("\0", ""), "1", str(folder)))
        )
    said = contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO())
    with said[0], said[1] as told, contextlib.suppress(SystemExit):
        status = command_line(words)
        assert status in (0, 2), f"status {status}"
        assert status == 0 or told.getvalue().strip(), "nothing was said"


def fuzz_records(chance, folder):
    """What is written of data sets and of trainings, in which something was changed, and what an upload is called."""
    table, name = folder / file_name(piece_text(chance, 6) + ".csv"), f"kept-{chance.randrange(4)}"
    table.write_text("text,label\n" + "".join(f"rain and storm {row},{'ab'[row % 2]}\n" for row in range(40)))
    if name not in {own.name for own in own_datasets()}:
        shutil.rmtree(folders.datasets_folder() / name, ignore_errors=True)
        keep_dataset(load_table(table, "text", "label").named(name), table)
    place = folders.datasets_folder() / name / "about.json"
    record = json.loads(place.read_text())
    _change(record, chance)
    place.write_text(json.dumps(record))
    list(map(about_data, own_datasets()))
    job = {"name": "mine", "recipe": RECIPES["newsgroups-bow"].to_json(), "others": None, "seed": 0}
    job |= {"owner": None, "started": 1e9}
    _change(job, chance)
    place = folders.runs_folder() / ".jobs" / "fuzzed.json"
    place.parent.mkdir(exist_ok=True)
    place.write_text(json.dumps(job))
    list(map(about_job, interrupted_jobs()))


FUZZED = (fuzz_text, fuzz_comparison, fuzz_table, fuzz_zip, fuzz_model, fuzz_model_zip, fuzz_command, fuzz_records)
WEIGHTS = (3, 5, 4, 2, 3, 2, 4, 2)
_models = {}


def _model(name):
    if name not in _models:
        _models[name] = load_model(name)
    return _models[name]


def _table_bytes(chance):
    kind, rows = chance.choice(("csv", "tsv", "json", "jsonl", "junk")), chance.randint(0, 40)
    pairs = [(piece_text(chance, 4), chance.choice(("a", "b", piece_text(chance, 1)))) for _ in range(rows)]
    if kind == "json":
        return json.dumps([{"text": text, "label": label} for text, label in pairs]).encode()
    if kind == "jsonl":
        return "\n".join(json.dumps({"text": text, "label": label}) for text, label in pairs).encode()
    if kind == "junk":
        return chance.randbytes(chance.randint(0, 2000))
    separator, encoding = ("," if kind == "csv" else "\t"), chance.choice(("utf-8", "utf-16", "cp1252"))
    lines = [f'"{text}"{separator}{label}' for text, label in [("text", "label"), *pairs]]
    return "\n".join(lines).encode(encoding, "replace" if encoding == "cp1252" else "ignore")


def _damaged(content, chance, always=False):
    if not content or not (always or chance.random() < 0.3):
        return content
    changed = bytearray(content[: chance.randint(1, len(content))] if chance.random() < 0.5 else content)
    for _ in range(chance.randint(0, 8)):
        changed[chance.randrange(len(changed))] = chance.randrange(256)
    return bytes(changed)


def _change(record, chance):
    value = chance.choice((None, -1, 0, 10**30, 1e308, "", "x" * 999, "\ud800", [], {}, [[]], True, "../x"))
    if isinstance(record, dict) and record:
        key = chance.choice(sorted(record))
        if isinstance(record[key], dict | list) and record[key] and chance.random() < 0.5:
            _change(record[key], chance)
        else:
            record[key] = value
    elif isinstance(record, list) and record:
        record[chance.randrange(len(record))] = value


def fuzz_direct(inputs, chance, folder):
    """Sentences on what was no refusal but a fault."""
    for number in range(inputs):
        seed = chance.randrange(2**32)
        made = chance.choices(FUZZED, WEIGHTS)[0]
        try:
            made(random.Random(seed), folder)
        except WhywordError as error:
            if "\n" in str(error).strip() or not str(error):
                yield f"{made.__name__} seed {seed}: no sentence: {str(error)[:200]!r}"
        except Exception:
            yield f"{made.__name__} seed {seed}: {traceback.format_exc()[-700:]}"
        if number % 500 == 499:
            print(f"{number + 1} inputs", file=sys.stderr, flush=True)


def fuzz_addresses(inputs, chance):
    """Sentences on addresses whose page shows a fault, of a real server."""
    with serving(folders.home()) as (address, _, log):
        yield from asyncio.run(_ask(address, inputs, chance))
        if "Traceback (most recent call last)" in log.read_text(errors="replace"):
            yield f"a traceback in the log: {log.read_text(errors='replace')[-1500:]}"


async def _ask(address, inputs, chance):
    wrong = []
    for _ in range(inputs):
        pairs = (
            (chance.choice(PARAMETERS), chance.choice((piece_text(chance, 3), *VALUES)))
            for _ in range(chance.randint(1, 5))
        )
        query = "&".join(f"{name}={quote(value, errors='replace')}" for name, value in pairs)
        async with Visitor(address, chance.choice(PAGES), query) as visitor:
            answer = await visitor.open(60)
            if answer.errors or answer.seconds is None:
                wrong.append(f"{visitor.page}?{query[:300]}: {answer}")
    return wrong


def main(arguments=None):
    """Fuzz; gives what was wrong."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--inputs", type=int, default=10_000)
    parser.add_argument("--addresses", type=int, help="of these inputs, addresses of a real server (one in 50)")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(arguments)
    addresses = options.inputs // 50 if options.addresses is None else options.addresses
    chance, started = random.Random(options.seed), time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["WHYWORD_HOME"] = str(Path(folder) / "home")
        wrong = list(fuzz_direct(options.inputs - addresses, chance, Path(folder)))
        wrong += fuzz_addresses(addresses, chance) if addresses else []
    print(*wrong[:20], sep="\n")
    seconds = time.monotonic() - started
    print(f"{options.inputs} inputs, {addresses} of them addresses: {len(wrong)} wrong, {seconds:.0f} s")
    return wrong


if __name__ == "__main__":
    sys.exit(1 if main() else 0)
