"""Whose a model or a data set is, where strangers share a server: the end of its name tells.

On one's own machine everything is everybody's. Where strangers meet, the app says who asks: then only what bears that
visitor's mark, or none, is there, and only what bears it can be changed.
"""

from __future__ import annotations

import re
from collections.abc import Callable

MARK = re.compile(r"-visitor-([0-9a-f]{8})")
AT_END = re.compile(rf"{MARK.pattern}\Z")
_ask: Callable[[], str | None] = lambda: None  # noqa: E731


def ask_by(who: Callable[[], str | None]) -> None:
    """Let a function tell the mark of who asks, 8 hex digits; None for somebody who may see and change everything."""
    global _ask
    _ask = who


def owner_of(name: str) -> str | None:
    """The mark of the visitor whose it is, by its name; None when it is nobody's."""
    found = AT_END.search(name)
    return found.group(1) if found else None


def is_visible(name: str) -> bool:
    """Whether who asks may know of what bears that name."""
    asking = _ask()
    return asking is None or owner_of(name) in (None, asking)


def may_change(name: str) -> bool:
    """Whether who asks may make, rename or delete what bears that name."""
    asking = _ask()
    return asking is None or owner_of(name) == asking


def marked(name: str, longest: int = 63) -> str:
    """The name with the mark of who asks at its end, of at most `longest` characters; as it is where all is shared."""
    asking = _ask()
    if asking is None or owner_of(name) == asking:
        return name
    mark = f"-visitor-{asking}"
    return unmarked(name)[: longest - len(mark)] + mark


def unmarked(name: str) -> str:
    """The name without any mark, nor one that comes about where another was taken out."""
    while MARK.search(name):
        name = MARK.sub("", name)
    return name
