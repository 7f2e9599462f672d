import pandas as pd
import pytest

from tests.benchmarks.own_data import (
    BASELINES,
    FASTTEXT,
    HEADER,
    LINEAR_BASELINES,
    Run,
    fasttext_line,
    main,
    row,
    scored,
    tables,
)
from tests.toy import toy_table


@pytest.fixture
def table(tmp_path, monkeypatch):
    monkeypatch.setenv("WHYWORD_DATA", str(tmp_path))
    (tmp_path / "own").mkdir()
    path = toy_table(tmp_path / "own" / "toys.csv")
    pd.read_csv(path).rename(columns={"note": "text", "kind": "label"}).to_csv(path, index=False)
    return path


def test_the_tables_are_those_of_the_folder(table):
    assert tables(None) == [table] == tables(["toys"])
    assert tables(["others"]) == []


@pytest.mark.parametrize("name", LINEAR_BASELINES)
def test_every_baseline_learns_a_table(table, name):
    found = scored(str(table), name, "0")
    assert found["accuracy"] > 0.7 and found["n"] == 67
    assert ("ece" in found) == ("logistic" in name)


def test_fasttext_is_left_out_with_a_sentence_where_it_is_not_installed(table, monkeypatch, capsys):
    assert FASTTEXT in BASELINES
    monkeypatch.setattr("tests.benchmarks.own_data.find_spec", lambda name: None)
    monkeypatch.setattr("sys.argv", ["own_data", "--contenders", FASTTEXT])
    main()
    told = capsys.readouterr()
    assert "fastText is left out, since it is not installed" in told.err and "toys" not in told.out


def test_a_line_for_fasttext_keeps_marks_with_their_letters_and_parts_signs():
    assert fasttext_line("Is it\nकब, really?") == "is it कब , really ?"


def test_a_row_has_means_over_the_seeds_and_the_middle_of_the_times():
    costs = ((3.0, 2.5, 0.4), (9.0, 8.0, 0.5), (4.0, 3.5, 0.3))
    runs = [Run(0.8 + i / 100, 0.7, None, 200, *cost) for i, cost in enumerate(costs)]
    cells = row("toys", "ours", runs)
    assert len(cells) == len(HEADER)
    assert cells[2] == "0.8100" and cells[5:] == ("–", "4.0", "3.5", "0.50")
    assert row("toys", "ours", [])[2] == "failed"
