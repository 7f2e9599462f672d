import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from core.recipes import RECIPES

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS = [line.split("   ")[0] for line in README.splitlines() if line.startswith("python -m core ")]


def blocks(language):
    fenced = re.findall(r"^```(\w*)\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)
    return [body for named, body in fenced if named == language]


@pytest.mark.data
def test_the_python_of_the_readme_runs():
    (code,) = blocks("python")
    names = {}
    exec(code, names)
    assert names["progress"].predictor is not None
    assert names["data"].class_names == names["model"].class_names


@pytest.mark.parametrize("command", [c for c in COMMANDS if "|" not in c])
def test_the_commands_of_the_readme_are_understood(command):
    _, _, _, verb, *given = shlex.split(command)
    asked = subprocess.run([sys.executable, "-m", "core", verb, "--help"], capture_output=True, text=True, cwd=ROOT)
    assert asked.returncode == 0
    assert [option for option in given if option.startswith("--") and option not in asked.stdout] == []


def test_every_file_and_folder_in_the_drawing_is_there():
    drawing = next(block for block in blocks("") if "app.py " in block)
    inside = drawing[drawing.index("core/ ") :]
    parts = set(re.findall(r"^\s+(?:\d\s+)?(\w+(?:\.py|/))", inside[: inside.index("tests/")], re.MULTILINE))
    there = {p.name + ("/" if p.is_dir() else "") for p in (ROOT / "core").iterdir() if not p.name.startswith("__")}
    assert parts == there


def test_every_dependency_is_accounted_for_and_nothing_else():
    table = README[README.index("| package | for |") : README.index("For the tests:")]
    told = {name for row in table.splitlines()[2:] if row for name in row.split("|")[1].replace(" ", "").split(",")}
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    assert told == {re.split("[>=<]", line)[0] for line in lines if line and not line.startswith("#")}


def test_the_results_are_those_of_the_recipes():
    told = dict(re.findall(r"^\| `([\w-]+)` \| (0\.\d{3})", README, re.MULTILINE))
    assert told == {name: f"{recipe.expected_accuracy:.3f}" for name, recipe in RECIPES.items()}


def test_pictures_and_links_to_files_are_there():
    links = re.findall(r"\]\((?!http)([^)]+)\)", README)
    assert [link for link in links if not (ROOT / link).is_file()] == []
