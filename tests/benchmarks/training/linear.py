"""Linear models over words and n-grams, with scikit-learn."""

import numpy as np
from scipy.sparse import diags_array
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.svm import LinearSVC

from tests.benchmarks.training.archives import posts, reviews


def tfidf_bigrams(task):
    """Logistic regression over the TF-IDF of words and pairs of words."""
    train, test = reviews(task)
    vectorizer = TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True)
    model = LogisticRegression(C=10, max_iter=1000)
    model.fit(vectorizer.fit_transform(train.texts), train.labels)
    return task.scored(model.score(vectorizer.transform(test.texts), test.labels))


def nbsvm_trigrams(task):
    """NB-SVM (Wang and Manning, ACL 2012) over 1- to 3-grams of words and punctuation (Mesnil et al. 2014).

    As Mesnil et al. do, logistic regression stands in for the support vector machine.
    """
    train, test = reviews(task)
    labels = np.array(train.labels)
    vectorizer = CountVectorizer(ngram_range=(1, 3), min_df=2, binary=True, token_pattern=r"\w+|[^\w\s]")
    grams = vectorizer.fit_transform(train.texts)
    ratios = diags_array(_log_count_ratios(grams, labels))
    model = LogisticRegression(solver="liblinear", dual=True, C=0.1, max_iter=1000, random_state=task.seed)
    model.fit(grams @ ratios, labels)
    return task.scored(model.score(vectorizer.transform(test.texts) @ ratios, test.labels))


def tfidf_words(task):
    """A linear support vector machine over the TF-IDF of words."""
    train, test = posts(task)
    vectorizer = TfidfVectorizer(sublinear_tf=True)
    model = LinearSVC(random_state=task.seed)
    model.fit(vectorizer.fit_transform(train.texts), train.labels)
    return task.scored(model.score(vectorizer.transform(test.texts), test.labels))


def _log_count_ratios(grams, labels):
    """(grams,) float64: how much likelier each n-gram is in class 1, with one occurrence added to all."""
    positive, negative = (1 + np.asarray(grams[labels == label].sum(axis=0)).ravel() for label in (1, 0))
    return np.log((positive / positive.sum()) / (negative / negative.sum()))
