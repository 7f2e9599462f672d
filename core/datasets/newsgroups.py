"""Usenet posts of 1993, split by date: the later posts are the test (Lang 1995; scikit-learn's "by date" version).

Texts are as scikit-learn gives them. The stripped versions have no headers, signatures and quotes, and 3% of their
posts are empty then; these stay in, so that scores compare with published ones.

Validation is drawn by thread: of posts drawn at random, six of seven have their thread or their sender among the posts
to learn from, where it is four of seven of the later ones. By thread and sender together is no way: two thirds of the
posts hang together.
"""

import io
import re
import shutil
import tarfile
from contextlib import redirect_stdout
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock
from typing import Any

from core.datasets.archives import Archive, Fetch, by_hand, found
from core.datasets.posts import check_posts
from core.datasets.rows import Rows, cached_rows
from core.errors import DatasetMissing
from core.folders import datasets_folder

ARCHIVE = Archive(
    title="The newsgroups posts",
    filename="20news-bydate.tar.gz",
    url="https://ndownloader.figshare.com/files/5975967",
    checksum="sha256:8f1b2514ca22a5ade8fbb9cfa5727df95fa587f4c87b786e15c759fa66d95610",
    bytes=14_464_277,
)
SKLEARN_CACHE = "20news-bydate_py3.pkz"
FOUR_GROUPS = ("comp.graphics", "rec.autos", "rec.sport.hockey", "talk.religion.misc")
TWENTY_GROUPS = (
    "alt.atheism",
    "comp.graphics",
    "comp.os.ms-windows.misc",
    "comp.sys.ibm.pc.hardware",
    "comp.sys.mac.hardware",
    "comp.windows.x",
    "misc.forsale",
    "rec.autos",
    "rec.motorcycles",
    "rec.sport.baseball",
    "rec.sport.hockey",
    "sci.crypt",
    "sci.electronics",
    "sci.med",
    "sci.space",
    "soc.religion.christian",
    "talk.politics.guns",
    "talk.politics.mideast",
    "talk.politics.misc",
    "talk.religion.misc",
)

_ONE_AT_A_TIME = Lock()  # stdout is one for all threads
_FIELD = re.compile(r"^(from|subject):[ \t]*(.*)$", re.IGNORECASE | re.MULTILINE)
_REPLY = re.compile(r"^(\s*(re|fwd?)\s*(\[\d+\])?:)+", re.IGNORECASE)
_ADDRESS = re.compile(r"[^\s<>()\"]+@[^\s<>()\"]+")


def read_newsgroups(fetch: Fetch, *, groups: tuple[str, ...], stripped: bool) -> Rows:
    """The posts of some groups, with or without what tells the sender; cached_rows once read.

    Raises DatasetMissing when they are not to be had, or scikit-learn's cache file is damaged.
    """
    cache = found(SKLEARN_CACHE) or _converted(fetch(ARCHIVE))
    state = cache.stat()
    key = (str(cache), state.st_size, state.st_mtime_ns)
    name = f"newsgroups{len(groups)}{'-stripped' if stripped else ''}"
    return cached_rows(name, key, Path(__file__), lambda: _rows(cache, groups, stripped))


def _rows(cache: Path, groups: tuple[str, ...], stripped: bool) -> Rows:
    remove = ("headers", "footers", "quotes") if stripped else ()
    rows = Rows([], [], [])
    threads: list[str] = []
    senders: list[str] = []
    try:
        check_posts(cache)
    except (OSError, ValueError) as error:
        raise DatasetMissing(f"{cache} is damaged; remove it, then {by_hand(ARCHIVE)}.") from error
    for split in ("train", "test"):
        try:
            posts = _fetched(cache.parent, subset=split, categories=groups, remove=remove, download_if_missing=False)
        except OSError as error:
            raise DatasetMissing(f"{cache} is damaged; remove it, then {by_hand(ARCHIVE)}.") from error
        rows.texts.extend(posts.data)
        rows.labels.extend(posts.target_names[target] for target in posts.target)
        rows.splits.extend([split] * len(posts.data))
        whole = _fetched(cache.parent, subset=split, categories=groups, download_if_missing=False) if remove else posts
        threads += map(thread, whole.data)
        senders += map(sender, whole.data)
    return rows._replace(groups={"thread": threads, "sender": senders})


def thread(post: str) -> str:
    """What a post is about: the words of its subject in small letters, without "Re:"; "" if it has none."""
    subject = _REPLY.sub("", _fields(post).get("subject", ""))
    return re.sub(r"\W+", " ", subject.lower()).strip()


def sender(post: str) -> str:
    """The address that a post is from, or the name where there is none, in small letters; "" if neither is told."""
    author = _fields(post).get("from", "")
    address = _ADDRESS.search(author)
    return (address[0] if address else author).lower().strip()


def _fields(post: str) -> dict[str, str]:
    header, _, _ = post.partition("\n\n")
    return {name.lower(): value for name, value in reversed(_FIELD.findall(header))}  # the first of each counts


def _fetched(folder: Path, **settings: Any) -> Any:
    from sklearn.datasets import fetch_20newsgroups

    with _ONE_AT_A_TIME, redirect_stdout(io.StringIO()):  # it prints when its cache is damaged
        return fetch_20newsgroups(data_home=folder, shuffle=False, **settings)


def _converted(archive: Path) -> Path:
    """scikit-learn's cache file, which it makes of the archive where it would have put its own download."""
    try:
        folder = datasets_folder()
        with TemporaryDirectory(dir=folder) as home:
            download = Path(home) / "20news_home" / ARCHIVE.filename
            download.parent.mkdir()
            shutil.copy(archive, download)
            _fetched(Path(home), subset="train")
            return (Path(home) / SKLEARN_CACHE).replace(folder / SKLEARN_CACHE)
    except (OSError, tarfile.TarError) as error:
        reason = getattr(error, "strerror", None) or type(error).__name__
        raise DatasetMissing(f"{archive} could not be read ({reason}); remove it, then {by_hand(ARCHIVE)}.") from error
