"""What is worth a look about a table before a model learns from it.

table          what was read and what was left out
classes        their size, and labels that are alike
texts          near duplicates, encodings, scripts, lengths
splits         what stands on both sides of them
giveaways      tokens and columns that tell the class
documents      all documents of a data set as one
remedies       what was chosen to be done, and how it is undone
keeping        other choices for a data set that was kept
"""

from core.coach.coaching import remarks_on
from core.coach.keeping import choose_anew
from core.coach.remedies import Applied, applied_remedies, remedied

__all__ = ["Applied", "applied_remedies", "choose_anew", "remarks_on", "remedied"]
