import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.config import DataConfig
from core.encoders import BagOfWordsEncoder, BpeEncoder, learn_encoder, load_encoder
from core.errors import BadInput
from core.folders import given_data

TEXTS = ["The cat sat on the mat, didn't it?", "A dog barked at the cat!", "über naïve 猫 and 🐱 cats"] * 5


def bpe(**changes):
    return learn_encoder(DataConfig(dataset="toy", encoder="bpe", **({"vocabulary": 400} | changes)), TEXTS)


def words(**changes):
    return learn_encoder(DataConfig(dataset="toy", encoder="words", **changes), TEXTS)


def row(encoded, i):
    return encoded.ids[encoded.offsets[i] : encoded.offsets[i + 1]]


def test_learned_tokens_spell_the_text():
    encoder = bpe(lowercase=False)
    assert encoder.encoding.decode(row(encoder.encode(TEXTS), 2).tolist()) == TEXTS[2]


def test_tiktoken_gives_the_tokens_of_the_tokenizer_that_learned_them():
    from tokenizers import Tokenizer, models, pre_tokenizers, trainers

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=400, initial_alphabet=alphabet, show_progress=False)
    tokenizer.train_from_iterator(TEXTS, trainer)
    ours = bpe(lowercase=False)
    lengths = [len(row(ours.encode([text]), 0)) for text in TEXTS]
    assert lengths == [len(tokenizer.encode(text).ids) for text in TEXTS]


def test_a_special_token_in_a_text_is_only_text():
    encoder = bpe(lowercase=False)
    ids = row(encoder.encode(["<|endoftext|>"]), 0)
    assert len(ids) > 1
    assert encoder.encoding.decode(ids.tolist()) == "<|endoftext|>"


def test_the_pad_id_lies_outside_the_vocabulary():
    encoder = bpe()
    assert encoder.encode(TEXTS).ids.max() < encoder.size


def test_case_is_kept_or_dropped_as_asked():
    assert row(bpe().encode(["CAT"]), 0).tolist() == row(bpe().encode(["cat"]), 0).tolist()
    kept = bpe(lowercase=False)
    assert row(kept.encode(["CAT"]), 0).tolist() != row(kept.encode(["cat"]), 0).tolist()


def test_a_token_encoder_stops_at_its_length():
    encoder = bpe(length=8)
    assert encoder.encode(TEXTS).lengths.max() == 8


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=80))
def test_what_is_read_of_a_text_has_the_same_tokens_as_the_text(text):
    encoder = bpe(length=10)
    reading = encoder.read(text)
    encoded = encoder.encode([text])
    assert reading.tokens_read == len(row(encoded, 0))
    if reading.tokens_total <= 10:
        assert reading.end == len(text)
    kept = encoder.encoding.decode_bytes(row(encoded, 0).tolist()).decode("utf-8", "ignore")
    assert len(kept) == reading.end or reading.tokens_total <= 10


@pytest.mark.parametrize("text", ["", "\0", "a" * 1_000_000, " " * 300_000, "\ud800 half a pair", "שלום", "🐱"])
def test_strange_texts_are_encoded_without_complaint(text):
    for encoder in (bpe(length=20), words()):
        assert len(encoder.encode([text])) == 1
        assert encoder.read(text).tokens_read <= encoder.read(text).tokens_total


def test_a_bag_counts_each_word_once_whatever_its_case():
    encoder = words()
    bag = encoder.encode(["Cat cat CAT dog zebra"])
    counts = {encoder.words[i]: count for i, count in zip(bag.ids, bag.values, strict=True)}
    assert counts == {"cat": 3.0, "dog": 1.0}


def test_tfidf_weighs_rare_words_more_and_gives_every_text_the_same_length():
    encoder = words(weighting="tfidf")
    bag = encoder.encode(["the dog", "the the the cat naïve"])
    values = {encoder.words[i]: value for i, value in zip(bag.ids[:2], bag.values[:2], strict=True)}
    assert values["dog"] > values["the"]
    lengths = np.sqrt(np.add.reduceat(bag.values**2, bag.offsets[:-1]))
    np.testing.assert_allclose(lengths, lengths[0], rtol=1e-5)


def test_a_bag_reports_the_words_it_does_not_know():
    reading = words().read("The zebra saw a Zebra and a cat")
    assert reading.unknown_words == ("zebra", "saw")
    assert (reading.tokens_read, reading.tokens_total) == (3, 6)


def test_rare_words_stay_out_of_the_vocabulary():
    encoder = learn_encoder(DataConfig(dataset="toy", encoder="words", min_count=2), ["apple pear", "apple fig"])
    assert encoder.words == ("apple",)


def test_a_vocabulary_has_at_most_the_size_asked_for():
    many = [" ".join(f"w{i}" for i in range(900))]
    assert learn_encoder(DataConfig(dataset="toy", encoder="words", vocabulary=300), many).size == 300


def test_texts_without_a_word_cannot_teach_a_vocabulary():
    with pytest.raises(BadInput, match="no words"):
        learn_encoder(DataConfig(dataset="toy", encoder="words"), ["!!!", "???"])


@pytest.mark.parametrize("learn", [bpe, words, lambda: words(weighting="tfidf")])
def test_a_saved_encoder_encodes_the_same(learn, tmp_path):
    encoder = learn()
    encoder.save(tmp_path)
    again = load_encoder(tmp_path)
    before, after = encoder.encode(TEXTS), again.encode(TEXTS)
    assert type(again) is type(encoder)
    assert again.size == encoder.size
    np.testing.assert_array_equal(before.ids, after.ids)
    np.testing.assert_array_equal(before.offsets, after.offsets)


def test_encoders_are_what_their_names_say():
    assert isinstance(bpe(), BpeEncoder)
    assert isinstance(words(), BagOfWordsEncoder)


def test_a_letter_whose_lower_case_is_longer_does_not_shift_the_text():
    encoder = bpe(length=12)
    text = "İİİİ the cat sat on the mat and again on the mat"
    reading = encoder.read(text)
    assert text[: reading.end].lower().startswith("i̇")
    assert row(encoder.encode([text[: reading.end]]), 0).tolist() == row(encoder.encode([text]), 0).tolist()


@pytest.mark.data
def test_gpt2s_vocabulary_is_tiktokens_own(monkeypatch):
    import tiktoken

    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", str(given_data() / "tiktoken"))
    encoder = learn_encoder(DataConfig(dataset="toy", encoder="gpt2", lowercase=False), TEXTS)
    assert encoder.size == 50_256
    assert row(encoder.encode(TEXTS), 0).tolist() == tiktoken.get_encoding("gpt2").encode_ordinary(TEXTS[0])


@pytest.mark.parametrize("learn", [bpe, words, lambda: words(weighting="tfidf")])
def test_no_texts_are_encoded_as_no_rows(learn):
    assert len(learn().encode([])) == 0


def test_gpt2s_vocabulary_out_of_reach_tells_its_address_and_where_to_place_it(fresh_home):
    from core.errors import DatasetMissing

    with pytest.raises(DatasetMissing, match=r"vocab\.bpe; place that file as tiktoken/6d1cbeee"):
        learn_encoder(DataConfig(dataset="toy", encoder="gpt2"), TEXTS)
