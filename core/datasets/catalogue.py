"""The data sets by name: the public corpora, and those of one's own."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from core.datasets import agnews, imdb, newsgroups
from core.datasets.agnews import read_ag_news
from core.datasets.archives import DownloadBar, Fetch, fetch_archive, is_here
from core.datasets.docstrings import read_docstrings
from core.datasets.imdb import read_imdb
from core.datasets.newsgroups import FOUR_GROUPS, TWENTY_GROUPS, read_newsgroups
from core.datasets.own import OwnDataset, load_own, own_datasets, rename_own
from core.datasets.rows import Rows, as_dataset
from core.errors import BadInput, UnknownName
from core.schema import TextDataset


@dataclass(frozen=True, kw_only=True)
class DatasetSpec:
    """A corpus that can be loaded by name.

    Attributes:
        summary: one sentence.
        source: web address.
        download_bytes: size of the download; 0 when there is none.
        class_names: None when they are known only after reading.
        read: finds or fetches the archive and reads it.
        files: what it is read from; it needs no network when one of these is there, or when there are none.
        needs_all: whether it needs all of the files and not one of them.
    """

    name: str
    title: str
    summary: str
    licence: str
    source: str
    download_bytes: int
    class_names: tuple[str, ...] | None
    read: Callable[[Fetch], Rows]
    files: tuple[str, ...] = ()
    needs_all: bool = False


_NEWSGROUPS_LICENCE = "none stated; public Usenet posts, in wide use for research since 1995"
_NEWSGROUPS_SOURCE = "http://qwone.com/~jason/20Newsgroups/"
_NEWSGROUPS_FILES = (newsgroups.SKLEARN_CACHE, newsgroups.ARCHIVE.filename)

DATASETS: dict[str, DatasetSpec] = {
    "docstrings": DatasetSpec(
        name="docstrings",
        title="Docstrings of Python packages",
        summary="Documentation of functions and classes, read from the packages installed here: which one is it from?",
        licence="BSD, MIT and Apache 2.0: the licences of the packages",
        source="https://pypi.org",
        download_bytes=0,
        class_names=None,
        read=read_docstrings,
    ),
    "imdb": DatasetSpec(
        name="imdb",
        title="IMDB movie reviews",
        summary="50,000 reviews of films, each clearly for or against: does its author like the film?",
        licence="none stated; published for research, to be cited as Maas et al. (2011)",
        source="https://ai.stanford.edu/~amaas/data/sentiment/",
        download_bytes=imdb.ARCHIVE.bytes,
        class_names=imdb.CLASS_NAMES,
        read=read_imdb,
        files=(imdb.ARCHIVE.filename,),
    ),
    "newsgroups": DatasetSpec(
        name="newsgroups",
        title="Four newsgroups",
        summary="Posts on graphics, cars, hockey and religion, with headers: which group were they sent to?",
        licence=_NEWSGROUPS_LICENCE,
        source=_NEWSGROUPS_SOURCE,
        download_bytes=newsgroups.ARCHIVE.bytes,
        class_names=FOUR_GROUPS,
        read=partial(read_newsgroups, groups=FOUR_GROUPS, stripped=False),
        files=_NEWSGROUPS_FILES,
    ),
    "newsgroups-stripped": DatasetSpec(
        name="newsgroups-stripped",
        title="Four newsgroups, text only",
        summary="The four groups without headers, signatures and quotes: fewer shortcuts, and some posts are empty.",
        licence=_NEWSGROUPS_LICENCE,
        source=_NEWSGROUPS_SOURCE,
        download_bytes=newsgroups.ARCHIVE.bytes,
        class_names=FOUR_GROUPS,
        read=partial(read_newsgroups, groups=FOUR_GROUPS, stripped=True),
        files=_NEWSGROUPS_FILES,
    ),
    "newsgroups20": DatasetSpec(
        name="newsgroups20",
        title="Twenty newsgroups",
        summary="Posts to 20 groups, several of them close neighbours, with headers: which group were they sent to?",
        licence=_NEWSGROUPS_LICENCE,
        source=_NEWSGROUPS_SOURCE,
        download_bytes=newsgroups.ARCHIVE.bytes,
        class_names=TWENTY_GROUPS,
        read=partial(read_newsgroups, groups=TWENTY_GROUPS, stripped=False),
        files=_NEWSGROUPS_FILES,
    ),
    "newsgroups20-stripped": DatasetSpec(
        name="newsgroups20-stripped",
        title="Twenty newsgroups, text only",
        summary="The 20 groups without headers, signatures and quotes: fewer shortcuts, and some posts are empty.",
        licence=_NEWSGROUPS_LICENCE,
        source=_NEWSGROUPS_SOURCE,
        download_bytes=newsgroups.ARCHIVE.bytes,
        class_names=TWENTY_GROUPS,
        read=partial(read_newsgroups, groups=TWENTY_GROUPS, stripped=True),
        files=_NEWSGROUPS_FILES,
    ),
    "ag-news": DatasetSpec(
        name="ag-news",
        title="AG News",
        summary="127,600 headlines with what stands below them: world, sports, business or science and technology?",
        licence="none stated; for research and other non-commercial use, to be cited as Zhang et al. (2015)",
        source="http://groups.di.unipi.it/~gulli/AG_corpus_of_news_articles.html",
        download_bytes=agnews.TRAIN.bytes + agnews.TEST.bytes,
        class_names=agnews.CLASS_NAMES,
        read=read_ag_news,
        files=(agnews.TRAIN.filename, agnews.TEST.filename),
        needs_all=True,
    ),
}


def is_available(name: str) -> bool:
    """Whether the data set can be loaded without the network. Raises UnknownName."""
    if name not in DATASETS and name in _own_names():
        return True
    spec = _spec(name)
    enough = all if spec.needs_all else any
    return not spec.files or enough(map(is_here, spec.files))


def load_dataset(name: str, *, download: bool = True, progress: DownloadBar | None = None) -> TextDataset:
    """The corpus as a data set, always with the same documents in the same order and splits.

    Args:
        name: a key of `DATASETS`, or the name of a data set of one's own.
        download: whether it may be fetched from the internet when it is not on this machine.
        progress: shows the download.

    Raises UnknownName for a name that is not there, DatasetMissing when the corpus is not on this machine and could
    not be fetched, and BadInput for a damaged data set of one's own.
    """
    if name not in DATASETS and name in _own_names():
        return load_own(name)
    spec = _spec(name)
    rows = spec.read(partial(fetch_archive, download=download, progress=progress))
    return as_dataset(name, rows, spec.class_names)


def _spec(name: str) -> DatasetSpec:
    if name not in DATASETS:
        raise UnknownName("data set", name, (*DATASETS, *_own_names()))
    return DATASETS[name]


def rename_dataset(name: str, new: str) -> OwnDataset:
    """Give a data set of one's own another name, as `rename_own` does. Raises BadInput for that of a public corpus."""
    if new in DATASETS:
        raise BadInput(f"{new} is the name of a public data set; choose another name.")
    return rename_own(name, new)


def _own_names() -> list[str]:
    return [own.name for own in own_datasets()]
