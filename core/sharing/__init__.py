"""A model for others: as a zip that another machine checks and keeps, as StableHLO, and with its model card.

layout       what such a zip may hold
archive      a model's folder to a zip
receiving    a zip to a model, which is checked before anything is read
stablehlo    the network as one artefact; needs JAX, as receiving does
running      how that artefact is run
document     headings, sentences and tables as Markdown and HTML
card         what there is to know of a model before it is used; stands on document and running

Nothing is imported here, so that a page loads what it needs when it is asked for it.
"""
