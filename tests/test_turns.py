"""Turns at the processor: how many work at once, who is next, and what becomes of those who leave."""

import threading
import time

import pytest

from core.saved_models import model_info
from pages.ui.shared import explanations
from pages.ui.shared.snapshots import Snapshots
from pages.ui.shared.turns import TURNS, Turns


def started(work, *arguments):
    thread = threading.Thread(target=work, args=arguments, daemon=True)
    thread.start()
    return thread


def until(condition, seconds=20):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def test_never_do_more_work_than_may():
    turns, at_work, most = Turns(3), [], []

    def work(number):
        for _ in range(5):
            with turns.taken():
                at_work.append(number)
                most.append(len(at_work))
                time.sleep(0.002)
                at_work.remove(number)

    threads = [started(work, number) for number in range(8)]
    for thread in threads:
        thread.join(20)
    assert max(most) == 3 and len(most) == 40 and turns.working == 0


def test_who_waits_is_told_how_many_are_before_and_comes_in_order(monkeypatch):
    monkeypatch.setattr("pages.ui.shared.turns.PATIENCE_SECONDS", 0.01)
    turns, told, order = Turns(1), {1: [], 2: []}, []

    def work(number):
        with turns.taken(told[number].append):
            order.append(number)

    with turns.taken():
        threads = []
        for number in (1, 2):
            threads.append(started(work, number))
            until(lambda number=number: told[number])
    for thread in threads:
        thread.join(20)
    assert (told[1][0], told[2][0], order) == (1, 2, [1, 2])
    assert told[1][-1] == told[2][-1] == 0


def test_who_asks_something_new_is_told_how_many_are_before_and_what_is_known_needs_no_turn(monkeypatch):
    monkeypatch.setattr("pages.ui.shared.turns.PATIENCE_SECONDS", 0.01)
    question = (model_info("newsgroups-bow").key, "a text of hockey", None, None, 500, 0)
    told, over = [], threading.Event()

    def hold():
        with TURNS.taken():
            over.wait(60)

    holders = [started(hold) for _ in range(TURNS.at_once)]
    until(lambda: TURNS.working == TURNS.at_once)
    asking = started(lambda: explanations.leading_snapshots(*question, tell=told.append))
    until(lambda: told)
    over.set()
    for thread in (asking, *holders):
        thread.join(60)
    assert told[0] == TURNS.at_once and told[-1] == 0 and TURNS.working == 0
    calls = len(told)
    assert explanations.leading_snapshots(*question, tell=told.append).last.samples and len(told) == calls


class Gone(BaseException):
    pass


def leave(before):
    raise Gone


def test_who_leaves_while_waiting_holds_nobody_up(monkeypatch):
    monkeypatch.setattr("pages.ui.shared.turns.PATIENCE_SECONDS", 0.01)
    turns = Turns(1)
    with turns.taken(), pytest.raises(Gone), turns.taken(leave):
        pass
    with turns.taken():
        assert turns.working == 1
    assert turns.working == 0


def test_who_leaves_at_work_gives_the_turn_back():
    turns = Turns(1)
    with pytest.raises(Gone), turns.taken():
        raise Gone
    assert turns.working == 0


def test_an_explanation_takes_a_turn_for_each_step_and_none_while_it_is_drawn():
    def making():
        for number in range(4):
            assert TURNS.working == 1
            yield number

    looking = iter(Snapshots(making()))
    assert [(shown, TURNS.working) for shown in looking] == [(number, 0) for number in range(4)]


def test_an_explanation_that_nobody_watches_any_more_takes_no_turn():
    made = []

    def making():
        for number in range(9):
            made.append(number)
            yield number

    looking = Snapshots(making()).watched()
    assert [next(looking), next(looking)] == [0, 1]
    looking.close()
    assert made == [0, 1] and TURNS.working == 0


def test_a_step_that_fails_gives_its_turn_back():
    def failing():
        yield 1
        raise ValueError("no more")

    with pytest.raises(ValueError):
        list(Snapshots(failing()))
    assert TURNS.working == 0
