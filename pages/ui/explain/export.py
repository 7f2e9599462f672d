"""An explanation to keep: a table of its words, a page that needs nothing else, and a link."""

from __future__ import annotations

import json
from html import escape

import pandas as pd
import streamlit as st

from core.format import no_formula
from core.saved_models import ModelInfo
from core.schema import Explanation, WordWeight
from core.schema.explanation_text import amount, compared_with, fidelity, weight_name
from pages.ui.explain.trust import coverage, trust
from pages.ui.render.format import percent
from pages.ui.render.highlight import highlighted, legend, verdict, visible
from pages.ui.shared.address import LONGEST_IN_A_LINK, explain_url, own_address
from pages.ui.shared.explanation_settings import Marking

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{title}</title><style>
:root {{ color-scheme: light dark }}
body {{ font: 16px/1.6 system-ui, sans-serif; max-width: 52rem; margin: 2rem auto; padding: 0 1rem }}
table {{ border-collapse: collapse; font-size: .9rem }}
table.shares {{ margin: .6rem 0 }}
td, th {{ padding: .2rem .8rem .2rem 0; text-align: left }}
.text {{ border: 1px solid rgba(128,128,128,.4); border-radius: 8px; padding: .8rem 1rem; margin: .6rem 0 }}
.whyword-text {{ max-height: none !important }}
</style></head><body>
<h1>{title}</h1>{verdict}<table class="shares">{shares}</table>
<p>{trust}</p>{legend}<div class="text">{text}</div><p>{read}</p>
<h2>Weights</h2><table><tr><th>word</th><th>{weight}</th>{interval}{drop}</tr>{words}</table>
<h2>How it was made</h2><table>{facts}</table>
</body></html>
"""


def as_csv(why: Explanation) -> str:
    """One line a word, strongest first, with what it is an explanation of; text and probabilities in the first line."""
    columns = ["start", "end", "weight"] + ([] if why.exact else ["low", "high"])
    rows = [
        {"word": _written(word.word)}
        | {column: getattr(word, column) for column in columns}
        | {"unit": str(why.scale), "class": _written(why.class_name), "against": _written(why.against or "")}
        | {"model": why.model, "probability": why.probabilities[why.class_name]}
        for word in why.words
    ]
    whole = {"probabilities": json.dumps(why.probabilities), "text": _written(why.text)}
    first, *others = rows or [{}]
    return pd.DataFrame([first | whole, *others]).to_csv(index=False)


def _written(text: str) -> str:
    # Half characters cannot be written in UTF-8, and a spreadsheet would run a formula.
    return str(no_formula(text.encode("utf-8", "replace").decode()))


def as_json(why: Explanation, fingerprint: str) -> str:
    """All that there is to know of an explanation, with the text that its offsets point into."""
    return json.dumps({"text": why.text, "fingerprint": fingerprint} | why.to_json(), indent=2)


def as_html(why: Explanation, fingerprint: str, marking: Marking) -> str:
    """A page by itself: the text with its words marked, and all that is needed to make it again."""
    facts = {
        "Model": f"{why.model} ({fingerprint})",
        "Class": why.class_name + (f" rather than {why.against}" if why.against else ""),
        **_how_it_was_made(why),
        "Fidelity": fidelity(why),
        "To keep in mind": " ".join(caveat.text for caveat in why.caveats) or "nothing in particular",
    }
    return _PAGE.format(
        title=f"{visible(why.class_name)}: why {visible(why.model)} says so",
        verdict=verdict(why),
        shares="".join(_share_row(*pair) for pair in sorted(why.probabilities.items(), key=lambda pair: -pair[1])),
        trust=escape(trust(why)),
        legend=legend(why, *marking),
        text=highlighted(why, marking.most, smallest_share=marking.smallest_share),
        read=escape(coverage(why)),
        weight=escape(weight_name(why)),
        interval="" if why.exact else "<th>95% interval</th>",
        drop="" if why.exact else "<th>without it alone</th>",
        words="".join(_row(word, why) for word in why.strongest(marking.most).words),
        facts="".join(f"<tr><th>{name}</th><td>{visible(fact)}</td></tr>" for name, fact in facts.items()),
    )


def _share_row(name: str, share: float) -> str:
    return f"<tr><td>{visible(name)}</td><td>{escape(percent(share))}</td></tr>"


def _row(word: WordWeight, why: Explanation) -> str:
    name, weight = visible(word.word), amount(word.weight, why)
    if why.exact:
        return f"<tr><td>{name}</td><td>{weight}</td></tr>"
    interval = f"{amount(word.low, why)} to {amount(word.high, why)}"
    drop = "" if word.drop is None else amount(-word.drop, why)
    return f"<tr><td>{name}</td><td>{weight}</td><td>{interval}</td><td>{drop}</td></tr>"


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
            ("JSON", as_json(why, info.fingerprint), "application/json"),
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
