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
ACCURACY_HELP = "How many of the test documents get the right class."
F1_HELP = (
    "F1 balances two things for a class: how many of its documents are found, and how many of those found are right. "
    "This is the mean over the classes, so that a small class counts as much as a large one."
)
LOSS_HELP = (
    "Mean surprise at the true class (cross-entropy, in nats): 0 is certain and right; "
    "being certain and wrong costs most."
)
ECE_HELP = (
    "How far the model's confidence is from its success: with 5%, answers given with 90% are right in about 85% or "
    "95% of cases. Mean over 15 levels of confidence; 0 is best."
)
CONFUSION_HELP = (
    "A row holds the documents of one class, a column those that the model calls so. Right answers stand on the "
    "diagonal, in blue; mistakes are orange, the stronger the more. Choose a cell, by mouse or with the arrow keys and "
    "Enter, to see its documents; the name of a class shows all its mistakes. In percent of the row, the diagonal "
    "is the recall; in percent of the column, the precision."
)
GROUPED_HELP = "Puts classes that are taken for each other side by side (hierarchical clustering)."
REGULAR_HELP = (
    "A pattern as RE2 reads it, upper and lower case alike: `colou?r`, `\\bnot \\w+`, `^Subject: .*car`. It cannot "
    "look around or back."
)
CONFIDENCE_HELP = "The probability that the model gives to the class that it chose."
TRUTH_HELP = "The probability that the model gives to the true class."
POSITION_HELP = "The document's place in the test part, counted from 0."
REPORT_HELP = (
    "Precision: how many of the documents given this class belong to it. Recall: how many of the class's documents "
    "are found. F1: the two in one figure. An empty cell has nothing to count. The weighted mean counts every "
    "document alike, the mean every class."
)
HISTORY_HELP = (
    "An epoch is one pass over the training documents. The weights of the epoch that is right most often on "
    "validation are kept; where the validation loss rises while the training loss falls, the model learns by heart."
)
OWN_DATA_HELP = (
    "A table of your own is trained in a terminal: python -m core train bow --data FILE --text COLUMN --label COLUMN. "
    "The model is then in every picker here."
)
VALID_HELP = "The best so far on the validation documents, which choose the epoch and are not learned from."
MIDDLE_HELP = "Half of the documents are shorter, half are longer (the median)."
LENGTH_HELP = "How many documents have how many words. The longest one in a hundred are left out of the snapshot."
CURVES_HELP = (
    "A model calls a document by its most probable class; here, by the class above whenever its probability passes a "
    "threshold, for every threshold there is. Left (ROC): how many of the class are found against how many others are "
    "taken for it. Right: how many of those called so really are, against how many are found."
)
THRESHOLD_HELP = (
    "Usually the more probable class is the answer. If one kind of mistake costs more than the other, another "
    "threshold is cheaper (Elkan 2001). The star, where there is one, costs least on the validation documents: one "
    "that was chosen on the documents shown would look better here than it is."
)
RELIABILITY_HELP = (
    "Documents are put together by how sure the model is of its answer. A dot on the dotted line is right as often as "
    "the model says; below it the model is too sure, above it too careful. Larger dots stand for more documents; the "
    "thin lines are 95% intervals."
)
LABEL_SET_HELP = (
    "Where the model is not sure, it may answer with more than one class. The least probability that a class needs to "
    "be in the answer is found on the validation documents, so that the true class is in it as often as you ask "
    "(split conformal prediction, Angelopoulos and Bates 2021); here it is checked on the test documents."
)
SLICES_HELP = (
    "The test documents in parts, the worst first: by the upper end of the 95% interval, so that a part does not lead "
    "because it is small. A difference may be chance unless Fisher's exact test says otherwise (adjusted for the "
    "number of parts)."
)
COLUMN_HELP = (
    "Numbers and dates fall into five parts with about equally many documents; of other values the ten most frequent "
    "have a part each. Columns with another value in nearly every row, such as addresses, are not offered."
)
LABELS_HELP = (
    "Confident learning (Northcutt et al. 2021): a label is suspected where the model, which did not learn from this "
    "document, gives another class more probability than it usually gives to that class where it is true."
)
COMPARE_HELP = (
    "Both models answer the same test documents, so only the documents on which one is right and the other wrong can "
    "tell them apart. McNemar's exact test asks how often a coin would give so uneven a count; below 5% the difference "
    "is taken for more than chance."
)
AUTOPSY_HELP = (
    "For each document of the cell, how much each of its words moves the model from the true class to the one it gave "
    "(in log-odds), added up over the documents. The number beside a bar is in how many documents the word pushes so."
)
NEIGHBOURS_HELP = (
    "The training documents of both classes with the most words in common (cosine of weighted words). The model may "
    "have learned from them what it says here; near-copies with another label hint at a wrong one."
)
GLOBAL_HELP = (
    "What each word does to the log-odds of a class, added up over a sample of the test documents. A word is strong "
    "because it says much, or because it stands in many documents."
)
PICKS_HELP = (
    "Picked so that their strongest words cover as much of what matters to the model as so few documents can "
    "(SP-LIME's submodular pick, Ribeiro et al. 2016); the last column says how much, together with those above. "
    "Choose one to read it."
)
SHORTCUT_HELP = (
    "A model may be right because of words that have nothing to do with the matter: a sender's name, a signature. Take "
    "them out of all test documents and see what it is worth without them."
)
COURSE_HELP = (
    "What became of each test document up to the chosen epoch (Toneva et al. 2019 count forgetting so). Documents "
    "that are never right are hard, unusual or wrongly labelled. The test documents decided nothing in training."
)
UNLIKE_HELP = (
    "How rare what the model reads of the text is among its training documents, beside validation documents of its "
    "length. Of texts of the same kind, one in twenty is called unlike them."
)
