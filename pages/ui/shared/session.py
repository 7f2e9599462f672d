"""The state of a session that belongs to no widget, by its keys."""

OPENED, NAMED = "opened", "named"
"""The text of the document that was opened last, and the document as the address names it."""
ASKED, ASKED_MODEL = "asked", "asked-model"
"""The text that is asked about, beside the draft in the box, and the model that was asked last."""
EXAMPLES = "examples"
"""The texts to begin with that the last model had: of these nothing was typed."""
STOPPED = "stopped"
"""The question whose explanation somebody has stopped."""
PINNED = "pinned"
"""The text that others are compared with."""
CELL = "compared-cell"
"""The cell that was clicked on the Compare page and is shown on the Evaluate page."""
UPLOAD, UPLOADS = "upload", "uploads"
"""The table that was brought last, and how many were kept."""
SCORE_FILE, SCORE_RUN = "score-file", "score-run"
"""The file that is to be predicted, and its run."""
ADDED, DELETED = "added-dataset", "deleted-dataset"
"""The name of a data set that the next picker is to show, and of the one that was deleted last."""
<<<<<<< HEAD
=======
OTHER_ANSWERS = "other-answers"
"""A model's answers to a data set of one's own that it did not learn from: the last ones."""
>>>>>>> coach
CHOSEN, DELETED_MODEL, BROUGHT = "chosen-model", "deleted-model", "brought-models"
"""The name of a model that the next picker is to show, of the one that was deleted last, and how many were brought."""
VISITOR, ASKED_AT = "visitor", "asked-at"
"""What tells the session from others, and when it asked something of a model."""
<<<<<<< HEAD
OTHER_ANSWERS = "other-answers"
"""A model's answers to a data set of one's own that it did not learn from: the last ones."""
=======
>>>>>>> coach
