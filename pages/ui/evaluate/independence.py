"""Whether the test documents are independent of the training documents, and test is like validation."""

from __future__ import annotations

import streamlit as st

from core.evaluation import share_difference, wilson
from core.saved_models import ModelInfo
from core.schema import Independence, Score
from pages.ui.render.format import counted, interval, percent
from pages.ui.shared.widgets import literal


def relatives_sentence(found: Independence) -> str:
    """How often the model is right on test documents with relatives in training, and on those without."""
    if found.related is None or found.unrelated is None:
        return ""
    shared, groups = found.related.documents, " or ".join(found.groups)
    if not shared:
        return f"No test document shares its {groups} with a training or validation document."
    sharing = f"{shared:,} of {counted(found.everything.documents, 'test document')} share their {groups} with"
    with_them = f"{sharing} a training or validation document, and {_right(found.related)} of them are right"
    if not found.unrelated.documents:
        return f"{with_them}; there are no others."
    return f"{with_them}; of the others {_right(found.unrelated)}."


def copies_sentence(found: Independence) -> str:
    """How many test documents are copies of training documents, and the accuracy without them."""
    count = found.copied.documents
    if not count:
        return ""
    are = "1 test document is a copy" if count == 1 else f"{count:,} test documents are copies"
    said = f"{are} of training or validation documents, character for character"
    if not found.original.documents:
        return f"{said}; there are no others."
    return f"{said}; without them {percent(found.original.right / found.original.documents)} are right."


def unlike_validation_sentence(valid: Score, test: Score) -> str:
    """That validation and test accuracy differ by more than chance explains; "" when they do not."""
    apart = share_difference(valid, test)
    if apart.low <= 0 <= apart.high:
        return ""
    ends = sorted(abs(100 * end) for end in (apart.low, apart.high))
    more = "more" if apart.value > 0 else "less"
    return (
        f"The model is right {more} often on validation ({percent(valid.right / valid.documents)}) than on test "
        f"({percent(test.right / test.documents)}), by {ends[0]:.1f} to {ends[1]:.1f} points: validation is not like "
        "test, so probabilities and prediction sets, which rest on validation, may promise too "
        f"{'much' if apart.value > 0 else 'little'}."
    )


def show(info: ModelInfo) -> None:
    """What there is to say of a model's test documents."""
    if info.valid is not None:
        warning = unlike_validation_sentence(_stored_score(info.valid), _stored_score(info.test))
        if warning:
            st.warning(literal(warning), icon=":material/balance:")
    if info.independence is None:
        st.caption("How many test documents have relatives or copies in training was not kept with this model.")
        return
    sentences = (relatives_sentence(info.independence), copies_sentence(info.independence))
    if any(sentences):
        st.caption(literal(" ".join(filter(None, sentences))))


def _stored_score(figures: dict[str, float]) -> Score:
    return Score(int(figures["n"]), round(figures["accuracy"] * figures["n"]))


def _right(score: Score) -> str:
    share = wilson(score.right, score.documents)
    return interval(share) or ""
