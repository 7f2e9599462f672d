"""Models that learn from one planted sign, in many scripts: the explanation has to mark just that sign."""

import functools

import numpy as np
import pytest

from core.explanation import explain
from core.schema import Split, TextDataset
from core.training import fit
from core.units import unit_spans
from tests.toy import toy_recipe

# Words (or characters) that say nothing, the sign that decides, and what stands between them.
SCRIPTS = {
    "Latin": ("der Film war heute abend wieder etwas lang und laut aber gut", "schön", " "),
    "decomposed Latin": ("le film e\u0301tait un peu long et bruyant mais bien joue\u0301", "naı\u0308f", " "),
    "Cyrillic": ("этот фильм был сегодня вечером снова немного длинный и громкий", "чудесный", " "),
    "Arabic": ("هذا الفيلم كان اليوم مساء طويل قليلا ومرتفع لكن جيد", "رَائِع", " "),
    "Hebrew": ("הסרט הזה היה היום בערב שוב קצת ארוך ורועש אבל טוב", "נִפְלָא", " "),
    "Devanagari": ("यह फिल्म आज शाम को फिर थोड़ी लम्बी और तेज थी", "क्षत्रिय", " "),
    "Thai": ("กขคงจชดตถทนบปผพมยรลวสหอ", "เก่", ""),
    "Chinese": ("这部电影今天晚上又有点长和吵但是好看", "妙", ""),
    "Japanese": ("この映画は今日も少し長くてうるさい", "楽", ""),
    "emoji": ("this film was long today and a bit loud but well played", "👍🏽", " "),
    "a sign": ("this film was long today and a bit loud but well played", "?", " "),
}


def made_split(script, name, documents, seed):
    """Texts of 8 to 14 units; those of the class "yes" have the sign once."""
    words, sign, space = SCRIPTS[script]
    fillers = words.split() if space else [*words]
    rng = np.random.default_rng(seed)
    labels = (np.arange(documents) % 2).astype(np.int32)
    texts = []
    for label in labels:
        units = [*rng.choice(fillers, rng.integers(8, 15))]
        units[len(units) // 2 : len(units) // 2] = [sign] * int(label)
        texts.append(space.join(units))
    return Split(dataset="made", name=name, texts=tuple(texts), labels=labels, class_names=("no", "yes"))


@functools.cache
def learned(script, family):
    """A model that has learned the sign."""
    parts = {"train": (200, 1), "valid": (40, 2), "test": (40, 3)}
    data = TextDataset(name="made", **{name: made_split(script, name, *how) for name, how in parts.items()})
    return list(fit(toy_recipe(family, epochs=8), data, seed=3))[-1].predictor


@pytest.mark.parametrize("family", ["ngram", "bow"])
@pytest.mark.parametrize("script", SCRIPTS)
def test_the_planted_sign_is_the_strongest_mark_and_exactly_it_is_marked(script, family):
    model, sign = learned(script, family), SCRIPTS[script][1]
    texts = made_split(script, "test", 40, 4).texts[1::2]
    found = 0
    for text in texts:
        strongest = explain(model, text, label="yes", samples=500, words=1).words[0]
        place = text.index(sign)
        assert (place, place + len(sign)) in unit_spans(text)
        found += (strongest.start, strongest.end) == (place, place + len(sign))
    assert found >= 19, f"{found} of {len(texts)}"


def test_composed_and_decomposed_spelling_get_the_same_answer_and_the_same_marks():
    model = learned("decomposed Latin", "ngram")
    for composed, decomposed in (("le naïf était là", "le nai\u0308f e\u0301tait la\u0300"),):
        assert model.predict_proba([composed]) == pytest.approx(model.predict_proba([decomposed]))
        one, other = (explain(model, text, label="yes", samples=200) for text in (composed, decomposed))
        assert [word.weight for word in one.words] == pytest.approx([word.weight for word in other.words])
        assert decomposed[other.words[0].start : other.words[0].end] == other.words[0].word
