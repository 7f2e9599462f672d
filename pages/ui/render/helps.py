"""What the question marks tell: what a figure means and where it comes from."""

WEIGHT_HELP = (
    "The model is asked again and again about the text with random words left out. A word's weight says how many "
    "points of probability its presence is worth in this text, or how much of the log-odds over another class; the "
    "thin line is its 95% interval over other draws of such versions. Words whose interval holds zero are grey here "
    "and hatched in the text. In another text the same word may weigh something else."
)
TRUST_HELP = (
    "The weights are a simple stand-in for the model, made for this text only: the probability as a sum of the "
    "words' weights. This is the share of the model's changes that the sum gets right (weighted R², LIME)."
)
FIDELITY_HELP = (
    "How well the weights stand in for the model near this text: the share of its changes that their sum gets right "
    "(weighted R²), what the sum says of the whole text beside what the model says, and how often the same words would "
    "come out strongest if other versions of the text had been drawn."
)
CHECK_HELP = (
    "The words are really taken out of the text and the model is asked again: first those that speak most for the "
    "class, then the others, beside random orders (area over the perturbation curve, Samek et al. 2017). A highlight "
    "holds when its strongest words cost the class more than 19 of 20 random sets of as many words."
)
OPINIONS_HELP = (
    "Other ways to weigh the same words. Leaving out one word at a time misses words that stand in for each other; "
    "integrated gradients (Sundararajan et al. 2017) follow the network from an empty text to this one, in log-odds. "
    "Where they agree on the order of the words, it is more than the method that speaks."
)
LOSS_HELP = (
    "Mean surprise at the true class (cross-entropy, in nats): 0 is certain and right; "
    "being certain and wrong costs most."
)
OWN_DATA_HELP = (
    "A table of your own is trained in a terminal: python -m core train bow --data FILE --text COLUMN --label COLUMN. "
    "The model is then in every picker here."
)
VALID_HELP = "The best so far on the validation documents, which choose the epoch and are not learned from."
MIDDLE_HELP = "Half of the documents are shorter, half are longer (the median)."
LENGTH_HELP = "How many documents have how many words. The longest one in a hundred are left out of the snapshot."
UNLIKE_HELP = (
    "How rare what the model reads of the text is among its training documents, beside validation documents of its "
    "length. Of texts of the same kind, one in twenty is called unlike them."
)
