"""What Whyword is: its version, and the licences of what it is made of and of what its models learned from."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib import metadata

from core.datasets import DATASETS
from pages.ui.shared.entry import APP
from pages.ui.shared.widgets import literal

_FIELDS = ("License-Expression", "License", "Classifier")
_KINDS = ("Apache", "BSD", "MIT", "PSF", "MPL")


@cache
def about_text() -> str:
    """Version, data sets and packages with their licences, as Markdown."""
    version = tomllib.loads((APP.parent / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    data = {spec.title: spec.licence for spec in DATASETS.values()}
    lines = [
        f"**Whyword {version}** trains text classifiers and shows which words decide. MIT licence.",
        "Data sets:",
        *(f"- {literal(title)}: {literal(licence)}" for title, licence in data.items()),
        f"\nPackages: {', '.join(map(_package, _required()))}.",
    ]
    return "\n".join([lines[0], "", *lines[1:]])


def _required() -> list[str]:
    lines = (APP.parent / "requirements.txt").read_text(encoding="utf-8").splitlines()
    return [re.split("[>=<]", line)[0] for line in lines if line and not line.startswith("#")]


def _package(name: str) -> str:
    about = metadata.metadata(name)
    named = " ".join(text for field in _FIELDS for text in about.get_all(field) or ())
    kind = next((kind for kind in _KINDS if kind in named), "see its page")
    return literal(f"{name} {metadata.version(name)} ({kind})")
