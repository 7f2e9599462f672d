"""Every README against the code."""

import re
import shlex
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

import numpy as np
import pytest

from core import explain, fit, load_dataset
from core.coach import coaching
from core.coach.documents import all_documents
from core.config import FITTING
from core.datasets import DATASETS
from core.evaluation import evaluate
from core.explanation import EXPLAINERS, attribute, second_opinions
from core.models import MODELS
from core.recipes import RECIPES
from core.saved_models import stored_evaluation
from tests.toy import toy_data, toy_model, toy_recipe, toy_split

ROOT = Path(__file__).parents[1]
FILES = ("README.md", "core/README.md", "pages/README.md", "tests/README.md", "tests/benchmarks/README.md")
README, CORE, PAGES, TESTS, BENCHMARKS = ((ROOT / name).read_text(encoding="utf-8") for name in FILES)
TEXTS = dict(zip(FILES, (README, CORE, PAGES, TESTS, BENCHMARKS), strict=True))
COMMANDS = [line.split("   ")[0] for line in (README + CORE).splitlines() if line.startswith("python -m core ")]
FOLDERS = ("core", "pages", "tests", ".ci", ".streamlit", ".assets")


def blocks(text, language):
    fenced = re.findall(r"^```(\w*)\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    return [body for named, body in fenced if named == language]


def section(text, title):
    """What stands below a heading, up to the next one of its level or above."""
    level, _, _ = title.partition(" ")
    start = text.index(f"\n{title}\n") + len(title) + 2
    following = re.compile(rf"^#{{1,{len(level)}}} ", re.MULTILINE).search(text, start)
    return text[start : following.start() if following else None]


def run(text, title):
    """What the one block of Python below a heading defines."""
    (code,) = blocks(section(text, title), "python")
    names = {"__name__": "recipe"}
    exec(code, names)
    return names


def test_the_readme_is_short():
    assert len(README.split()) < 900


@pytest.mark.data
def test_the_python_of_the_readme_runs():
    (code,) = blocks(README, "python")
    names = {}
    exec(code, names)
    assert names["progress"].predictor is not None
    assert names["data"].class_names == names["model"].class_names


def test_what_is_kept_with_a_model_is_read_as_told():
    names = run(CORE, "## What is kept with a model")
    assert names["stored_evaluation"]("newsgroups-bow", "valid").split == "valid"


@pytest.mark.parametrize("command", [c for c in COMMANDS if "|" not in c])
def test_the_commands_that_are_told_are_understood(command):
    _, _, _, verb, *given = shlex.split(command)
    asked = subprocess.run([sys.executable, "-m", "core", verb, "--help"], capture_output=True, text=True, cwd=ROOT)
    assert asked.returncode == 0
    assert [option for option in given if option.startswith("--") and option not in asked.stdout] == []


def test_every_module_of_core_is_in_the_drawing():
    (drawing,) = (block for block in blocks(CORE, "") if "errors.py" in block)
    drawn = set(re.findall(r"^  (?:\d|  )?\s*(\w+(?:\.py|/))(?:\s|$)", drawing, re.MULTILINE))
    there = {p.name + ("/" if p.is_dir() else "") for p in (ROOT / "core").iterdir() if p.name[:2] != "__"}
    assert drawn == there - {"README.md"}


def test_the_levels_of_the_drawing_are_those_of_the_code():
    from tests.test_architecture import LEVELS

    (drawing,) = (block for block in blocks(CORE, "") if "errors.py" in block)
    level, drawn = None, [set() for _ in LEVELS]
    for number, name in re.findall(r"^  (\d?)\s*(\w+)(?:\.py|/)(?:\s|$)", drawing, re.MULTILINE):
        level = int(number) if number else level
        drawn[level].add(name)
    assert drawn[: len(LEVELS) - 1] == [
        names - {"__main__"} | ({"pretrained"} & drawn[at]) for at, names in enumerate(LEVELS[:-1])
    ]


def test_the_drawing_of_the_ui_has_every_folder_and_every_file():
    (drawing,) = (block for block in blocks(PAGES, "") if "pages/ui/" in block)
    folder, drawn = "", set()
    for indent, name in re.findall(r"^( +)([\w.]+/?)", drawing, re.MULTILINE):
        if len(indent) == 2:
            folder = name if name.endswith("/") else ""
        drawn.add(name if len(indent) == 2 else folder + name)
    ui = ROOT / "pages" / "ui"
    paths = {path for path in ui.rglob("*") if "__pycache__" not in path.parts}
    assert drawn == {path.relative_to(ui).as_posix() + "/" * path.is_dir() for path in paths}


@pytest.mark.parametrize("name", ["core/README.md", "pages/README.md"])
def test_every_name_that_is_told_is_in_the_code(name):
    code = "".join(
        path.read_text(encoding="utf-8") for part in ("core", "pages") for path in (ROOT / part).rglob("*.py")
    )
    told = set(re.findall(r"`(\w+_\w+|[A-Z]\w+)(?:\(\))?`", TEXTS[name]))
    assert {each for each in told if not re.search(rf"\b{each}\b", code)} <= {"RECIPE"}


def test_every_dependency_is_accounted_for_and_nothing_else():
    table = CORE[CORE.index("| package | for |") : CORE.index("For the tests:")]
    told = {name for row in table.splitlines()[2:] if row for name in row.split("|")[1].replace(" ", "").split(",")}
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    assert told == {re.split("[>=<]", line)[0] for line in lines if line and not line.startswith("#")}


def test_the_results_are_those_of_the_recipes():
    told = dict(re.findall(r"^\| `([\w-]+)` \| (0\.\d{3})", section(BENCHMARKS, "## Recipes"), re.MULTILINE))
    assert told == {name: f"{recipe.expected_accuracy:.3f}" for name, recipe in RECIPES.items()}


def test_the_results_of_the_models_that_ship_are_their_own():
    rows = re.findall(r"^\| `([\w-]+)` \|.*\| ([\d.]+)% \| (0\.\d{3}) in (\d+) s \|$", README, re.MULTILINE)
    assert {name for name, *_ in rows} == {path.name for path in (ROOT / "core" / "pretrained").iterdir()}
    for name, accuracy, expected, seconds in rows:
        recipe = RECIPES[name]
        assert f"{100 * stored_evaluation(name).accuracy:.1f}" == accuracy
        assert (f"{recipe.expected_accuracy:.3f}", f"{recipe.expected_seconds:.0f}") == (expected, seconds)


@pytest.mark.parametrize("name", FILES)
def test_pictures_and_links_to_files_are_there(name):
    links = re.findall(r"\]\((?!http)([^)]+)\)", TEXTS[name])
    assert [link for link in links if not (ROOT / name).parent.joinpath(link).is_file()] == []


@pytest.mark.parametrize("name", FILES)
def test_every_path_that_is_named_is_there(name):
    paths = re.findall(r"`((?:\.?\w+/)[\w./-]*|app\.py)`", TEXTS[name])
    ours = [path for path in paths if path.split("/")[0] in (*FOLDERS, "app.py")]
    assert [path for path in ours if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("module", sorted(set(re.findall(r"`python -m (tests\.benchmarks\.\w+)", BENCHMARKS))))
def test_every_measurement_that_is_named_is_there(module):
    path = ROOT / module.replace(".", "/")
    assert path.with_suffix(".py").is_file() or (path / "__main__.py").is_file()


def test_lines_fit_a_screen():
    long = [line for text in TEXTS.values() for line in text.splitlines() if len(line) > 120 and "](" not in line]
    assert [line for line in long if line[0] not in "|"] == []


def test_a_data_set_is_added_as_told():
    with patch.dict(DATASETS):
        run(CORE, "### A data set")
        data = load_dataset("colours")
    assert data.class_names == ("blue", "red")
    assert [len(split) for split in data.splits.values()] == [36, 4, 10]


def test_a_remark_is_added_as_told():
    with patch.object(coaching, "CHECKS", [*coaching.CHECKS]):
        run(CORE, "### A remark of the coach")
        split = replace(toy_split("train", 6, 1), texts=("one",) * 3 + ("two words",) * 3)
        (remark,) = coaching.CHECKS[-1](all_documents(replace(toy_data(), train=split)))
    assert remark.sentence == "3 texts are a single word." and len(remark.rows) == 3


def test_a_network_is_added_as_told():
    with patch.dict(MODELS), patch.dict(FITTING):
        run(CORE, "### An encoder or a network")
        *_, last = fit(toy_recipe("mean", epochs=15), toy_data(), seed=0)
        assert evaluate(last.predictor, toy_data().test).accuracy > 0.9


def test_an_explainer_is_added_as_told():
    with patch.dict(EXPLAINERS):
        run(CORE, "### An explainer")
        model, text = toy_model("bow"), "The old cat was there"
        found = attribute(model, text, "keep-one-in", label="animals")
        methods = [each.method for each in second_opinions(model, explain(model, text, samples=100))]
    assert found.words[0].word == "cat" and found.words[0].weight > 0
    assert "keep-one-in" in methods and "keep-one-in" not in EXPLAINERS


def test_a_metric_is_added_as_told():
    confident_errors = run(CORE, "### A metric")["confident_errors"]
    answers = stored_evaluation("newsgroups-bow")
    sure = answers.probabilities.max(axis=1) >= 0.9
    assert confident_errors(answers) == pytest.approx(np.mean(answers.predictions[sure] != answers.labels[sure]))
    assert confident_errors(answers, least=1.1) is None


def test_a_page_is_added_as_told(monkeypatch, shared_home):
    from streamlit.testing.v1 import AppTest

    (code,) = blocks(section(PAGES, "## How to add"), "python")
    page = AppTest.from_string(code.replace("page_guard()\n", ""), default_timeout=60).run()
    assert not page.exception
    assert [metric.label for metric in page.metric] == ["Mean confidence"]
