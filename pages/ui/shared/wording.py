"""Sentences of the library that name options of the command line, with what stands for these on a page. Pure."""

import re

_WRITTEN = "under “How the file is written”"
_STANDS_FOR = {
    r"--encoding( NAME)?": f"“Encoding” {_WRITTEN}",
    r"--quote none": f"“Quotes: none” {_WRITTEN}",
    r"--heading yes": f"“Heading: yes” {_WRITTEN}",
    r"--sheet": "“Sheet”",
    r"--max-mb": "python -m core and --max-mb in a terminal",
    r"another with --name NAME": "another name",
    r"--text": "“Column of texts”",
    r"(named? )?another by --(split|time)": "choose another “By the column”",
    r"--split ('[^']*'|\"[^\"]*\")": "“Split: as a column says”",
    r"--merge-labels": "a button “Worth a look”",
    r"--min-rows( \d+)?|--merge-small": "“Leave them out” or “Merge” at “Worth a look”",
    r"--(split|time|group)": "“Split”",
    r"--top": "The number of most probable classes",
    r"--reasons": "The number of strongest words",
}
"""Options as sentences name them, and what there is on a page, the first that fits."""
_OPTION = re.compile("|".join(f"(?P<o{place}>{option})" for place, option in enumerate(_STANDS_FOR)))


def on_page(sentence: str) -> str:
    """The sentence, where what a page has stands for each option that it names."""
    return _OPTION.sub(_instead, sentence)


def _instead(found: re.Match[str]) -> str:
    place = next(place for place in range(len(_STANDS_FOR)) if found[f"o{place}"] is not None)
    return list(_STANDS_FOR.values())[place]
