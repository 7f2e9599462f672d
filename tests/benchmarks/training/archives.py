"""The raw texts, for contenders that do not have a reader of their own."""

import os
import re
import tarfile
from pathlib import Path
from typing import NamedTuple

ARCHIVES = {"imdb": "aclImdb_v1.tar.gz", "newsgroups": "20news-bydate_py3.pkz"}
GROUPS = ("comp.graphics", "rec.autos", "rec.sport.hockey", "talk.religion.misc")

_REVIEW = re.compile(r"(?:\./)?aclImdb/(train|test)/(neg|pos)/\d+_\d+\.txt")


class Texts(NamedTuple):
    """n documents and the number of the class of each."""

    texts: list[str]
    labels: list[int]


def folder():
    """Where the archives lie: `WHYWORD_DATA`, which the parent process has set."""
    return Path(os.environ["WHYWORD_DATA"])


def reviews(task, line_break=" "):
    """The train and the test split of IMDB, with something in the place of each `<br />`; 1 is positive."""
    found = {"train": [], "test": []}
    with tarfile.open(folder() / ARCHIVES["imdb"], "r|gz") as members:
        for member in members:
            if match := _REVIEW.fullmatch(member.name):
                text = members.extractfile(member).read().decode("utf-8")
                found[match[1]].append((member.name, text.replace("<br />", line_break), int(match[2] == "pos")))
    return tuple(_texts(task.some(sorted(found[split]))) for split in ("train", "test"))


def posts(task):
    """The train and the test split of the four newsgroups, with their headers."""
    from sklearn.datasets import fetch_20newsgroups

    splits = []
    for subset in ("train", "test"):
        found = fetch_20newsgroups(
            data_home=folder(), subset=subset, categories=GROUPS, download_if_missing=False, random_state=0
        )
        splits.append(Texts(task.some(found.data), task.some(found.target.tolist())))
    return tuple(splits)


def _texts(rows):
    return Texts([text for _, text, _ in rows], [label for *_, label in rows])
