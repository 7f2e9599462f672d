"""Many devices and many processes: each in processes of their own, since JAX counts its devices once."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).parents[1]
CURVE = """
import json, sys
from core.training import fit
from tests.toy import toy_data, toy_recipe
family, batch = sys.argv[1], int(sys.argv[2])
recipe = toy_recipe(family, epochs=3, patience=0, batch=batch, dropout=0.3, word_dropout=0.2)
history = list(fit(recipe, toy_data()))[-1].history
print(json.dumps([[r.train_loss, r.valid_loss, r.valid_accuracy] for r in history]))
"""


def environment(home, devices=1):
    flags = f"--xla_force_host_platform_device_count={devices}"
    return os.environ | {"WHYWORD_HOME": str(home), "XLA_FLAGS": flags, "JAX_PLATFORMS": "cpu"}


def curve(home, family, batch, devices):
    """Loss curves of a toy run, (epochs, 3), on so many virtual devices."""
    command = [sys.executable, "-c", CURVE, family, str(batch)]
    done = subprocess.run(
        command, env=environment(home, devices), cwd=ROOT, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return np.array(json.loads(done.stdout))


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    """A table of two kinds of sentences, for the command line."""
    path = tmp_path_factory.mktemp("table") / "weather.csv"
    rows = [
        f"{'sunny and warm' if i % 2 else 'cold heavy rain'} on day {i},{'good' if i % 2 else 'bad'}"
        for i in range(300)
    ]
    path.write_text("text,label\n" + "\n".join(rows) + "\n")
    return path


def train(table, home, *options, devices=1):
    """A training process under way."""
    given = ["--data", str(table), "--text", "text", "--label", "label", "--json", "--name", "weather"]
    command = [sys.executable, "-m", "core", "train", "convnet", *given, "--set", "vocabulary=400", *options]
    return subprocess.Popen(
        command, env=environment(home, devices), cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def answer(process):
    """What the process printed, as JSON; None for nothing."""
    out, err = process.communicate(timeout=300)
    assert process.returncode == 0, err[-2000:]
    return json.loads(out) if out else None


def kept(home, name):
    """An array that is kept with the model of that home, from the file of that name."""
    with np.load(home / "models" / "weather" / f"{name}.npz") as stored:
        return stored["predictions" if name == "epoch_predictions" else "probabilities"]


def losses(saved):
    return [(record["train_loss"], record["valid_loss"]) for record in saved["history"]]


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def together(port, number, processes=2):
    place = ["--distributed", "--coordinator", f"127.0.0.1:{port}", "--processes", str(processes)]
    return [*place, "--process-id", str(number)]


@pytest.mark.parametrize("family", ["convnet", "wide"])
def test_eight_devices_give_the_loss_curve_of_one(tmp_path, family):
    np.testing.assert_allclose(curve(tmp_path, family, 16, 8), curve(tmp_path, family, 16, 1), atol=1e-4)


def test_a_batch_that_the_devices_do_not_share_evenly_is_filled_up(tmp_path):
    found = curve(tmp_path, "ngram", 13, 8)
    np.testing.assert_allclose(found, curve(tmp_path, "ngram", 13, 1), atol=1e-4)


def test_two_processes_train_the_model_of_one_and_predict_its_answers(tmp_path, table):
    alone = answer(train(table, tmp_path / "one", "--epochs", "3"))
    port = free_port()
    both = [train(table, tmp_path / "two", "--epochs", "3", *together(port, number)) for number in (0, 1)]
    first, second = map(answer, both)
    assert second is None
    np.testing.assert_allclose(losses(first), losses(alone), atol=1e-4)
    assert first["test"]["accuracy"] == alone["test"]["accuracy"]
    for name in ("test_predictions", "valid_predictions", "epoch_predictions"):
        np.testing.assert_allclose(kept(tmp_path / "two", name), kept(tmp_path / "one", name), atol=2e-3)

    def predict(home, target, *options):
        given = ["predict", "weather", str(table), str(target), "--text", "text", *options]
        return subprocess.Popen([sys.executable, "-m", "core", *given], env=environment(tmp_path / home), cwd=ROOT)

    port = free_port()
    running = [predict("two", tmp_path / "two.csv", *together(port, number)) for number in (0, 1)]
    assert [process.wait(timeout=300) for process in running] == [0, 0]
    assert predict("two", tmp_path / "one.csv").wait(timeout=300) == 0
    assert (tmp_path / "two.csv").read_text() == (tmp_path / "one.csv").read_text()


def test_a_process_that_never_joins_is_told_in_a_sentence(tmp_path, table):
    process = train(table, tmp_path, *together(free_port(), 0), "--wait", "5")
    _, err = process.communicate(timeout=120)
    assert process.returncode == 2
    assert "Not all of the 2 processes came to" in err
    assert len(err.strip().splitlines()) == 1


def test_processes_with_different_arguments_are_told_in_a_sentence(tmp_path, table):
    port = free_port()
    both = [train(table, tmp_path, "--epochs", str(3 + number), *together(port, number)) for number in (0, 1)]
    told = [process.communicate(timeout=300)[1] for process in both]
    assert [process.returncode for process in both] == [2, 2]
    assert all("started with different arguments" in err for err in told)


def test_the_options_of_many_processes_belong_together(tmp_path, table):
    for options, sentence in (
        (["--processes", "2"], "add it"),
        (["--distributed", "--processes", "2"], "give all three, or none"),
        (together(1, 2), "--process-id lies between 0 and 1"),
    ):
        process = train(table, tmp_path, *options)
        _, err = process.communicate(timeout=120)
        assert (process.returncode, sentence in err) == (2, True), err


@pytest.mark.parametrize("devices", [1, 4])
def test_a_run_that_was_killed_mid_epoch_ends_as_if_nothing_had_happened(tmp_path, table, devices, monkeypatch):
    whole = answer(train(table, tmp_path / "whole", "--epochs", "6"))
    monkeypatch.setenv("WHYWORD_KEEP_SECONDS", "0")
    process = train(table, tmp_path / "killed", "--epochs", "6", "--resume")
    state = tmp_path / "killed" / "runs" / "weather"
    while process.poll() is None and not any(
        step.name.isdecimal() and int(step.name) % 4 for step in state.glob("*/*")
    ):
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert not (tmp_path / "killed" / "models" / "weather").exists()
    resumed = answer(train(table, tmp_path / "killed", "--epochs", "6", "--resume", devices=devices))
    np.testing.assert_allclose(losses(resumed), losses(whole), atol=1e-6 if devices == 1 else 1e-4)
    assert resumed["test"] == pytest.approx(whole["test"], abs=1e-4)
    assert not state.exists()
    for name in ("test_predictions", "valid_predictions", "epoch_predictions"):
        np.testing.assert_allclose(kept(tmp_path / "killed", name), kept(tmp_path / "whole", name), atol=2e-3)
