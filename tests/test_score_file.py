import csv
import gzip
import io
import json
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path
from types import ModuleType

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyarrow.dataset import dataset

from core import folders
from core.__main__ import main
from core.datasets import AS_MUCH_AS_THERE_IS, open_table, read_rows
from core.datasets.tables import blocks, separated, streaming
from core.errors import BadInput
from core.evaluation import evaluate, label_set_rule
from core.format import no_formula
from core.predictor import Predictor
from core.saved_models import load_model, save_model
from core.schema.tables import TableOptions
from core.scoring import AddedColumns, BatchScorer, ScoreTask, run, score_file
from core.scoring.columns import answers
from core.scoring.text_cells import rows_of_text
from tests.toy import CLASS_NAMES, toy_model, toy_split

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A folder with a linear model called toy."""
    folder = tmp_path_factory.mktemp("score-file")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WHYWORD_HOME", str(folder))
        patch.setattr(folders, "BUNDLED_MODELS", folder / "shipped")
        model = toy_model("ngram")
        valid = evaluate(model, toy_split("valid", 67, 2))
        save_model(model, evaluate(model, toy_split("test", 92, 3)), name="toy", valid=valid)
        yield folder


@pytest.fixture(scope="module")
def model(home):
    return load_model("toy")


@pytest.fixture
def texts():
    return list(toy_split("train", 143, 8).texts)


@pytest.fixture
def small_steps(monkeypatch):
    """Steps of few rows, so that a small table has several."""
    monkeypatch.setattr(run, "FIRST_ROWS", 16)
    monkeypatch.setattr(run, "STEP_SECONDS", 0.0)


def task_of(model, source, target, **how):
    stream = open_table(source)
    about = {"model": model.name, "class_names": model.class_names, "fingerprint": model.fingerprint}
    return ScoreTask(stream=stream, text=stream.column(), target=target, **about, **how)


def scored(model, source, target, **how):
    *_, last = score_file(model, task_of(model, source, target, **how))
    return last.score


def told(capsys, *arguments):
    assert main([*map(str, arguments), "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def refused(capsys, *arguments):
    assert main([*map(str, arguments)]) == 2
    return capsys.readouterr().err


class Counting(Predictor):
    """A model that says how many texts it was asked about."""

    def __init__(self, model, most=None):
        self.model, self.most, self.asked = model, most, 0
        self.name, self.class_names, self.fingerprint = model.name, model.class_names, model.fingerprint

    def predict_proba(self, texts):
        self.asked += len(texts)
        if self.most is not None and self.asked > self.most:
            raise KeyboardInterrupt
        return self.model.predict_proba(texts)


@pytest.mark.parametrize("ending", [".csv", ".tsv.gz", ".jsonl", ".ndjson.gz", ".parquet", ".txt"])
def test_a_run_that_was_stopped_goes_on_and_gives_the_same_file(model, texts, tmp_path, small_steps, capsys, ending):
    pd.DataFrame({"text": texts, "n": range(len(texts))}).to_csv(tmp_path / "in.csv", index=False)
    whole, target = tmp_path / f"whole{ending}", tmp_path / f"out{ending}"
    scored(model, tmp_path / "in.csv", whole)
    stopped = Counting(model, most=60)
    with pytest.raises(KeyboardInterrupt):
        list(score_file(stopped, task_of(model, tmp_path / "in.csv", target)))
    assert not target.exists() and target.with_name(f"{target.name}.part").exists()
    rest = Counting(model)
    steps = list(score_file(rest, task_of(model, tmp_path / "in.csv", target)))
    assert steps[0].resumed == steps[0].rows > 0
    assert rest.asked == len(texts) - steps[0].resumed
    content = [
        gzip.decompress(path.read_bytes()) if ending.endswith(".gz") else path.read_bytes() for path in (whole, target)
    ]
    assert content[0] == content[1]
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(["in.csv", whole.name, target.name])


def test_what_a_killed_run_has_half_written_is_cut_off(model, texts, tmp_path, small_steps):
    pd.DataFrame({"text": texts}).to_csv(tmp_path / "in.csv", index=False)
    task, part = task_of(model, tmp_path / "in.csv", tmp_path / "out.csv"), tmp_path / "out.csv.part"
    for _, step in zip(range(4), score_file(model, task), strict=False):
        done = step.rows
    part.write_bytes(part.read_bytes()[:-7])
    (tmp_path / "out.csv.writing").write_text("half of a table")
    steps = list(score_file(model, task))
    assert 0 < steps[0].resumed < done
    whole = model.predict_proba(texts).argmax(axis=1)
    assert pd.read_csv(tmp_path / "out.csv")["prediction"].tolist() == [CLASS_NAMES[i] for i in whole]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.csv", "out.csv"]


def test_answers_to_a_file_that_was_read_otherwise_are_not_gone_on_with(model, tmp_path):
    (tmp_path / "in.csv").write_bytes("text,x\ncafé soup,1\nrain,2\n".encode("cp1252"))
    for encoding, resumed in (("cp1252", 0), ("cp1250", 0)):
        stream = open_table(tmp_path / "in.csv", TableOptions(encoding=encoding))
        task = replace(task_of(model, tmp_path / "in.csv", tmp_path / "out.csv"), stream=stream)
        steps = score_file(model, task)
        assert next(steps).resumed == resumed
        next(steps)
        steps.close()


def test_two_runs_do_not_write_one_table(model, texts, tmp_path, small_steps):
    pd.DataFrame({"text": texts}).to_csv(tmp_path / "in.csv", index=False)
    task = task_of(model, tmp_path / "in.csv", tmp_path / "out.csv")
    first = score_file(model, task)
    next(first)
    with pytest.raises(BadInput, match=r"Another run is at work on .*out\.csv; wait for its end"):
        next(score_file(model, task))
    *_, last = first
    assert last.score.rows == len(texts)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.csv", "out.csv"]


def test_predictions_of_another_input_are_not_gone_on_with(model, texts, tmp_path, small_steps):
    source = tmp_path / "in.csv"
    pd.DataFrame({"text": texts}).to_csv(source, index=False)
    next(steps := score_file(model, task_of(model, source, tmp_path / "out.csv")))
    next(steps)
    steps.close()
    pd.DataFrame({"text": texts[::-1]}).to_csv(source, index=False)
    first, *_ = score_file(model, task_of(model, source, tmp_path / "out.csv"))
    assert (first.resumed, first.replaced) == (0, True)


def test_the_command_says_that_it_goes_on(model, home, texts, tmp_path, small_steps, capsys, monkeypatch):
    pd.DataFrame({"text": texts}).to_csv(tmp_path / "in.csv", index=False)
    command = ("predict", "toy", tmp_path / "in.csv", tmp_path / "out.csv")
    with monkeypatch.context() as patch:
        patch.setattr("core.saved_models.load_model", lambda _: Counting(model, most=60))
        assert main([*map(str, command)]) == 130
    assert f"the same command goes on from {tmp_path / 'out.csv.part'}" in capsys.readouterr().err
    assert main([*map(str, command)]) == 0
    assert "of 143 rows done before" in capsys.readouterr().err
    record = told(capsys, *command, "--restart")
    assert (record["resumed"], record["n"], record["guesses"]) == (0, 143, 0)


def test_a_full_disk_leaves_the_predictions_and_nothing_under_the_name(model, texts, tmp_path, monkeypatch):
    pd.DataFrame({"text": texts}).to_csv(tmp_path / "in.csv", index=False)

    def full(*_):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch, pytest.raises(BadInput, match="No space left on device"):
        patch.setattr("core.scoring.writing.rows_of_text", full)
        scored(model, tmp_path / "in.csv", tmp_path / "out.csv")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.csv", "out.csv.part"]
    first, *_ = score_file(model, task_of(model, tmp_path / "in.csv", tmp_path / "out.csv"))
    assert first.resumed == len(texts)


def test_the_input_is_read_once_and_a_batch_ahead(model, texts, tmp_path, small_steps, monkeypatch):
    monkeypatch.setattr(blocks, "BLOCK_BYTES", 400)
    pd.DataFrame({"text": texts}).to_csv(tmp_path / "in.csv", index=False)
    task, read = task_of(model, tmp_path / "in.csv", tmp_path / "out.csv"), []

    def counted():
        for batch in task.stream.batches():
            read.append(len(batch))
            yield batch

    steps = score_file(model, replace(task, stream=replace(task.stream, read=counted)))
    assert next(steps).rows == 0 and next(steps).rows > 0
    *_, last = steps
    assert (sum(read), last.score.rows) == (len(texts), len(texts)) and len(read) > 3
    places = model.predict_proba(texts).argmax(axis=1)
    assert pd.read_csv(tmp_path / "out.csv")["prediction"].tolist() == [CLASS_NAMES[place] for place in places]


def test_a_disk_that_gets_full_ends_the_run_at_once_and_nothing_is_asked_twice(
    model, texts, tmp_path, small_steps, monkeypatch
):
    monkeypatch.setattr(blocks, "BLOCK_BYTES", 400)
    pd.DataFrame({"text": texts}).to_csv(tmp_path / "in.csv", index=False)

    def full(*_):
        raise OSError(28, "No space left on device")

    asked = Counting(model)
    with monkeypatch.context() as patch, pytest.raises(BadInput, match="No space left on device"):
        patch.setattr("core.scoring.writing.rows_of_text", full)
        list(score_file(asked, task_of(model, tmp_path / "in.csv", tmp_path / "out.csv")))
    assert 0 < asked.asked < len(texts)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.csv", "out.csv.part"]
    rest = Counting(model)
    list(score_file(rest, task_of(model, tmp_path / "in.csv", tmp_path / "out.csv")))
    assert asked.asked + rest.asked == len(texts)


CELLS = [
    "",
    "a",
    "b,c",
    'say "x"',
    '"',
    "l\nm",
    "c\r\nd",
    "é;ü",
    "=1+1",
    " -2+3",
    "-5.25",
    "@a",
    "\tx",
    "＋1",
    "\u200b=2",
    "हिन्दी",
    ",",
]


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("separator", [",", "\t"])
def test_cells_are_written_as_the_csv_module_writes_them(seed, separator):
    rng = np.random.default_rng(seed)
    columns = [rng.choice(CELLS, 31).tolist() for _ in range(3)]
    columns[1][4] = None
    whole = pa.array(columns[0], pa.large_string())
    arrays = [whole.slice(5), pa.array(columns[1][5:], pa.large_string()), columns[2][5:]]
    content, changed = rows_of_text([*arrays, pa.array(range(26))], separator)
    safe = [[no_formula(cell) for cell in column[5:]] for column in columns]
    expected = io.StringIO()
    rows = [["" if cell is None else cell for cell in row] for row in zip(*safe, range(26), strict=True)]
    csv.writer(expected, delimiter=separator, lineterminator="\n").writerows(rows)
    assert bytes(content).decode() == expected.getvalue()
    assert changed == sum(
        one != other for a, b in zip(safe, columns, strict=True) for one, other in zip(a, b[5:], strict=True)
    )


ODD = {
    "empty headings": "text,,x,\nthe cat,1,2,\nsome soup,3,4,\n",
    "quoted": 'text,note\r\n"the cat, it\r\nsat","say ""meow"""\r\nsoup,\r\n',
    "bom": "\ufefftext\nthe cat\n\nsoup\n",
    "short": "text,x\nthe cat\nsoup,2\n",
    "stray": 'text\tx\nthe "cat\t1\nsoup\t"2\n',
    "no heading": "the cat was there in the morning sun,1\nsome soup and bread for all of us here,2\n",
    "same names": "text,a,a\nthe cat,1,2\n",
    "NA": "text,n\nNA,01\nnull,1\nNone,1.0\n",
    "lone return": "text,n\nthe\rcat,1\nsoup,2\n",
}


@pytest.mark.parametrize("content", ODD.values(), ids=ODD)
def test_a_stream_has_the_cells_and_the_notes_of_the_whole_table(tmp_path, content, monkeypatch):
    monkeypatch.setattr(blocks, "BLOCK_BYTES", 24)
    monkeypatch.setattr(separated, "BATCH_ROWS", 2)
    (tmp_path / "in.csv").write_bytes(content.encode())
    rows, stream = read_rows(tmp_path / "in.csv"), open_table(tmp_path / "in.csv")
    found = [batch.columns for batch in stream.batches()]
    cells = {name: [cell for columns in found for cell in columns[name].to_pylist()] for name in stream.names}
    assert cells == rows.frame.to_dict("list")
    assert (stream.rows, stream.format, stream.notes) == (len(rows.frame), rows.format, rows.notes)


@pytest.mark.parametrize("seed", range(60))
def test_blocks_of_bytes_are_read_as_record_after_record(tmp_path, seed, monkeypatch):
    rng = np.random.default_rng(seed)
    pieces = ["a", "é", "", "b c", '"q"', '"a""b"', '"l\nm"', '"c\r\nd"', '"s,;t"', "1", " ", '""', 'q"r', "\r"]
    likely = np.array([10] * 12 + [0.3] * 2)
    fields, line_end = int(rng.integers(1, 5)), ("\n", "\r\n")[seed % 2]
    table = rng.choice(pieces, (int(rng.integers(1, 13)), fields), p=likely / likely.sum())
    lines = [",".join("abcd"[:fields]), *map(",".join, table)]
    (tmp_path / "in.csv").write_bytes((line_end.join(lines) + line_end * (seed % 3 > 0)).encode())
    monkeypatch.setattr(blocks, "BLOCK_BYTES", int(rng.integers(3, 40)))
    by_bytes = _read_or_told(tmp_path / "in.csv")
    monkeypatch.setattr(blocks, "_is_byte_by_byte", lambda _: False)
    assert by_bytes == _read_or_told(tmp_path / "in.csv")


def _read_or_told(path):
    try:
        rows = read_rows(path)
    except BadInput as error:
        return str(error)
    return rows.frame.to_dict("list"), rows.places.tolist(), rows.notes, rows.format


def test_no_column_is_called_unnamed(model, tmp_path):
    (tmp_path / "in.csv").write_text("text,,x,\nthe cat,1,2,\nsome soup,3,4,\n")
    scored(model, tmp_path / "in.csv", tmp_path / "out.csv")
    assert (tmp_path / "out.csv").read_text().startswith("text,column 2,x,prediction,")


@pytest.mark.parametrize("index", [pd.Index(["u7", "u9"], name="id"), pd.Index(["u7", "u9"]), pd.RangeIndex(40, 42)])
@pytest.mark.parametrize("ending", [".csv", ".parquet", ".jsonl"])
def test_the_index_of_a_parquet_file_stays_as_a_column(model, tmp_path, index, ending):
    pd.DataFrame({"text": ["the cat", "some soup"]}, index=index).to_parquet(tmp_path / "in.parquet")
    scored(model, tmp_path / "in.parquet", tmp_path / f"out{ending}")
    stream = open_table(tmp_path / f"out{ending}")
    batch = next(stream.batches())
    column = batch.columns[index.name or "index"]
    assert list(map(str, column.to_pylist() if isinstance(column, pa.Array) else column)) == list(map(str, index))


def test_pandas_opens_categories_lists_and_structs_in_parquet(model, tmp_path):
    table = pa.table(
        {
            "text": ["the cat", "some soup", None],
            "kind": pa.array(["b", "a", "b"]).dictionary_encode(),
            "words": [["the", "cat"], [], None],
            "at": [{"x": 1}, {"x": 2}, None],
            "day": pa.array([0, 1, 2], pa.date32()),
        }
    )
    pq.write_table(table, tmp_path / "in.parquet")
    score = scored(model, tmp_path / "in.parquet", tmp_path / "out.parquet")
    written = pq.read_table(tmp_path / "out.parquet")
    assert written.select(table.column_names).equals(table)
    assert written.schema.field("kind").type == table.schema.field("kind").type
    frame = pd.read_parquet(tmp_path / "out.parquet")
    assert (frame["kind"].dtype, list(frame["words"][0]), frame["at"][1]) == ("category", ["the", "cat"], {"x": 2})
    assert (score.rows, score.guesses) == (3, 1)


def test_a_bad_line_of_json_is_called_by_its_number(home, tmp_path, capsys):
    lines = ['{"text": "the cat"}'] * 30 + ["{"] + ['{"text": "soup"}'] * 4
    (tmp_path / "in.jsonl").write_text("\n".join(lines))
    assert "line 31 is not JSON" in refused(capsys, "predict", "toy", tmp_path / "in.jsonl", tmp_path / "out.csv")


def test_cells_of_json_lines_stay_to_the_last_digit(model, tmp_path):
    lines = [
        '{"text": "the cat", "x": 0.12345678901234567890, "n": {"b": [1, null]}, "big": 1234567890123456789012345}',
        '{"text": "soup é", "x": 1E5}',
        "{ }",
    ]
    (tmp_path / "in.jsonl").write_text("\n".join(lines), encoding="utf-8")
    scored(model, tmp_path / "in.jsonl", tmp_path / "out.jsonl")
    written = (tmp_path / "out.jsonl").read_text(encoding="utf-8").splitlines()
    assert all(new.startswith(old[:-1].strip()) for new, old in zip(written, lines, strict=True))
    assert [json.loads(line)["prediction"] in CLASS_NAMES for line in written] == [True] * 3


def test_a_wrong_file_is_told_before_the_network_is_loaded(home, tmp_path):
    (tmp_path / "in.csv").write_text("text,x\nthe cat,1,2,3\n")
    call = f"main(['predict', 'toy', {str(tmp_path / 'in.csv')!r}, 'o.csv'])"
    code = f"import sys; from core.__main__ import main; print({call}, 'jax' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert done.stdout.split() == ["2", "False"] and "has 4 fields instead of 2" in done.stderr


def test_further_columns_are_what_the_library_says(model, home, texts, tmp_path, capsys):
    texts = [*texts[:20], "", "zxcv qwerty"]
    pd.DataFrame({"text": texts}).to_json(tmp_path / "in.jsonl", orient="records", lines=True)
    options = ("--reasons", "3", "--label-sets", "0.9", "--novelty", "--top", "2")
    told(capsys, "predict", "toy", tmp_path / "in.jsonl", tmp_path / "out.parquet", *options)
    frame, p = pd.read_parquet(tmp_path / "out.parquet"), model.predict_proba(texts)
    assert list(frame.columns)[1:] == [
        *("prediction", "top_1", "p_top_1", "top_2", "p_top_2", "label_set", "novelty", "reasons")
    ]
    assert frame["top_2"].tolist() == [CLASS_NAMES[i] for i in np.argsort(-p, axis=1)[:, 1]]
    assert [each.split(" | ")[0] for each in frame["label_set"]] == frame["prediction"].tolist()
    assert frame["novelty"].dropna().astype(int).tolist() == [
        each.percentile for each in map(model.novelty, texts) if each.percentile is not None
    ]
    assert frame["reasons"].tolist()[-2:] == ["", ""]
    first = frame["reasons"][0].split(", ")
    assert 1 <= len(first) <= 3 and all(word.split(" (")[0] in texts[0].lower() for word in first)


def test_reasons_are_the_parts_of_a_linear_models_sum(model, texts):
    from core.explanation import attribute

    found = answers(model, texts[:9], AddedColumns(reasons=1)).column("reasons").to_pylist()
    for text, reason in zip(texts[:9], found, strict=True):
        strongest = max(attribute(model, text, "exact-sum", words=99).words, key=lambda word: word.weight)
        assert reason.startswith(f"{strongest.word.lower()} (")


def test_label_sets_follow_the_rule_of_the_validation_documents(model, texts, home):
    from core.saved_models import stored_evaluation
    from core.scoring.columns import columns_of

    rule = label_set_rule(stored_evaluation("toy", "valid"), 0.999)
    added = AddedColumns(label_sets=rule)
    sets = columns_of(answers(model, texts, added), model.class_names, added)["label_set"].to_pylist()
    p = model.predict_proba(texts)
    assert [len(each.split(" | ")) for each in sets] == np.maximum((p >= rule.least).sum(axis=1), 1).tolist()


def test_labels_in_the_table_tell_the_accuracy(model, home, tmp_path, capsys):
    split = toy_split("test", 83, 5)
    labels = [CLASS_NAMES[label] for label in split.labels]
    pd.DataFrame({"text": [*split.texts, "the cat"], "kind": [*labels, "other"]}).to_csv(
        tmp_path / "in.csv", index=False
    )
    record = told(capsys, "predict", "toy", tmp_path / "in.csv", tmp_path / "out.csv", "--label", "kind")
    assert (record["labelled"], record["accuracy"]) == (83, pytest.approx(evaluate(model, split).accuracy))


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--top", "9"), "--top lies between 1 and 3"),
        (("--reasons", "99"), "--reasons lies between 0 and 20"),
        (("--label-sets", "2"), "A coverage of 2 cannot be"),
        (("--label", "nope"), "There is no column 'nope'"),
    ],
)
def test_columns_that_cannot_be_are_refused(home, tmp_path, capsys, options, said):
    (tmp_path / "in.csv").write_text("text\nthe cat\n")
    assert said in refused(capsys, "predict", "toy", tmp_path / "in.csv", tmp_path / "out.csv", *options)
    assert "twice" in refused(capsys, "predict", "toy", tmp_path / "in.csv", tmp_path / "out.parquet.gz")


def test_what_unpacks_to_much_more_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(streaming, "MAX_BYTES", 1_000)
    path = tmp_path / "in.csv.gz"
    path.write_bytes(gzip.compress(b"text\n" + b"the cat\n" * 100_000))
    with pytest.raises(BadInput, match="unpacks to more than"):
        open_table(path, TableOptions(max_bytes=AS_MUCH_AS_THERE_IS))


SCORER = {}  # of a worker: it loads the model once


def start_worker():
    SCORER["toy"] = BatchScorer("toy", "text", AddedColumns(top=1))


def scored_batch(path, start):
    table = pa.Table.from_batches(dataset(path).scanner(batch_size=40).to_batches())
    return SCORER["toy"](table.slice(start, 40))


def test_processes_that_share_the_batches_of_a_data_set_give_what_one_gives(model, texts, tmp_path, monkeypatch):
    # A page that a test has run may still pass for the main module, which every process of the pool would run again.
    monkeypatch.setitem(sys.modules, "__main__", ModuleType("__main__"))
    pq.write_table(pa.table({"text": texts, "n": range(len(texts))}), tmp_path / "in.parquet")
    starts = range(0, len(texts), 40)
    with ProcessPoolExecutor(2, get_context("spawn"), start_worker) as pool:
        parts = list(pool.map(scored_batch, [str(tmp_path / "in.parquet")] * len(starts), starts))
    whole = pa.concat_tables(parts)
    assert whole["n"].to_pylist() == list(range(len(texts)))
    places = model.predict_proba(texts).argmax(axis=1)
    assert whole["prediction"].to_pylist() == [CLASS_NAMES[place] for place in places]
