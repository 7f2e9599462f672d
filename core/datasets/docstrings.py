"""The offline corpus: docstrings of installed packages; the class of a docstring is the package it stands in.

Only source text is read, nothing is imported. Taken are the docstrings of functions, classes and methods with a public
name. Left out are tests, vendored copies, files that say they were generated, templates that are filled in at import,
and texts that mostly repeat others. Nothing is masked: a docstring may name its package, as a post may name its group.

The parts are split by module, so that what neighbours share never stands in both train and test.
"""

import ast
import gc
import hashlib
import importlib.metadata
import importlib.util
import re
import warnings
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import NamedTuple

from core.datasets.archives import Fetch
from core.datasets.rows import Rows, cached_rows
from core.errors import DatasetMissing

PACKAGES = {
    "flax": "flax",
    "jax": "jax",
    "networkx": "networkx",
    "numpy": "numpy",
    "optax": "optax",
    "pandas": "pandas",
    "plotly": "plotly",
    "scikit-image": "skimage",
    "scikit-learn": "sklearn",
    "scipy": "scipy",
    "streamlit": "streamlit",
}
"""The classes: packages by the name they are installed under, with the name they are imported by."""

MIN_WORDS = 20
MIN_DOCUMENTS = 50
MAX_REPEATED_SHARE = 0.6
LARGEST_TO_SMALLEST = 3
SHARES = {"test": 0.2, "valid": 0.1}

_SKIPPED_FOLDERS = re.compile(r"tests?|testing|externals?|_?vendor(ed)?|third_party|proto|mplexporter")
_GENERATED = re.compile(r"auto-?generated|automatically generated|generated (by|from)|do not edit", re.IGNORECASE)
_TEMPLATE = re.compile(r"%\(\w+\)s|\$\{\w+\}")
_WORD = re.compile(r"[^\W\d_]+")
_ONE_AT_A_TIME = Lock()  # warnings and the search for cycles are switched off for all threads

Documented = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


class Docstring(NamedTuple):
    """A documentation text.

    Attributes:
        package: a key of `PACKAGES`.
        module: the file it stands in, such as "numpy/linalg/_linalg.py".
        exported: whether the package offers what it documents in an `__init__.py` or in `__all__`.
    """

    package: str
    module: str
    exported: bool
    text: str


def read_docstrings(_: Fetch) -> Rows:
    """The docstrings of the installed packages, cached_rows once read until one of their versions changes.

    Raises DatasetMissing when fewer than two of the packages are installed with their source.
    """
    versions = {package: _version(package) for package in PACKAGES}
    with _ONE_AT_A_TIME:  # who waits finds them on the disk
        return cached_rows("docstrings", versions, Path(__file__), _rows)


def _rows() -> Rows:
    with _no_collection():
        return split_by_module(balanced(without_repeats(_all_docstrings())))


@contextmanager
def _no_collection() -> Iterator[None]:
    """Switches the search for reference cycles off: there are none, and millions of syntax nodes set it off often."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _version(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def _all_docstrings() -> list[Docstring]:
    specs = {package: importlib.util.find_spec(name) for package, name in PACKAGES.items()}  # imports nothing
    folders = {package: Path(spec.origin).parent for package, spec in specs.items() if spec and spec.origin}
    return [doc for package, folder in folders.items() for doc in package_docstrings(package, folder)]


def package_docstrings(package: str, folder: Path) -> list[Docstring]:
    """Every docstring of the package in a folder that is fit to be read, in the order of its files."""
    docstrings: list[tuple[str, set[str], str]] = []
    exported: set[str] = set()
    for path in sorted(folder.rglob("*.py")):
        parts = path.relative_to(folder).parts
        tree = None if any(map(_SKIPPED_FOLDERS.fullmatch, parts[:-1])) else _parse(path.read_bytes())
        if tree is not None:
            exported |= _offered(tree, everything=path.name == "__init__.py")
            docstrings += [("/".join((folder.name, *parts)), names, text) for names, text in documented(tree)]
    return [Docstring(package, module, not names.isdisjoint(exported), text) for module, names, text in docstrings]


def _parse(source: bytes) -> ast.Module | None:
    """The tree of a source file; None if it says that it was generated or cannot be parsed."""
    if _GENERATED.search(source[:800].decode("utf-8", "replace")):
        return None
    try:
        with warnings.catch_warnings(action="ignore"):
            return ast.parse(source)
    except (SyntaxError, ValueError, RecursionError):
        return None


def _offered(tree: ast.Module, *, everything: bool) -> set[str]:
    """The names in a module's `__all__`, and with `everything` also those that it imports or assigns."""
    names = set()
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and everything:
            names |= {alias.asname or alias.name for alias in node.names}
        elif isinstance(node, ast.Assign | ast.AugAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            bound = {target.id for target in targets if isinstance(target, ast.Name)}
            names |= bound if everything else set()
            names |= _strings(node.value) if "__all__" in bound else set()
    return names


def _strings(node: ast.AST) -> set[str]:
    return {part.value for part in ast.walk(node) if isinstance(part, ast.Constant) and isinstance(part.value, str)}


def documented(tree: ast.Module) -> Iterator[tuple[set[str], str]]:
    """The docstrings of public functions, classes and methods, each with its own name and that of its class."""
    for node in _public(tree.body):
        members = _public(node.body) if isinstance(node, ast.ClassDef) else ()
        for member in (node, *members):
            text = ast.get_docstring(member)
            if text and len(_WORD.findall(text)) >= MIN_WORDS and not _TEMPLATE.search(text):
                yield {node.name, member.name}, text


def _public(body: Iterable[ast.stmt]) -> Iterator[Documented]:
    return (node for node in body if isinstance(node, Documented) and not node.name.startswith("_"))


def without_repeats(docs: Iterable[Docstring]) -> list[Docstring]:
    """The docstrings without those that mostly repeat others: 60% of their runs of five words stand in earlier ones.

    Exported ones are read first, and so are the ones that stay.
    """
    seen: set[tuple[str, ...]] = set()
    new = []
    for doc in sorted(docs, key=lambda doc: not doc.exported):
        words = _WORD.findall(doc.text.lower())
        runs = set(zip(*(words[start:] for start in range(5)), strict=False))
        if len(runs & seen) < MAX_REPEATED_SHARE * len(runs):
            new.append(doc)
        seen |= runs
    return new


def balanced(docs: Iterable[Docstring]) -> list[Docstring]:
    """At most three times the documents of the smallest package of each: exported ones first, from all modules alike.

    Packages with fewer than 50 are left out. Raises DatasetMissing when fewer than two packages remain.
    """
    packages: dict[str, list[Docstring]] = defaultdict(list)
    for doc in docs:
        packages[doc.package].append(doc)
    large = [group for group in packages.values() if len(group) >= MIN_DOCUMENTS]
    if len(large) < 2:
        raise DatasetMissing("The docstrings need the packages of requirements.txt; install them with their source.")
    most = LARGEST_TO_SMALLEST * min(map(len, large))
    return sorted(doc for group in large for doc in _in_turns(group)[:most])


def _in_turns(docs: Iterable[Docstring]) -> list[Docstring]:
    """Exported ones first; among them the first of every module, then the second of every module, and so on."""
    taken: Counter[tuple[str, bool]] = Counter()
    turns = []
    for doc in sorted(docs, key=lambda doc: _draw(doc.text)):
        turns.append((not doc.exported, taken[doc.module, doc.exported], _draw(doc.text), doc))
        taken[doc.module, doc.exported] += 1
    return [doc for *_, doc in sorted(turns)]


def split_by_module(docs: Sequence[Docstring]) -> Rows:
    """The rows, where each package gives 20% of its documents to test and 10% to valid, in whole modules.

    The draw follows from the module's path, so that a new version of a package moves few modules.
    """
    parts: dict[str, str] = {}
    for package in {doc.package for doc in docs}:
        sizes = Counter(doc.module for doc in docs if doc.package == package)
        room = {part: round(share * sizes.total()) for part, share in SHARES.items()}
        for module in sorted(sizes, key=_draw):
            parts[module] = next((part for part in room if sizes[module] <= room[part]), "train")
            if parts[module] in room:
                room[parts[module]] -= sizes[module]
    return Rows([doc.text for doc in docs], [doc.package for doc in docs], [parts[doc.module] for doc in docs])


def _draw(text: str) -> bytes:
    """A place in an order that looks random and is the same on every machine."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
