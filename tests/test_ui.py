"""What pages/ui makes of core's results, without a screen."""

import ast
import re
from dataclasses import replace
from html import unescape
from pathlib import Path

import numpy as np
import pytest

from core.progress import Progress
from core.schema import (
    Caveat,
    CaveatKind,
    DeletionCheck,
    EpochRecord,
    Evaluation,
    Explanation,
    TokenCoverage,
    WordWeight,
)
from pages.ui.data import corpus
from pages.ui.evaluate.classes import mixup_table
from pages.ui.explain import deletion_check, export, marked_text, trust, what_if
from pages.ui.render import charts, highlight, tables
from pages.ui.render.format import duration, percent, size
from pages.ui.render.theme import BLUE, GREY
from pages.ui.shared import address
from pages.ui.shared.documents import search_sentence
from pages.ui.shared.examples import EXAMPLES, examples
from pages.ui.shared.explanation_settings import Marking
from pages.ui.shared.snapshots import Snapshots
from pages.ui.shared.widgets import literal
from pages.ui.shared.wording import on_page
from pages.ui.train import run_panel
from tests.toy import CLASS_NAMES, toy_split

SCRIPT = '<script>alert("1")</script>'


def explanation(text, *words, end=None, probabilities=None, fit_r2=0.8):
    weights = tuple(
        WordWeight(word=text[a:b], start=a, end=b, weight=weight, low=weight - 0.01, high=weight + 0.01)
        for a, b, weight in words
    )
    return Explanation(
        model="toy",
        text=text,
        class_name="food",
        probabilities=probabilities or {"animals": 0.2, "food": 0.7, "weather": 0.1},
        words=weights,
        intercept=0.3,
        fit_r2=fit_r2,
        samples=500,
        seed=0,
        seconds=0.1,
        coverage=TokenCoverage(tokens_read=3, tokens_total=5, end=len(text) if end is None else end),
    )


def shown(html):
    """What a reader of the HTML sees."""
    return unescape(re.sub(r"<[^>]*>", "", html))


def marks(html):
    return re.findall(r'<mark class="whyword-(for|against)".*?>(.*?)</mark>', html)


def history():
    rows = [(1, 1.0, 0.9, 0.5), (2, 0.6, 0.7, 0.6), (3, 0.3, 0.8, 0.65)]
    return tuple(
        EpochRecord(epoch=e, step=10 * e, train_loss=t, valid_loss=v, valid_accuracy=a, seconds=10.0 * e)
        for e, t, v, a in rows
    )


def evaluation(classes=3, documents=50):
    rng = np.random.default_rng(1)
    probabilities = rng.dirichlet(np.ones(classes), documents).astype(np.float32)
    names = tuple(f"class {number}" for number in range(classes))
    labels = (np.arange(documents) % classes).astype(np.int32)
    return Evaluation(
        model="m", dataset="d", split="test", class_names=names, labels=labels, probabilities=probabilities
    )


def test_words_are_marked_where_they_stand_with_their_sign():
    html = highlight.highlighted(explanation("Soup, soup and rain.", (0, 4, 0.4), (15, 19, -0.2)))
    assert marks(html) == [("for", "Soup"), ("against", "rain")]
    assert shown(html) == "Soup, soup and rain."


def test_a_word_that_may_as_well_weigh_nothing_is_neither_marked_nor_coloured():
    why = explanation("Soup and bread", (0, 4, 0.4), (9, 14, 0.009))
    assert marks(highlight.highlighted(why)) == [("for", "Soup")]
    assert marked_text.word_weights(why).data[0].marker.color == (BLUE, GREY)


def test_a_word_whose_sign_is_not_sure_is_grey():
    why = explanation("Soup and bread", (0, 4, 0.4), (9, 14, 0.009))
    assert re.findall(r'class="whyword-unsure".*?>(.*?)<', highlight.highlighted(why, smallest_share=0.0)) == ["bread"]


def test_words_beyond_those_to_mark_are_plain_but_can_be_clicked():
    html = highlight.highlighted(explanation("Soup and bread", (0, 4, 0.4), (9, 14, 0.3)), most=1)
    assert marks(html) == [("for", "Soup")]
    assert '<span data-start="9">bread</span>' in html


def test_words_that_are_left_out_or_unknown_are_struck_through():
    why = explanation("Soup and Zyx", (0, 4, 0.4))
    why = replace(why, coverage=replace(why.coverage, unknown_words=("zyx",)))
    struck = re.findall(
        r'<span( data-start="0")? style="text-decoration:line-through[^>]*>(?:<mark[^>]*>)?(\w+)',
        highlight.highlighted(why, gone=[0]),
    )
    assert struck == [(' data-start="0"', "Soup"), ("", "Zyx")]


def test_how_a_word_falls_into_tokens_is_told_on_it():
    why = explanation("Unsplendid soup", (0, 10, 0.4), (11, 15, 0.2))
    why = replace(why, coverage=replace(why.coverage, token_boundaries=(2, 10)))
    html = highlight.highlighted(why, most=1)
    assert "read as Un·splendid" in html
    assert html.count("read as") == 1


def test_what_came_and_went_between_two_texts_is_shown():
    html = highlight.compared([(" ", "a "), ("-", "<b>"), ("+", "new")])
    assert shown(html) == "a <b>new"
    assert "<del" in html and "<ins" in html and "<b>" not in html


def test_a_receipt_has_all_that_is_needed_to_make_it_again():
    why = replace(explanation(f"Soup {SCRIPT}", (0, 4, 0.4)), against="weather", prediction=0.3)
    page = export.as_html(why, "abcdef123456", Marking(10))
    for told in ("toy (abcdef123456)", "food rather than weather", "Seed", "500", "local fit R² 0.80"):
        assert told in shown(page)
    assert "<script" not in page
    header, first = export.as_csv(why).splitlines()[:2]
    assert header == "word,start,end,weight,low,high,unit,class,against,model,probability,probabilities,text"
    assert first.startswith("Soup,0,4,0.4,0.39,0.41000000000000003,log-odds,food,weather,toy,")


def test_a_long_text_has_no_link():
    assert address.explain_url("http://a/", explanation("soup " * 1000)) is None
    assert address.explain_url("http://a/?x=1", explanation("soup & rain")).startswith(
        "http://a/?model=toy&text=soup+%26+rain"
    )


def test_pictures_are_made_once_whoever_looks():
    made = []

    def making():
        for number in range(4):
            made.append(number)
            yield number

    snapshots = Snapshots(making())
    assert made == [0]
    looking = iter(snapshots)
    assert [next(looking), next(looking)] == [0, 1]
    assert list(snapshots) == [1, 2, 3]
    assert list(looking) == [3]
    assert made == [0, 1, 2, 3] and snapshots.ended


def test_a_picture_that_failed_does_not_pass_for_the_last():
    def failing():
        yield 0
        raise MemoryError

    snapshots = Snapshots(failing())
    for _ in range(2):
        with pytest.raises(MemoryError):
            list(snapshots)
    assert not snapshots.ended


def test_a_stronger_word_has_a_fuller_colour():
    html = highlight.highlighted(explanation("Soup and bread", (0, 4, 0.1), (9, 14, 0.4)))
    weak, strong = (float(alpha) for alpha in re.findall(r"rgba\([\d,]+,([\d.]+)\)", html))
    assert 0.1 < weak < strong


@pytest.mark.parametrize(
    "text", [SCRIPT, "![x](http://evil/x.png) <img src=x onerror=alert(1)>", '" onmouseover="x', "&lt;"]
)
def test_markup_in_a_text_or_a_class_is_shown_as_text(text):
    why = replace(explanation(text, (1, 3, 0.5)), class_name=SCRIPT, probabilities={SCRIPT: 0.9, "food": 0.1})
    html = highlight.highlighted(why) + highlight.legend(why) + highlight.verdict(why) + highlight.word_list((text,))
    assert set(re.findall(r"</?([a-z!]+)", html)) <= {"div", "mark", "span"}
    assert text in shown(html).replace("\n", "")
    assert shown(highlight.plain(text)) == text


def test_what_the_model_did_not_read_is_greyed_and_cut_when_long():
    html = highlight.highlighted(explanation("read this " + "x" * 5000, (0, 4, 0.4), end=9))
    unread = html[html.index("whyword-unread") :]
    assert marks(html) == [("for", "read")] and "read this" not in unread
    assert "3,501 more characters" in unread


def test_a_huge_text_is_cut_on_the_screen_but_not_called_unread():
    html = highlight.highlighted(explanation("word " * 200_000, (0, 4, 0.4), (900_000, 900_004, 0.5)))
    assert len(html) < 30_000 and "980,000 more characters" in html and "whyword-unread" not in html


def test_control_characters_and_half_characters_become_visible():
    assert highlight.visible("a\x00b\x7f\ud800c\nd") == "a␀b␡?c\nd"


def test_the_strongest_words_are_bars_from_top_to_bottom_by_strength():
    why = explanation("Soup, soup and rain.", (0, 4, 0.4), (15, 19, -0.2), (6, 10, 0.1))
    figure = marked_text.word_weights(why)
    assert list(figure.data[0].x) == [40.0, -20.0, 10.0]
    assert list(figure.layout.yaxis.ticktext) == ["Soup", "rain", "soup"]
    assert figure.layout.yaxis.range[0] > figure.layout.yaxis.range[1]
    assert figure.data[0].marker.color[0] != figure.data[0].marker.color[1]


def test_probabilities_beyond_six_classes_stand_together():
    many = {f"class {number}": share for number, share in enumerate([0.4, 0.2, 0.1, 0.1, 0.08, 0.06, 0.04, 0.02])}
    figure = charts.class_probabilities(explanation("a", probabilities=many))
    assert len(figure.data[0].x) == 7 and figure.layout.yaxis.ticktext[-1] == "2 other classes"
    assert sum(figure.data[0].x) == pytest.approx(1)


def test_no_class_is_called_other_when_one_more_bar_shows_it():
    seven = {f"class {number}": 1 / 7 for number in range(7)}
    assert "class 6" in charts.class_probabilities(explanation("a", probabilities=seven)).layout.yaxis.ticktext


def test_markup_in_class_names_is_text_in_charts():
    split = replace(toy_split("train", 95, 4), class_names=("<b>one</b>", *"bcd"))
    assert corpus.class_balance(split).layout.yaxis.ticktext[0] == "&lt;b&gt;one&lt;/b&gt;"


def test_curves_mark_the_epoch_that_is_kept():
    loss, accuracy = charts.losses(history()), charts.accuracies(history(), epochs=9)
    assert [trace.name for trace in loss.data] == ["Training", "Validation", "Best epoch"]
    assert (loss.data[2].x, loss.data[2].y) == ((3,), (0.8,))
    assert accuracy.data[1].y == (0.65,) and accuracy.layout.xaxis.range[1] > 9


def test_curves_of_no_epoch_are_empty_axes():
    assert [len(trace.x) for trace in charts.losses((), epochs=5).data] == [0, 0, 0]


def test_class_balance_and_lengths_count_every_document():
    split = toy_split("train", 95, 4)
    assert sum(corpus.class_balance(split).data[0].x) == 95
    lengths = tables.word_counts(split)
    assert lengths.tolist() == [len(text.split()) for text in split.texts]
    assert sum(corpus.length_distribution(np.arange(1, 96)).data[0].y) == 94  # the longest one in a hundred is left out


def test_the_report_has_a_row_a_class_and_two_means():
    table = tables.report_table(evaluation(3))
    assert table["Class"].tolist() == ["class 0", "class 1", "class 2", "Mean", "Weighted mean"]
    assert table["Documents"].tolist()[:3] == [17, 17, 16]


def test_a_class_that_is_never_predicted_has_no_precision():
    result = replace(evaluation(3), probabilities=np.tile(np.float32([0.6, 0.4, 0.0]), (50, 1)))
    assert tables.report_table(result)["Precision"].isna().tolist()[:3] == [False, True, True]


def test_mix_ups_are_the_largest_cells_off_the_diagonal():
    result = evaluation(4, documents=90)
    table, confusion = mixup_table(result, most=3), result.confusion.copy()
    np.fill_diagonal(confusion, 0)
    assert table["Documents"].tolist() == sorted(confusion.ravel(), reverse=True)[:3]
    first = table.iloc[0]
    i, j = (result.class_names.index(first[name]) for name in ("True class", "Predicted"))
    assert first["Documents"] == confusion[i, j]


def test_a_perfect_model_mixes_nothing_up():
    result = replace(evaluation(2, documents=4), probabilities=np.float32([[1, 0], [0, 1], [1, 0], [0, 1]]))
    assert mixup_table(result).empty


def test_documents_are_found_by_class_and_text():
    split = toy_split("train", 95, 4)
    lengths = tables.word_counts(split)
    table = corpus.document_table(split, "food", " SOUP ", lengths)
    wanted = [
        i
        for i, text in enumerate(split.texts)
        if split.labels[i] == CLASS_NAMES.index("food") and "soup" in text.lower()
    ]
    assert sorted(table.index) == wanted and set(table["Class"]) == {"food"}
    assert table["Words"].tolist() == [lengths[i] for i in table.index]
    assert len(corpus.document_table(split, None, "", lengths)) == 95
    assert corpus.document_table(split, None, "no such thing", lengths).empty


@pytest.mark.parametrize(
    ("share", "written"),
    [(0, "0.0%"), (0.876, "87.6%"), (1, "100.0%"), (0.99996, ">99.9%"), (0.00001, "<0.1%"), (0.9994, "99.9%")],
)
def test_percent_never_rounds_to_certainty(share, written):
    assert percent(share) == written


def test_durations_and_sizes_are_short():
    assert [duration(s) for s in (0.2, 75, 130, 5000)] == ["1 s", "75 s", "2 min", "1 h 23 min"]
    assert [size(n) for n in (12, 84_125_825, 1_500)] == ["12 B", "84 MB", "1.5 kB"]
    assert size(2_134_000, "") == "2.1 M"


@pytest.mark.parametrize(
    ("fit_r2", "words"),
    [(None, "same answer"), (0.9, "not fitted on"), (0.5, "act together"), (0.1, "hint"), (-0.2, "0%")],
)
def test_trust_is_told_in_plain_words(fit_r2, words):
    assert words in trust.trust(explanation("soup", (0, 4, 0.2), fit_r2=fit_r2))


def test_a_model_that_no_word_moves_is_called_sure():
    assert "no single word has a LIME weight of more than 0.4" in trust.trust(
        explanation("soup", (0, 4, -0.004), fit_r2=0.1)
    )


def test_a_model_that_is_sure_of_another_class_is_not_called_sure_of_this_one():
    why = replace(explanation("soup", (0, 4, -0.004), fit_r2=0.1), probabilities={"food": 0.001, "fun": 0.999})
    assert trust.trust(why).startswith("The model stays certain of another class: no single word")


def test_a_short_text_is_not_said_to_have_many_words():
    shrunk = Caveat(kind=CaveatKind.SHRUNK_WEIGHTS, text="LIME draws the weights towards zero here, to about 20%.")
    why = replace(explanation("soup", (0, 4, 0.04), fit_r2=0.8), shrinkage=0.2, caveats=(shrunk,))
    assert trust.trust(why).endswith("not fitted on. LIME draws the weights towards zero here, to about 20%.")


def test_a_failed_check_says_by_how_much():
    check = DeletionCheck(
        count=2,
        whole=0.8,
        without=0.65,
        whole_log_odds=1.39,
        without_log_odds=0.62,
        random=(0.8,) * 8 + (0.65, 0.5),
        random_log_odds=(1.39,) * 8 + (0.62, 0.0),
        p_value=0.27,
        removed=(0, 2),
        curve=(0.8, 0.65),
        random_curve=(0.8, 0.76),
    )
    assert check.passed is False
    assert "27% of all choices of 2 words move the answer as far or further, and 5% may" in deletion_check.failure(
        check
    )


def test_a_search_says_how_many_documents_it_has_left():
    assert search_sentence(0, 6) == "None of these documents contains that."
    assert search_sentence(1, 6) == "1 document of 6 contains that."
    assert search_sentence(1_200, 6_000) == "1,200 documents of 6,000 contain that."


def test_what_was_read_is_told():
    def told(caveats=(), **reading):
        return trust.coverage(replace(explanation("soup"), coverage=TokenCoverage(**reading), caveats=caveats))

    assert "whole text: 7 tokens" in told(tokens_read=7, tokens_total=7, end=20)
    knows = "The model knows 5 of the text's 7 words; those that it does not know are struck through."
    assert told(tokens_read=5, tokens_total=7, end=20, unknown_words=("a", "b")) == knows
    assert "212 of 712 tokens" in told(tokens_read=500, tokens_total=712, end=2000)
    cut = (Caveat(kind=CaveatKind.PART_EXPLAINED, text="Not all of it is explained."),)
    assert "1,500 words of the part explained" in told(cut, tokens_read=1500, tokens_total=3000, end=9000)


def test_a_text_that_was_not_read_to_its_end_has_that_above_its_marks():
    left = Caveat(kind=CaveatKind.PART_READ, text="Only the first 500 of 712 tokens were read and explained.")
    assert trust.banner(replace(explanation("soup"), caveats=(left,))) == left.text
    assert trust.banner(explanation("soup")) is None


def test_a_version_is_shown_from_the_word_before_its_first_change():
    long = "This is a text with many words before the one that changes here."
    shown = what_if.from_first_change(long, long.replace("changes", "chnages"))
    assert shown == "… before the one that chnages here."
    assert what_if.from_first_change("Dull and dreadful.", "dull and dreadful.") == "dull and dreadful."


def test_a_running_training_says_what_it_does_and_for_how_long():
    at = Progress(phase="training", epoch=3, epochs=5, step=25, steps=50, seconds=25.0, history=history()[:2])
    assert run_panel.activity(at) == "Training: epoch 3 of 5, at most 25 s left"
    assert run_panel.activity(replace(at, history=())) == "Training: epoch 3 of 5"
    assert run_panel.activity(replace(at, phase="saving")) == "Saving the model"
    assert run_panel.activity(None) == "Starting"
    shares = [run_panel.share_done(at), run_panel.share_done(replace(at, phase="testing")), run_panel.share_done(None)]
    assert shares == [0.5, 1.0, 0.0]


def test_figures_of_a_run_fall_back_on_the_last_epoch():
    at = Progress(phase="done", epoch=3, epochs=5, step=30, steps=50, seconds=30.0, history=history())
    assert (run_panel.train_loss(at), run_panel.best_accuracy(at)) == ("0.300", "65.0%")
    assert (run_panel.train_loss(replace(at, train_loss=0.25)), run_panel.best_accuracy(replace(at, history=()))) == (
        "0.250",
        "–",
    )


@pytest.mark.parametrize("shares", [(0.909,), (1.0, 0.2), (0.0,), (0.5, 0.51)])
def test_an_axis_of_accuracies_never_leaves_0_to_100_percent(shares):
    records = tuple(replace(history()[0], epoch=i + 1, valid_accuracy=share) for i, share in enumerate(shares))
    low, high = charts.accuracies(records).layout.yaxis.range
    assert 0 <= low < high <= 1 and low <= min(shares) and max(shares) <= high


def test_markdown_in_a_message_is_escaped():
    assert literal("![x](http://a)\n  :red[b] $c$") == r"\!\[x\]\(http\:\/\/a\) \:red\[b\] \$c\$"


def test_every_corpus_of_the_catalogue_has_examples():
    from core.datasets import DATASETS

    assert set(EXAMPLES) == set(DATASETS) and all(EXAMPLES.values())
    assert examples("my.csv") == {}


@pytest.mark.parametrize(
    ("url", "root", "wanted"),
    [
        ("http://a.org/demo?model=b", "demo", "http://a.org/demo/"),
        ("http://a.org/demo/", "/demo/", "http://a.org/demo/"),
        ("http://a.org/demo/explain?x=1", "demo", "http://a.org/demo/explain"),
        ("http://a.org:8501", "", "http://a.org:8501/"),
        ("http://a.org/explain", "", "http://a.org/explain"),
        ("", "", ""),
    ],
)
def test_a_link_to_the_root_of_the_app_ends_in_a_slash(url, root, wanted):
    assert address.with_slash(url, root) == wanted


def test_what_is_said_of_a_table_names_what_a_page_has():
    assert on_page("It is a guess. --encoding NAME reads it as another.") == (
        "It is a guess. “Encoding” under “How the file is written” reads it as another."
    )
    assert on_page("name the one to read with --sheet: 'A'.") == "name the one to read with “Sheet”: 'A'."
    assert "takes them" in on_page("The column 'part' names splits; --split 'part' takes them.")
    assert on_page("a -- b--c --no-such") == "a -- b--c --no-such"


def test_every_option_in_a_sentence_on_a_table_has_its_place_on_a_page():
    files = [path for part in ("datasets", "scoring") for path in Path("core", part).rglob("*.py")]
    said = [text for path in files for text in texts_in(path) if "--" in text]
    named = [text for text in said if re.search(r"--[a-z]", text)]
    assert len(named) >= 12
    assert [text for text in named if re.search(r"(?<!and )--[a-z]", on_page(text))] == []


def texts_in(path):
    """The texts of a module but its docstrings."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    told = {node.value for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    return [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in told
    ]
