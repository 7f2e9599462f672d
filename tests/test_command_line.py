import json
import os
import shutil
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core import folders
from core.__main__ import main
from core.datasets import DATASETS, remembered_table
from core.datasets.rows import Rows
from core.evaluation import evaluate as score
from core.saved_models import list_models, load_model, model_info, save_model, stored_evaluation
from tests.toy import CLASS_NAMES, toy_model, toy_split

ROOT = Path(__file__).parents[1]
TEXTS = ["The cat was there.", 'bread, "soup" & apple', "", "Regen und\u2028storm"]


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A folder with a model called mine, trained by the command line on a table."""
    folder = tmp_path_factory.mktemp("command-line")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WHYWORD_HOME", str(folder / "home"))
        patch.setattr(folders, "BUNDLED_MODELS", folder / "shipped")
        train = toy_split("train", 301, 4)
        labels = [CLASS_NAMES[label] for label in train.labels]
        pd.DataFrame({"said": train.texts, "kind": labels}).to_csv(folder / "table.csv", index=False)
        yield folder


@pytest.fixture(scope="module")
def trained(home):
    settings = ("--epochs", "4", "--set", "batch=16", "learning_rate=0.02", "dropout=0.4", "--set", "embed=11")
    data = ("--data", str(home / "table.csv"), "--text", "said", "--label", "kind")
    return python("-m", "core", "train", "bow", "--name", "mine", *settings, *data, "--seed", "6", "--json")


@pytest.fixture
def mine(trained):
    assert trained.returncode == 0, trained.stderr
    return "mine"


def python(*arguments):
    return subprocess.run([sys.executable, *arguments], cwd=ROOT, capture_output=True, text=True)


def told(capsys, *arguments):
    """What a command says with --json."""
    assert main([*map(str, arguments), "--json"]) == 0
    return json.loads(capsys.readouterr().out, parse_constant=pytest.fail)


def sentence(capsys, *arguments):
    """What a command says to a mistake."""
    assert main([*map(str, arguments)]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("\n") == 1
    return said.err.rstrip()


def sentence_of_last_line(capsys, *arguments):
    """What a command says to a mistake that it finds on its way."""
    assert main([*map(str, arguments)]) == 2
    return capsys.readouterr().err.splitlines()[-1]


def test_train_prints_one_object_and_tells_its_epochs_elsewhere(trained):
    assert trained.returncode == 0
    record = json.loads(trained.stdout)
    names = ["model", "recipe", "dataset", "seconds", "epochs", "best_epoch", "history", "test"]
    assert list(record) == [*names, "remarks"]
    assert (record["model"], record["recipe"], record["dataset"]) == ("mine", "table-bow", "table")
    assert list(record["history"][0]) == ["epoch", "step", "train_loss", "valid_loss", "valid_accuracy", "seconds"]
    assert list(record["test"]) == ["n", "accuracy", "macro_f1", "loss", "ece"]
    assert (record["epochs"], len(record["history"])) == (4, 4)
    assert record["test"]["n"] > 50
    assert record["test"]["accuracy"] > 0.9
    assert trained.stderr.splitlines()[-1].startswith("epoch 4 of 4: train loss ")
    assert "Warning" not in trained.stderr


def test_every_setting_reaches_the_model(mine):
    recipe = load_model("mine").recipe
    assert (recipe.train.epochs, recipe.train.batch, recipe.train.seed) == (4, 16, 6)
    assert (recipe.train.learning_rate, recipe.model.embed) == (0.02, 11)


def test_the_table_is_remembered_beside_the_answers(mine):
    data = remembered_table(model_info("mine").data_fingerprint)
    assert np.array_equal(data.test.labels, stored_evaluation("mine").labels)


def test_models_lists_what_there_is(mine, capsys):
    record = told(capsys, "models")
    fields = ["name", "recipe", "dataset", "class_names", "accuracy", "parameters", "bytes", "created", "bundled"]
    assert [list(model) for model in record["models"]] == [fields]
    assert record["models"][0]["class_names"] == list(CLASS_NAMES)
    assert main(["models"]) == 0
    assert capsys.readouterr().out.splitlines()[1].startswith("mine   table     3        ")


def test_recipes_and_datasets_list_the_catalogues(home, capsys):
    names = [recipe["name"] for recipe in told(capsys, "recipes")["recipes"]]
    assert {"imdb-convnet", "newsgroups-bow", "docstrings-bow"} <= set(names)
    sets = {record["name"]: record for record in told(capsys, "datasets")["datasets"]}
    assert sets["docstrings"]["available"] is True
    assert sets["imdb"]["download_bytes"] > 80_000_000
    for command in ("recipes", "datasets"):
        assert main([command]) == 0
        assert "docstrings" in capsys.readouterr().out


def test_evaluate_gives_the_figures_stored_with_the_model(mine, trained, capsys):
    record = told(capsys, "evaluate", "mine")
    contract = "model dataset split n class_names accuracy macro_f1 loss ece confusion report"
    assert set(record) >= set(contract.split())
    assert record["accuracy"] == pytest.approx(json.loads(trained.stdout)["test"]["accuracy"], abs=1e-3)
    assert np.trace(record["confusion"]) == round(record["accuracy"] * record["n"])
    assert record["report"]["food"]["support"] == sum(record["confusion"][1])
    valid = told(capsys, "evaluate", "mine", "--split", "valid")
    assert valid["split"] == "valid" and valid["n"] != record["n"]
    best = max(json.loads(trained.stdout)["history"], key=lambda epoch: epoch["valid_accuracy"])
    assert valid["accuracy"] == pytest.approx(best["valid_accuracy"], abs=1e-3)
    assert main(["evaluate", "mine"]) == 0
    assert "most often taken for" in capsys.readouterr().out


def test_explain_points_at_the_words(mine, capsys):
    text = "Perhaps the <b>storm</b> was very old, and\nthe storm was nearby."
    record = told(capsys, "explain", "mine", "--text", text, "--samples", 300, "--words", 4, "--seed", 2)
    contract = "model class_name probabilities words intercept fit_r2 samples seed seconds tokens_read tokens_total"
    assert set(record) >= {*contract.split(), "unknown_words"}
    assert list(record["words"][0]) == ["word", "start", "end", "weight", "low", "high"]
    assert [text[word["start"] : word["end"]] for word in record["words"]] == [word["word"] for word in record["words"]]
    assert {word["word"] for word in record["words"][:2]} == {"storm"}
    assert (record["class_name"], record["samples"], record["seed"]) == ("weather", 300, 2)
    assert list(record["probabilities"]) == list(CLASS_NAMES)


def test_each_method_explains_or_says_which_can(mine, capsys):
    text = "Perhaps the storm was very old"
    for name in ("leave-one-out", "integrated-gradients"):
        record = told(capsys, "explain", "mine", "--text", text, "--method", name, "--label", "weather", "--words", 2)
        assert (record["method"], record["words"][0]["word"], len(record["words"])) == (name, "storm", 2)
    assert record["unit"] == "log-odds" and record["rest"] is not None
    assert main(["explain", "mine", "--text", text, "--method", "leave-one-out"]) == 0
    assert "Leaving out one word, in probability:" in capsys.readouterr().out
    assert "take one of lime, leave-one-out, integrated-gradients" in sentence(
        capsys, "explain", "mine", "--text", text, "--method", "exact-sum"
    )


def test_explain_reads_a_file_and_speaks_for_any_class(mine, home, capsys):
    (home / "text.txt").write_bytes("\ufeffPerhaps the rain.\n".encode())
    assert main(["explain", "mine", "--file", str(home / "text.txt"), "--label", "food", "--samples", "200"]) == 0
    said = capsys.readouterr().out
    assert "against (-) food" in said
    assert "rain" in said


TABLES = {
    ".csv": (
        lambda frame, path: frame.to_csv(path, index=False),
        lambda path: pd.read_csv(path, keep_default_na=False),
    ),
    ".tsv": (
        lambda frame, path: frame.to_csv(path, sep="\t", index=False),
        lambda path: pd.read_csv(path, sep="\t", keep_default_na=False),
    ),
    ".parquet": (lambda frame, path: frame.to_parquet(path), pd.read_parquet),
    ".jsonl": (
        lambda frame, path: frame.to_json(path, orient="records", lines=True),
        lambda path: pd.read_json(path, lines=True),
    ),
}


@pytest.mark.parametrize("ending", TABLES)
def test_predict_adds_columns_to_a_table(mine, tmp_path, capsys, ending):
    write, read = TABLES[ending]
    source, target = tmp_path / f"in{ending}", tmp_path / f"out{ending}"
    frame = pd.DataFrame({"id": ["7", "8", "9", "10"], "said": TEXTS})
    write(frame, source)
    record = told(capsys, "predict", "mine", source, target, "--text", "said")
    assert (record["n"], sum(record["predictions"].values())) == (4, 4)
    back = read(target)
    assert list(back.columns) == ["id", "said", "prediction", *(f"p_{name}" for name in CLASS_NAMES)]
    assert back["said"].tolist() == TEXTS
    expected = load_model("mine").predict_proba(TEXTS)
    np.testing.assert_allclose(back[[f"p_{name}" for name in CLASS_NAMES]], expected, atol=1e-6)
    assert back["prediction"].tolist() == [CLASS_NAMES[i] for i in expected.argmax(axis=1)]
    assert sorted(path.name for path in tmp_path.iterdir()) == [f"in{ending}", f"out{ending}"]


def test_predict_takes_a_text_a_line(mine, tmp_path, capsys):
    (tmp_path / "in.txt").write_text("The cat\n\nsome soup\n")
    assert main(["predict", "mine", f"{tmp_path}/in.txt", f"{tmp_path}/out.txt"]) == 0
    lines = (tmp_path / "out.txt").read_text().splitlines()
    assert (len(lines), lines[0], lines[2]) == (3, "animals", "food")
    said = capsys.readouterr().out
    assert "3 texts" in said and "1 of them without a word" in said


CELLS = ["=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(A1)", "\t=1", "-1.5", "+3", "plain = text", "- a dash"]


@pytest.mark.parametrize("ending", [".csv", ".tsv"])
def test_no_cell_of_a_predicted_table_is_run_as_a_formula(mine, tmp_path, capsys, ending):
    table = pd.DataFrame({"text": ["rain"] * len(CELLS), "=note": CELLS})
    table.to_json(tmp_path / "in.jsonl", orient="records", lines=True)
    assert main(["predict", "mine", f"{tmp_path}/in.jsonl", f"{tmp_path}/out{ending}"]) == 0
    back = pd.read_csv(tmp_path / f"out{ending}", sep="\t" if ending == ".tsv" else ",", dtype=str)
    assert back["'=note"].tolist() == [*(f"'{cell}" for cell in CELLS[:5]), *CELLS[5:8], "'- a dash"]
    assert "6 cells that a spreadsheet would run as a formula got an apostrophe" in capsys.readouterr().err


def test_a_table_that_no_spreadsheet_opens_keeps_its_cells(mine, tmp_path, capsys):
    table = pd.DataFrame({"text": ["rain"] * len(CELLS), "note": CELLS})
    table.to_json(tmp_path / "in.jsonl", orient="records", lines=True)
    told(capsys, "predict", "mine", tmp_path / "in.jsonl", tmp_path / "out.parquet")
    assert pd.read_parquet(tmp_path / "out.parquet")["note"].tolist() == CELLS


def test_half_characters_in_a_table_do_not_stop_predict(mine, tmp_path, capsys):
    (tmp_path / "in.jsonl").write_text('{"text": "the cat \\ud800 was"}\n')
    for ending in TABLES:
        assert told(capsys, "predict", "mine", tmp_path / "in.jsonl", tmp_path / f"out{ending}")["n"] == 1


MISTAKES = {
    "no recipe": (("train", "nope"), "There is no recipe called 'nope'. Known: docstrings-bow"),
    "no family": (
        ("train", "nope", "--data", "T", "--text", "said", "--label", "kind"),
        "no model family called 'nope'",
    ),
    "no setting": (("train", "docstrings-bow", "--set", "epoch=3"), "Did you mean epochs?"),
    "no pair": (("train", "docstrings-bow", "--set", "epochs"), "--set takes KEY=VALUE"),
    "no number": (("train", "docstrings-bow", "--set", "epochs=many"), "epochs is a whole number"),
    "too many": (("train", "docstrings-bow", "--epochs", "100000"), "epochs lies between 1 and 1,000"),
    "bad name": (("train", "docstrings-bow", "--name", "../x"), "cannot be a model's name"),
    "no columns": (("train", "bow", "--data", "T"), "such as --text said --label kind; the columns are: said, kind."),
    "no file": (("train", "docstrings-bow", "--text", "said"), "give the file as --data FILE"),
    "two data sets": (
        ("train", "bow", "--data", "T", "--text", "said", "--label", "kind", "--set", "dataset=imdb"),
        "leave dataset out of --set",
    ),
    "two data sets in full": (
        ("train", "bow", "--data", "T", "--text", "said", "--label", "kind", "--set", "data.dataset=imdb"),
        "leave dataset out of --set",
    ),
    "no column": (("train", "bow", "--data", "T", "--text", "x", "--label", "kind"), "There is no column 'x'"),
    "no model": (("evaluate", "nope"), "There is no model called 'nope'. Known: mine."),
    "no split": (("evaluate", "mine", "--split", "dev"), "invalid choice: 'dev'"),
    "not kept": (("evaluate", "mine", "--split", "train"), "its answers to test and valid are kept"),
    "no class": (("explain", "mine", "--text", "rain", "--label", "x"), "Known: animals, food, weather."),
    "no method": (("explain", "mine", "--text", "rain", "--method", "x"), "no method called 'x'"),
    "no text": (("explain", "mine", "--text", ""), "no word in this text"),
    "unknown words": (("explain", "mine", "--text", "zxcv qwerty"), "knows none of the words"),
    "too few": (("explain", "mine", "--text", "rain", "--samples", "2"), "samples lies between"),
    "bad seed": (("explain", "mine", "--text", "rain", "--seed", "-1"), "a seed is a whole number from 0"),
    "neither": (("explain", "mine"), "ne of the arguments --text --file is required"),
    "no such file": (("explain", "mine", "--file", "nowhere.txt"), "nowhere.txt cannot be read (No such file"),
    "a folder": (("explain", "mine", "--file", "."), "cannot be read (Is a directory)"),
    "no input": (("predict", "mine", "nowhere.csv", "o.csv"), "nowhere.csv"),
    "bad output": (("predict", "mine", "T", "o.xlsx", "--text", "said"), "has to end in one of .csv, .tsv"),
    "no folder": (("predict", "mine", "T", "nowhere/o.csv", "--text", "said"), "There is no folder nowhere"),
    "no command": ((), "arguments are required: COMMAND"),
}


@pytest.mark.parametrize(("arguments", "said"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_told_in_one_sentence(mine, home, capsys, arguments, said):
    arguments = [str(home / "table.csv") if argument == "T" else argument for argument in arguments]
    assert said in sentence(capsys, *arguments)
    assert [info.name for info in list_models()] == ["mine"]


def test_a_file_that_is_no_text_says_so(mine, tmp_path, capsys):
    (tmp_path / "photo.txt").write_bytes(b"\xff\xd8\xff\xe0")
    assert "is not UTF-8" in sentence(capsys, "explain", "mine", "--file", tmp_path / "photo.txt")


def test_a_column_that_would_be_lost_is_not_written_over(mine, tmp_path, capsys):
    pd.DataFrame({"prediction": ["rain"]}).to_csv(tmp_path / "in.csv", index=False)
    assert "rename it" in sentence(capsys, "predict", "mine", tmp_path / "in.csv", tmp_path / "out.csv")


@pytest.mark.parametrize("column", ["prediction", "p_food"])
def test_another_column_that_would_be_lost_is_not_written_over(mine, tmp_path, capsys, column):
    pd.DataFrame({"text": ["rain"], column: ["mine"]}).to_csv(tmp_path / "in.csv", index=False)
    said = sentence(capsys, "predict", "mine", tmp_path / "in.csv", tmp_path / "out.csv")
    assert f"has a column {column!r} like one that would be added; rename it" in said
    assert not (tmp_path / "out.csv").exists()


UNWRITABLE = {
    "mixed kinds": ('{"text": "rain", "x": 1}\n{"text": "rain", "x": "one"}\n', "out.parquet"),
    "half a character": ('{"text": "rain", "x": "\\ud800"}\n', "out.parquet"),
    "a number beyond 64 bits": ('{"text": "rain", "x": 1' + "0" * 400 + "}\n", "out.parquet"),
    "half a character for JSON": ('{"text": "rain", "x": "\\ud800"}\n', "out.jsonl"),
}


@pytest.mark.parametrize(("content", "name"), UNWRITABLE.values(), ids=UNWRITABLE)
def test_what_a_format_cannot_hold_is_told_before_predicting(mine, tmp_path, capsys, monkeypatch, content, name):
    monkeypatch.setattr("core.jax_predictor.JaxPredictor.predict_proba", lambda *_: pytest.fail("predicted"))
    (tmp_path / "in.jsonl").write_text(content)
    said = sentence(capsys, "predict", "mine", tmp_path / "in.jsonl", tmp_path / name)
    assert f"{name} cannot hold these columns" in said
    assert [path.name for path in tmp_path.iterdir()] == ["in.jsonl"]


def test_a_folder_is_no_place_for_a_table(mine, home, tmp_path, capsys):
    (tmp_path / "out.csv").mkdir()
    said = sentence(capsys, "predict", "mine", home / "table.csv", tmp_path / "out.csv", "--text", "said")
    assert "is a folder" in said


def test_every_line_of_a_single_column_comes_out_of_predict(mine, tmp_path, capsys):
    (tmp_path / "in.csv").write_text("said\nrain\n\nsoup\n")
    assert told(capsys, "predict", "mine", tmp_path / "in.csv", tmp_path / "out.csv")["n"] == 3


def test_a_data_set_with_other_classes_here_gives_the_stored_answers(home, tmp_path, monkeypatch, capsys):
    def rows(_):
        return Rows(["one", "two"] * 30, ["cat", "dog"] * 30, ["train", "train", "valid", "valid", "test", "test"] * 10)

    monkeypatch.setenv("WHYWORD_HOME", str(tmp_path / "other home"))
    monkeypatch.setitem(DATASETS, "toy", replace(DATASETS["docstrings"], name="toy", read=rows))
    model = toy_model("bow")
    save_model(model, score(model, toy_split("test", 92, 3)), name="toy-bow")
    record = told(capsys, "evaluate", "toy-bow")
    assert (record["n"], record["class_names"]) == (92, list(CLASS_NAMES))
    assert record["caveats"] == [
        "toy has other classes on this machine, so these are the answers that were stored with the model."
    ]
    assert "pick a matching set" in sentence_of_last_line(capsys, "evaluate", "toy-bow", "--split", "valid")


def test_a_mistake_ends_the_process_with_2(home):
    done = python("-m", "core", "evaluate", "nope", "--json")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)


def test_ctrl_c_leaves_no_model(mine, home):
    command = ("train", "bow", "--data", str(home / "table.csv"), "--text", "said", "--label", "kind")
    endless = ("--epochs", "1000", "--set", "patience=0", "learning_rate=1e-6")
    arguments = [sys.executable, "-m", "core", *command, *endless, "--json"]
    signal.signal(signal.SIGINT, signal.default_int_handler)  # where the tests run in the background it is ignored
    with subprocess.Popen(arguments, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert next(line for line in process.stderr if line.startswith("epoch 1 of 1000"))
        os.kill(process.pid, signal.SIGINT)
        out, err = process.communicate(timeout=120)
    assert (process.returncode, out) == (130, "")
    assert err.splitlines()[-1] == "Stopped; nothing half-done is left behind."
    assert "Traceback" not in err
    assert [path.name for path in folders.models_folder().iterdir()] == ["mine"]


def test_a_reader_that_has_seen_enough_is_no_error(mine):
    command = f"{sys.executable} -m core models | head -c 5; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", command], cwd=ROOT, capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("model0\n", "")


@pytest.mark.parametrize("form", ["--json", ""])
def test_an_answer_that_cannot_be_printed_is_a_sentence(mine, form):
    done = subprocess.run(
        ["bash", "-c", f"{sys.executable} -m core models {form} >/dev/full"], cwd=ROOT, capture_output=True, text=True
    )
    said = "The answer cannot be printed (No space left on device); print it to another place.\n"
    assert (done.returncode, done.stderr) == (2, said)


def test_lists_and_the_package_itself_need_neither_jax_nor_tables():
    code = (
        "import sys, core, core.__main__; core.__main__.main(['models']); "
        "sys.exit(str({'jax', 'pandas', 'sklearn', 'orbax', 'tiktoken'} & set(sys.modules)))"
    )
    assert python("-c", code).stderr == "set()\n"


def test_the_package_offers_its_names_and_no_others():
    import core

    assert sorted(core.__all__) == sorted(["load_dataset", "load_model", "evaluate", "explain", "fit", "recipe"])
    assert all(callable(getattr(core, name)) for name in core.__all__)
    assert set(core.__all__) <= set(dir(core))
    with pytest.raises(AttributeError, match="nothing"):
        core.nothing  # noqa: B018


def test_a_model_is_deleted_by_name_and_one_that_ships_stays(mine, home, capsys):
    shutil.copytree(folders.models_folder() / mine, folders.models_folder() / "spare")
    shutil.copytree(folders.models_folder() / mine, folders.BUNDLED_MODELS / "shipped-one")
    assert told(capsys, "delete", "spare") == {"deleted": "spare"}
    assert "There is no model called 'spare'" in sentence(capsys, "delete", "spare")
    assert "cannot be deleted" in sentence(capsys, "delete", "shipped-one")
    assert "no model called" in sentence(capsys, "delete", str(folders.models_folder() / mine))
    shutil.rmtree(folders.BUNDLED_MODELS / "shipped-one")
    assert [info.name for info in list_models()] == [mine]


def test_the_doctor_tells_what_a_report_of_a_fault_needs(mine, home, capsys):
    shutil.copytree(folders.models_folder() / mine, folders.models_folder() / "hurt")
    (folders.models_folder() / "hurt" / "recipe.json").unlink()
    record = told(capsys, "doctor")
    shutil.rmtree(folders.models_folder() / "hurt")
    loads = {model["name"]: model["loads"] for model in record["models"]}
    assert loads == {"mine": True, "hurt": False}
    assert record["problems"] == [next(model["error"] for model in record["models"] if not model["loads"])]
    assert record["disk"]["home"] == str(folders.home()) and record["disk"]["writable"]
    assert record["versions"]["jax"] and record["devices"] and record["disk"]["free_bytes"] > 0
    assert record["datasets"]["docstrings"] is True
    assert record["explanation"] is None or record["explanation"]["seconds"] > 0


def test_the_doctor_finds_nothing_where_everything_works(fresh_home):
    record = json.loads(python("-m", "core", "doctor", "--json").stdout)
    assert record["problems"] == []
    assert sum(model["loads"] for model in record["models"]) == 5
    assert record["explanation"]["seconds"] > 0


def test_train_and_evaluate_say_when_one_class_is_given_to_all(home, capsys):
    rows = [(f"all of it{'.' * i}", "aaab"[i % 4]) for i in range(60)]
    pd.DataFrame(rows, columns=["said", "kind"]).to_csv(home / "same.csv", index=False)
    columns = ("--data", home / "same.csv", "--text", "said", "--label", "kind", "--name", "stuck")
    record = told(capsys, "train", "bow", *columns, "--epochs", "5", "--set", "class_weight=none")
    test, valid = record["caveats"]
    assert test.startswith(f"The model gives all {record['test']['n']} test documents the class ")
    assert "validation documents" in valid
    assert main(["evaluate", "stuck"]) == 0
    assert test in capsys.readouterr().err.splitlines()
