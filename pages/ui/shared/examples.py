"""Texts to begin with, by data set: written for this app with something to discover, or one's own documents."""

import numpy as np

from core.schema import Split

FILM_REVIEWS = {
    "Slow to start, then splendid": (
        "I almost walked out after twenty minutes. The opening is slow, the dialogue is a bit stiff, and I was "
        "afraid this would be another boring costume drama. I am so glad that I stayed. Once the two sisters meet "
        "again at the lake house, the film turns into something wonderful: funny, tender and quietly "
        "heartbreaking.\n\n"
        "The performances are superb. The younger sister could have been a cliché, but she is played with such "
        "honesty that I forgot I was watching an actress at all. The photography is beautiful without showing off, "
        "and the score knows when to be silent. Yes, the villain is ridiculous and one subplot goes nowhere, but who "
        "cares? By the end the whole audience was in tears, and nobody left before the credits were over.\n\n"
        "It is not perfect. It is a little too long, and the poor marketing makes it look like a cheap romance, "
        "which is a shame. But it is one of the best films I have seen this year, and I can't wait to see it again. "
        "Highly recommended."
    ),
    "Praise that is not meant": (
        "What a masterpiece. The director has achieved something truly amazing: a ninety minute film that feels like "
        "five hours. I loved the brilliant idea of casting actors who cannot act, and the wonderful script, which "
        "was perfect for putting my children to sleep. The special effects are a great reminder of why the remote "
        "control was invented. If you enjoy watching paint dry, you will have a fantastic time. Everyone else: bring "
        "a book."
    ),
    "Words that change sides": (
        "Not bad at all. I expected the worst and there was nothing to complain about: no wasted scene, no dull "
        "moment, and never a stupid joke. It is hard to find anything terrible in it."
    ),
    "Neither here nor there": (
        "Two friends inherit a failing cinema in a small town and try to keep it open for one more summer. The story "
        "is told in three chapters, each with its own film on the screen. Some scenes work, some don't. I liked the "
        "first chapter more than the last."
    ),
}

POSTS = {
    "Between two groups": (
        "My old Ford died on the way to church last Sunday. The mechanic says that it is the transmission and that "
        "only a miracle can save it. I do not believe in miracles, but I did pray for a cheap gearbox. My wife says "
        "that God has better things to do than to look after my oil leak."
    ),
    "A post with its header": (
        "From: goalie31@hockey.example.edu (Pat Morin)\n"
        "Subject: Re: Playoff predictions\n"
        "Organization: Example University, Department of Physics\n"
        "Lines: 14\n\n"
        "In article <1993Apr6.1234@example.edu> someone writes:\n"
        ">There is no way that Detroit beats Toronto in six.\n\n"
        "You forget the power play. Their goalie was out for the last three games of the season, and they still "
        "scored more goals than any team in the division. If the defense wakes up and the captain stays out of the "
        "penalty box, they win the series and go on to the Cup.\n\n"
        "Pat"
    ),
    "One word too many": (
        "Does anybody know a good program to render a car? I have the whole body as polygons, with a texture for the "
        "paint, but the reflections on the windshield look wrong, and the engine, the brakes and the tires come out "
        "black. I would rather not buy another dealer's package for a price that could get me a real car."
    ),
}

DOCSTRINGS = {
    "A layer, but whose?": (
        "Apply a dense layer to the input and return the new array.\n\n"
        "The kernel is initialised with a random key and kept in the parameters of the module. The function can be "
        "compiled, differentiated and mapped over a batch axis. The gradient with respect to the kernel has the same "
        "shape and dtype as the kernel itself.\n"
    ),
    "An array with labels": (
        "Return the rows of the table whose index label lies between two dates.\n\n"
        "The frame is sorted by its index first. Missing values in a column are filled with the last valid "
        "observation, unless ``fill_value`` is given, in which case they are replaced by it.\n\n"
        "Parameters\n----------\nstart, end : Timestamp or str\n    The labels at both ends, which are included.\n"
        "fill_value : scalar, optional\n    Used in place of missing values.\n\n"
        "Returns\n-------\nDataFrame\n    A copy of the selected rows; the original is not changed.\n"
    ),
    "In plain words": (
        "Draw the sidebar of the app and wait until the user has clicked a button. The text of the label may contain "
        "colours and icons. When the button is clicked, the whole script runs again from top to bottom, and the "
        "widget keeps its value.\n"
    ),
    "A pipeline": (
        "Fit the model to the training samples and predict the class of each row.\n\n"
        "Parameters\n----------\nX : array-like of shape (n_samples, n_features)\n    Training vectors.\n"
        "y : array-like of shape (n_samples,)\n    Target values.\n\n"
        "Returns\n-------\nself : object\n    The fitted estimator.\n"
    ),
}

NEWS = {
    "A club for sale": (
        "Investors circle as football club posts record loss\n"
        "Shares in the company that owns the league champions fell by a tenth on Tuesday after it said that ticket "
        "sales would not cover what the new stadium costs. Two funds are said to have made an offer before the final."
    ),
    "A satellite over a border": (
        "Rocket launch raises tension between neighbours\n"
        "The government said that its new satellite is for weather only. Officials across the border called it a "
        "test of missiles and asked the United Nations to meet."
    ),
}

EXAMPLES: dict[str, dict[str, str]] = {
    "imdb": FILM_REVIEWS,
    "newsgroups": POSTS,
    "newsgroups-stripped": POSTS,
    "newsgroups20": POSTS,
    "newsgroups20-stripped": POSTS,
    "docstrings": DOCSTRINGS,
    "ag-news": NEWS,
}


MOST_CLASSES = 6  # of one's own data that get an example


def examples(dataset: str) -> dict[str, str]:
    """Title -> text of the examples for models of a public data set; none for the user's own."""
    return EXAMPLES.get(dataset, {})


def document_examples(split: Split) -> dict[str, str]:
    """Title -> text of a document of each of the first classes, neither short nor long for its class."""
    found = {}
    for label, name in enumerate(split.class_names[:MOST_CLASSES]):
        texts = sorted((split.texts[row] for row in np.flatnonzero(split.labels == label)), key=len)
        found[f"A test document: {name}"] = texts[2 * len(texts) // 3]
    return found
