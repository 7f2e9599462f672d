"""Short versions of the load and fault programs, so that they stay able to run."""

from tests.load import faults, fuzz, sessions, visitors


def test_visitors_are_answered_without_an_error_and_leave_nothing_in_the_log():
    tally, typed = visitors.main(["--visitors", "2", "--minutes", "0.3", "--every", "6", "--model", "newsgroups-bow"])
    assert tally.offered >= 2 and tally.errors == [] and tally.first and not typed


def test_sessions_come_and_go_without_an_error():
    before, after, errors = sessions.main(["--sessions", "5", "--warming", "2"])
    assert errors == [] and after < 1.5 * before


def test_faults_lose_nothing():
    only = ("training-child-killed", "full-disk", "damaged-file", "download-cut")
    assert faults.main(["--times", "2", *(part for name in only for part in ("--only", name))]) == 0


def test_a_browser_that_leaves_while_it_sends_a_table_is_no_fault():
    assert faults.main(["--times", "1", "--only", "upload-cut"]) == 0


def test_fuzzed_inputs_give_sentences(monkeypatch, tmp_path):
    monkeypatch.setenv("WHYWORD_HOME", str(tmp_path))  # put back at the end
    assert fuzz.main(["--inputs", "60", "--addresses", "0", "--seed", "11"]) == []
