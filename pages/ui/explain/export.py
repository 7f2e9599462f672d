"""An explanation to keep: a table of its words, a page that needs nothing else, and a link."""

from __future__ import annotations

import json
from html import escape

import pandas as pd
import streamlit as st

from core.format import no_formula
from core.saved_models import ModelInfo
from core.schema import Explanation, WordWeight
from core.schema.explanation_text import compared_with, fidelity
from pages.ui.explain.question import Marking
from pages.ui.explain.trust import coverage, trust
from pages.ui.render.format import percent
from pages.ui.render.highlight import highlighted, legend, visible
from pages.ui.shared.address import LONGEST_IN_A_LINK, explain_url, own_address

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
<h2>Weights</h2><table><tr><th>word</th><th>weight</th>{interval}</tr>{words}</table>
<h2>How it was made</h2><table>{facts}</table>
</body></html>
"""


def as_csv(why: Explanation) -> str:
    """One line a word, strongest first."""
    columns = ["start", "end", "weight"] + ([] if why.exact else ["low", "high"])
    # Half characters cannot be written in UTF-8.
    words = [no_formula(word.word.encode("utf-8", "replace").decode()) for word in why.words]
    return pd.DataFrame(
        {"word": words} | {column: [getattr(word, column) for word in why.words] for column in columns}
    ).to_csv(index=False)


def as_html(why: Explanation, fingerprint: str, marking: Marking) -> str:
    """A page by itself: the text with its words marked, and all that is needed to make it again."""
    facts = {
        "Model": f"{why.model} ({fingerprint})",
        "Class": why.class_name + (f" rather than {why.against}" if why.against else ""),
        "Model's answer": ", ".join(f"{name} {percent(share)}" for name, share in why.probabilities.items()),
        **_how_it_was_made(why),
        "Fidelity": fidelity(why),
        "To keep in mind": " ".join(caveat.text for caveat in why.caveats) or "nothing in particular",
    }
    return _PAGE.format(
        title=f"{visible(why.class_name)}: why {visible(why.model)} says so",
        trust=escape(trust(why)),
        legend=legend(why, *marking),
        text=highlighted(why, marking.most, smallest_share=marking.smallest_share),
        read=escape(coverage(why)),
        interval="" if why.exact else "<th>95% interval</th>",
        words="".join(_row(word, why.exact) for word in why.strongest(marking.most).words),
        facts="".join(f"<tr><th>{name}</th><td>{visible(fact)}</td></tr>" for name, fact in facts.items()),
    )


def _row(word: WordWeight, exact: bool) -> str:
    interval = "" if exact else f"<td>{word.low:+.4f} to {word.high:+.4f}</td>"
    return f"<tr><td>{visible(word.word)}</td><td>{word.weight:+.4f}</td>{interval}</tr>"


def _how_it_was_made(why: Explanation) -> dict[str, str]:
    if why.exact:
        over = f" over {compared_with(why)}" if compared_with(why) else ""
        return {"Method": f"The parts of the sum by which the model decides, in log-odds{over}"}
    method = "LIME (Ribeiro et al. 2016): words removed, cosine kernel of width 25, ridge of strength 1"
    return {"Method": method, "Samples": f"{why.samples:,}", "Seed": str(why.seed)}


def show(info: ModelInfo, why: Explanation, marking: Marking) -> None:
    """Downloads of the explanation, and a link to it."""
    with st.container(horizontal=True):
        for name, content, kind in (
            ("Page (HTML)", as_html(why, info.fingerprint, marking), "text/html"),
            ("Table (CSV)", as_csv(why), "text/csv"),
            ("JSON", json.dumps(why.to_json(), indent=2), "application/json"),
        ):
            ending = kind.partition("/")[2]
            st.download_button(
                name,
                content.encode("utf-8", "replace"),
                f"why-{info.name}.{ending}",
                kind,
                on_click="ignore",
                icon=":material/download:",
            )
    address = explain_url(own_address(), why)
    if address is None:
        st.caption(f"A text of more than {LONGEST_IN_A_LINK:,} characters does not fit into a link.")
    else:
        st.caption("This link shows the same model, text, class and seed again; the text is in it.")
        st.code(address, language=None, wrap_lines=True)
