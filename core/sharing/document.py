"""A short document of headings, sentences, lists, tables and code, as Markdown and as HTML; all text is escaped."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import NamedTuple

_MEANS_SOMETHING = re.compile(r"([\\`*_{}\[\]<>#|~$&!^])")
_STARTS_SOMETHING = re.compile(r"^(\d*)([-+=.)])(?=[\s=-]|$)")  # a list, or a line below a heading
_CONTROL = re.compile(r"[\x00-\x1f\x7f\u2028\u2029]+")
_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{title}</title><style>
:root {{ color-scheme: light dark }}
body {{ font: 16px/1.6 system-ui, sans-serif; max-width: 52rem; margin: 2rem auto; padding: 0 1rem;
  overflow-wrap: anywhere }}
div {{ overflow-x: auto }} table {{ border-collapse: collapse; font-size: .9rem }}
td, th {{ overflow-wrap: break-word; padding: .25rem 1rem .25rem 0; text-align: left;
  border-bottom: 1px solid rgba(128,128,128,.3) }}
pre {{ background: rgba(128,128,128,.12); border-radius: 8px; padding: .8rem 1rem; overflow-x: auto }}
</style></head><body>
<h1>{title}</h1>
{body}
</body></html>
"""


class Sentences(NamedTuple):
    """A paragraph."""

    text: str


class Items(NamedTuple):
    """A list of sentences."""

    texts: tuple[str, ...]


class Rows(NamedTuple):
    """A table."""

    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


class Code(NamedTuple):
    """Lines of a program."""

    text: str
    language: str = "python"


Block = Sentences | Items | Rows | Code


class Section(NamedTuple):
    """What stands below a heading; level 2 is below the title."""

    title: str
    blocks: tuple[Block, ...]
    level: int = 2


@dataclass(frozen=True, kw_only=True)
class Document:
    """A title and sections, in plain text."""

    title: str
    sections: tuple[Section, ...]

    def markdown(self) -> str:
        """GitHub's Markdown, in which no text is read as anything but text."""
        parts = [f"# {in_markdown(self.title)}"]
        for section in self.sections:
            parts.append(f"{'#' * section.level} {in_markdown(section.title)}")
            parts += [_as_markdown(block) for block in section.blocks]
        return "\n\n".join(parts) + "\n"

    def html(self) -> str:
        """A page that needs nothing else, dark where the reader's is."""
        parts = []
        for section in self.sections:
            parts.append(f"<h{section.level}>{in_html(section.title)}</h{section.level}>")
            parts += [_as_html(block) for block in section.blocks]
        return _PAGE.format(title=in_html(self.title), body="\n".join(parts))


def in_markdown(text: str) -> str:
    """The text on one line, with a backslash before all that Markdown or HTML could read."""
    line = _MEANS_SOMETHING.sub(r"\\\1", _one_line(text))
    return _STARTS_SOMETHING.sub(r"\1\\\2", line)


def in_html(text: str) -> str:
    """The text on one line, escaped."""
    return escape(_one_line(text))


def _one_line(text: str) -> str:
    # Half characters cannot be written in UTF-8.
    return _CONTROL.sub(" ", text.encode("utf-8", "replace").decode()).strip()


def _as_markdown(block: Block) -> str:
    match block:
        case Sentences(text):
            return in_markdown(text)
        case Items(texts):
            return "\n".join(f"- {in_markdown(text)}" for text in texts)
        case Code(text, language):
            fence = "`" * max(3, 1 + max(map(len, re.findall("`+", text)), default=0))
            return f"{fence}{language}\n{text.rstrip()}\n{fence}"
        case Rows(heads, rows):
            lines = (_line([in_markdown(cell) for cell in row]) for row in (heads, *rows))
            return "\n".join([next(lines), _line(["---"] * len(heads)), *lines])


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _as_html(block: Block) -> str:
    match block:
        case Sentences(text):
            return f"<p>{in_html(text)}</p>"
        case Items(texts):
            return f"<ul>{''.join(f'<li>{in_html(text)}</li>' for text in texts)}</ul>"
        case Code(text):
            return f"<pre><code>{escape(text.rstrip())}</code></pre>"
        case Rows(heads, rows):
            return f"<div><table>{_row(heads, 'th')}{''.join(_row(row, 'td') for row in rows)}</table></div>"


def _row(cells: Sequence[str], tag: str) -> str:
    return f"<tr>{''.join(f'<{tag}>{in_html(cell)}</{tag}>' for cell in cells)}</tr>"
