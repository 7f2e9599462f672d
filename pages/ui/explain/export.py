"""An explanation to take away: a table of its words, and a page that needs nothing else. Pure, no streamlit."""

from __future__ import annotations

from html import escape
from urllib.parse import urlencode

import pandas as pd

from core.schema import Explanation
from pages.ui.render import sentences
from pages.ui.render.format import percent
from pages.ui.render.highlight import highlighted, legend, visible

LONGEST_IN_A_LINK = 2_000  # characters of a text
_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{title}</title><style>
:root {{ color-scheme: light dark }}
body {{ font: 16px/1.6 system-ui, sans-serif; max-width: 52rem; margin: 2rem auto; padding: 0 1rem }}
table {{ border-collapse: collapse; font-size: .9rem }} td, th {{ padding: .2rem .8rem .2rem 0; text-align: left }}
.text {{ border: 1px solid rgba(128,128,128,.4); border-radius: 8px; padding: .8rem 1rem; margin: .6rem 0 }}
.whyword-text {{ max-height: none !important }}
</style></head><body>
<h1>{title}</h1><p>{trust}</p>{legend}<div class="text">{text}</div><p>{read}</p>
<h2>Weights</h2><table><tr><th>word</th><th>weight</th><th>95% interval</th></tr>{words}</table>
<h2>How it was made</h2><table>{facts}</table>
</body></html>
"""


def as_csv(why: Explanation) -> str:
    """One line a word, strongest first."""
    rows = [
        {"word": word.word, "start": word.start, "end": word.end}
        | {"weight": word.weight, "low": word.low, "high": word.high}
        for word in why.words
    ]
    return pd.DataFrame(rows, columns=["word", "start", "end", "weight", "low", "high"]).to_csv(index=False)


def as_html(why: Explanation, fingerprint: str, most: int) -> str:
    """A page by itself: the text with its words marked, and all that is needed to make it again."""
    facts = {
        "Model": f"{why.model} ({fingerprint})",
        "Class": why.class_name + (f" rather than {why.against}" if why.against else ""),
        "Model's answer": ", ".join(f"{name} {percent(share)}" for name, share in why.probabilities.items()),
        "Method": "LIME (Ribeiro et al. 2016): words removed, cosine kernel of width 25, ridge of strength 1",
        "Samples": f"{why.samples:,}",
        "Seed": str(why.seed),
        "Fidelity": sentences.fidelity(why),
        "To keep in mind": " ".join(why.caveats) or "nothing in particular",
    }
    words = "".join(
        f"<tr><td>{visible(word.word)}</td><td>{word.weight:+.4f}</td><td>{word.low:+.4f} to {word.high:+.4f}</td></tr>"
        for word in why.words[:most]
    )
    return _PAGE.format(
        title=f"{visible(why.class_name)}: why {visible(why.model)} says so",
        trust=escape(sentences.trust(why)),
        legend=legend(why, most),
        text=highlighted(why, most),
        read=escape(sentences.read(why)),
        words=words,
        facts="".join(f"<tr><th>{name}</th><td>{visible(fact)}</td></tr>" for name, fact in facts.items()),
    )


def link(why: Explanation, address: str) -> str | None:
    """The address that shows this explanation again, or None when the text is too long for one."""
    if len(why.text) > LONGEST_IN_A_LINK:
        return None
    asked = {"model": why.model, "text": why.text, "label": why.class_name, "seed": why.seed}
    asked |= {"against": why.against} if why.against else {}
    return f"{address.partition('?')[0]}?{urlencode(asked, errors='replace')}"
