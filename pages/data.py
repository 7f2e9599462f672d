"""Data: choose a corpus and look at it before a model does."""

import streamlit as st

from pages.ui.data import corpus
from pages.ui.data.own import offer_undo
from pages.ui.data.upload import add_table
from pages.ui.render import highlight
from pages.ui.render.format import counted, middle, size
from pages.ui.shared import cache, widgets
from pages.ui.shared.chart import show_chart
from pages.ui.shared.entry import page_guard

page_guard()
st.title("What do the texts look like?")

with widgets.mistakes_shown():
    add_table()
    offer_undo()
    data = corpus.read_dataset(corpus.pick_dataset())
    split = corpus.pick_split(data)
    lengths = cache.word_counts(data.name, data.fingerprint, split.name)

    with st.grid(4, min_column_width=150):
        st.metric("Documents", f"{len(split):,}", border=True)
        st.metric("Classes", len(data.class_names), border=True)
        st.metric("Typical length", middle(lengths), help=corpus.MIDDLE_HELP, border=True)
        st.metric("Words in all", size(int(lengths.sum()), ""), border=True)

    corpus.tell_copies(data)

    balance, length = st.columns(2, gap="medium")
    with balance:
        st.header("Documents by class")
        corpus.show_class_balance(split)
    with length:
        st.header("Length of the documents", help=corpus.LENGTH_HELP)
        show_chart(corpus.length_distribution(lengths), "Documents by words", "lengths")

    st.header("Read them")
    class_name, search = corpus.document_filter(data)
    frame = corpus.document_table(split, class_name, search, lengths)
    st.caption(corpus.search_summary(len(frame), corpus.MOST_LISTED))
    listed, shown = st.columns([3, 2], gap="medium")
    with listed:
        chosen = corpus.pick_document(frame, f"documents-{data.fingerprint}-{split.name}-{class_name}-{search}")
    with shown:
        if chosen is not None:
            text = split.texts[chosen]
            st.caption(widgets.literal(f"{data.class_names[split.labels[chosen]]} · {counted(len(text), 'character')}"))
            with st.container(border=True):
                st.html(highlight.plain(text))
            corpus.explain_button(data, split, chosen)
