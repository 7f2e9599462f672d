"""A network as StableHLO: run without Whyword's networks, with the same answers."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from jax import export

from core.__main__ import main
from core.batching import padded_arrays
from core.config import FAMILIES
from core.errors import BadInput
from core.sharing.card import model_card
from core.sharing.running import ABOUT, CLASSES, NETWORK, example
from core.sharing.stablehlo import write_network, write_network_folder
from tests.test_saved_models import TEXTS, home, save  # noqa: F401
from tests.toy import CLASS_NAMES, toy_model

ROOT = Path(__file__).parents[1]
ASKED = [*TEXTS, "bread and soup " * 90]
ELSEWHERE = """
import json, sys
from pathlib import Path
from jax import export
from core.batching import padded_arrays
from core.encoders import load_encoder

answers, texts = {}, json.loads(sys.argv[2])
for folder in Path(sys.argv[1]).iterdir():
    network = export.deserialize(bytearray((folder / "network.stablehlo").read_bytes()))
    encoder = load_encoder(folder)
    answers[folder.name] = network.call(*padded_arrays(encoder.encode(texts), encoder.sizes)).tolist()
print(json.dumps([answers, [name for name in sys.modules if name.startswith("core.models")]]))
"""


def elsewhere(code, *arguments):
    return subprocess.run(
        [sys.executable, "-c", code, *arguments], cwd=ROOT, capture_output=True, text=True, check=True
    )


def test_every_family_answers_the_same_in_a_process_without_the_networks(tmp_path):
    for family in FAMILIES:
        write_network_folder(toy_model(family), tmp_path / family, "about")
    answers, networks = json.loads(elsewhere(ELSEWHERE, str(tmp_path), json.dumps(ASKED)).stdout)
    assert networks == [] and set(answers) == set(FAMILIES)
    for family in FAMILIES:
        np.testing.assert_allclose(answers[family], toy_model(family).predict_proba(ASKED), atol=2e-6)


def test_the_lines_that_are_shown_run_as_they_stand(home, tmp_path, capsys):  # noqa: F811
    save("one", "ngram")
    assert main(["export", "one", str(tmp_path / "one"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["kind"] == "folder"
    lines = example(str(tmp_path / "one")).splitlines()
    assert len([line for line in lines if "import" not in line]) <= 6
    code = "\n".join([*lines[:-1], f"answers = {lines[-1]}", "print(answers.tolist())"])
    (answer,) = json.loads(elsewhere(code).stdout)
    np.testing.assert_allclose(answer, toy_model("ngram").predict_proba(["a text"])[0], atol=2e-6)
    assert json.loads((tmp_path / "one" / CLASSES).read_text()) == list(CLASS_NAMES)
    assert (tmp_path / "one" / ABOUT).read_text(encoding="utf-8") == model_card("one").markdown()


def test_the_artefact_takes_any_number_of_documents_and_none_has_a_say_in_anothers_answer(home, tmp_path):  # noqa: F811
    save("one", "transformer")
    assert main(["export", "one", str(tmp_path / "one.stablehlo")]) == 0
    network = export.deserialize(bytearray((tmp_path / "one.stablehlo").read_bytes()))
    model = toy_model("transformer")
    for texts in (ASKED[:1], ASKED):
        arrays = padded_arrays(model.encoder.encode(texts), model.encoder.sizes)
        np.testing.assert_allclose(network.call(*arrays), model.predict_proba(texts), atol=2e-6)


def test_what_is_there_is_not_overwritten_and_what_cannot_be_written_is_told(tmp_path):
    (tmp_path / "there").mkdir()
    with pytest.raises(BadInput, match="is there already; choose another place"):
        write_network_folder(toy_model("ngram"), tmp_path / "there", "")
    with pytest.raises(BadInput, match="cannot be written"):
        write_network(toy_model("ngram"), tmp_path / "none" / NETWORK)
    assert [path.name for path in tmp_path.iterdir()] == ["there"]
