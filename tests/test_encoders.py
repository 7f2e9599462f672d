import json
from functools import partial
from itertools import pairwise

import numpy as np
import pytest
import scipy.sparse
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.preprocessing import normalize

from core.config import DataConfig
from core.encoders import BagEncoder, BpeEncoder, PairEncoder, learn_and_encode, load_encoder
from core.encoders.hashes import Hashes, runs_of
from core.encoders.phrases import AT_ONCE, hashed, words_of
from core.encoders.words import NORM
from core.errors import BadInput
from core.folders import archives_folder
from core.units import cluster_starts, composed

TEXTS = ["The cat sat on the mat, didn't it?", "A dog barked at the cat!", "über naïve 猫 and 🐱 cats"] * 5
POSTS = (
    "From: j.doe@mail.example.com (John Doe)\nSubject: Re: the goalie, again\n\nIt's the goalie's fault -- again!",
    "From: ann-b@example.org\nThe goalie is the best there is; the best, I say. Ask j.doe@mail.example.com.",
    "",
    "again again again",
    "What of the 3.5 inch drive? The drive (of 1993) is the best there is.",
    "?!",
    "Wait... is it the drive, the goalie or the 3.5 inch of J.Doe@mail.example.com?",
)
WEIGHTINGS = ("counts", "binary", "tfidf")


def bpe(**changes):
    return learn_and_encode(DataConfig(dataset="toy", encoder="bpe", **({"vocabulary": 400} | changes)), TEXTS)[0]


def words(texts=TEXTS, **changes):
    return learn_and_encode(DataConfig(dataset="toy", encoder="words", **changes), texts)[0]


def both(texts=TEXTS, **changes):
    settings = {"vocabulary": 400, "length": 10, "ngrams": 2} | changes
    return learn_and_encode(DataConfig(dataset="toy", encoder="bpe+words", **settings), texts)[0]


def matrix(encoder, texts):
    """(texts, ids), what a bag holds."""
    bag = encoder.encode(texts)
    return scipy.sparse.csr_matrix((bag.values, bag.ids, bag.offsets), (len(bag), encoder.size)).toarray()


def counter(ngrams, kind=CountVectorizer, **changes):
    return kind(
        tokenizer=partial(words_of, lowercase=False),
        token_pattern=None,
        ngram_range=(1, ngrams),
        dtype=np.float32,
        **changes,
    )


def same(one, other):
    """Whether two encodings are the same, with the bags beside them."""
    return len(one.parts) == len(other.parts) and all(
        np.array_equal(getattr(a, name), getattr(b, name))
        for a, b in zip(one.parts, other.parts, strict=True)
        for name in ("ids", "values", "offsets")
    )


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
@example("\x80\x80\U00010000\ua8e0")  # the tokens end inside of what a reader counts as one
def test_what_is_read_of_a_text_has_the_same_tokens_as_the_text(text):
    encoder = bpe(length=10)
    reading = encoder.read(text)
    encoded = encoder.encode([text])
    assert reading.tokens_read == len(row(encoded, 0))
    if reading.tokens_total <= 10:
        assert reading.end == len(text)
    kept = encoder.encoding.decode_bytes(row(encoded, 0).tolist()).decode("utf-8", "ignore")
    edges = [0, *cluster_starts(text), len(text)]
    behind = min((edge for edge in edges if edge > reading.end), default=len(text))
    assert reading.end in edges and len(composed(text[: reading.end])) <= len(kept)
    assert reading.end == len(text) or len(kept) < len(composed(text[:behind]))


@pytest.mark.parametrize("text", ["", "\0", "a" * 1_000_000, " " * 300_000, "\ud800 half a pair", "שלום", "🐱"])
def test_strange_texts_are_encoded_without_complaint(text):
    for encoder in (bpe(length=20), words(), words(POSTS, ngrams=3, weighting="tfidf"), both()):
        assert len(encoder.encode([text])) == 1
        assert encoder.read(text).tokens_read <= encoder.read(text).tokens_total


def test_a_bag_counts_each_word_once_whatever_its_case():
    encoder = words()
    bag = encoder.encode(["Cat cat CAT dog zebra"])
    assert sorted(bag.values) == [1.0, 3.0]
    assert bag.ids[bag.values == 3.0].tolist() == encoder.encode(["cat"]).ids.tolist()
    assert words(lowercase=False).encode(["Cat cat CAT"]).values.tolist() == [1.0]


@pytest.mark.parametrize("ngrams", [1, 2, 3])
def test_words_and_phrases_are_counted_as_scikit_learn_counts_them(ngrams):
    theirs = counter(ngrams).fit_transform(POSTS).toarray()
    ours = matrix(words(POSTS, ngrams=ngrams), POSTS)
    assert ours.shape == theirs.shape
    # Ids are in the order of hashes and not of the alphabet, so columns are compared as they come when sorted.
    assert sorted(map(tuple, ours.T)) == sorted(map(tuple, theirs.T))


@pytest.mark.parametrize("ngrams", [1, 2, 3])
def test_counts_of_texts_that_were_not_learned_from_are_scikit_learns(ngrams):
    others = ["Is the goalie of 1993 the best?", "The best, the best, the BEST drive! j.doe@mail.example.com", "zebra"]
    theirs = counter(ngrams).fit(POSTS).transform(others)
    ours = words(POSTS, ngrams=ngrams).encode(others)
    for i in range(3):
        assert sorted(ours.values[ours.offsets[i] : ours.offsets[i + 1]]) == sorted(theirs[i].data)


@pytest.mark.parametrize("ngrams", [1, 2, 3])
@pytest.mark.parametrize("weighting", ["binary", "tfidf"])
def test_weights_are_scikit_learns(weighting, ngrams):
    if weighting == "tfidf":
        theirs = counter(ngrams, TfidfVectorizer, sublinear_tf=True).fit_transform(POSTS).toarray()
    else:
        theirs = normalize(counter(ngrams, binary=True).fit_transform(POSTS)).toarray()
    ours = matrix(words(POSTS, ngrams=ngrams, weighting=weighting), POSTS)
    # Phrases that occur as often in the same texts weigh the same, so the columns can be matched by their counts.
    by_counts = [
        np.lexsort(counts)
        for counts in (matrix(words(POSTS, ngrams=ngrams), POSTS), counter(ngrams).fit_transform(POSTS).toarray())
    ]
    np.testing.assert_allclose(ours[:, by_counts[0]], NORM * theirs[:, by_counts[1]], rtol=1e-5)


@pytest.mark.parametrize("weighting", WEIGHTINGS)
@pytest.mark.parametrize("ngrams", [1, 3])
def test_what_is_learned_from_comes_as_it_would_be_encoded(weighting, ngrams):
    config = DataConfig(dataset="toy", encoder="words", weighting=weighting, ngrams=ngrams, min_count=2)
    encoder, learned = learn_and_encode(config, POSTS)
    assert same(learned, encoder.encode(POSTS))
    assert same(learned, encoder.encode(iter(POSTS)))


def test_a_phrase_does_not_reach_from_one_text_into_the_next():
    encoder = words(["red green", "", "blue", "white black", "!"], ngrams=3)
    assert encoder.size == 6 + 2
    assert encoder.encode(["green blue", "blue white", "black !"]).lengths.tolist() == [2, 2, 2]
    assert encoder.encode(["red green", "white black"]).lengths.tolist() == [3, 3]


def test_texts_are_counted_alike_however_many_at_a_time(monkeypatch):
    import core.encoders.phrases

    config = DataConfig(dataset="toy", encoder="words", weighting="tfidf", ngrams=3)
    encoder, whole = learn_and_encode(config, POSTS)
    monkeypatch.setattr(core.encoders.phrases, "CHUNK", 2)
    again, in_parts = learn_and_encode(config, POSTS)
    assert same(whole, in_parts)
    np.testing.assert_array_equal(encoder.known_hashes, again.known_hashes)


def test_the_words_of_a_phrase_have_an_order():
    encoder = words(["the best goalie"], ngrams=2)
    assert encoder.encode(["goalie best the"]).lengths[0] == 3
    assert encoder.encode(["the best goalie"]).lengths[0] == 5


def test_ids_are_small_and_each_once_in_a_text():
    for ngrams in (1, 3):
        encoder = words(POSTS, ngrams=ngrams)
        bag = encoder.encode(POSTS)
        assert bag.ids.dtype == np.int32 and bag.ids.min() >= 0 and bag.ids.max() == encoder.size - 1
        for start, end in pairwise(bag.offsets):
            assert (np.diff(bag.ids[start:end]) > 0).all()


@pytest.mark.parametrize("address", ["j.doe@mail.example.com", "ann-b@example.org", "x_y@z"])
def test_a_mail_address_is_one_word(address):
    encoder = words([f"from {address} again"])
    assert encoder.size == 3
    assert encoder.read(address).tokens_total == 1
    assert encoder.encode([address]).lengths[0] == 1


def test_tfidf_weighs_rare_words_more_and_gives_every_text_the_same_length():
    encoder = words(weighting="tfidf")
    the, dog = (encoder.encode([word]).ids[0] for word in ("the", "dog"))
    bag = encoder.encode(["the dog", "the the the cat naïve"])
    values = dict(zip(bag.ids[:2], bag.values[:2], strict=True))
    assert values[dog] > values[the]
    lengths = np.sqrt(np.add.reduceat(bag.values**2, bag.offsets[:-1]))
    np.testing.assert_allclose(lengths, NORM, rtol=1e-5)


def test_a_bag_reports_the_words_it_does_not_know():
    reading = words().read("The zebra saw a Zebra and a cat")
    assert reading.unknown_words == ("zebra", "saw")
    assert (reading.tokens_read, reading.tokens_total) == (5, 8)


def test_a_phrase_is_not_told_as_an_unknown_word():
    reading = words(POSTS, ngrams=3, min_count=2).read("The goalie of the zebra!")
    assert reading.unknown_words == ("zebra",)
    assert (reading.tokens_read, reading.tokens_total) == (4, 5)


def test_rare_words_stay_out_of_the_vocabulary():
    encoder = words(["apple pear pear", "apple fig"], min_count=2)
    assert encoder.size == 1
    assert encoder.encode(["apple", "pear", "fig"]).lengths.tolist() == [1, 0, 0]


def test_a_phrase_may_be_rare_where_its_words_are_not():
    encoder = words(["apple pear", "pear apple", "apple pear tree"], ngrams=2, min_count=2)
    assert encoder.encode(["apple", "pear", "apple pear", "pear apple"]).lengths.tolist() == [1, 1, 3, 2]


@pytest.mark.parametrize("characters", [2, 3, 5])
def test_words_and_their_runs_of_characters_are_counted_as_scikit_learn_counts_them(characters):
    def analyzer(text):
        inside = words_of(text, lowercase=False)
        return inside + [f"inside {run}" for word in inside for run in runs_of(word, characters)]

    wanted = CountVectorizer(analyzer=analyzer, dtype=np.float32).fit_transform(POSTS).toarray()
    ours = matrix(words(POSTS, characters=characters, lowercase=False), POSTS)
    assert sorted(map(tuple, ours.T)) == sorted(map(tuple, wanted.T))


def test_runs_of_characters_lie_inside_a_word_and_its_edges_and_are_not_the_whole():
    assert runs_of("cat", 3) == [" c", "ca", "at", "t ", " ca", "cat", "at "]
    assert runs_of("is", 9) == [" i", "is", "s ", " is", "is "]
    assert runs_of("猫", 4) == []


def test_a_word_is_known_by_the_runs_of_characters_in_it():
    encoder = words(["goalies keep goals", "drives and discs"], characters=4)
    assert encoder.read("a goalie zzz").unknown_words == ("a", "zzz")
    assert words(["goalies keep goals"]).read("goalie").unknown_words == ("goalie",)


def test_a_run_of_characters_belongs_to_its_word():
    encoder = words(["one goalie and another"], ngrams=2, characters=4)
    text, spans = "goalie and", ((0, 6), (7, 10))
    (shares,) = encoder.shares(text, spans)
    entries = encoder.encode([text])
    assert shares.shape == (entries.lengths[0], 2)
    np.testing.assert_allclose(shares.sum(axis=1), 1)
    alone = encoder.encode(["goalie"]).ids
    mine = np.isin(entries.ids, alone)
    np.testing.assert_allclose(shares.toarray()[mine], [[1, 0]] * mine.sum())


def test_fewer_texts_than_a_word_has_to_occur_in_can_still_teach():
    assert words(["apple pear", "apple fig"], min_count=5).size == 1


def test_texts_that_share_no_word_cannot_teach_a_vocabulary_of_frequent_ones():
    with pytest.raises(BadInput):
        words(["apple pear", "fig plum", "lemon"], min_count=2)


def test_a_vocabulary_has_at_most_the_size_asked_for():
    many = [" ".join(f"w{i}" for i in range(900))]
    assert words(many, vocabulary=300).size == 300


def test_the_most_frequent_words_are_kept():
    texts = ["rare apple pear", "apple pear", "apple odd"]
    encoder, _ = BagEncoder.learn(DataConfig(dataset="toy", encoder="words"), texts, most=2)
    assert encoder.encode(["apple", "pear", "rare", "odd"]).lengths.tolist() == [1, 1, 0, 0]


def test_texts_without_a_word_cannot_teach_a_vocabulary():
    with pytest.raises(BadInput, match="no words"):
        words(["!!!", "???"])
    with pytest.raises(BadInput, match="no words"):
        words([])


LEARN = {
    "bpe": bpe,
    "bpe as it is written": lambda: bpe(lowercase=False, length=9),
    "words": words,
    "words as they are written": lambda: words(lowercase=False),
    "phrases by rarity": lambda: words(POSTS, weighting="tfidf", ngrams=3),
    "runs of characters": lambda: words(POSTS, weighting="tfidf", ngrams=2, characters=4),
    "phrases that are there": lambda: words(POSTS, weighting="binary", ngrams=2, min_count=2),
    "both": both,
}


@pytest.mark.parametrize("learn", LEARN.values(), ids=LEARN)
def test_a_saved_encoder_encodes_the_same(learn, tmp_path):
    encoder = learn()
    encoder.save(tmp_path)
    again = load_encoder(tmp_path)
    assert type(again) is type(encoder)
    assert again.sizes == encoder.sizes
    for texts in (TEXTS, POSTS, ["nothing", ""]):
        assert same(encoder.encode(texts), again.encode(texts))
        assert [encoder.read(text) for text in texts] == [again.read(text) for text in texts]


def test_encoders_are_what_their_names_say():
    assert isinstance(bpe(), BpeEncoder)
    assert isinstance(words(), BagEncoder)
    assert isinstance(both(), PairEncoder)


def test_a_pair_gives_what_each_of_the_two_gives():
    encoder = both(POSTS, weighting="tfidf")
    encoded = encoder.encode(iter(POSTS))
    tokens, bag = encoded.parts
    assert encoder.sizes == (encoder.tokens.size, encoder.bag.size) and len(set(encoder.sizes)) == 2
    assert len(encoded) == len(POSTS) and encoded.lengths.max() == 10
    for part, alone in ((tokens, encoder.tokens), (bag, encoder.bag)):
        wanted = alone.encode(POSTS)
        np.testing.assert_array_equal(part.ids, wanted.ids)
        np.testing.assert_array_equal(part.values, wanted.values)
        np.testing.assert_array_equal(part.offsets, wanted.offsets)


def test_a_pair_learns_what_each_of_the_two_would_learn():
    settings = {"dataset": "toy", "vocabulary": 400, "length": 10, "ngrams": 2, "min_count": 2, "weighting": "binary"}
    found = {name: learn_and_encode(DataConfig(encoder=name, **settings), POSTS) for name in ("bpe", "words")}
    pair, encoded = learn_and_encode(DataConfig(encoder="bpe+words", **settings), POSTS)
    assert pair.sizes == (found["bpe"][0].size, found["words"][0].size)
    assert same(encoded, pair.encode(POSTS))
    for part, name in zip(encoded.parts, found, strict=True):
        np.testing.assert_array_equal(part.ids, found[name][1].ids)
        np.testing.assert_array_equal(part.values, found[name][1].values)


def test_a_pair_reads_to_the_end_as_its_bag_does():
    encoder = both(POSTS)
    text = "The goalie, a zebra and " + "the drive " * 40
    assert encoder.read(text) == encoder.bag.read(text)
    assert encoder.read(text).end == len(text)
    assert encoder.read(text).unknown_words == ("a", "zebra", "and")


def test_a_bag_tells_each_place_where_a_word_or_phrase_stands_and_what_it_does_not_know():
    encoder = words(["cat sat cat", "sat"], ngrams=2)
    texts = ["Cat sat! cat sat", "", "dog cat", "sat cat sat cat"]
    found = [ids.tolist() for ids in encoder.occurrences(texts)]
    cat, sat = (encoder.encode([text]).ids.item() for text in ("cat", "sat"))
    cat_sat, sat_cat = (max({*encoder.encode([t]).ids.tolist()} - {cat, sat}) for t in ("cat sat", "sat cat"))
    assert found == [
        [cat, sat, -1, cat, sat, cat_sat, -1, -1, cat_sat],
        [],
        [-1, cat, -1],
        [sat, cat, sat, cat, sat_cat, cat_sat, sat_cat],
    ]


def test_a_bags_rarity_is_that_of_scikit_learn_and_highest_for_what_it_does_not_know():
    encoder, documents = learn_and_encode(DataConfig(dataset="toy", encoder="words", weighting="tfidf"), TEXTS)
    rarity = encoder.rarity(documents)
    weights = TfidfVectorizer(tokenizer=partial(words_of, lowercase=False), token_pattern=None).fit(TEXTS)
    assert rarity.shape == (encoder.size + 1,)
    np.testing.assert_allclose(np.sort(rarity[:-1]), np.sort(weights.idf_), rtol=1e-6)
    assert rarity[-1] == pytest.approx(np.log(16) + 1)
    assert rarity[-1] > rarity[:-1].max()


def test_a_tokens_rarity_is_its_improbability_as_if_each_had_been_seen_once_more():
    encoder = bpe()
    documents = encoder.encode(TEXTS)
    counts = np.bincount(documents.ids, minlength=encoder.size + 1) + 1
    np.testing.assert_allclose(np.exp(-encoder.rarity(documents)), counts / counts.sum(), rtol=1e-5)
    for text, ids in zip(TEXTS, encoder.occurrences(TEXTS), strict=True):
        np.testing.assert_array_equal(ids, encoder.encode([text]).ids)


def test_a_pair_looks_for_rare_words_in_its_bag():
    pair = both()
    documents = pair.encode(TEXTS)
    np.testing.assert_array_equal(pair.rarity(documents), pair.bag.rarity(documents.bag))
    for ids, expected in zip(pair.occurrences(POSTS), pair.bag.occurrences(POSTS), strict=True):
        np.testing.assert_array_equal(ids, expected)


def test_a_letter_whose_lower_case_is_longer_does_not_shift_the_text():
    encoder = bpe(length=12)
    text = "İİİİ the cat sat on the mat and again on the mat"
    reading = encoder.read(text)
    assert text[: reading.end].lower().startswith("i̇")
    assert row(encoder.encode([text[: reading.end]]), 0).tolist() == row(encoder.encode([text]), 0).tolist()


@pytest.mark.data
def test_gpt2s_vocabulary_is_tiktokens_own(monkeypatch):
    import tiktoken

    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", str(archives_folder() / "tiktoken"))
    encoder, _ = learn_and_encode(DataConfig(dataset="toy", encoder="gpt2", lowercase=False), TEXTS)
    assert encoder.size == 50_256
    assert row(encoder.encode(TEXTS), 0).tolist() == tiktoken.get_encoding("gpt2").encode_ordinary(TEXTS[0])


@pytest.mark.parametrize("learn", LEARN.values(), ids=LEARN)
def test_no_texts_are_encoded_as_no_rows(learn):
    assert len(learn().encode([])) == 0


def test_gpt2s_vocabulary_out_of_reach_tells_its_address_and_where_to_place_it(fresh_home):
    from core.errors import DatasetMissing

    with pytest.raises(DatasetMissing, match=r"vocab\.bpe; place that file as tiktoken/6d1cbeee"):
        learn_and_encode(DataConfig(dataset="toy", encoder="gpt2"), TEXTS)


# Of Latin-1, what is special there, and what is not of it.
SIGNS_AND_LETTERS = "ab Z9_.,-'!\n\t\x1c\x00\x7f\x85\x9f\xa0\xa9\xad\xae\xb5\xdf\xe9\xc9\xff\xd7\xb2\xbc@e\u0301"
SIGNS_AND_LETTERS += "\u0130\u03a3\u0436\u4e2d😀"


@given(st.lists(st.text(st.sampled_from(SIGNS_AND_LETTERS), max_size=12), min_size=1, max_size=9), st.booleans())
@settings(max_examples=60, deadline=None)
def test_texts_that_are_split_at_once_have_the_same_words_as_one_by_one(texts, lowercase):
    many = texts * (AT_ONCE // len(texts) + 1)
    for every_script in (True, False):
        ((words, lengths),) = hashed(many, lowercase, every_script)
        wanted = [Hashes().of(words_of(text, lowercase, every_script)) for text in texts]
        assert lengths[: len(texts)].tolist() == [len(found) for found in wanted]
        assert words[: lengths[: len(texts)].sum()].tolist() == [each for found in wanted for each in found]


def test_byte_pairs_keep_marks_with_their_letters_and_older_ones_stay_as_they_were(tmp_path):
    config = DataConfig(dataset="x", encoder="bpe", vocabulary=400)
    learned = BpeEncoder.learn(config, ["किताब हिन्दी में है"] * 20)
    assert len(learned.encode([" हिन्दी"]).ids) == 1
    learned.save(tmp_path)
    again = load_encoder(tmp_path)
    assert again.encode(["हिन्दी में"]).ids.tolist() == learned.encode(["हिन्दी में"]).ids.tolist()
    stored = json.loads((tmp_path / "encoder.json").read_text())
    assert stored.pop("marks") is True
    (tmp_path / "encoder.json").write_text(json.dumps(stored))
    assert len(load_encoder(tmp_path).encode([" हिन्दी"]).ids) > 1
